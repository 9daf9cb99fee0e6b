import type { Task } from "./task.ts";

/** Something that happens at a time of {@link Supervisor.now}, once. */
export interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Which task is next, and which one's wait ends when. Nothing here is random: the same run schedules alike. */
export class Scheduler {
  readonly #ready: Task[] = [];
  /** In order of time, then of setting. */
  readonly #timers: Timer[] = [];

  /** Puts a task that is ready at the end of the queue. */
  add(task: Task): void {
    this.#ready.push(task);
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** The next one that may run on a hart, off the queue; those that are not ready any more are forgotten. */
  take(hart: number): Task | undefined {
    for (let at = 0; at < this.#ready.length; ) {
      const task = this.#ready[at];
      if (task.state === "ready" && ((task.affinity >> BigInt(hart)) & 1n) === 0n) {
        at++;
        continue;
      }
      this.#ready.splice(at, 1);
      if (task.state === "ready") return task;
    }
    return undefined;
  }

  /** The time of the next timer, Infinity: there is none. */
  get nextTimer(): number {
    return this.#timers[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Calls `fire` at a time, or as soon as it can be if that has passed. Timers of the same time fire in their order. */
  setTimer(at: number, fire: () => void): Timer {
    const timer = { at, fire };
    let index = this.#timers.length;
    while (index > 0 && this.#timers[index - 1].at > at) index--;
    this.#timers.splice(index, 0, timer);
    return timer;
  }

  /** A timer does not fire any more; nothing, if it has. */
  clearTimer(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** Fires those whose time has come. */
  fire(now: number): void {
    while (this.nextTimer <= now) this.#timers.shift()!.fire();
  }
}
