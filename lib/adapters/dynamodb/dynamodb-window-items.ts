/**
 * The shape of the items that are windows, and of those around them.
 *
 * | attribute | window | page of a window | head of a series | route version |
 * | --- | --- | --- | --- | --- |
 * | `pk` | `W#<route>#<key hash>#<sequence>` | `G#<window id>#<page>` | `H#<route>#<key hash>` | `R#<version>` |
 * | `n` | | | highest sequence that may not be opened any more | |
 * | `j` | | | | the route, JSON |
 * | `s` | `open`, `sealed`, `flushed` | | | |
 * | `c`, `y`, `a` | count and bytes of its events, number of its chunks | | | |
 * | `i` | | batch ids of its chunks | | |
 * | `o`, `u`, `z` | when it was opened, is due, and its deadline: epoch milliseconds | | | |
 * | `k`, `v` | key, route version | | | |
 * | `p` | deployments: JSON, `[[from part, deployment reference], …]` | | | |
 * | `r`, `t` | why and when it was sealed; absent while it is open | | | |
 * | `l` | until when an invocation may be flushing it: epoch milliseconds | | | |
 * | `f` | the first 100 flow run ids, once it is flushed | | | |
 * | `x` | one of 8 partitions of the index, until it is closed | | | |
 * | `expires` | once it is closed | once its window is closed | never | never |
 *
 * The chunks of a window are listed on pages, so that the item which every append rewrites stays small, and an append
 * costs the same whether it is the first or the ten-thousandth.
 *
 * A head that expired would let its sequences begin anew, and with them the idempotency keys of runs that exist: events
 * of such a window would be taken for members of those runs. A route version is small, and there are few.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { hash } from 'node:crypto';
import { WINDOW_INDEX } from '../../compiled-config/table-index.ts';
import { windowIdOf } from '../../windows/window.ts';
import type {
  FlushReason,
  OpenedWindow,
  PartDeployment,
  Window,
  WindowSeries,
  WindowRef,
} from '../../windows/window.ts';
import { MalformedItemError, numberOf, stringOf, type Item } from './dynamodb-items.ts';

const WINDOW_KEY_PREFIX = 'W#';

/** Each partition of the index takes 1000 writes a second: few enough to query all, and enough for any number of windows. */
export const INDEX_PARTITIONS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7'];

export function headKey({ route, keyHash }: WindowSeries): string {
  return `H#${route}#${keyHash}`;
}

export function windowKey(ref: WindowRef): string {
  return WINDOW_KEY_PREFIX + windowIdOf(ref);
}

export function routeVersionKey(version: string): string {
  return `R#${version}`;
}

export function pageKey(ref: WindowRef, page: number): string {
  return `G#${windowIdOf(ref)}#${page}`;
}

export interface OpeningChunk {
  readonly count: number;
  readonly bytes: number;
}

/** Make the item of a window that its first chunk opens. */
export function openWindowItem(
  opened: OpenedWindow & { readonly deploymentRef: string },
  { count, bytes }: OpeningChunk,
): Item {
  return {
    ...openedAttributes(opened),
    s: { S: 'open' },
    c: numberValue(count),
    y: numberValue(bytes),
    a: numberValue(1),
    p: deploymentsValue([{ fromPart: 0, deploymentRef: opened.deploymentRef }]),
  };
}

/** Make the item of a window that was skipped: it has no events and takes none. */
export function skippedWindowItem(ref: WindowRef, routeVersion: string, skippedAtEpochMs: number): Item {
  const times = {
    openedAtEpochMs: skippedAtEpochMs,
    dueEpochMs: skippedAtEpochMs,
    deadlineEpochMs: skippedAtEpochMs,
  };
  return {
    ...openedAttributes({ ...ref, ...times, key: '', routeVersion }),
    s: { S: 'sealed' },
    c: numberValue(0),
    y: numberValue(0),
    a: numberValue(0),
    p: deploymentsValue([]),
    r: { S: SKIPPED_REASON },
    t: numberValue(skippedAtEpochMs),
  };
}

/** Its time was over before any event arrived. */
const SKIPPED_REASON: FlushReason = 'time';

function openedAttributes(opened: OpenedWindow): Item {
  const key = windowKey(opened);
  return {
    pk: { S: key },
    o: numberValue(opened.openedAtEpochMs),
    u: numberValue(opened.dueEpochMs),
    k: { S: opened.key },
    v: { S: opened.routeVersion },
    [WINDOW_INDEX.partitionKey]: { S: indexPartitionOf(key) },
    [WINDOW_INDEX.sortKey]: numberValue(opened.deadlineEpochMs),
  };
}

function indexPartitionOf(key: string): string {
  const digest = hash('sha256', key, 'buffer');
  return INDEX_PARTITIONS[digest.readUInt8() % INDEX_PARTITIONS.length] ?? '0';
}

export function numberValue(value: number): AttributeValue.NMember {
  return { N: String(value) };
}

/** Render deployments. The same list is always the same text, since an update is conditional on it. */
export function deploymentsValue(deployments: readonly PartDeployment[]): AttributeValue.SMember {
  return { S: JSON.stringify(deployments.map(({ fromPart, deploymentRef }) => [fromPart, deploymentRef])) };
}

export function windowOf(item: Item): Window {
  const isSealed = item['r'] !== undefined;
  return {
    ...windowRefOf(item),
    key: stringOf(item, 'k'),
    routeVersion: stringOf(item, 'v'),
    openedAtEpochMs: numberOf(item, 'o'),
    deadlineEpochMs: numberOf(item, WINDOW_INDEX.sortKey),
    dueEpochMs: numberOf(item, 'u'),
    state: wordOf(item, 's', STATES),
    isClosed: item['expires'] !== undefined,
    count: numberOf(item, 'c'),
    bytes: numberOf(item, 'y'),
    additions: numberOf(item, 'a'),
    reason: isSealed ? wordOf(item, 'r', REASONS) : null,
    sealedAtEpochMs: isSealed ? numberOf(item, 't') : null,
    flushLeaseEpochMs: item['l'] === undefined ? null : numberOf(item, 'l'),
    deployments: deploymentsOf(item),
  };
}

const STATES = ['open', 'sealed', 'flushed'] as const;
const REASONS = ['count', 'bytes', 'time', 'quiet', 'bypass', 'route-changed'] as const;

/** Read the reference from the key alone, which is all that the index has. */
export function windowRefOf(item: Item): WindowRef {
  const key = stringOf(item, 'pk');
  const [, route, keyHash, sequence] = /^W#(.+)#([\w-]+)#(\d+)$/.exec(key) ?? [];
  if (route === undefined || keyHash === undefined || sequence === undefined) {
    throw new MalformedItemError(key, 'the key is not that of a window');
  }
  return { series: { route, keyHash }, sequence: Number(sequence) };
}

function deploymentsOf(item: Item): readonly PartDeployment[] {
  const listed: unknown = JSON.parse(stringOf(item, 'p'));
  if (!Array.isArray(listed)) throw new MalformedItemError(stringOf(item, 'pk'), 'attribute p is not a list');
  return listed.map((each: unknown) => {
    const [fromPart, deploymentRef] = Array.isArray(each) ? (each as readonly unknown[]) : [];
    if (typeof fromPart === 'number' && typeof deploymentRef === 'string') return { fromPart, deploymentRef };
    throw new MalformedItemError(stringOf(item, 'pk'), 'attribute p is not a list of deployments');
  });
}

function wordOf<Word extends string>(item: Item, attribute: string, words: readonly Word[]): Word {
  const value = stringOf(item, attribute);
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw new MalformedItemError(stringOf(item, 'pk'), `attribute ${attribute} is none of ${words.join(', ')}`);
}
