import type { Task } from "./task.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly task: Task;
}

/** Which task is next, and which one's wait ends when. Nothing here is random: the same run schedules alike. */
export class Scheduler {
  readonly #ready: Task[] = [];
  /** In order of time, then of setting. */
  readonly #timers: Timer[] = [];
  #order = 0;

  /** Puts a task that is ready at the end of the queue. */
  add(task: Task): void {
    this.#ready.push(task);
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** The next one to run, off the queue; those that are not ready any more are passed over. */
  take(): Task | undefined {
    for (let task = this.#ready.shift(); task !== undefined; task = this.#ready.shift()) {
      if (task.state === "ready") return task;
    }
    return undefined;
  }

  /** The time of the next timer, Infinity: there is none. */
  get nextTimer(): number {
    return this.#timers[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  setTimer(task: Task, at: number): void {
    this.clearTimer(task);
    const timer = { at, order: this.#order++, task };
    let index = this.#timers.length;
    while (index > 0 && this.#timers[index - 1].at > at) index--;
    this.#timers.splice(index, 0, timer);
  }

  clearTimer(task: Task): void {
    const index = this.#timers.findIndex((timer) => timer.task === task);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** Wakes those whose deadline has come. */
  fire(now: number): void {
    while (this.nextTimer <= now) {
      const { task } = this.#timers.shift()!;
      if (task.call !== undefined) task.call.timedOut = true;
      task.wake();
    }
  }
}
