/**
 * "A window is flushed under the route as it was when the window was opened" (docs/windows.md), and no event reaches a
 * deployment with the parameters of another version of its route.
 */
import { describe, expect, it } from 'vitest';
import type { CompiledWindowing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import type { DeploymentDirectory } from '../../../lib/ports.ts';
import { makeRoute, makeSqsSource } from '../../support/builders/compiled-config.ts';
import { PipelineParts, PLENTY_OF_TIME, sqsConfig } from '../../support/builders/pipeline-parts.ts';
import { parseDeadLetterMessage } from '../../../lib/dead-letters/dead-letter-message.ts';
import { redriveDeadLetters } from '../../../lib/redrive/redrive-dead-letters.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { makeHiddenMessage } from '../../support/builders/make-dead-letter.ts';
import { deliverUnder } from '../../support/builders/redeployment.ts';

const WINDOW = {
  mode: 'window',
  key: null,
  maxEvents: 100,
  maxBytes: 400_000,
  maxWaitSeconds: 60,
  bypassWhen: null,
} as const;
const SLIDING = {
  mode: 'sliding',
  key: null,
  maxEvents: 100,
  maxBytes: 400_000,
  sizeSeconds: 30,
  everySeconds: 10,
} as const;
const DAY_SECONDS = 86_400;
const dedupe = { key: 'event.data.id', retentionSeconds: 2 * DAY_SECONDS };

function configOf(version: string, coalesce: CompiledWindowing = WINDOW): CompiledConfig {
  const expression = `events.map(e, {"v": "${version}", "id": e.data.id})`;
  const run = {
    ...makeRoute().run,
    tags: [version],
    parameters: { orders: { expression, as: 'json' } },
  } as const;
  return sqsConfig({ dedupe, coalesce, run });
}

const OLD = configOf('old');
const NEW = configOf('new');

function runsOf(parts: PipelineParts): readonly string[] {
  return parts.prefect.flowRuns.map(
    ({ labels, tags }) => `${String(labels['sluice.reason'])} ${tags.at(-1) ?? ''}`,
  );
}

describe('a route that is deployed with other content while its windows are open', () => {
  it('flushes a window that the next event closes with the parameters and tags that it was opened under', async () => {
    const parts = new PipelineParts(OLD);
    await deliverUnder(parts, OLD, ['a', 'b']);
    parts.nowEpochMs += 5_000;
    await deliverUnder(parts, NEW, ['c']);
    await parts.flushDue(NEW);
    expect(runsOf(parts)).toEqual(['route-changed old']);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(NEW);
    expect(runsOf(parts)).toEqual(['route-changed old', 'time new']);
    expect(parts.orders.flat()).toEqual([
      { v: 'old', id: 'a' },
      { v: 'old', id: 'b' },
      { v: 'new', id: 'c' },
    ]);
  });

  it('dead-letters no healthy event when each deployment refuses the parameters of the other version', async () => {
    const moved = sqsConfig({
      dedupe,
      coalesce: WINDOW,
      run: {
        ...makeRoute().run,
        deployment: 'v2',
        parameters: { renamed: { expression: 'events.map(e, e.data)', as: 'json' } },
      },
    });
    const parts = new PipelineParts(OLD);
    const v2 = parts.prefect.createDeployment('process-orders', 'v2');
    parts.prefect.refuseWhen(({ deploymentId, parametersJson, dead }) =>
      dead === null && (deploymentId === v2) !== parametersJson.includes('renamed')
        ? { status: 409, detail: 'the parameters do not match the schema' }
        : null,
    );
    await deliverUnder(parts, OLD, ['a', 'b', 'c']);
    parts.nowEpochMs += 5_000;
    await deliverUnder(parts, moved, ['d']);
    await parts.flushDue(moved);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(moved);
    expect(parts.deadLetters.messages).toEqual([]);
    expect(parts.prefect.flowRuns).toHaveLength(2);
  });

  it('never closes a window early by the timer of a worker that did not open it', async () => {
    const parts = new PipelineParts(OLD);
    const append = parts.windows.append.bind(parts.windows);
    // A worker of the old version sets its timer and dies; one of the new version opens the same sequence.
    parts.windows.append = () => Promise.reject(new Error('killed'));
    await deliverUnder(parts, OLD, ['x']);
    parts.windows.append = append;
    parts.nowEpochMs += 1_000;
    await deliverUnder(parts, NEW, ['a', 'b']);
    parts.nowEpochMs += 59_500;
    expect((await parts.flushDue(NEW)).map(({ result }) => result.kind)).toEqual(['not-due']);
    expect(parts.prefect.flowRuns).toEqual([]);
    parts.nowEpochMs += 5_000;
    await parts.flushDue(NEW);
    expect(runsOf(parts)).toEqual(['time new']);
  });

  it('flushes each sliding window under the version of its own pane, and holds each event once in each window', async () => {
    const older = configOf('old', SLIDING);
    const newer = configOf('new', SLIDING);
    const parts = new PipelineParts(older);
    await deliverUnder(parts, older, ['a']);
    for (let step = 0; step < 12; step++) {
      parts.nowEpochMs += 5_000;
      if (step === 1) await deliverUnder(parts, newer, ['b']);
      await parts.flushDue(newer);
    }
    const ids = (parts.orders.flat() as { readonly id: string }[]).map(({ id }) => id).sort();
    expect(ids).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  });

  it('holds each event in all sliding windows of one kind when `size` and `every` change while panes are open', async () => {
    const older = configOf('old', { ...SLIDING, sizeSeconds: 60, everySeconds: 30 });
    const newer = configOf('new', SLIDING);
    const parts = new PipelineParts(older);
    await deliverUnder(parts, older, ['a']);
    for (let step = 0; step < 40; step++) {
      parts.nowEpochMs += 5_000;
      if (step === 1) await deliverUnder(parts, newer, ['b']);
      await parts.flushDue(newer);
    }
    const events = parts.orders.flat() as { readonly v: string; readonly id: string }[];
    expect(events.map(({ v, id }) => `${v} ${id}`).sort()).toEqual([
      'new b',
      'new b',
      'new b',
      'old a',
      'old a',
    ]);
  });

  it('keeps a window open when only `from` or `when` of its route changes', async () => {
    const parts = new PipelineParts(OLD);
    const filtered = sqsConfig({ ...OLD.routes[0], when: 'event.data.id != "z"' });
    await deliverUnder(parts, OLD, ['a']);
    parts.nowEpochMs += 5_000;
    await deliverUnder(parts, filtered, ['b']);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(filtered);
    expect(runsOf(parts)).toEqual(['time old']);
    expect(parts.orders).toHaveLength(1);
  });

  it('makes one run of an event that was accepted under a longer retention, whenever its duplicate arrives', async () => {
    const retaining = (days: number, maxEvents: number): CompiledConfig =>
      sqsConfig({
        dedupe: { key: 'event.data.id', retentionSeconds: days * DAY_SECONDS },
        coalesce: { ...WINDOW, maxEvents },
      });
    const long = retaining(15, 100);
    const short = retaining(2, 99);
    const parts = new PipelineParts(long);
    await deliverUnder(parts, long, ['a']);
    parts.nowEpochMs += 5_000;
    await deliverUnder(parts, short, ['b']);
    await parts.flushDue(short);
    parts.nowEpochMs += 5 * DAY_SECONDS * 1_000;
    await parts.flushDue(short);
    parts.nowEpochMs += 5 * DAY_SECONDS * 1_000;
    parts.claims.deleteExpired(parts.nowEpochMs / 1_000);
    parts.windows.deleteExpired(parts.nowEpochMs / 1_000);
    expect(await deliverUnder(parts, short, ['a'], '-again')).toEqual(['duplicate']);
  });

  it('keeps a chunk as long as the claims that an earlier worker made under a longer retention', async () => {
    const retaining = (days: number): CompiledConfig =>
      sqsConfig({ dedupe: { key: 'event.data.id', retentionSeconds: days * DAY_SECONDS }, coalesce: WINDOW });
    const long = retaining(15);
    const short = retaining(2);
    const parts = new PipelineParts(long);
    const append = parts.windows.append.bind(parts.windows);
    // The first worker claims and dies; the second adds the batch to a window of the shorter retention.
    parts.windows.append = () => Promise.reject(new Error('killed'));
    await deliverUnder(parts, long, ['a']);
    parts.windows.append = append;
    parts.letLeasesEnd();
    await deliverUnder(parts, short, ['a']);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(short);
    parts.nowEpochMs += 10 * DAY_SECONDS * 1_000;
    parts.claims.deleteExpired(parts.nowEpochMs / 1_000);
    parts.windows.deleteExpired(parts.nowEpochMs / 1_000);
    expect(await deliverUnder(parts, short, ['a'], '-again')).toEqual(['duplicate']);
  });
});

const RENAMED = {
  ...makeRoute().run,
  parameters: { renamed: { expression: 'events.map(e, e.data)', as: 'json' } },
} as const;
const V1 = sqsConfig({ dedupe });
const V2 = sqsConfig({ dedupe, run: { ...RENAMED, deployment: 'v2' } });

/** Deliver these events under the first version to a Prefect that fails once they are claimed. */
async function claimedWithoutRun(ids: readonly string[]): Promise<{ parts: PipelineParts; v2: string }> {
  const parts = new PipelineParts(V1);
  const v2 = parts.prefect.createDeployment('process-orders', 'v2');
  parts.prefect.planCreates({ status: 502 });
  expect(await deliverUnder(parts, V1, ids)).toEqual(ids.map(() => 'retry'));
  parts.letLeasesEnd();
  return { parts, v2 };
}

/** Each deployment takes the parameters of its own version only. */
function enforceSchemas({ prefect }: PipelineParts, v2: string): void {
  prefect.refuseWhen(({ deploymentId, parametersJson, dead }) =>
    dead === null && (deploymentId === v2) !== parametersJson.includes('renamed')
      ? { status: 409, detail: 'the parameters do not match the schema' }
      : null,
  );
}

/** The runs that are executed: the version of their deployment, and the names of their parameters. */
function executedRuns({ prefect }: PipelineParts, v2: string): readonly string[] {
  return prefect.flowRuns
    .filter(({ stateType }) => stateType === 'SCHEDULED')
    .map(
      ({ deploymentId, parameters }) =>
        `${deploymentId === v2 ? 'v2' : 'v1'} ${Object.keys(parameters as object).join()}`,
    );
}

describe('a batch without a window whose route is deployed with another deployment before its run is created', () => {
  it.each([[['a']], [['a', 'b', 'c']]])(
    'dead-letters no healthy event, whether it is alone or not: %j',
    async (ids) => {
      const { parts, v2 } = await claimedWithoutRun(ids);
      enforceSchemas(parts, v2);
      expect(await deliverUnder(parts, V2, ids)).toEqual(ids.map(() => 'created'));
      expect(parts.deadLetters.messages).toEqual([]);
      expect(executedRuns(parts, v2)).toEqual(['v2 renamed']);
    },
  );

  it('gives no deployment the parameters of another version when Prefect checks no schema', async () => {
    const { parts, v2 } = await claimedWithoutRun(['a', 'b']);
    await deliverUnder(parts, V2, ['a']);
    await deliverUnder(parts, V2, ['b']);
    expect(executedRuns(parts, v2)).toEqual(['v2 renamed', 'v2 renamed']);
  });

  it('creates one run when a request of the version before lands late', async () => {
    const parts = new PipelineParts(V1);
    const v2 = parts.prefect.createDeployment('process-orders', 'v2');
    parts.prefect.planCreates('late');
    await deliverUnder(parts, V1, ['a']);
    parts.letLeasesEnd();
    expect(await deliverUnder(parts, V2, ['a'])).toEqual(['created']);
    parts.prefect.landLateCreates();
    expect(executedRuns(parts, v2)).toEqual(['v2 renamed']);
  });

  it('keeps the run of the version before when its request landed, and nothing else was known of it', async () => {
    const parts = new PipelineParts(V1);
    const v2 = parts.prefect.createDeployment('process-orders', 'v2');
    parts.prefect.planCreates('late');
    await deliverUnder(parts, V1, ['a']);
    parts.letLeasesEnd();
    parts.prefect.landLateCreates();
    expect(await deliverUnder(parts, V2, ['a'])).toEqual(['created']);
    expect(executedRuns(parts, v2)).toEqual(['v1 orders']);
  });

  it('goes into a window when the route has windows now', async () => {
    const { parts, v2 } = await claimedWithoutRun(['a', 'b']);
    enforceSchemas(parts, v2);
    const windowed = sqsConfig({ ...V2.routes[0], coalesce: WINDOW });
    expect(await deliverUnder(parts, windowed, ['a', 'b'])).toEqual(['held', 'held']);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(windowed);
    expect(executedRuns(parts, v2)).toEqual(['v2 renamed']);
  });

  it('stays with its deployment when only parameters change, and is dead-lettered if that refuses them', async () => {
    const { parts, v2 } = await claimedWithoutRun(['a']);
    enforceSchemas(parts, v2);
    const renamed = sqsConfig({ dedupe, run: RENAMED });
    expect(await deliverUnder(parts, renamed, ['a'])).toEqual(['dead-lettered']);
  });

  it('is created in its own deployment when what this worker knows of the deployment is out of date', async () => {
    const { parts, v2 } = await claimedWithoutRun(['a']);
    const [before] = parts.prefect.createsSent;
    const directory: DeploymentDirectory = parts.prefect;
    const resolve = directory.resolveDeployment.bind(directory);
    directory.resolveDeployment = (flow, deployment, fresh) =>
      fresh ? resolve(flow, deployment, fresh) : Promise.resolve({ kind: 'deployment', deploymentId: v2 });
    expect(await deliverUnder(parts, V1, ['a'])).toEqual(['created']);
    expect(parts.prefect.flowRuns.map(({ deploymentId }) => deploymentId)).toEqual([before?.deploymentId]);
  });

  it('loses nothing while the deployment of before was deleted, or cannot be asked', async () => {
    const { parts, v2 } = await claimedWithoutRun(['a']);
    parts.prefect.planCreates({ status: 502 });
    expect(await deliverUnder(parts, V2, ['a'])).toEqual(['retry']);
    parts.letLeasesEnd();
    parts.prefect.deleteDeployment(parts.prefect.createsSent[0]?.deploymentId ?? '');
    expect(await deliverUnder(parts, V2, ['a'])).toEqual(['created']);
    expect(executedRuns(parts, v2)).toEqual(['v2 renamed']);
  });

  it('leaves an event that was refused before the redeploy to a redrive, which creates its run for the deployment of today', async () => {
    const parts = new PipelineParts(V1);
    const v2 = parts.prefect.createDeployment('process-orders', 'v2');
    const allow = parts.prefect.refuseWhen(({ dead }) =>
      dead === null ? { status: 409, detail: 'the parameters do not match the schema' } : null,
    );
    expect(await deliverUnder(parts, V1, ['a'])).toEqual(['dead-lettered']);
    allow();
    enforceSchemas(parts, v2);
    expect(await deliverUnder(parts, V2, ['a'])).toEqual(['dead-lettered']);
    const [message = ''] = parts.deadLetters.messages;
    const parsed = parseDeadLetterMessage(makeHiddenMessage(message), 'jobs');
    const deadLetters: unknown[] = parsed.kind === 'whole' ? [JSON.parse(parsed.deadLetterJson)] : [];
    const source = V2.sources['jobs'] ?? makeSqsSource();
    const { installation, ports } = parts;
    const { response } = await redriveDeadLetters(
      { mode: 'run', deadLetters },
      { installation, config: V2, source, routes: routesFrom(V2, 'jobs'), ports },
      PLENTY_OF_TIME,
    );
    expect(response.results.map(({ kind }) => kind)).toEqual(['created']);
    expect(executedRuns(parts, v2)).toEqual(['v2 renamed']);
  });
});
