import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { reportProblems } from '../../lib/config/issues/problem-report.ts';
import { decodeRecord } from '../../lib/event/decode.ts';
import type { ReceivedRecord } from '../../lib/event/record.ts';
import { parseFilter } from '../../lib/expressions/expression.ts';
import { matchEvent, routeOf } from '../../lib/routing/route.ts';
import { passesFilter, type FilterPattern } from '../support/parts/lambda-filter.ts';
import { makeReceivedKafkaRecord } from '../support/builders/make-record.ts';

const text = readFileSync(new URL('../../docs/kafka.md', import.meta.url), 'utf8');
const blocks = Array.from(text.matchAll(/```yaml\n(.*?)```/gs), ([, block = '']) => block);

const wholeSources = blocks.filter((block) => block.startsWith('sources:'));
const routes = blocks.filter((block) => block.startsWith('routes:'));
const furtherFields = blocks.filter((block) => block.startsWith('    '));

const PREFECT = 'prefect: { apiUrl: https://prefect.internal/api, auth: none }\n';
const ROUTES = 'routes: { work: { from: [orders-topic], run: { deployment: work/prod } } }\n';
const [msk = '', selfManaged = ''] = wholeSources;

/** The recipe with the fields that the page adds to it, in the place of those of the same name. */
function withFields(source: string, fields: string): string {
  const names = Array.from(fields.matchAll(/^ {4}(\w+):/gm), ([, name]) => name);
  const kept = source.split('\n').filter((line) => !names.some((name) => line.startsWith(`    ${name}:`)));
  return `${kept.join('\n')}${fields}`;
}

function reportOf(sources: string, routesText = ROUTES): string {
  const answer = loadConfigText(`${PREFECT}${sources}${routesText}`, 'docs/kafka.md');
  return reportProblems(allProblems(answer));
}

describe('the recipes of docs/kafka.md', () => {
  it('are those for two kinds of cluster and for OAuth, and what may be added to them', () => {
    expect(wholeSources).toHaveLength(3);
    expect(furtherFields.length).toBeGreaterThan(3);
    expect(wholeSources.length + furtherFields.length + routes.length).toBe(blocks.length);
  });

  it.each(wholeSources)('are sound without a warning: %s', (source) => {
    expect(reportOf(source)).toBe('0 errors, 0 warnings');
  });

  it.each(furtherFields)('are sound with the further fields of the page: %s', (fields) => {
    const source = /^ {4}(?:vpc|rootCa):/m.test(fields) ? selfManaged : msk;
    expect(reportOf(withFields(source, fields))).toBe('0 errors, 0 warnings');
  });

  it('filter with Lambda what the page says, and keep the rest', () => {
    const fields = furtherFields.find((block) => block.includes('filterCriteria:')) ?? '';
    const answer = loadConfigText(`${PREFECT}${withFields(msk, fields)}${ROUTES}`, 'docs/kafka.md');
    const source = answer.ok ? answer.config.sources['orders-topic'] : undefined;
    const criteria = source?.type === 'kafka' ? (source.filterCriteria ?? []) : [];
    const passes = (value: Readonly<Record<string, unknown>>): boolean =>
      criteria.some((pattern) => passesFilter(pattern['value'] as FilterPattern, value));
    expect(passes({ type: 'order.paid', total: 12.5 })).toBe(true);
    expect(passes({ type: 'audit.login' })).toBe(true);
    expect(passes({ type: 'order.paid', total: 0 })).toBe(false);
    expect(passes({ type: 'order.paid', total: '12.5' })).toBe(false);
    expect(passes({ type: 'order.new', total: 12.5 })).toBe(false);
    expect(passes({})).toBe(false);
  });

  it.each(routes)('are sound with the routes of the page: %s', (routesText) => {
    expect(reportOf(msk, routesText)).toBe('0 errors, 0 warnings');
  });

  it('give each row of a Debezium snapshot an identity of its own, although all have one id', () => {
    const [routesText = ''] = routes.filter((block) => block.includes('apply-changes'));
    const answer = loadConfigText(`${PREFECT}${msk}${routesText}`, 'docs/kafka.md');
    if (!answer.ok) throw new Error(reportOf(msk, routesText));
    const { sources, routes: configured, limits } = answer.config;
    const source = sources['orders-topic'];
    const [config] = configured;
    if (source === undefined || config === undefined)
      throw new Error('The recipe has no source or no route.');
    const [, condition = ''] = /filter them: `when: (.*?)`/.exec(text) ?? [];
    const filter = parseFilter(condition);
    if (!filter.ok) throw new Error(filter.message);
    const keys = [41, 42].map((offset) => {
      const record = snapshotRow(offset);
      const decoded = decodeRecord(record, source, limits);
      const [event] = decoded.kind === 'events' ? decoded.events : [];
      if (event === undefined) throw new Error('The row is not an event.');
      expect(event.id).toBe('name:shop;lsn:29274832;txId:565');
      expect(filter.expression.evaluate(event)).toEqual({ ok: true, value: false });
      const match = matchEvent(routeOf(config), event);
      if (match.kind !== 'matched') throw new Error(`The row is ${match.kind}.`);
      return match.routed.member.memberId;
    });
    expect(new Set(keys).size).toBe(2);
  });
});

/** A row as Debezium's `CloudEventsConverter` writes it while it reads a snapshot. */
function snapshotRow(offset: number): ReceivedRecord {
  const record = makeReceivedKafkaRecord({
    headers: { 'content-type': 'application/cloudevents+json' },
    value: JSON.stringify({
      specversion: '1.0',
      id: 'name:shop;lsn:29274832;txId:565',
      source: '/debezium/postgresql/shop',
      type: 'io.debezium.connector.postgresql.DataChangeEvent',
      iodebeziumop: 'r',
      iodebeziumsnapshot: 'true',
      data: { before: null, after: { row: offset } },
    }),
  });
  if (record.origin.kind !== 'kafka') throw new Error('not a record of Kafka');
  return { ...record, origin: { ...record.origin, offset } };
}
