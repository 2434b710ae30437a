/**
 * `npm run bench`: measures the cost of an event, and compares Sluice with a hand-written Lambda and with the cheapest
 * program that does the job. All contenders are bundled with the same options and run in their own processes, against
 * the same DynamoDB emulator behind a counting proxy and the same counting Prefect stub. Contenders take turns within
 * each round. Noise only ever adds CPU time, so the round with the least CPU counts; compare ratios, not times.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Command } from 'commander';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { startAwsEmulator } from '../scripts/stack/aws-emulator.ts';
import { bundle, type Bundle } from './bundle.ts';
import { startCountingServer } from './counting-server.ts';
import type { DynamoDbCounts } from './dynamodb-proxy.ts';
import { missedGoals } from './goals.ts';
import { measure, measureFirstInvoke, type Measurement, type Parts } from './measurement.ts';
import type { Workload } from './order-messages.ts';
import type { PrefectCounts } from './prefect-stub.ts';
import { costTable, startTable, type ContenderSummary } from './report.ts';
import { selectContenders, type Contender } from './contenders.ts';

const DUPLICATE_PERCENTAGES = [0, 20, 100];
const FIRST_INVOKES = 9;

const options = new Command('npm run bench --')
  .description(
    'Measures the cost of an event, and compares Sluice with a hand-written Lambda and a lower bound.',
  )
  .option('--contenders <names>', 'contenders to measure: powertools, floor, sluice (default: all)')
  .option('--batches <sizes>', 'batch sizes', '10,100,1000')
  .option('--rounds <number>', 'rounds; the one with the least CPU counts', '3')
  .option('--quick', 'one round of fewer events', false)
  .option(
    '--profile',
    'write CPU profiles of unminified bundles to bench/results/profiles; raises all figures',
    false,
  )
  .parse()
  .opts<{ contenders?: string; batches: string; rounds: string; quick: boolean; profile: boolean }>();
const rounds = options.quick ? 1 : Number(options.rounds);
const eventsPerMeasurement = options.quick ? 1_000 : 2_000;
const batchSizes = options.batches.split(',').map(Number);
const resultsFolder = join(import.meta.dirname, 'results');

interface BundledContender {
  readonly contender: Contender;
  readonly bundled: Bundle;
}

const stops: (() => Promise<void>)[] = [];
try {
  const parts = await startParts();
  const contenders = await bundleContenders(parts.prefectApiUrl);
  const summaries = await measureStarts(parts, contenders);
  const measurements = await measureCosts(parts, contenders);
  const missed = missedGoals(measurements, summaries);

  const file = join(resultsFolder, `${new Date().toISOString().replaceAll(':', '')}.json`);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(file, JSON.stringify({ machine, options, summaries, measurements, missed }, null, 2));
  console.log(`\n${costTable(measurements)}\n\n${startTable(summaries)}\n`);
  for (const series of missed) console.log(`Goal missed: ${series}`);
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

async function bundleContenders(prefectApiUrl: string): Promise<readonly BundledContender[]> {
  const contenders = selectContenders(options.contenders?.split(',') ?? null);
  return Promise.all(
    contenders.map(async (contender) => {
      const bundled = await bundle(
        contender.entry,
        join(resultsFolder, 'bundles', contender.name),
        !options.profile,
      );
      contender.prepare(bundled.folder, prefectApiUrl);
      return { contender, bundled };
    }),
  );
}

/** Take the median of several fresh processes, because a single start is too short to measure. */
async function measureStarts(
  parts: Parts,
  contenders: readonly BundledContender[],
): Promise<readonly ContenderSummary[]> {
  const starts = new Map<Contender, ContenderSummary[]>(contenders.map(({ contender }) => [contender, []]));
  for (let start = 0; start < FIRST_INVOKES; start += 1) {
    for (const { contender, bundled } of contenders) {
      const first = await measureFirstInvoke(parts, contender, bundled);
      starts.get(contender)?.push({ ...first, bundleKib: bundled.kib });
    }
  }
  return [...starts.values()].flatMap((ofContender) => {
    const median = ofContender.toSorted((a, b) => a.firstInvokeMs - b.firstInvokeMs)[
      Math.floor(ofContender.length / 2)
    ];
    return median === undefined ? [] : [median];
  });
}

async function measureCosts(
  parts: Parts,
  contenders: readonly BundledContender[],
): Promise<readonly Measurement[]> {
  const workloads = batchSizes.flatMap((batchSize) =>
    DUPLICATE_PERCENTAGES.map((duplicatePercent) => ({ batchSize, duplicatePercent })),
  );
  const best = new Map<string, Measurement>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const workload of workloads) {
      for (const { contender, bundled } of contenders) {
        const name = `${workload.batchSize}, ${workload.duplicatePercent} %, ${contender.name}`;
        const measured = await measure(parts, contender, bundled, workload, effortFor(workload));
        console.log(
          `round ${round} of ${rounds}: ${name}: ${measured.cpuMicrosecondsPerEvent.toFixed(0)} µs per event`,
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
