/**
 * Plays schedules, all of them in step: the first deliveries, whose victims die; redeliveries; looks at the windows whose
 * timers came, until there is no timer left; and what is still not acknowledged, until it is. As SQS does it, only
 * what was not acknowledged comes again.
 */
import { randomUUID } from 'node:crypto';
import { mapWithConcurrency } from '../../lib/map-with-concurrency.ts';
import { parseTimerMessage } from '../../lib/windows/timer-message.ts';
import { FunctionProcess, type DeployedFunction, type Ending } from './function-process.ts';
import type { Invocation } from './function-program.ts';
import { deleteMessage, receiveAll, releaseMessage, type HeldMessage } from './held-messages.ts';
import { namesToDeliverAgain, Play } from './play.ts';
import { ProcessPool } from './process-pool.ts';
import {
  FIRST_IDS,
  LATE_ID,
  REGROUPINGS,
  type Delivery,
  type Redelivery,
  type Schedule,
} from './schedule.ts';
import type { Stage } from './stage.ts';

/** Two, as leases are over after one, whoever took them. */
const STEP_MS = 120_000;
const LATE_EVENT_AFTER_MS = 500;
/** In mode `debounce`, after the late event: the full window is closed by then, the other one is still open. */
const EARLY_LOOK_AFTER_MS = 700;
/** What is not at rest after so many is stuck, which the verdict will say. */
const MAX_ROUNDS = 6;
const AT_THE_SAME_TIME = 3;

export async function playSchedules(stage: Stage, schedules: readonly Schedule[]): Promise<readonly Play[]> {
  const player = new Player(stage, schedules);
  try {
    return await player.play();
  } finally {
    player.end();
  }
}

class Player {
  readonly #stage: Stage;
  readonly #plays: readonly Play[];
  readonly #byKeyHash: ReadonlyMap<string | null, Play>;
  readonly #triggers: ProcessPool;
  readonly #flushes: ProcessPool;

  constructor(stage: Stage, schedules: readonly Schedule[]) {
    const startEpochMs = Date.now();
    // A stage may be played on several times.
    const name = randomUUID().slice(0, 8);
    this.#stage = stage;
    this.#plays = schedules.map((schedule, index) => new Play(schedule, `${name}-${index}`, startEpochMs));
    this.#byKeyHash = new Map(this.#plays.map((play) => [play.keyHash, play]));
    this.#triggers = new ProcessPool(stage.trigger);
    this.#flushes = new ProcessPool(stage.flush);
  }

  async play(): Promise<readonly Play[]> {
    await this.#forAll((play) => this.#deliverFirst(play));
    await this.#redeliver('before-flush');
    await this.#lookOnce();
    await this.#redeliver('amid-flush');
    await this.#lookUntilNothingWaits();
    await this.#redeliver('after-flush');
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      await this.#lookUntilNothingWaits();
      if (this.#plays.every(({ unacknowledged }) => unacknowledged.length === 0)) break;
      await this.#forAll((play) => this.#deliverAgain(play));
    }
    return this.#plays;
  }

  end(): void {
    this.#triggers.end();
    this.#flushes.end();
  }

  async #deliverFirst(play: Play): Promise<void> {
    const { at, mode, kill } = play.schedule;
    const first: Delivery = { ids: FIRST_IDS, receiveCount: 1 };
    if (at === 'delivery') {
      const ending = await inFreshProcess(this.#stage.trigger, play.invocationFor(first, kill));
      play.noteVictim(ending);
      play.noteDelivery(first, ending);
    } else {
      await this.#deliver(play, first);
    }
    if (mode !== 'debounce') return;
    play.nowEpochMs += LATE_EVENT_AFTER_MS;
    await this.#deliver(play, { ids: [LATE_ID], receiveCount: 1 });
  }

  async #redeliver(redelivery: Redelivery): Promise<void> {
    await this.#forAll(async (play) => {
      if (play.schedule.redelivery !== redelivery) return;
      const { afterMs, deliveries } = REGROUPINGS[play.schedule.regrouping];
      play.nowEpochMs += afterMs;
      for (const delivery of deliveries) await this.#deliver(play, delivery);
    });
  }

  async #deliverAgain(play: Play): Promise<void> {
    const { unacknowledged: ids } = play;
    if (ids.length === 0) return;
    play.nowEpochMs += STEP_MS;
    await this.#deliver(play, { ids, receiveCount: 3 });
  }

  async #deliver(play: Play, delivery: Delivery): Promise<void> {
    play.noteDelivery(delivery, await this.#triggers.invoke(play.invocationFor(delivery)));
  }

  async #lookUntilNothingWaits(): Promise<void> {
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      if (!(await this.#lookOnce())) return;
    }
  }

  /** At all windows whose timers are on the queue; false when there are none. */
  async #lookOnce(): Promise<boolean> {
    const timers = await receiveAll(this.#stage.timers);
    const byPlay = Map.groupBy(timers, ({ body }) => this.#playOf(body));
    await mapWithConcurrency([...byPlay], AT_THE_SAME_TIME, ([play, ofPlay]) => this.#look(play, ofPlay));
    return timers.length > 0;
  }

  async #look(play: Play, timers: readonly HeldMessage[]): Promise<void> {
    const isFirst = play.looks++ === 0;
    const { at, mode, kill } = play.schedule;
    const isVictim = isFirst && at === 'flush';
    play.nowEpochMs += isVictim && mode === 'debounce' ? EARLY_LOOK_AFTER_MS : STEP_MS;
    const invocation = play.invocationWith(timers, isVictim ? kill : null);
    const ending = isVictim
      ? await inFreshProcess(this.#stage.flush, invocation)
      : await this.#flushes.invoke(invocation);
    if (isVictim) play.noteVictim(ending);
    const messageIds = timers.map(({ messageId }) => messageId);
    const again = namesToDeliverAgain(messageIds, ending);
    for (const timer of timers) {
      if (again.has(timer.messageId)) await releaseMessage(this.#stage.timers, timer);
      else await deleteMessage(this.#stage.timers, timer);
    }
  }

  #playOf(body: string): Play {
    const reading = parseTimerMessage(body);
    const keyHash = reading.kind === 'timer' ? reading.timer.ref.series.keyHash : null;
    const play = this.#byKeyHash.get(keyHash);
    if (play === undefined) throw new Error(`no schedule has the window of this timer: ${body}`);
    return play;
  }

  async #forAll(act: (play: Play) => Promise<void>): Promise<void> {
    await mapWithConcurrency(this.#plays, AT_THE_SAME_TIME, act);
  }
}

/** A cold start, and the process is gone after it, however it ends. */
async function inFreshProcess(deployed: DeployedFunction, invocation: Invocation): Promise<Ending> {
  const process = new FunctionProcess(deployed);
  try {
    return await process.invoke(invocation);
  } finally {
    process.kill();
  }
}
