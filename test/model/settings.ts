/** What is explored: together these hold every fault, in the combinations that break the mutations. */
import type { Setting } from './explorer.ts';
import { EMPTY_WORLD, NO_FAULTS, POISON, type Faults, type World } from './world.ts';

export const SETTINGS = {
  'no faults': setting(['a', 'b', 'c'], {}),
  'crashes': setting(['a', 'b'], { crash: 2 }),
  'lost answers and a crash': setting(['a', 'b'], { crash: 1, lostAnswer: 1 }),
  'lost requests and a crash': setting(['a', 'b'], { crash: 1, lostRequest: 1 }),
  'a late request and a crash': setting(['a', 'b'], { crash: 1, lateRequest: 1 }),
  'an impatient source and a late request': setting(['a', 'b'], { impatience: 1, lateRequest: 1 }),
  'a poison event': setting(['a', POISON], { crash: 1, lostAnswer: 1 }),
  'a poison event, a late request and a changing schema': setting(['a', POISON], {
    lateRequest: 1,
    schemaChanged: 2,
  }),
  'a poison event and an impatient source': setting(['a', POISON], { impatience: 1, schemaChanged: 1 }),
  'events left behind and an impatient source': setting(
    ['b', 'c'],
    { impatience: 1, crash: 1 },
    leftBehind(),
  ),
  'a run deleted after its record': setting(['a', 'b'], { crash: 1, runDeleted: 1 }),
  'a record that vanishes': setting(['a', 'b'], { crash: 1, recordVanished: 1 }),
  'a route that gets another deployment': setting(['a', 'b'], { lateRequest: 1, deploymentChanged: 1 }),
  'a deployment that is deleted and made anew': setting(['a', 'b'], {
    lateRequest: 1,
    deploymentDeleted: 1,
  }),
  'three events and a crash': setting(['a', 'b', 'c'], { crash: 1 }),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

function setting(events: readonly string[], faults: Partial<Faults>, start: World = EMPTY_WORLD): Setting {
  return { events, workers: 2, faults: { ...NO_FAULTS, ...faults }, start };
}

/** A batch of three whose run was created by a redelivery of one of them. */
function leftBehind(): World {
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
