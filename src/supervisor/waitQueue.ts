import type { Task } from "./task.ts";

/** Tasks that wait for one kind of thing to happen: data in a pipe, the end of a child, a futex. In order of arrival. */
export class WaitQueue {
  readonly #tasks = new Set<Task>();
  /** How often it has been woken, by which an edge-triggered epoll entry tells a new event from an old one. */
  wakes = 0;

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  /** Called by {@link Task.block}. */
  add(task: Task): void {
    this.#tasks.add(task);
  }

  remove(task: Task): void {
    this.#tasks.delete(task);
  }

  /** What they wait for may have happened: each tries its system call again. At most `count` of them. Returns how many. */
  wake(count = Number.POSITIVE_INFINITY): number {
    this.wakes++;
    let woken = 0;
    for (const task of this.#tasks) {
      if (woken >= count) break;
      woken++;
      task.wake();
    }
    return woken;
  }
}
