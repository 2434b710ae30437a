/** Claims and batch records in the model's table. */
import type { EffectResult, Effect } from '../../lib/protocol/effects.ts';
import { SERIES } from './window-series.ts';
import { windowIdOf } from '../../lib/windows/window.ts';
import type { Claim, RecordedBatch } from '../../lib/ports.ts';
import { toRecord } from './prefect.ts';
import { certain, type Result } from './result.ts';
import type { Behaviour, World } from './state.ts';

export type ClaimEffect = Extract<
  Effect,
  { kind: 'insert-claims' | 'move-claims' | 'read-claims' | 'read-records' | 'write-record' }
>;

export function performOnClaims(world: World, effect: ClaimEffect, behaviour: Behaviour): Result[] {
  switch (effect.kind) {
    case 'insert-claims': {
      const mayInsert = (current: string | undefined): boolean =>
        behaviour.insertOverwrites === true || current === undefined;
      return writeClaims(world, effect.claims, mayInsert, {
        done: 'inserted',
        not: 'exists',
        result: (results) => ({ kind: 'insert-claims', results }),
      });
    }
    case 'move-claims': {
      const from = new Map(effect.moves.map((move) => [move.claim.claimKey, move.fromBatchId]));
      const mayMove = (current: string | undefined, claimKey: string): boolean =>
        behaviour.moveIsUnconditional === true || current === from.get(claimKey);
      const claims = effect.moves.map((move) => move.claim);
      return writeClaims(world, claims, mayMove, {
        done: 'moved',
        not: 'changed',
        result: (results) => ({ kind: 'move-claims', results }),
      });
    }
    case 'read-claims':
      return readClaims(world, effect.claimKeys);
    case 'read-records': {
      const records = new Map<string, RecordedBatch>();
      for (const batchId of effect.batchIds) {
        const record = readRecord(world, batchId);
        if (record !== null) records.set(batchId, record);
      }
      return [certain(world, { kind: 'read-records', records }, 'reads records')];
    }
    case 'write-record': {
      const { batchId, members, deadCode } = effect.record;
      const record = world.records[batchId] ?? { members, dead: deadCode !== null };
      const written = { ...world, records: { ...world.records, [batchId]: record } };
      return [
        certain(written, { kind: 'write-record', isWritten: true }, 'writes the record'),
        {
          world,
          result: { kind: 'write-record', isWritten: false },
          fault: 'lostRequest',
          label: 'writes the record, lost',
        },
      ];
    }
  }
}

/** The same in the table of the other installation. */
export function performOnClaimsElsewhere(world: World, effect: ClaimEffect, behaviour: Behaviour): Result[] {
  const { claims, records, chunks } = world;
  return performOnClaims({ ...world, ...world.elsewhere, chunks: {} }, effect, behaviour).map((result) => ({
    ...result,
    label: `${result.label} elsewhere`,
    world: {
      ...result.world,
      claims,
      records,
      chunks,
      elsewhere: { claims: result.world.claims, records: result.world.records },
    },
  }));
}

function readRecord({ records, chunks }: World, batchId: string): RecordedBatch | null {
  const record = records[batchId];
  if (record !== undefined) return toRecord(batchId, record.members, record.dead);
  const chunk = chunks[batchId];
  if (chunk === undefined) return null;
  const { sequence, members, isClosed } = chunk;
  const windowId = sequence === null ? '' : windowIdOf({ series: SERIES, sequence });
  return { kind: 'chunk', batchId, windowId, members, isClosed };
}

interface ClaimWriting<Word extends string> {
  readonly done: Word;
  readonly not: Word;
  readonly result: (results: (Word | 'indeterminate')[]) => EffectResult;
}

/** Each item has its own answer; at most one of them is indeterminate, with or without its effect. */
function writeClaims<Word extends string>(
  world: World,
  claims: readonly Claim[],
  mayWrite: (current: string | undefined, claimKey: string) => boolean,
  words: ClaimWriting<Word>,
): Result[] {
  const write = (unclearIndex: number, unclearHappens: boolean): Pick<Result, 'world' | 'result'> => {
    const after = { ...world.claims };
    const results = claims.map(({ claimKey, batchId }, index) => {
      const may = mayWrite(after[claimKey], claimKey);
      if (may && (index !== unclearIndex || unclearHappens)) after[claimKey] = batchId;
      if (index === unclearIndex) return 'indeterminate';
      return may ? words.done : words.not;
    });
    const expired = world.expired.filter((event) => after[event] === world.claims[event]);
    return { world: { ...world, claims: after, expired }, result: words.result(results) };
  };
  const each = claims.map((_, index) => index);
  const label = words.done === 'inserted' ? 'inserts claims' : 'moves claims';
  return [
    { ...write(-1, false), fault: null, label },
    ...each.map((i) => ({ ...write(i, true), fault: 'lostAnswer' as const, label: `${label}, result lost` })),
    ...each.map((i) => ({ ...write(i, false), fault: 'lostRequest' as const, label: `${label}, not done` })),
  ];
}

const FAR_EPOCH_SECONDS = 1_000;

/** A lease may be alive or over whenever it is looked at: no clock is trusted. */
function readClaims(world: World, claimKeys: readonly string[]): Result[] {
  const read = (leaseUntilEpochSeconds: number, expiresAtEpochSeconds = FAR_EPOCH_SECONDS): EffectResult => {
    const claims = new Map<string, Claim>();
    for (const claimKey of claimKeys) {
      const batchId = world.claims[claimKey];
      if (batchId === undefined) continue;
      const isExpired = world.expired.includes(claimKey);
      claims.set(claimKey, {
        claimKey,
        batchId,
        leaseUntilEpochSeconds,
        expiresAtEpochSeconds: isExpired ? 0 : expiresAtEpochSeconds,
      });
    }
    return { kind: 'read-claims', claims };
  };
  const over = certain(world, read(0), 'reads claims');
  const known = claimKeys.flatMap((claimKey) => world.claims[claimKey] ?? []);
  if (known.length === 0) return [over];
  const waits = known.every((batchId) => world.chunks[batchId]?.isClosed === false);
  return [
    over,
    certain(world, read(FAR_EPOCH_SECONDS), 'reads claims, leases alive'),
    ...(waits
      ? [
          {
            world,
            result: read(0, 0),
            fault: 'claimExpired' as const,
            label: 'reads claims that have expired',
          },
        ]
      : []),
  ];
}
