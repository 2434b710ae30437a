/** Requests whose sender has long given up, acted on at last. */
import { isRefused, landRun } from './prefect.ts';
import { landAppend } from './window-table.ts';
import type { Behaviour, LateRequest, World } from './state.ts';

export function landLate(world: World, index: number, behaviour: Behaviour): World {
  const request = world.late[index];
  if (request === undefined) return world;
  const waiting = { ...world, late: world.late.toSpliced(index, 1) };
  if (request.kind === 'append') return landAppend(waiting, request.effect, behaviour).world;
  return isRefused(waiting, request) ? waiting : landRun(waiting, request).world;
}

export function labelOf(request: LateRequest): string {
  return request.kind === 'append'
    ? `a late request appends {${request.effect.members.map(({ memberId }) => memberId).join()}}`
    : `a late request creates {${request.members.join()}}`;
}
