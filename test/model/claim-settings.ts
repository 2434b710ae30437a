/** What is explored of claims: together these hold every fault, in the combinations that break the mutations. */
import { settingOf, type Setting } from './setting.ts';
import { EMPTY_WORLD, POISON, type World } from './state.ts';

/** No deployment enforces the schema of its parameters. */
const UNCHECKED: World = { ...EMPTY_WORLD, checksParameters: false };

export const CLAIM_SETTINGS = {
  'no faults': settingOf(['a', 'b', 'c'], {}),
  'crashes': settingOf(['a', 'b'], { crash: 2 }),
  'lost answers and a crash': settingOf(['a', 'b'], { crash: 1, lostAnswer: 1 }),
  'lost requests and a crash': settingOf(['a', 'b'], { crash: 1, lostRequest: 1 }),
  'a late request and a crash': settingOf(['a', 'b'], { crash: 1, lateRequest: 1 }),
  'an impatient source and a late request': settingOf(['a', 'b'], { impatience: 1, lateRequest: 1 }),
  'a poison event': settingOf(['a', POISON], { crash: 1, lostAnswer: 1 }),
  'a poison event, a late request and a changing schema': settingOf(['a', POISON], {
    lateRequest: 1,
    schemaChanged: 2,
  }),
  'a poison event and an impatient source': settingOf(['a', POISON], { impatience: 1, schemaChanged: 1 }),
  'excluded events and an impatient source': settingOf(
    ['b', 'c'],
    { impatience: 1, crash: 1 },
    { start: excluded() },
  ),
  'a run deleted after its record': settingOf(['a', 'b'], { crash: 1, runDeleted: 1 }),
  'a run deleted after its events were acknowledged': settingOf(['a'], {
    lostRequest: 1,
    runDeleted: 1,
    sentTwice: 1,
  }),
  'a record that vanishes': settingOf(['a', 'b'], { crash: 1, recordVanished: 1 }),
  'a route that gets another deployment': settingOf(['a', 'b'], { lateRequest: 1, deploymentChanged: 1 }),
  'a deployment that is deleted and made anew': settingOf(['a', 'b'], {
    lateRequest: 1,
    deploymentDeleted: 1,
  }),
  'a route whose deployment and parameters change': settingOf(['a', 'b'], { contentChanged: 1, crash: 1 }),
  'a route whose deployment and parameters change, and a late request': settingOf(['a'], {
    contentChanged: 1,
    lateRequest: 1,
    crash: 1,
  }),
  'a route whose deployment and parameters change and are as before': settingOf(['a'], {
    contentChanged: 2,
    lateRequest: 1,
    lostAnswer: 1,
  }),
  'parameters that change, and that Prefect does not check': settingOf(
    ['a'],
    { contentChanged: 1, crash: 1, lostRequest: 1 },
    { start: UNCHECKED },
  ),
  'parameters that change, and a deployment that is deleted': settingOf(['a'], {
    contentChanged: 1,
    deploymentDeleted: 1,
    crash: 1,
  }),
  'parameters that change, and a poison event': settingOf(['a', POISON], { contentChanged: 1, crash: 1 }),
  'two installations on one Prefect': settingOf(['a', 'a@2'], { crash: 1, lateRequest: 1 }),
  'three events and a crash': settingOf(['a', 'b', 'c'], { crash: 1 }),
  'a key that recurs after its retention': settingOf(['a', 'b'], { keyRecurred: 2, crash: 1 }),
  'a key that recurs, and records that vanish': settingOf(['a'], {
    keyRecurred: 2,
    recordVanished: 1,
    lostAnswer: 1,
    crash: 1,
  }),
  'a key that recurs while its expired claim is there': settingOf(['a', 'b'], {
    keyRecurredBeforeTtl: 2,
  }),
  'a key that recurs, and records that expire': settingOf(['a'], {
    keyRecurred: 1,
    keyRecurredBeforeTtl: 1,
    recordExpired: 1,
    runDeleted: 1,
    crash: 1,
  }),
} as const satisfies Record<string, Setting>;

/** What takes minutes: `npm run explore`. */
export const LARGE_CLAIM_SETTINGS = {
  'three workers': settingOf(['a', 'b'], {}, { workers: 3 }),
  'three workers and a crash': settingOf(['a', 'b'], { crash: 1 }, { workers: 3 }),
  'three workers, an impatient source and a late request': settingOf(
    ['a'],
    { impatience: 2, lateRequest: 1, crash: 1 },
    { workers: 3 },
  ),
  'three workers, a poison event and a changing schema': settingOf(
    ['a', POISON],
    { schemaChanged: 1, lateRequest: 1 },
    { workers: 3 },
  ),
  'three workers and a deployment that is deleted and made anew': settingOf(
    ['a', 'b'],
    { deploymentDeleted: 1 },
    { workers: 3 },
  ),
  'three events, a crash and a lost answer': settingOf(['a', 'b', 'c'], { crash: 1, lostAnswer: 1 }),
  'three events, one of them poison, and a crash': settingOf(['a', 'b', POISON], { crash: 1 }),
} as const satisfies Record<string, Setting>;

export type ClaimSettingName = keyof typeof CLAIM_SETTINGS;

/** A batch of three whose run was created by a redelivery of one of them. */
function excluded(): World {
  const batchId = 'D1.X';
  return {
    ...EMPTY_WORLD,
    claims: { a: batchId, b: batchId, c: batchId },
    records: { [batchId]: { members: ['a'], dead: false } },
    runs: [{ flow: 'D1', batchId, members: ['a'], dead: false, deleted: false }],
    acknowledged: ['a'],
    delivered: ['a', 'b', 'c'],
  };
}
