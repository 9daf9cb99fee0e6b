import { LinuxError } from "../errno.ts";
import type { Scheduler, Timer } from "../scheduler.ts";
import type { SignalBudget } from "./signalState.ts";

/** What a timer goes by: the supervisor's time, or the time that a process has used. */
export type TimerClock = () => number;

/** One that repeats more often, in nanoseconds, is looked at so often, and then fires as often as it should have. */
const leastGap = 1000;

/** A timer that may repeat, on a clock that never runs faster than the supervisor's. Times are nanoseconds. */
export class IntervalTimer {
  interval = 0;
  /** When it fires next, on its clock; Infinity: it does not. */
  expiry = Number.POSITIVE_INFINITY;
  readonly #scheduler: Scheduler;
  readonly #now: TimerClock;
  readonly #clock: TimerClock;
  readonly #onFire: (times: number) => void;
  #timer: Timer | undefined;

  /** `onFire` is told how often it would have fired since it did last. */
  constructor(scheduler: Scheduler, now: TimerClock, clock: TimerClock, onFire: (times: number) => void) {
    this.#scheduler = scheduler;
    this.#now = now;
    this.#clock = clock;
    this.#onFire = onFire;
  }

  /** Lets it fire at `expiry` of its clock, and every `interval` afterwards if that is not 0. */
  set(expiry: number, interval: number): void {
    this.stop();
    this.expiry = expiry;
    this.interval = interval;
    this.#arm();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#scheduler.clearTimer(this.#timer);
    this.#timer = undefined;
    this.expiry = Number.POSITIVE_INFINITY;
  }

  /** Nanoseconds until it fires, 0: it does not. */
  get remaining(): number {
    return this.expiry === Number.POSITIVE_INFINITY ? 0 : Math.max(1, this.expiry - this.#clock());
  }

  #arm(least = 0): void {
    const wait = Math.max(least, this.expiry - this.#clock());
    this.#timer = this.#scheduler.setTimer(this.#now() + wait, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    const late = this.#clock() - this.expiry;
    // a clock of processor time may have run slower
    if (late < 0) {
      this.#arm();
      return;
    }
    const times = this.interval === 0 ? 1 : Math.floor(late / this.interval) + 1;
    if (this.interval === 0) this.expiry = Number.POSITIVE_INFINITY;
    else {
      this.expiry += times * this.interval;
      this.#arm(this.interval < leastGap ? leastGap : 0);
    }
    this.#onFire(times);
  }
}

/** The timers of a process: setitimer's by their `which`, timer_create's by their number. */
export class ProcessTimers {
  readonly interval = new Map<number, IntervalTimer>();
  readonly created = new Map<number, CreatedTimer>();
  readonly #budget: SignalBudget;
  #next = 0;

  /** Each timer of timer_create counts as a signal that is pending. */
  constructor(budget: SignalBudget) {
    this.#budget = budget;
  }

  /** A number for a new timer. Throws EAGAIN. */
  allocate(): number {
    if (!this.#budget.take()) throw new LinuxError("EAGAIN");
    return this.#next++;
  }

  /** `timer_delete`. */
  end(id: number): void {
    this.created.get(id)!.timer.stop();
    this.created.delete(id);
    this.#budget.give(1);
  }

  /** Exec forgets what timer_create made. */
  endCreated(): void {
    for (const { timer } of this.created.values()) timer.stop();
    this.#budget.give(this.created.size);
    this.created.clear();
  }

  endAll(): void {
    this.endCreated();
    for (const timer of this.interval.values()) timer.stop();
    this.interval.clear();
  }
}

/** What timer_create made. */
export interface CreatedTimer {
  readonly clock: number;
  readonly timer: IntervalTimer;
  /** How often it fired without a signal of its own, at the last one. */
  overrun: number;
}
