/** The crash matrix: who is killed, where, and how what it held comes again. */
import { playSchedules } from './player.ts';
import { schedulesOf, undisturbed, VICTIMS, type Schedule, type Victim } from './schedule.ts';
import type { Stage } from './stage.ts';
import { judge, type Judgement } from './verdict.ts';

export interface MeasuredVictim {
  readonly victim: Victim;
  /** That it sends when nobody kills it. */
  readonly requests: number;
}

/** Plays each victim once without killing it: so many requests there are to be killed at. */
export async function measureVictims(
  stage: Stage,
): Promise<{ readonly measured: readonly MeasuredVictim[]; readonly judgement: Judgement }> {
  const plays = await playSchedules(stage, VICTIMS.map(undisturbed));
  const measured = plays.map(({ schedule, requestsOfVictim }): MeasuredVictim => {
    if (requestsOfVictim === null) throw new Error(`${schedule.mode}: the ${schedule.at} was not played`);
    return { victim: schedule, requests: requestsOfVictim };
  });
  return { measured, judgement: await judge(stage, plays) };
}

export function allSchedules(measured: readonly MeasuredVictim[]): readonly Schedule[] {
  return measured.flatMap(({ victim, requests }) => schedulesOf(victim, requests));
}

export function isVictim(schedule: Victim, { mode, at, withPoison }: Victim): boolean {
  return schedule.mode === mode && schedule.at === at && schedule.withPoison === withPoison;
}
