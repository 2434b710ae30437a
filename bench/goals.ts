/** Performance goals of Sluice. A missed goal is reported and explained, never moved. */
import type { Measurement } from './measurement.ts';
import type { ContenderSummary } from './report.ts';

interface CostGoal {
  readonly batchSize: number;
  readonly dynamodbRequestsPerEvent: number;
  readonly writeUnitsPerEvent: number;
  readonly prefectRequestsPerEvent: number;
}

/** Goals per event for workloads without duplicates. */
const COST_GOALS: readonly CostGoal[] = [
  { batchSize: 10, dynamodbRequestsPerEvent: 0.2, writeUnitsPerEvent: 1.1, prefectRequestsPerEvent: 0.1 },
  { batchSize: 100, dynamodbRequestsPerEvent: 0.05, writeUnitsPerEvent: 1.02, prefectRequestsPerEvent: 0.01 },
  {
    batchSize: 1000,
    dynamodbRequestsPerEvent: 0.045,
    writeUnitsPerEvent: 1.02,
    prefectRequestsPerEvent: 0.01,
  },
];
const MAX_CPU_OVER_FLOOR = 1.5;
const MAX_FIRST_INVOKE_MS = 45;
const MAX_BUNDLE_KIB = 400;

/** Describe each missed goal in one line. */
export function missedGoals(
  measurements: readonly Measurement[],
  summaries: readonly ContenderSummary[],
): readonly string[] {
  const ofContender = (name: Measurement['contender'], batchSize: number) =>
    measurements.find(
      (one) => one.contender === name && one.batchSize === batchSize && one.duplicatePercent === 0,
    );
  const costs = COST_GOALS.flatMap((goal) => {
    const sluice = ofContender('sluice', goal.batchSize);
    if (sluice === undefined) return [];
    const floor = ofContender('floor', goal.batchSize);
    const at = `at batches of ${goal.batchSize}`;
    return [
      missed(
        `DynamoDB requests per event ${at}`,
        sluice.dynamodbRequestsPerEvent,
        goal.dynamodbRequestsPerEvent,
      ),
      missed(`write units per event ${at}`, sluice.writeUnitsPerEvent, goal.writeUnitsPerEvent),
      missed(
        `Prefect requests per event ${at}`,
        sluice.prefectRequestsPerEvent,
        goal.prefectRequestsPerEvent,
      ),
      floor === undefined
        ? null
        : missed(
            `CPU over floor ${at}`,
            sluice.cpuMicrosecondsPerEvent / floor.cpuMicrosecondsPerEvent,
            MAX_CPU_OVER_FLOOR,
          ),
    ];
  });
  const starts = summaries
    .filter((summary) => summary.contender === 'sluice')
    .flatMap((summary) => [
      missed('first invoke, ms', summary.firstInvokeMs, MAX_FIRST_INVOKE_MS),
      missed('bundle, KiB', summary.bundleKib, MAX_BUNDLE_KIB),
      summary.loadsUndici ? 'undici is loaded: something uses fetch or an ESM import of node:http' : null,
    ]);
  return [...costs, ...starts].filter((series) => series !== null);
}

function missed(what: string, value: number, goal: number): string | null {
  // Figures per event are quotients of counts, so a difference by rounding alone does not miss the goal.
  return value > goal + 1e-9 ? `${what}: ${value.toFixed(3)}, goal ${goal}` : null;
}
