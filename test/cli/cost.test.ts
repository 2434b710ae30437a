import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectShare, collectTraffic, parseCount, parseSize } from '../../cli/arguments.ts';
import { cost, toTraffic, type CostOptions } from '../../cli/cost.ts';
import {
  makeCompiledConfig,
  makeHttpSource,
  makeKafkaSource,
  makeSqsSource,
} from '../support/builders/compiled-config.ts';
import { EXAMPLE_LOADS } from '../../scripts/cost/example-loads.ts';

const DEFAULTS: CostOptions = {
  eventsPerDay: 1_000_000,
  eventSize: 1024,
  source: [],
  match: [],
  alarms: true,
  dashboard: true,
  json: false,
};

let folder = '';
let file = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cost-'));
  file = join(folder, 'sluice.yaml');
  writeFileSync(file, EXAMPLE_LOADS[1]?.configText ?? '');
  writeFileSync(join(folder, 'broken.yaml'), 'sources: {}\n');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('sluice cost', () => {
  it('prints parts, what lowers the sum, assumptions, and what is not included', () => {
    const { exitCode, output, errorOutput } = cost(file, DEFAULTS);
    expect({ exitCode, errorOutput }).toEqual({ exitCode: 0, errorOutput: '' });
    expect(output).toMatch(/costs about \$1\d\d a month under this load, and \$\d\.\d\d idle\.$/m);
    expect(output).toMatch(/^List prices of us-east-1, \d{4}-\d\d-\d\d/m);
    expect(output).toMatch(/^DynamoDB +claims +0\.00 +18\.75 {2}30 million write units/m);
    expect(output).toMatch(/^What lowers it, each by itself:\n {2}saves \$/m);
    expect(output).toMatch(/^Assumptions:\n {2}- A month has 30 days/m);
    expect(output).toMatch(/^Not included:\n {2}- Free tiers/m);
  });

  it('prints the same as JSON, with the source and date of its prices', () => {
    const { output } = cost(file, { ...DEFAULTS, json: true });
    const report = JSON.parse(output) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual([
      ...['file', 'prices', 'items', 'idleDollars', 'loadDollars', 'levers', 'assumptions', 'notIncluded'],
    ]);
    expect(report['prices']).toMatchObject({ region: 'us-east-1', currency: 'USD' });
  });

  it('leaves out what is not deployed', () => {
    const whole = cost(file, DEFAULTS).output;
    const less = cost(file, { ...DEFAULTS, alarms: false, dashboard: false }).output;
    expect(whole).toMatch(/ dashboards +3\.00 +3\.00/);
    expect(less).not.toMatch(/ dashboards +3\.00/);
    expect(less).not.toMatch(/ alarms +\d/);
  });

  it('ends with 2 for a source or a route that does not exist, and suggests the one that was meant', () => {
    const { exitCode, errorOutput } = cost(file, {
      ...DEFAULTS,
      source: [{ name: 'order', eventsPerDay: 5 }],
      match: [{ name: 'other', share: 0.5 }],
    });
    expect(exitCode).toBe(2);
    expect(errorOutput).toBe(
      '--source order: unknown — did you mean orders?\n--match other: unknown — routes: process',
    );
  });

  it('ends with 1 and the problems of a file that is not valid, and with 2 without one', () => {
    expect(cost(join(folder, 'broken.yaml'), DEFAULTS)).toMatchObject({ exitCode: 1, output: '' });
    expect(cost(join(folder, 'absent.yaml'), DEFAULTS)).toMatchObject({ exitCode: 2, output: '' });
  });
});

describe('the load', () => {
  const config = makeCompiledConfig([
    makeHttpSource(),
    makeSqsSource(),
    makeKafkaSource(),
    makeHttpSource({ name: 'old-hook', path: '/old', retired: true }),
  ]);

  it('is shared among the sources without a figure of their own, and retired sources have none', () => {
    const source = [
      { name: 'jobs', eventsPerDay: 50, eventBytes: 9 },
      { name: 'orders-hook', eventsPerDay: 7 },
    ];
    expect(toTraffic(config, { ...DEFAULTS, source }).sources).toEqual({
      'orders-hook': { eventsPerDay: 7, eventBytes: 1024 },
      'jobs': { eventsPerDay: 50, eventBytes: 9 },
      'orders-topic': { eventsPerDay: 1_000_000, eventBytes: 1024 },
    });
    expect(toTraffic(config, DEFAULTS).sources['jobs']?.eventsPerDay).toBeCloseTo(1_000_000 / 3, 6);
  });

  it('is written with a unit', () => {
    expect([parseCount('0'), parseCount('500'), parseCount('20k'), parseCount('1.5M')]).toEqual([
      0, 500, 20_000, 1_500_000,
    ]);
    expect(() => parseCount('many')).toThrow(/20k/);
    expect(() => parseCount('1G')).toThrow(/20k/);
    expect(parseSize('2KiB')).toBe(2048);
    expect(() => parseSize('2048')).toThrow(/unit/);
    expect(() => parseSize('0B')).toThrow(/unit/);
  });

  it('of one source is written as name=number, with a size if it has its own', () => {
    expect(collectTraffic('a=5', [])).toEqual([{ name: 'a', eventsPerDay: 5 }]);
    expect(collectTraffic('b=2k,1KiB', [{ name: 'a', eventsPerDay: 5 }])).toEqual([
      { name: 'a', eventsPerDay: 5 },
      { name: 'b', eventsPerDay: 2000, eventBytes: 1024 },
    ]);
    expect(() => collectTraffic('a', [])).toThrow(/<source>=/);
    expect(collectShare('r=20%', [])).toEqual([{ name: 'r', share: 0.2 }]);
    expect(() => collectShare('r=0.2', [])).toThrow(/<route>=/);
  });
});
