import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedItemError } from '../../../../lib/adapters/dynamodb/dynamodb-items.ts';
import {
  INDEX_PARTITIONS,
  openWindowItem,
  skippedWindowItem,
  windowOf,
  windowRefOf,
} from '../../../../lib/adapters/dynamodb/dynamodb-window-items.ts';
import { windowSeriesOf } from '../../../../lib/windows/window.ts';
import {
  SAMPLE_ROUTE_VERSION,
  SAMPLE_TIMES,
  sampleWindowRef,
} from '../../../support/builders/sample-windows.ts';

const ref = fc.record({
  series: fc
    .tuple(fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/), fc.string())
    .map(([route, key]) => windowSeriesOf(route, 'tumbling', key)),
  sequence: fc.maxSafeNat(),
});

const opened = fc
  .record({
    ref,
    key: fc.string({ unit: 'grapheme' }),
    deploymentRef: fc.string(),
    openedAtEpochMs: fc.nat(),
    dueEpochMs: fc.nat(),
    deadlineEpochMs: fc.nat(),
  })
  .map(({ ref: { series, sequence }, ...rest }) => ({
    series,
    sequence,
    routeVersion: SAMPLE_ROUTE_VERSION,
    ...rest,
  }));

const first = { count: 3, bytes: 30 };

function sampleItem() {
  return openWindowItem(
    {
      ...sampleWindowRef(),
      ...SAMPLE_TIMES,
      key: 'eu',
      routeVersion: SAMPLE_ROUTE_VERSION,
      deploymentRef: 'one',
    },
    first,
  );
}

describe('window items', () => {
  it('come back as they were opened', () => {
    fc.assert(
      fc.property(opened, (each) => {
        const { deploymentRef, ...window } = each;
        expect(windowOf(openWindowItem(each, first))).toEqual({
          ...window,
          state: 'open',
          count: 3,
          bytes: 30,
          additions: 1,
          reason: null,
          sealedAtEpochMs: null,
          flushLeaseEpochMs: null,
          deployments: [{ fromPart: 0, deploymentRef }],
          isClosed: false,
        });
      }),
    );
  });

  it('say by their key alone which window they are', () => {
    fc.assert(
      fc.property(ref, fc.nat(), (each, skippedAtEpochMs) => {
        const { pk } = skippedWindowItem(each, SAMPLE_ROUTE_VERSION, skippedAtEpochMs);
        expect(pk && windowRefOf({ pk })).toEqual(each);
      }),
    );
  });

  it('are spread over all partitions of the index', () => {
    const used = Array.from({ length: 200 }, (_, sequence) =>
      skippedWindowItem(sampleWindowRef(sequence), SAMPLE_ROUTE_VERSION, 0),
    ).map(({ x }) => x?.S);

    expect([...new Set(used)].sort()).toEqual([...INDEX_PARTITIONS].sort());
  });

  it.each([
    ['the key is not that of a window', { pk: { S: 'W#orders#1' } }],
    ['attribute s is none of open, sealed, flushed', { s: { S: 'ajar' } }],
    ['attribute r is none of count', { r: { S: 'boredom' } }],
    ['attribute t is not a number', { r: { S: 'count' } }],
    ['attribute p is not a list', { p: { S: '{}' } }],
    ['attribute p is not a list of deployments', { p: { S: '[[1]]' } }],
    ['attribute c is not a number', { c: { S: '1' } }],
  ])('are refused by name when %s', (message, changes) => {
    expect(() => windowOf({ ...sampleItem(), ...changes })).toThrow(MalformedItemError);
    expect(() => windowOf({ ...sampleItem(), ...changes })).toThrow(message);
  });
});
