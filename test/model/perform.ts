/** All that can come of one effect of one worker. */
import type { Effect } from '../../lib/protocol/effects.ts';
import { performOnClaims, performOnClaimsElsewhere } from './claim-table.ts';
import { performOnPrefect, type Author } from './prefect.ts';
import { certain, uncertain, type Result } from './result.ts';
import { performOnWindows } from './window-table.ts';
import { rulesOf, type Setting } from './setting.ts';
import { isRouteDeployed, letterOf, withLetters, type Timer, type World } from './state.ts';

export const RETENTION_SECONDS = 1_000;

export function perform(
  world: World,
  effect: Effect,
  setting: Pick<Setting, 'behaviour' | 'rules' | 'rulesOfV2'>,
  author: Author,
): Result[] {
  const { behaviour } = setting;
  switch (effect.kind) {
    case 'insert-claims':
    case 'move-claims':
    case 'read-claims':
    case 'read-records':
    case 'write-record':
      return author.isElsewhere
        ? performOnClaimsElsewhere(world, effect, behaviour)
        : performOnClaims(world, effect, behaviour);
    case 'create-run':
    case 'create-dead-run':
    case 'supersede-batch':
    case 'find-run':
    case 'resolve-deployment':
      return performOnPrefect(world, effect, author);
    case 'send-timer': {
      const { ref, routeVersion } = effect.timer;
      const after = withTimer(world, { sequence: ref.sequence, routeVersion });
      const label = `sends the timer of window ${ref.sequence}`;
      if (after === world) return [certain(world, { kind: effect.kind, isStored: true }, label)];
      const done = { world: after, result: { kind: effect.kind, isStored: true } } as const;
      return uncertain(world, done, { kind: effect.kind, isStored: false }, label);
    }
    case 'send-dead-letters': {
      const events = effect.dead.map(({ member }) => member.memberId);
      const letters = effect.dead.map(({ member, batchId }) => letterOf(member.memberId, batchId));
      const done = {
        world: withLetters(world, letters),
        result: { kind: effect.kind, areStored: true },
      } as const;
      return uncertain(
        world,
        done,
        { kind: effect.kind, areStored: false },
        `dead-letters {${events.join()}}`,
      );
    }
    case 'read-route-version': {
      const { version } = effect;
      const isDeployed = isRouteDeployed(world, version);
      const route = {
        version,
        rules: rulesOf(setting, version),
        isDeployed,
        retentionSeconds: RETENTION_SECONDS,
      };
      return [certain(world, { kind: effect.kind, route }, `reads route version ${version}`)];
    }
    case 'read-latest-window':
    case 'append-chunk':
    case 'seal-window':
    case 'abandon-batch':
    case 'read-windows':
    case 'read-chunks':
    case 'skip-sequence':
    case 'lease-flush':
    case 'redirect-window':
    case 'mark-flushed':
    case 'expire-chunks':
    case 'close-window':
      return performOnWindows(world, effect, behaviour);
  }
}

export function withTimer(world: World, timer: Timer): World {
  return world.timers.some((each) => isSameTimer(each, timer))
    ? world
    : { ...world, timers: [...world.timers, timer] };
}

export function withoutTimer(world: World, timer: Timer): World {
  return { ...world, timers: world.timers.filter((each) => !isSameTimer(each, timer)) };
}

function isSameTimer(one: Timer, other: Timer): boolean {
  return one.sequence === other.sequence && one.routeVersion === other.routeVersion;
}
