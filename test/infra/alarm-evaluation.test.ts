/**
 * What makes each alarm fire, and when: the alarms of the template, evaluated as CloudWatch evaluates them, over the
 * metrics that the functions write and those that AWS counts. Time is simulated; see `support/alarms`.
 */
import type { SQSEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHttpIngestHandler } from '../../functions/http-ingest/http-ingest.ts';
import { createKafkaTriggerHandler, type KafkaEvent } from '../../functions/kafka-trigger/kafka-trigger.ts';
import { createReconcileHandler } from '../../functions/reconcile/reconcile.ts';
import { createSqsTriggerHandler } from '../../functions/sqs-trigger/sqs-trigger.ts';
import { createWindowFlushHandler } from '../../functions/window-flush/window-flush.ts';
import type { CompiledConfig, CompiledRoute, CompiledSource } from '../../lib/compiled-config/compiled.ts';
import { PARTIAL_FAILURES_ALIAS } from '../../lib/compiled-config/partial-failures-alias.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { timerMessageOf } from '../../lib/windows/timer-message.ts';
import { toLambdaEvent } from '../../scripts/kafka/lambda-event.ts';
import { START_SECONDS, WatchedInstallation } from '../support/alarms/watched-installation.ts';
import {
  makeCompiledConfig,
  makeHttpSource,
  makeKafkaSource,
  makeRoute,
  makeSqsSource,
  SAMPLE_WINDOW,
} from '../support/builders/compiled-config.ts';
import { makeApiGatewayEvent } from '../support/builders/make-api-gateway-event.ts';
import { makeKafkaRecord } from '../support/builders/make-kafka-record.ts';
import { makeLambdaContext } from '../support/builders/make-lambda-context.ts';
import { sqsRecord } from '../support/builders/pipeline-parts.ts';
import { ReconcileParts } from '../support/builders/reconcile-parts.ts';
import { InMemoryDocumentSource } from '../support/fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../support/fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../support/fakes/in-memory-secret-source.ts';
import { RecordingRedeliveryQueue, redeliveryTo } from '../support/fakes/recording-redelivery-queue.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** What an operator is promised while Prefect is down. */
const PROMISED = 15 * MINUTE;
/** Where in the periods of the alarms an outage begins. */
const PHASES = [0, 1, 60, 150, 240, 299];

const COALESCE = { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 400_000 } as const;
const jobs = makeSqsSource();
const onDemandTopic = makeKafkaSource();
const provisionedTopic = makeKafkaSource({ provisioned: { minPollers: 1, maxPollers: 2 } });

function configWith(source: CompiledSource, route: Partial<CompiledRoute> = {}): CompiledConfig {
  return makeCompiledConfig([source], {
    routes: [makeRoute({ from: [source.name], coalesce: COALESCE, ...route })],
  });
}

const withQueue = configWith(jobs);
const withWindows = configWith(jobs, { coalesce: SAMPLE_WINDOW });
const withOnDemandTopic = configWith(onDemandTopic);
const withProvisionedTopic = configWith(provisionedTopic);

/** The function of the queue, and a queue that delivers again what failed, after the visibility timeout. */
class WatchedQueue {
  readonly watched: WatchedInstallation;
  readonly parts: ReconcileParts;
  readonly #handler: ReturnType<typeof createSqsTriggerHandler>;

  constructor(config: CompiledConfig = withQueue) {
    this.watched = new WatchedInstallation(config);
    this.parts = new ReconcileParts(config);
    const { installation, ports } = this.parts;
    this.#handler = createSqsTriggerHandler({
      pipeline: { installation, config, source: jobs, routes: routesFrom(config, 'jobs'), ports },
      ...this.watched.telemetryOf('sqs-trigger', 'jobs'),
      redelivery: redeliveryTo(new RecordingRedeliveryQueue()),
    });
  }

  /** @returns whether it is done with the message */
  async deliver(atSeconds: number, messageId: string, body: string): Promise<boolean> {
    this.parts.nowEpochMs = atSeconds * 1000;
    const event = queueEvent(messageId, body, jobs.queueArn);
    const response = await this.watched.invoke(atSeconds, () => this.#handler(event, makeLambdaContext()));
    this.watched.countOfFunction('jobs', 'Invocations', atSeconds);
    this.watched.countOfFunction('jobs', 'Errors', atSeconds, response instanceof Error ? 1 : 0);
    return !(response instanceof Error) && response.batchItemFailures.length === 0;
  }

  /** Until it is done, or this time is over. @returns when it was delivered */
  async deliverUntil(endSeconds: number, fromSeconds: number, messageId: string): Promise<readonly number[]> {
    const deliveries: number[] = [];
    const visibilitySeconds = 6 * jobs.function.timeoutSeconds + jobs.queue.batchWindowSeconds + 20;
    for (let at = fromSeconds; at < endSeconds; at += visibilitySeconds) {
      deliveries.push(at);
      if (await this.deliver(at, messageId, '{"id":1}')) break;
    }
    return deliveries;
  }

  /**
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html:
   * of a standard queue, a message that was received three times is left out.
   */
  countAge(sentSeconds: number, deliveries: readonly number[], endSeconds: number): void {
    for (let at = sentSeconds; at < endSeconds; at += MINUTE) {
      const receives = deliveries.filter((each) => each <= at).length;
      this.watched.count(
        'jobs OldestMessage',
        'ApproximateAgeOfOldestMessage',
        at,
        receives >= 3 ? 0 : at - sentSeconds,
      );
    }
  }
}

function queueEvent(messageId: string, body: string, eventSourceARN: string): SQSEvent {
  const attributes = {
    ApproximateReceiveCount: '1',
    SentTimestamp: String(START_SECONDS * 1000),
    SenderId: 'sender',
    ApproximateFirstReceiveTimestamp: String(START_SECONDS * 1000),
  };
  const record = {
    messageId,
    receiptHandle: 'handle',
    body,
    attributes,
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: 'eu-west-1',
  };
  return { Records: [record] };
}

describe('while Prefect is down', () => {
  it.each(PHASES)(
    'EventsRetrying of a queue fires within 15 minutes, and no other alarm, if the outage begins %i s into a period',
    async (phase) => {
      const queue = new WatchedQueue();
      const from = START_SECONDS + phase;
      queue.parts.prefect.outage = { status: 503, retryAfterMs: null };
      const deliveries = await queue.deliverUntil(from + PROMISED, from, 'm1');
      expect(deliveries.length).toBeGreaterThan(1);
      queue.countAge(from, deliveries, from + PROMISED);
      const alarms = queue.watched.alarmsWithin(PROMISED, from);
      expect([...alarms.keys()]).toEqual(['jobs EventsRetrying']);
    },
  );

  it.each(PHASES)(
    'EventsRetrying of windows fires within 15 minutes, if the outage begins %i s into a period',
    async (phase) => {
      const config = withWindows;
      const watched = new WatchedInstallation(config);
      const parts = new ReconcileParts(config);
      parts.nowEpochMs = (START_SECONDS - SAMPLE_WINDOW.maxWaitSeconds) * 1000;
      await parts.run([sqsRecord('m1', '{"id":1}')]);
      const handler = createWindowFlushHandler({
        installation: parts.installation,
        config,
        ports: parts.flushingPorts,
        ...watched.telemetryOf('window-flush', 'sluice:windows'),
        redelivery: redeliveryTo(new RecordingRedeliveryQueue()),
      });
      parts.prefect.outage = { status: 503, retryAfterMs: null };
      const [timer] = parts.timers.timers;
      if (timer === undefined) throw new Error('the window has no timer');
      const from = START_SECONDS + phase;
      const visibilitySeconds = 6 * 60 + 20;
      for (let at = from; at < from + PROMISED; at += visibilitySeconds) {
        parts.nowEpochMs = at * 1000;
        const event = queueEvent('timer', timerMessageOf(timer), 'arn:aws:sqs:eu-west-1:123456789012:timers');
        const response = await watched.invoke(at, () => handler(event, makeLambdaContext()));
        expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'timer' }] });
      }
      expect([...watched.alarmsWithin(PROMISED, from).keys()]).toEqual(['sluice:windows EventsRetrying']);
    },
  );

  it.each([
    {
      pollers: 'on-demand',
      source: onDemandTopic,
      config: withOnDemandTopic,
      // Its function fails on purpose, as docs/runbook.md says.
      others: ['orders-topic Errors'],
    },
    { pollers: 'provisioned', source: provisionedTopic, config: withProvisionedTopic, others: [] },
  ])('EventsRetrying of a topic with $pollers pollers fires within 15 minutes', async (topic) => {
    const { source, config, others } = topic;
    const watched = new WatchedInstallation(config);
    const parts = new ReconcileParts(config);
    const { installation, ports } = parts;
    const handler = createKafkaTriggerHandler({
      pipeline: { installation, config, source, routes: routesFrom(config, source.name), ports },
      schemas: null,
      ...watched.telemetryOf('kafka-trigger', source.name),
    });
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    const event = toLambdaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'b:9092' }, [
      makeKafkaRecord(),
    ]) as unknown as KafkaEvent;
    const { invokedFunctionArn: functionArn } = makeLambdaContext();
    // Provisioned pollers invoke the alias for which the mapping takes partial failures.
    const invokedFunctionArn =
      source.provisioned === null ? functionArn : `${functionArn}:${PARTIAL_FAILURES_ALIAS}`;
    const from = START_SECONDS + 299;
    // Lambda's pollers wait up to a minute between the tries of a batch.
    for (let at = from; at < from + PROMISED; at += MINUTE) {
      parts.nowEpochMs = at * 1000;
      const response = await watched.invoke(at, () =>
        handler(event, makeLambdaContext({ invokedFunctionArn })),
      );
      if (response instanceof Error) watched.countOfFunction(source.name, 'Errors', at);
      watched.count(`${source.name} ConsumerLag`, 'OffsetLag', at, 1);
    }
    const alarms = watched.alarmsWithin(PROMISED, from);
    expect([...alarms.keys()].sort()).toEqual([...others, 'orders-topic EventsRetrying'].sort());
  });

  it('WindowsOverdue fires as well when windows whose timers are lost cannot be swept', async () => {
    const config = withWindows;
    const watched = new WatchedInstallation(config);
    const parts = new ReconcileParts(config);
    parts.nowEpochMs = (START_SECONDS - HOUR) * 1000;
    await parts.run([sqsRecord('m1', '{"id":1}')]);
    const handler = createReconcileHandler({
      installation: parts.installation,
      config,
      ports: parts.reconcilePorts,
      flushingPorts: parts.flushingPorts,
      ...watched.telemetryOf('reconcile', 'sluice:reconcile'),
    });
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    for (let at = START_SECONDS; at < START_SECONDS + 20 * MINUTE; at += 5 * MINUTE) {
      parts.nowEpochMs = at * 1000;
      await watched.invoke(at, () =>
        handler({ sluiceReconcile: 1, scope: 'windows', dryRun: false }, makeLambdaContext()),
      );
    }
    expect([...watched.alarmsWithin(20 * MINUTE)]).toEqual([['WindowsOverdue', 15 * MINUTE]]);
  });
});

describe('a day without trouble', () => {
  it('fires no alarm, neither with events nor with a failure that the next delivery repairs', async () => {
    const queue = new WatchedQueue();
    for (let at = START_SECONDS; at < START_SECONDS + 24 * HOUR; at += 10 * MINUTE) {
      expect(await queue.deliver(at, `m${String(at)}`, `{"id":${String(at)}}`)).toBe(true);
    }
    const failing = START_SECONDS + 12 * HOUR + 1;
    queue.parts.prefect.outage = { status: 503, retryAfterMs: null };
    expect(await queue.deliver(failing, 'blip', '{"id":"blip"}')).toBe(false);
    queue.parts.prefect.outage = null;
    expect(await queue.deliver(failing + 381, 'blip', '{"id":"blip"}')).toBe(true);
    queue.countAge(failing, [failing, failing + 381], failing + 381);
    expect([...queue.watched.alarmsWithin(24 * HOUR)]).toEqual([]);
  });

  it('fires no alarm without any event, if none is expected', () => {
    const config = makeCompiledConfig([jobs, makeHttpSource()], {
      routes: [makeRoute({ from: ['jobs', 'orders-hook'], coalesce: SAMPLE_WINDOW })],
    });
    expect([...new WatchedInstallation(config).alarmsWithin(24 * HOUR)]).toEqual([]);
  });
});

describe('the alarm DeadLetters', () => {
  it('fires within two minutes of the first dead letter, and stays when SQS reports nothing any more', async () => {
    const queue = new WatchedQueue();
    expect(await queue.deliver(START_SECONDS + 30, 'm1', 'no JSON')).toBe(true);
    const visible = queue.parts.deadLetters.messages.length;
    expect(visible).toBe(1);
    for (let at = START_SECONDS + MINUTE; at < START_SECONDS + 6 * HOUR; at += MINUTE) {
      queue.watched.count('jobs DeadLetters', 'ApproximateNumberOfMessagesVisible', at, visible);
    }
    expect([...queue.watched.alarmsWithin(HOUR)]).toEqual([['jobs DeadLetters', 2 * MINUTE]]);
    expect(queue.watched.alarmsAfter(12 * HOUR)).toEqual(['jobs DeadLetters']);
  });
});

describe('the alarm OldestMessage', () => {
  it('fires when nothing reads the queue, where no function could count anything', () => {
    const queue = new WatchedQueue();
    queue.countAge(START_SECONDS, [], START_SECONDS + HOUR);
    const alarms = queue.watched.alarmsWithin(HOUR);
    expect([...alarms.keys()]).toEqual(['jobs OldestMessage']);
    expect(alarms.get('jobs OldestMessage')).toBeLessThanOrEqual(20 * MINUTE);
  });
});

describe('the alarm EverythingFiltered', () => {
  const config = configWith(jobs, { when: 'event.data.id == 2' });

  async function anHourOf(bodies: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const queue = new WatchedQueue(config);
    for (const [index, body] of bodies.entries()) {
      await queue.deliver(START_SECONDS + index * MINUTE, `m${String(index)}`, body);
    }
    return queue.watched.alarmsWithin(2 * HOUR);
  }

  it('fires after an hour in which ten events came and no route took one', async () => {
    const alarms = await anHourOf(Array.from({ length: 10 }, () => '{"id":1}'));
    expect([...alarms]).toEqual([['jobs EverythingFiltered', HOUR]]);
  });

  it('does not fire if a route took one event among them', async () => {
    const alarms = await anHourOf(
      Array.from({ length: 12 }, (_, index) => `{"id":${index === 5 ? '2' : '1'}}`),
    );
    expect([...alarms]).toEqual([]);
  });
});

describe('the alarm SendersRefused', () => {
  const config = makeCompiledConfig([makeHttpSource()]);

  async function anHourOf(tokens: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const watched = new WatchedInstallation(config);
    const handler = createHttpIngestHandler({
      source: makeHttpSource(),
      limits: config.limits,
      ports: {
        queue: new InMemoryEventQueue(),
        secrets: new InMemorySecretSource({ 'sluice/orders': 'right' }),
        documents: new InMemoryDocumentSource(),
        clock: { nowEpochMs: () => START_SECONDS * 1000 },
      },
      outcomeLogs: { kind: 'all' },
      ...watched.telemetryOf('http-ingest', 'orders-hook'),
    });
    for (const [index, token] of tokens.entries()) {
      const event = makeApiGatewayEvent({
        headers: { authorization: `Bearer ${token}` },
        body: '{"id":1}',
      });
      await watched.invoke(START_SECONDS + index * MINUTE, () => handler(event, makeLambdaContext()));
    }
    return watched.alarmsWithin(2 * HOUR);
  }

  it('fires after an hour in which three requests came and none was let in', async () => {
    expect([...(await anHourOf(['wrong', 'wrong', 'wrong']))]).toEqual([
      ['orders-hook SendersRefused', HOUR],
    ]);
  });

  it('does not fire for a stranger beside a sender that is let in', async () => {
    expect([...(await anHourOf(['wrong', 'wrong', 'right', 'wrong']))]).toEqual([]);
  });
});

describe('the alarm NoEvents', () => {
  const config = configWith(makeSqsSource({ expectEventsEverySeconds: 30 * MINUTE }));

  it('fires when no event came for as long as the configuration expects', () => {
    const watched = new WatchedInstallation(config);
    for (let at = START_SECONDS - HOUR; at < START_SECONDS; at += MINUTE) {
      watched.countOfFunction('jobs', 'Invocations', at);
    }
    expect([...watched.alarmsWithin(HOUR)]).toEqual([['jobs NoEvents', 30 * MINUTE]]);
  });

  it('does not fire while events come', () => {
    const watched = new WatchedInstallation(config);
    for (let at = START_SECONDS - HOUR; at < START_SECONDS + HOUR; at += 20 * MINUTE) {
      watched.countOfFunction('jobs', 'Invocations', at);
    }
    expect([...watched.alarmsWithin(HOUR)]).toEqual([]);
  });
});

describe('the alarm RouteSilent', () => {
  const config = configWith(jobs, { when: 'event.data.id > 0', expectWithinSeconds: 30 * MINUTE });

  it('fires when nothing matched the route for as long as it expects, though events come', async () => {
    const queue = new WatchedQueue(config);
    await queue.deliver(START_SECONDS - 1, 'm0', '{"id":1}');
    for (let at = START_SECONDS; at < START_SECONDS + HOUR; at += 10 * MINUTE) {
      await queue.deliver(at, `m${at}`, '{"id":0}');
    }
    expect(queue.watched.alarmsWithin(HOUR).get('process-orders RouteSilent')).toBe(30 * MINUTE);
  });

  it('does not fire while events match, and counts none that is only tried again', async () => {
    const queue = new WatchedQueue(config);
    for (let at = START_SECONDS - HOUR; at < START_SECONDS + HOUR; at += 20 * MINUTE) {
      await queue.deliver(at, `m${at}`, '{"id":1}');
    }
    expect([...queue.watched.alarmsWithin(HOUR)]).toEqual([]);
    queue.parts.prefect.outage = { status: 503, retryAfterMs: null };
    for (let at = START_SECONDS + HOUR; at < START_SECONDS + 2 * HOUR; at += 10 * MINUTE) {
      await queue.deliver(at, 'again', '{"id":1}');
    }
    const fired = queue.watched.alarmsWithin(HOUR, START_SECONDS + HOUR);
    expect(fired.has('process-orders RouteSilent')).toBe(true);
  });
});

describe('the alarms of topics', () => {
  it('ConsumerLag fires after 15 minutes in which a topic lags ten batches', () => {
    const watched = new WatchedInstallation(withOnDemandTopic);
    for (let at = START_SECONDS - HOUR; at < START_SECONDS; at += MINUTE) {
      watched.count('orders-topic ConsumerLag', 'OffsetLag', at, 0);
    }
    for (let at = START_SECONDS; at < START_SECONDS + HOUR; at += MINUTE) {
      // Each topic of the source has its datapoints under the one name of the function.
      watched.count('orders-topic ConsumerLag', 'OffsetLag', at, 0);
      watched.count('orders-topic ConsumerLag', 'OffsetLag', at, 10 * onDemandTopic.batchSize);
    }
    expect([...watched.alarmsWithin(HOUR)]).toEqual([['orders-topic ConsumerLag', 15 * MINUTE]]);
  });

  it('PollingStopped fires when on-demand pollers report no lag for half an hour', () => {
    const watched = new WatchedInstallation(withOnDemandTopic);
    for (let at = START_SECONDS - HOUR; at < START_SECONDS; at += MINUTE) {
      watched.count('orders-topic PollingStopped', 'OffsetLag', at, 0);
    }
    expect([...watched.alarmsWithin(HOUR)]).toEqual([['orders-topic PollingStopped', 30 * MINUTE]]);
  });

  it('PollingStopped fires when provisioned pollers count errors for 15 minutes', () => {
    const watched = new WatchedInstallation(withProvisionedTopic);
    for (let at = START_SECONDS; at < START_SECONDS + HOUR; at += MINUTE) {
      watched.count('orders-topic PollingStopped', 'PollingErrorCount', at, 3);
    }
    expect([...watched.alarmsWithin(HOUR)]).toEqual([['orders-topic PollingStopped', 15 * MINUTE]]);
  });
});

describe('the alarms of functions', () => {
  it('Errors fires five minutes after an invocation that failed', async () => {
    const queue = new WatchedQueue();
    const wrongEvent = { source: 'aws.events' } as unknown as SQSEvent;
    const handler = createSqsTriggerHandler({
      pipeline: {
        installation: 'table',
        config: queue.parts.config,
        source: jobs,
        routes: routesFrom(queue.parts.config, 'jobs'),
        ports: queue.parts.ports,
      },
      ...queue.watched.telemetryOf('sqs-trigger', 'jobs'),
      redelivery: redeliveryTo(new RecordingRedeliveryQueue()),
    });
    const response = await queue.watched.invoke(START_SECONDS, () =>
      handler(wrongEvent, makeLambdaContext()),
    );
    expect(response).toBeInstanceOf(Error);
    queue.watched.countOfFunction('jobs', 'Errors', START_SECONDS);
    expect([...queue.watched.alarmsWithin(HOUR)]).toEqual([['jobs Errors', 5 * MINUTE]]);
  });

  it.each([
    { alarm: 'Throttles', metricName: 'Throttles' },
    { alarm: 'RecursionStopped', metricName: 'RecursiveInvocationsDropped' },
  ])('$alarm adds up all functions, and fires for the last of them', ({ alarm, metricName }) => {
    const config = makeCompiledConfig([makeHttpSource(), jobs]);
    const watched = new WatchedInstallation(config);
    watched.countOfFunction('orders-hook', metricName, START_SECONDS, 0, 'Ingest');
    watched.countOfFunction('sluice:reconcile', metricName, START_SECONDS);
    expect([...watched.alarmsWithin(HOUR)]).toEqual([[alarm, 5 * MINUTE]]);
  });

  it('RecursionStopped leaves out the flusher of windows, which is meant to trigger itself', () => {
    const watched = new WatchedInstallation(withWindows);
    watched.countOfFunction('sluice:windows', 'RecursiveInvocationsDropped', START_SECONDS);
    expect([...watched.alarmsWithin(HOUR)]).toEqual([]);
  });
});

describe('the alarm EndpointServerErrors', () => {
  it('fires five minutes after the endpoint answered 5xx', () => {
    const watched = new WatchedInstallation(makeCompiledConfig([makeHttpSource()]));
    watched.count('EndpointServerErrors', '5xx', START_SECONDS);
    expect([...watched.alarmsWithin(HOUR)]).toEqual([['EndpointServerErrors', 5 * MINUTE]]);
  });
});

// The last test of the file: it knows what the others have seen.
describe('every alarm', () => {
  it('has fired in one of these tests, so that each is known to have a cause', () => {
    const sources = [makeHttpSource({ expectEventsEverySeconds: HOUR }), jobs, onDemandTopic];
    const from = sources.map(({ name }) => name);
    const everything = makeCompiledConfig(sources, {
      routes: [makeRoute({ from, coalesce: SAMPLE_WINDOW, expectWithinSeconds: HOUR })],
    });
    const questionsOf = (names: Iterable<string>) =>
      [...new Set(Array.from(names, (name) => name.replace(/^.* /, '')))].sort();
    const { alarmNames } = new WatchedInstallation(everything);
    expect(questionsOf(WatchedInstallation.firedAlarms)).toEqual(questionsOf(alarmNames));
  });
});
