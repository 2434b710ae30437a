/** An endpoint that answers with flow runs, and the pipeline behind its queue, in memory: time passes in pauses only. */
import type { CompiledHttpSource, CompiledRoute } from '../../../lib/compiled-config/compiled.ts';
import { ingest, type IngestResult } from '../../../lib/ingest.ts';
import type { EventOutcome } from '../../../lib/outcome.ts';
import type { Deadline } from '../../../lib/ports.ts';
import { FlowRunStatusPoller, type StatusPollerPorts } from '../../../lib/flow-run-status/status-poller.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { makeCompiledConfig, makeHttpSource, makeRoute } from '../builders/compiled-config.ts';
import { deliverQueueMessage } from './deliver-queue-message.ts';
import { InMemoryDocumentSource } from '../fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../fakes/in-memory-secret-source.ts';
import { PipelineParts } from '../builders/pipeline-parts.ts';

const MAX_WAIT_SECONDS = 10;
const PAUSE_MS = 1_000;

export class FollowedEndpoint {
  readonly parts: PipelineParts;
  readonly source: CompiledHttpSource;
  readonly queue = new InMemoryEventQueue();
  /** What the pipeline made of the events, whenever it was let run. */
  readonly outcomes: EventOutcome[] = [];
  /** What happens while the request waits, by the number of the pause; by default the pipeline runs in the first. */
  inPause: (pause: number) => Promise<void> = async (pause) => {
    if (pause === 1) await this.deliver();
  };
  pauses = 0;

  constructor(routes: readonly Partial<CompiledRoute>[] = [{}], source: Partial<CompiledHttpSource> = {}) {
    const respond = { mode: 'run', maxWaitSeconds: MAX_WAIT_SECONDS } as const;
    this.source = makeHttpSource({ name: 'jobs', verify: { scheme: 'none' }, respond, ...source });
    const config = makeCompiledConfig([this.source], {
      routes: routes.map((route) => makeRoute({ from: ['jobs'], ...route })),
    });
    this.parts = new PipelineParts(config);
  }

  /** The pipeline takes what is on the queue, in one invocation. */
  async deliver(): Promise<void> {
    const records = this.queue.messages
      .splice(0)
      .map((message, index) => deliverQueueMessage(message, `message-${String(index)}`, this.source));
    this.outcomes.push(...(await this.parts.run(records)));
  }

  post(
    body: string,
    contentType = 'application/json',
    { deadline, ...ports }: Partial<StatusPollerPorts> & { readonly deadline?: Deadline } = {},
  ): Promise<IngestResult> {
    const { config, claims, records } = this.parts;
    const clock = { nowEpochMs: () => this.parts.nowEpochMs };
    const pauseBeforeRetry = async (pause: number): Promise<void> => {
      this.pauses += 1;
      this.parts.nowEpochMs += PAUSE_MS;
      await this.inPause(pause);
    };
    const inquiry = new FlowRunStatusPoller({
      source: this.source,
      limits: config.limits,
      routes: routesFrom(config, 'jobs'),
      maxWaitSeconds: MAX_WAIT_SECONDS,
      ports: { claims, records, backoff: { pauseBeforeRetry }, clock, ...ports },
    });
    return ingest(
      {
        requestId: 'request-1',
        receivedAtEpochMs: this.parts.nowEpochMs,
        headers: new Map([['content-type', contentType]]),
        unverifiedBody: Buffer.from(body),
        url: 'https://api.example/orders',
        iamCallerArn: null,
        clientCertificate: null,
      },
      this.source,
      config.limits,
      {
        queue: this.queue,
        secrets: new InMemorySecretSource({}),
        documents: new InMemoryDocumentSource(),
        clock,
      },
      { inquiry, deadline: deadline ?? { remainingMs: () => 29_000 } },
    );
  }
}
