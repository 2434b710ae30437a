/** Every combination of a victim, the request at which it is killed, and the redelivery of what it held. */
import { runSchedules } from './scenario-runner.ts';
import { listSchedules, undisturbed, VICTIMS, type Schedule, type Victim } from './schedule.ts';
import type { Fixture } from './fixture.ts';
import { check, type CheckResult } from './checker.ts';

export interface MeasuredVictim {
  readonly victim: Victim;
  /** How many requests it sends when it is not killed. */
  readonly requests: number;
}

/** Run each victim once without killing it, to count the requests at which it can be killed. */
export async function measureVictims(
  fixture: Fixture,
): Promise<{ readonly measured: readonly MeasuredVictim[]; readonly result: CheckResult }> {
  const scenarios = await runSchedules(fixture, VICTIMS.map(undisturbed));
  const measured = scenarios.map(({ schedule, requestsOfVictim }): MeasuredVictim => {
    if (requestsOfVictim === null) throw new Error(`${schedule.mode}: the ${schedule.at} was not invoked`);
    return { victim: schedule, requests: requestsOfVictim };
  });
  return { measured, result: await check(fixture, scenarios) };
}

export function listAllSchedules(measured: readonly MeasuredVictim[]): readonly Schedule[] {
  return measured.flatMap(({ victim, requests }) => listSchedules(victim, requests));
}

export function isVictim(schedule: Victim, { mode, from, at, withPoison }: Victim): boolean {
  return (
    schedule.mode === mode &&
    schedule.from === from &&
    schedule.at === at &&
    schedule.withPoison === withPoison
  );
}
