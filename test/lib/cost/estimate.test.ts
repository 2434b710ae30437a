import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXAMPLE_LOADS, toCostInput } from '../../../scripts/cost/example-loads.ts';
import { estimateCost, type CostInput } from '../../../lib/cost/estimate.ts';
import { findLevers } from '../../../lib/cost/levers.ts';
import {
  makeCompiledConfig,
  makeHttpSource,
  makeKafkaSource,
  makeRoute,
  makeSqsSource,
  SAMPLE_WINDOW,
} from '../../support/builders/compiled-config.ts';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';

const monitoring = { alarms: true, dashboard: true };

function inputOf(config: CompiledConfig, eventsPerDay: number, eventBytes = 1024): CostInput {
  const sources = Object.fromEntries(
    Object.keys(config.sources).map((name) => [name, { eventsPerDay, eventBytes }]),
  );
  return { config, traffic: { sources, matchingShares: {}, eventsPerRun: null }, monitoring };
}

function dollarsOf(input: CostInput, item: string): number {
  return estimateCost(input).items.find((each) => each.item === item)?.loadDollars ?? 0;
}

function percentFrom(expected: number, actual: number): number {
  return (100 * Math.abs(actual - expected)) / expected;
}

describe('the estimate for 50 million Kafka records a day', () => {
  const [example] = EXAMPLE_LOADS.filter(({ eventsPerDay }) => eventsPerDay === 50_000_000);
  if (example === undefined) throw new Error('There is no such example.');
  const input = toCostInput(example);

  it('agrees with an independent calculation: claims 945, log lines 320, storage with backups 85, sum 1,370', () => {
    const writes = dollarsOf(input, 'claims') + dollarsOf(input, 'batch records');
    expect(percentFrom(945, writes)).toBeLessThan(2);
    expect(percentFrom(320, dollarsOf(input, 'log lines of events'))).toBeLessThan(8);
    const stored = dollarsOf(input, 'storage') + dollarsOf(input, 'point-in-time recovery');
    expect(percentFrom(85, stored)).toBeLessThan(5);
    expect(percentFrom(1370, estimateCost(input).loadDollars)).toBeLessThan(3);
  });

  it('names provisioned capacity first and log lines second among what lowers it', () => {
    const levers = findLevers(input);
    expect(levers.map(({ change }) => change).slice(0, 2)).toEqual([
      expect.stringMatching(/^table: \{ provisioned: \{ minWriteUnits: 8\d\d, maxWriteUnits: 1\d\d\d \} \}$/),
      'logs: { outcomes: { sampled: 1% } }',
    ]);
    // About 350 dollars for 600 to 800 units, instead of 945.
    expect(levers[0]?.savedDollars).toBeGreaterThan(500);
    expect(levers[0]?.savedDollars).toBeLessThan(620);
  });
});

describe('the estimate', () => {
  const config = makeCompiledConfig([makeHttpSource(), makeSqsSource(), makeKafkaSource()]);

  it('is the sum of its parts, none of them negative, and grows with the load', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e8 }), fc.integer({ min: 1, max: 200_000 }), (perDay, bytes) => {
        const estimate = estimateCost(inputOf(config, perDay, bytes));
        const sum = estimate.items.reduce((total, { loadDollars }) => total + loadDollars, 0);
        expect(estimate.loadDollars).toBeCloseTo(sum, 6);
        for (const { idleDollars, loadDollars } of estimate.items) {
          expect(Number.isFinite(loadDollars)).toBe(true);
          expect(loadDollars).toBeGreaterThanOrEqual(idleDollars);
          expect(idleDollars).toBeGreaterThanOrEqual(0);
        }
        const double = estimateCost(inputOf(config, 2 * perDay, bytes));
        expect(double.loadDollars).toBeGreaterThanOrEqual(estimate.loadDollars);
      }),
    );
  });

  it('without any event costs what it costs idle', () => {
    const { idleDollars, loadDollars } = estimateCost(inputOf(config, 0));
    expect(loadDollars).toBeCloseTo(idleDollars, 6);
  });

  it('idle is the same whatever the load', () => {
    const few = estimateCost(inputOf(config, 10));
    const many = estimateCost(inputOf(config, 1e7));
    expect(many.idleDollars).toBe(few.idleDollars);
  });

  it('of a route in mode none has a record for each event, and of a batch one', () => {
    const kafka = [makeKafkaSource()];
    const single = makeCompiledConfig(kafka);
    const batched = makeCompiledConfig(kafka, {
      routes: [
        makeRoute({
          from: ['orders-topic'],
          coalesce: { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 409_600 },
        }),
      ],
    });
    const load = 5e7;
    expect(dollarsOf(inputOf(single, load), 'batch records')).toBeCloseTo(
      dollarsOf(inputOf(single, load), 'claims'),
      6,
    );
    expect(dollarsOf(inputOf(batched, load), 'batch records')).toBeLessThan(
      dollarsOf(inputOf(batched, load), 'claims') / 90,
    );
  });

  it('counts a claim only for the events that match', () => {
    const input = inputOf(config, 1e6);
    const matching = { ...input, traffic: { ...input.traffic, matchingShares: { 'process-orders': 0.25 } } };
    expect(dollarsOf(matching, 'claims')).toBeCloseTo(dollarsOf(input, 'claims') / 4, 6);
  });

  it('has smaller runs, and so more records, with fewer events in a run', () => {
    const route = makeRoute({
      from: ['orders-hook', 'jobs', 'orders-topic'],
      coalesce: { mode: 'invocation', key: 'event.data.id', maxEvents: 100, maxBytes: 409_600 },
    });
    const input = inputOf({ ...config, routes: [route] }, 1e7);
    const keyed = { ...input, traffic: { ...input.traffic, eventsPerRun: 2 } };
    expect(dollarsOf(keyed, 'batch records')).toBeGreaterThan(2 * dollarsOf(input, 'batch records'));
  });

  it('saves nothing of the lines of events that wait in windows when outcomes are sampled', () => {
    const windowed = makeCompiledConfig([makeSqsSource()], {
      routes: [makeRoute({ from: ['jobs'], coalesce: SAMPLE_WINDOW })],
    });
    const exceptions = { ...windowed, logs: { level: 'INFO', outcomes: { kind: 'exceptions' } } } as const;
    expect(dollarsOf(inputOf(exceptions, 1e6), 'log lines of events')).toBe(
      dollarsOf(inputOf(windowed, 1e6), 'log lines of events'),
    );
    const plain = { ...config, logs: exceptions.logs };
    expect(dollarsOf(inputOf(plain, 1e6), 'log lines of events')).toBe(0);
  });

  it('of provisioned capacity is paid for when idle, and never more than its maximum', () => {
    const provisioned = {
      minWriteUnits: 100,
      maxWriteUnits: 200,
      minReadUnits: 5,
      maxReadUnits: 10,
      targetUtilization: 0.7,
    };
    const scaled: CompiledConfig = {
      ...config,
      table: { kind: 'own', pointInTimeRecovery: false, provisioned },
    };
    const items = estimateCost(inputOf(scaled, 1e9)).items.filter(({ service }) => service === 'DynamoDB');
    expect(items.map(({ item }) => item)).toEqual(['provisioned capacity', 'storage']);
    const [capacity] = items;
    expect(capacity?.idleDollars).toBeCloseTo(720 * (101 * 0.00065 + 6 * 0.00013), 6);
    expect(capacity?.loadDollars).toBeCloseTo(720 * (201 * 0.00065 + 6 * 0.00013), 6);
    expect(capacity?.basis).toContain('more than maxWriteUnits allows');
  });

  it('bills provisioned pollers while nothing happens', () => {
    const polled = makeCompiledConfig([
      makeKafkaSource({ topics: ['aa', 'bb'], provisioned: { minPollers: 1, maxPollers: 10 } }),
    ]);
    const [pollers] = estimateCost(inputOf(polled, 0)).items.filter(
      ({ item }) => item === 'provisioned pollers',
    );
    expect(pollers?.idleDollars).toBeCloseTo(133.2, 6);
  });

  it('charges for data that leaves AWS only where Prefect Cloud is called', () => {
    const { prefect } = config;
    const cloud = { ...prefect, apiUrl: 'https://api.prefect.cloud/api/accounts/a/workspaces/b' };
    expect(dollarsOf(inputOf({ ...config, prefect: cloud }, 1e6), 'to Prefect Cloud')).toBeGreaterThan(5);
    expect(dollarsOf(inputOf(config, 1e6), 'to Prefect Cloud')).toBe(0);
  });
});

describe('what lowers the cost', () => {
  const input = inputOf(makeCompiledConfig([makeHttpSource(), makeKafkaSource()]), 1e6);
  const levers = findLevers(input);

  it('is ordered by what it saves, and each saves something', () => {
    const saved = levers.map(({ savedDollars }) => savedDollars);
    expect(saved.length).toBeGreaterThan(4);
    expect(saved).toEqual([...saved].sort((left, right) => right - left));
    expect(Math.min(...saved)).toBeGreaterThan(0);
  });

  it('does not propose what is done already', () => {
    const done: CostInput = {
      ...input,
      config: {
        ...input.config,
        logs: { level: 'INFO', outcomes: { kind: 'sampled', share: 0.01 } },
        table: { kind: 'existing', name: 'Kept' },
      },
      monitoring: { alarms: false, dashboard: false },
    };
    expect(findLevers(done).map(({ change }) => change.split(':')[0])).toEqual(['coalesce', 'queue']);
  });
});
