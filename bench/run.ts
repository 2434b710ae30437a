/**
 * `npm run bench`: what an event costs, Sluice beside what a user would write instead and beside the cheapest
 * program that does the job. Every side is bundled alike and runs in a process of its own, against the same
 * DynamoDB emulator behind a counting proxy and the same counting Prefect stub. Sides take turns within each
 * round; machines are noisy and noise only adds, so of several rounds the one with the least CPU counts, and
 * what is to be read are the ratios.
 *
 *     npm run bench -- [--sides floor,sluice] [--batches 10,100] [--rounds 3] [--quick] [--profile]
 *
 * `--profile` leaves a CPU profile of each measurement, warm-up excluded, in `bench/results/profiles`, of bundles
 * that are not minified. Figures taken with it are higher.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAwsEmulator } from '../scripts/stack/aws-emulator.ts';
import { bundle, type Bundle } from './bundle.ts';
import { startCountingServer } from './counting-server.ts';
import type { DynamoDbCounts } from './dynamodb-proxy.ts';
import { missedGoals } from './goals.ts';
import { measure, measureFirstInvoke, type Measurement, type Parts } from './measurement.ts';
import type { Workload } from './order-messages.ts';
import type { PrefectCounts } from './prefect-stub.ts';
import { costTable, startTable, type SideSummary } from './report.ts';
import { availableSides, type Side } from './sides.ts';

const DUPLICATE_PERCENTAGES = [0, 20, 100];
const FIRST_INVOKES = 9;

const { values: options } = parseArgs({
  options: {
    sides: { type: 'string' },
    batches: { type: 'string', default: '10,100,1000' },
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const rounds = options.quick ? 1 : Number(options.rounds);
const eventsPerMeasurement = options.quick ? 1_000 : 2_000;
const batchSizes = options.batches.split(',').map(Number);
const resultsFolder = join(import.meta.dirname, 'results');

interface BundledSide {
  readonly side: Side;
  readonly bundled: Bundle;
}

const stops: (() => Promise<void>)[] = [];
try {
  const parts = await startParts();
  const sides = await bundleSides(parts.prefectApiUrl);
  const summaries = await measureStarts(parts, sides);
  const measurements = await measureCosts(parts, sides);
  const missed = missedGoals(measurements, summaries);

  const file = join(resultsFolder, `${new Date().toISOString().replaceAll(':', '')}.json`);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(file, JSON.stringify({ machine, options, summaries, measurements, missed }, null, 2));
  console.log(`\n${costTable(measurements)}\n\n${startTable(summaries)}\n`);
  for (const line of missed) console.log(`Goal missed: ${line}`);
  console.log(`Written to ${file}`);
} finally {
  for (const stop of stops.toReversed()) await stop();
}

async function startParts(): Promise<Parts> {
  const profilesFolder = options.profile ? join(resultsFolder, 'profiles') : null;
  mkdirSync(profilesFolder ?? resultsFolder, { recursive: true });
  const emulatorUrl = process.env['AWS_ENDPOINT_URL'] ?? (await startEmulator());
  const dynamodbProxy = await startCountingServer<DynamoDbCounts>(script('dynamodb-proxy.ts'), {
    EMULATOR_URL: emulatorUrl,
  });
  stops.push(dynamodbProxy.stop);
  const prefect = await startCountingServer<PrefectCounts>(script('prefect-stub.ts'), {});
  stops.push(prefect.stop);
  const dynamodb = new DynamoDBClient({
    endpoint: emulatorUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return { dynamodb, dynamodbProxy, prefect, prefectApiUrl: `${prefect.url}/api`, profilesFolder };
}

async function startEmulator(): Promise<string> {
  const emulator = await startAwsEmulator();
  stops.push(emulator.stop);
  return emulator.url;
}

function script(name: string): string {
  return join(import.meta.dirname, name);
}

async function bundleSides(prefectApiUrl: string): Promise<readonly BundledSide[]> {
  const sides = availableSides(options.sides?.split(',') ?? null);
  return Promise.all(
    sides.map(async (side) => {
      const bundled = await bundle(side.entry, join(resultsFolder, 'bundles', side.name), !options.profile);
      side.prepare(bundled.folder, prefectApiUrl);
      return { side, bundled };
    }),
  );
}

/** The median of several fresh processes: a start is too short to be measured once. */
async function measureStarts(parts: Parts, sides: readonly BundledSide[]): Promise<readonly SideSummary[]> {
  const starts = new Map<Side, SideSummary[]>(sides.map(({ side }) => [side, []]));
  for (let start = 0; start < FIRST_INVOKES; start += 1) {
    for (const { side, bundled } of sides) {
      const first = await measureFirstInvoke(parts, side, bundled);
      starts.get(side)?.push({ ...first, bundleKib: bundled.kib });
    }
  }
  return [...starts.values()].flatMap((ofSide) => {
    const median = ofSide.toSorted((a, b) => a.firstInvokeMs - b.firstInvokeMs)[
      Math.floor(ofSide.length / 2)
    ];
    return median === undefined ? [] : [median];
  });
}

async function measureCosts(parts: Parts, sides: readonly BundledSide[]): Promise<readonly Measurement[]> {
  const workloads = batchSizes.flatMap((batchSize) =>
    DUPLICATE_PERCENTAGES.map((duplicatePercent) => ({ batchSize, duplicatePercent })),
  );
  const best = new Map<string, Measurement>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const workload of workloads) {
      for (const { side, bundled } of sides) {
        const name = `${workload.batchSize}, ${workload.duplicatePercent} %, ${side.name}`;
        const measured = await measure(parts, side, bundled, workload, effortFor(workload));
        console.log(
          `round ${round} of ${rounds}: ${name}: ${measured.cpuMicrosecondsPerEvent.toFixed(0)} µs an event`,
        );
        const before = best.get(name);
        if (before === undefined || measured.cpuMicrosecondsPerEvent < before.cpuMicrosecondsPerEvent) {
          best.set(name, measured);
        }
      }
    }
  }
  return [...best.values()];
}

function effortFor({ batchSize }: Workload) {
  return {
    warmUpInvocations: Math.max(2, Math.ceil(eventsPerMeasurement / 2 / batchSize)),
    measuredInvocations: Math.max(2, Math.ceil(eventsPerMeasurement / batchSize)),
  };
}
