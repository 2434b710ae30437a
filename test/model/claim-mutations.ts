/**
 * The mutations of the claim protocol, made in the real decision code: each is a mistake that could be made,
 * and each must break a promise in the model. M7 and M17 are the store's promises; they are broken in the model's
 * store, and the contract suite of the claim store holds them on real engines.
 */
import type { ClaimSettingName } from './claim-settings.ts';
import type { Mutation } from './mutation.ts';

export const CLAIM_MUTATIONS: readonly Mutation<ClaimSettingName>[] = [
  {
    id: 'M1',
    mistake: 'an event whose batch is in flight is acknowledged',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `if (leaseAlive) this.#leaveInFlight(members, leaseUntil);`,
        by: `if (leaseAlive) this.ledger.settleFrom({ kind: 'flow-run' as const, batchId, flowRunId: '', members: members.map((m) => m.memberId), deadCode: null }, members, 'duplicate');`,
      },
    ],
  },
  {
    id: 'M2',
    mistake: 'a conflict is a duplicate',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `    if (record === undefined) {`,
        by: `    this.ledger.settleFrom({ kind: 'flow-run' as const, batchId, flowRunId: '', members: group.map(({ member }) => member.memberId), deadCode: null }, group.map(({ member }) => member), 'duplicate');
    if (record === undefined) return;
    if (Date.now() > 0) return;
    if (record === undefined) {`,
      },
    ],
  },
  {
    id: 'M3',
    mistake: 'a record that exists makes a duplicate, whether or not it lists the event',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `const excluded = this.ledger.settleFrom(record, current, 'duplicate');`,
        by: `const excluded = this.ledger.settleFrom({ ...record, members: current.map((m) => m.memberId) }, current, 'duplicate');`,
      },
    ],
  },
  {
    id: 'M4',
    mistake: 'no answer is taken for a refusal',
    breaksUnder: 'lost requests and a crash',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `      case 'unavailable':
        ledger.leaveUnavailable(members, result);
        return none;
      case 'deployment-gone':`,
        by: `      case 'unavailable': {
        const [first] = sent;
        if (first === undefined) return none;
        return yield* settlePoison(batchId, first, result, members, context, ledger);
      }
      case 'deployment-gone':`,
      },
    ],
  },
  {
    id: 'M5',
    mistake: 'a refused batch is dead-lettered whole',
    breaksUnder: 'a poison event',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `if (sent.length > 1 || first === undefined) sent = sent.slice(0, Math.ceil(sent.length / 2));`,
        by: `if (sent.length > 1 || first === undefined) {
          ledger.settleFrom({ kind: 'flow-run' as const, batchId, flowRunId: '', members: sent.map((m) => m.memberId), deadCode: 'refused' }, sent, 'created');
          return none;
        }`,
      },
    ],
  },
  {
    id: 'M6',
    mistake: 'an indeterminate claim is taken for a success',
    breaksUnder: 'lost answers and a crash',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `results[index] === 'inserted'`,
        by: `results[index] !== 'exists'`,
      },
    ],
  },
  {
    id: 'M7',
    mistake: 'a claim overwrites',
    breaksUnder: 'crashes',
    change: { behaviour: { insertOverwrites: true } },
  },
  {
    id: 'M8',
    mistake: "no claims, Prefect's key alone",
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `const { inserted, existing } = yield* this.#insertClaims(unknown, batchId);`,
        by: `const { inserted, existing } = { inserted: unknown, existing: [] as Member[] };`,
      },
    ],
  },
  {
    id: 'M9',
    mistake: 'the record is written before the run is created',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `  const deploymentRef = deploymentRefOf(batchId);
  const { result } = yield* perform({ kind: 'create-run', batchId, deploymentRef, members });`,
        by: `  const deploymentRef = deploymentRefOf(batchId);
  yield* perform({ kind: 'write-record', record: { kind: 'flow-run' as const, batchId, flowRunId: '', members: members.map((m) => m.memberId), deadCode: null, expiresAtEpochSeconds: 1 } });
  const { result } = yield* perform({ kind: 'create-run', batchId, deploymentRef, members });`,
      },
    ],
  },
  {
    id: 'M10',
    mistake: 'the record lists what was sent',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `record: { ...record, expiresAtEpochSeconds },`,
        by: `record: { ...record, members: members.map((m) => m.memberId), expiresAtEpochSeconds },`,
      },
    ],
  },
  {
    id: 'M11',
    mistake: 'membership is what was sent',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `        return yield* recordRun(result.record, members, context, ledger);
      case`,
        by: `        return yield* recordRun({ ...result.record, members: members.map((m) => m.memberId) }, members, context, ledger);
      case`,
      },
    ],
  },
  {
    id: 'M12',
    mistake: 'an answer to a create proves that it is mine',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `const excluded = ledger.settleFrom(record, members, 'created', reason);`,
        by: `const excluded = ledger.settleFrom({ ...record, members: members.map((m) => m.memberId) }, members, 'created');`,
      },
    ],
  },
  {
    id: 'M14',
    mistake: 'when the lease is over the claim moves to a new batch',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `else yield* this.#create(batchId, members, group);`,
        by: `else yield* this.#reclaim(batchId, { members, deploymentRef });`,
      },
    ],
  },
  {
    id: 'M15',
    mistake: 'the key is computed from the members in hand',
    breaksUnder: 'crashes',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `yield* createBatch(batchId, members, context, this.ledger));`,
        by: `yield* createBatch(nextBatchId(this.#context.deploymentRef, this.#context, members, []), members, context, this.ledger));`,
      },
    ],
  },
  {
    id: 'M16',
    mistake: "a batch is superseded under the key of today's deployment",
    breaksUnder: 'a route that gets another deployment',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `  const { result: settled } = yield* perform({ kind: 'supersede-batch', batchId, deploymentRef });`,
        by: `  const { result: settled } = yield* perform({ kind: 'supersede-batch', batchId: \`\${context.deploymentRef}.\${batchId.slice(batchId.indexOf('.') + 1)}\`, deploymentRef: context.deploymentRef });`,
      },
    ],
  },
  {
    id: 'M17',
    mistake: 'a re-claim has no condition',
    breaksUnder: 'excluded events and an impatient source',
    change: { behaviour: { moveIsUnconditional: true } },
  },
  {
    id: 'M18',
    mistake: 'a failed re-claim is taken for a success',
    breaksUnder: 'excluded events and an impatient source',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `results[index] === 'moved'`,
        by: `results[index] !== 'indeterminate'`,
      },
    ],
  },
  {
    id: 'M19',
    mistake: 'the halves of a refused batch get new batches',
    breaksUnder: 'a poison event, a late request and a changing schema',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `if (sent.length > 1 || first === undefined) sent = sent.slice(0, Math.ceil(sent.length / 2));`,
        by: `if (sent.length > 1 || first === undefined) return { members: sent.slice(0, Math.ceil(sent.length / 2)), deploymentRef: context.deploymentRef };`,
      },
    ],
  },
  {
    id: 'M20',
    mistake: 'an event is dead-lettered without settling its key in Prefect',
    breaksUnder: 'a poison event',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `  const { result } = yield* perform({
    kind: 'create-dead-run',
    batchId,
    deploymentRef,
    member: poison,
    code,
    reason,
  });`,
        by: `  const result = { kind: 'run' as const, status: 0, record: { kind: 'flow-run' as const, batchId, flowRunId: deploymentRef, members: [poison.memberId], deadCode: reason } };`,
      },
    ],
  },
  {
    id: 'M21',
    mistake: 'a conflict with the own batch goes on without reading the record',
    breaksUnder: 'a run deleted after its record',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `const joining = records.has(batchId) ? [] : (groups.get(batchId) ?? []);`,
        by: `const joining = groups.get(batchId) ?? [];`,
      },
    ],
  },
  {
    id: 'M23',
    mistake: 'an event is acknowledged although the record of its run was not written',
    breaksUnder: 'a run deleted after its events were acknowledged',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `  if (!isWritten) {`,
        by: `  if (!isWritten && Date.now() < 0) {`,
      },
    ],
  },
  {
    id: 'M22',
    mistake: 'a batch id hashes only the keys of its members, and not their origins',
    breaksUnder: 'a key that recurs after its retention',
    edits: [
      {
        file: 'batching/batch-id.ts',
        replace: `[claimKey, origin].map(withLength)`,
        by: `[claimKey].map(withLength)`,
      },
    ],
  },
  {
    id: 'M24',
    mistake: 'a batch of another deployment is created with the parameters of today',
    breaksUnder: 'a route whose deployment and parameters change',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `if (deploymentRefOf(batchId) !== context.deploymentRef) {`,
        by: `if (Date.now() < 0) {`,
      },
    ],
  },
  {
    id: 'M25',
    mistake: 'a batch of another deployment is superseded only when that refuses its events',
    breaksUnder: 'parameters that change, and that Prefect does not check',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `if (deploymentRefOf(batchId) !== context.deploymentRef) {`,
        by: `const attempt = yield* createRun(batchId, members);
  if (attempt.kind === 'run') return yield* recordRun(attempt.record, members, context, ledger);
  if (deploymentRefOf(batchId) !== context.deploymentRef) {`,
      },
    ],
  },
  {
    id: 'M26',
    mistake: 'events leave a batch of another deployment without settling its key in Prefect',
    breaksUnder: 'a route whose deployment and parameters change, and a late request',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `      return yield* supersedeBatch(batchId, members, { ...context, deploymentRef: today }, ledger);`,
        by: `      return { members, deploymentRef: today };`,
      },
    ],
  },
  {
    id: 'M27',
    mistake: 'the run that supersedes a batch lists its events',
    breaksUnder: 'a route whose deployment and parameters change',
    edits: [
      {
        file: 'protocol/create-run.ts',
        replace: `      return yield* recordRun(result.record, members, context, ledger);
    case 'deployment-gone':`,
        by: `      return yield* recordRun({ ...result.record, members: members.map((m) => m.memberId) }, members, context, ledger);
    case 'deployment-gone':`,
      },
    ],
  },
  {
    id: 'M28',
    mistake: 'a batch id does not name its installation',
    breaksUnder: 'two installations on one Prefect',
    edits: [
      {
        file: 'batching/batch-id.ts',
        replace: `[installation, route, ...parts]`,
        by: `[route, ...parts, installation].slice(0, -1)`,
      },
    ],
  },
  {
    id: 'M29',
    mistake: 'a claim that has expired makes a duplicate until TTL deletes it',
    breaksUnder: 'a key that recurs while its expired claim is there',
    edits: [
      {
        file: 'protocol/claim-batch.ts',
        replace: `      isSettled && claim.expiresAtEpochSeconds <= nowEpochSeconds;`,
        by: `      isSettled && claim.expiresAtEpochSeconds <= nowEpochSeconds && Date.now() < 0;`,
      },
    ],
  },
  {
    id: 'M30',
    mistake: 'an expired claim moves to the batch that its event would have without one',
    breaksUnder: 'a key that recurs while its expired claim is there',
    edits: [
      {
        file: 'batching/batch-id.ts',
        replace: `['next', String(olds.length), ...olds, ...keys]`,
        by: `['next', ...keys]`,
      },
    ],
  },
];
