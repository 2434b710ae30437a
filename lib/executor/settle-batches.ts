/** Settle batches: run the claim protocol for each, all of them in rounds, within the invocation's time. */
import { hasTimeFor } from '../deadline.ts';
import type { Batch } from '../batching/batch.ts';
import type { Route, RoutedEvent } from '../routing/route.ts';
import type { BatchRecordStore, ClaimStore, Clock, DeploymentResult, DeploymentDirectory } from '../ports.ts';
import { deploymentRefOfId } from '../prefect/deployment-ref.ts';
import { AppendExecutor, type AppendPorts } from './append-executor.ts';
import { appendContextOf } from './append-context.ts';
import {
  PrefectExecutor,
  type BatchInHand,
  type InvocationContext,
  type PrefectPorts,
} from './prefect-executor.ts';
import { admitWork, LONGEST_WAIT_MS, type WorkBudget } from './admit-work.ts';
import { EffectExecutor } from './effect-executor.ts';
import { settleBatch } from '../protocol/claim-batch.ts';
import type { DeadBatchesByClaim } from '../protocol/dead-members.ts';
import { runInRounds, type RunResult } from './rounds.ts';
import { retryCodeOf, type Settlement, type Settlements } from '../protocol/settlement.ts';

export interface SettlePorts extends PrefectPorts, AppendPorts {
  readonly claims: ClaimStore;
  readonly records: BatchRecordStore;
  readonly clock: Clock;
  /** Default: nothing is held back. */
  readonly budget?: WorkBudget;
}

export interface SettleContext extends InvocationContext {
  /** Name of the source that the events came from. */
  readonly sourceName: string;
  /** How long batches may wait for the budget. Default: as messages of a queue. */
  readonly longestWaitMs?: number;
}

export interface DeliveredEvent extends RoutedEvent {
  readonly deliveryCount: number;
  /** Set where flow runs are created in the order of the records. */
  readonly inOrder?: boolean;
  /** Id of the record that brought it: part of the id of a batch that is formed now. */
  readonly origin: string;
  /** Set on a redrive: the batches in which its dead letters say that the event died. */
  readonly deadBatchIds?: readonly string[];
}

export interface SettledEvent<Routed extends RoutedEvent> {
  readonly routed: Routed;
  readonly settlement: Settlement;
}

/** Settle every event of every batch. */
export async function settleBatches<Routed extends DeliveredEvent>(
  batches: readonly Batch<Routed>[],
  ports: SettlePorts,
  context: SettleContext,
): Promise<readonly SettledEvent<Routed>[]> {
  const deployments = await resolveDeployments(batches, ports.deployments);
  const withDeployment: ReadyBatch<Routed>[] = [];
  const settled: SettledEvent<Routed>[] = [];
  for (const batch of batches) {
    const deployment = deployments.get(batch.route);
    if (deployment?.kind === 'deployment') {
      const deploymentRef = deploymentRefOfId(deployment.deploymentId);
      const redelivered = batch.events.some(({ deliveryCount }) => deliveryCount > 1);
      withDeployment.push({ batch, deploymentRef, redelivered });
    } else {
      const settlement = withoutDeployment(batch.route, deployment);
      settled.push(...batch.events.map((routed) => ({ routed, settlement })));
    }
  }
  const { ready, waiting } = await admitBatches(withDeployment, ports, context);
  settled.push(...waiting);

  const { clock, claims, records } = ports;
  const performer = new EffectExecutor<BatchInHand>({
    claims,
    records,
    flowRuns: new PrefectExecutor(ports, context),
    windows: new AppendExecutor(ports, context.sourceName),
  });
  const endings = await runInRounds(
    ready,
    ({ batch, deploymentRef, redelivered }) => {
      const nowEpochMs = clock.nowEpochMs();
      return settleBatch(
        batch.events.map(({ member, origin }) => ({ ...member, origin })),
        {
          installation: context.installation,
          route: batch.route.config.name,
          deploymentRef,
          nowEpochSeconds: Math.floor(nowEpochMs / 1_000),
          leaseUntilEpochSeconds: Math.ceil((nowEpochMs + context.deadline.remainingMs()) / 1_000),
          retentionSeconds: batch.route.config.dedupe.retentionSeconds,
          destination: batch.destination,
          window: appendContextOf(batch, deploymentRef, nowEpochMs),
          redelivered,
          inOrder: batch.events.some(({ inOrder }) => inOrder === true),
          ...redriveOf(batch),
        },
      );
    },
    (asked) => performer.runEffects(asked),
    () => hasTimeFor('round', context.deadline),
  );
  for (const [index, { batch }] of ready.entries()) {
    const ending = endings[index];
    settled.push(...batch.events.map((routed) => ({ routed, settlement: settlementOf(routed, ending) })));
  }
  return settled;
}

/** Collect the dead batches of a redrive. Either all events of a batch are redriven, or none is. */
function redriveOf({ events }: Batch<DeliveredEvent>): { readonly redrive?: DeadBatchesByClaim } {
  const cameBack = events.flatMap(({ member, deadBatchIds }) =>
    deadBatchIds === undefined ? [] : [[member.claimKey, deadBatchIds] as const],
  );
  return cameBack.length === 0 ? {} : { redrive: new Map(cameBack) };
}

/** Batches that become flow runs now need a request each; those of windows need none. Nothing has been claimed yet. */
async function admitBatches<Routed extends DeliveredEvent>(
  batches: readonly ReadyBatch<Routed>[],
  { budget }: SettlePorts,
  { longestWaitMs = LONGEST_WAIT_MS.queue, deadline }: SettleContext,
): Promise<{
  readonly ready: readonly ReadyBatch<Routed>[];
  readonly waiting: readonly SettledEvent<Routed>[];
}> {
  const sending = batches.filter(({ batch }) => batch.destination === 'run');
  const { waiting, held } = await admitWork(sending, budget, longestWaitMs, deadline);
  if (held === null) return { ready: batches, waiting: [] };
  const { by, detail, retryAfterMs } = held;
  const settlement = { kind: 'retry', code: `held-by-${by}`, detail, retryAfterMs } as const;
  return {
    ready: batches.filter((each) => !waiting.includes(each)),
    waiting: waiting.flatMap(({ batch }) => batch.events.map((routed) => ({ routed, settlement }))),
  };
}

interface ReadyBatch<Routed extends RoutedEvent> extends BatchInHand {
  readonly batch: Batch<Routed>;
  readonly deploymentRef: string;
  readonly redelivered: boolean;
}

async function resolveDeployments(
  batches: readonly Batch[],
  directory: DeploymentDirectory,
): Promise<ReadonlyMap<Route, DeploymentResult>> {
  const routes = [...new Set(batches.map(({ route }) => route))];
  const resolved = routes.map(async (route) => {
    const { flow, deployment } = route.config.run;
    return [route, await directory.resolveDeployment(flow, deployment, false)] as const;
  });
  return new Map(await Promise.all(resolved));
}

/** Leave the events to redelivery. Nothing was claimed yet, so nothing has to be undone. */
function withoutDeployment(
  { config }: Route,
  result: Exclude<DeploymentResult, { kind: 'deployment' }> | undefined,
): Settlement {
  if (result?.kind === 'unavailable') {
    const { detail, retryAfterMs } = result;
    const wait = retryAfterMs === null ? {} : { retryAfterMs };
    return { kind: 'retry', code: retryCodeOf(result), detail, ...wait };
  }
  const { flow, deployment } = config.run;
  const detail = `Prefect has no deployment ${flow}/${deployment}: deploy it, or fix run.deployment of the route`;
  return { kind: 'retry', code: 'deployment-not-found', detail };
}

function settlementOf(routed: RoutedEvent, ending: RunResult<Settlements> | undefined): Settlement {
  if (ending?.kind === 'done') {
    const settlement = ending.result.get(routed.member.claimKey);
    if (settlement !== undefined) return settlement;
  }
  if (ending?.kind === 'timed-out') {
    return {
      kind: 'retry',
      code: 'out-of-time',
      detail: 'the invocation ran out of time before it was settled',
    };
  }
  const detail =
    ending?.kind === 'failed' ? ending.error.message : 'internal error: the event was not settled';
  return { kind: 'retry', code: 'internal-error', detail };
}
