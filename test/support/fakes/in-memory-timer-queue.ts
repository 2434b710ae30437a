import type { TimerQueue, WindowTimer } from '../../../lib/windows/window-ports.ts';
import { InjectedFaultError, type Fault } from '../proxies/fault.ts';

export type TimerFault = (timer: WindowTimer) => Fault;

/** Timers in an array, in the order sent. */
export class InMemoryTimerQueue implements TimerQueue {
  readonly timers: WindowTimer[] = [];
  readonly #fault: TimerFault;

  constructor(fault: TimerFault = () => 'none') {
    this.#fault = fault;
  }

  async sendTimers(timers: readonly WindowTimer[]): Promise<readonly number[]> {
    return timers.flatMap((timer, index) => {
      const fault = this.#fault(timer);
      if (fault === 'broken') throw new InjectedFaultError('sendTimers');
      if (fault !== 'lost-request') this.timers.push(timer);
      return fault === 'none' ? [] : [index];
    });
  }

  /** Takes out those that are due. */
  takeDue(nowEpochMs: number): readonly WindowTimer[] {
    const due = this.timers.filter(({ dueEpochMs }) => dueEpochMs <= nowEpochMs);
    this.timers.splice(0, Infinity, ...this.timers.filter((timer) => !due.includes(timer)));
    return due;
  }
}
