import { vmFlag } from "../../pagewalk/index.ts";
import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Mutex } from "./mutexes.ts";

/** What a futex is known by: an offset in a shared file's pages, or an address of an address space. */
export interface FutexKey {
  readonly space: object;
  readonly offset: number;
}

/** A task's wait at one futex or at several: the memory of its system call (`PendingCall.data`) as long as that lasts. */
export interface FutexWait {
  readonly task: Task;
  readonly waiters: FutexWaiter[];
  /** The mutex with priority inheritance that it is to get. */
  readonly mutex?: Mutex | undefined;
  /** Which of the futexes it was woken at; undefined: none yet. */
  wokenAt: number | undefined;
}

/** A place in the queue of a futex. */
export interface FutexWaiter {
  readonly wait: FutexWait;
  /** Which one of the wait's futexes it is. */
  readonly index: number;
  /** It is woken by those that have one of these bits. */
  readonly bitset: number;
  key: FutexKey;
}

/** FUTEX_BITSET_MATCH_ANY. */
export const anyBit = -1;

/** Who waits at which futex, in order of arrival. */
export class Futexes {
  readonly #spaces = new Map<object, Map<number, FutexWaiter[]>>();

  /**
   * The key of an address of a task's memory; without `isPrivate` it looks for what is shared with other processes. Throws
   * EFAULT for what is no address, or cannot be read where it is to be looked for.
   */
  static find(task: Task, address: number, isPrivate: boolean): FutexKey {
    if (address < 0 || address + 4 > task.mm.limit) throw new LinuxError("EFAULT");
    if (!isPrivate) task.memory.u32(address);
    return Futexes.keyOf(task, address, isPrivate);
  }

  /** {@link find} for what is known to be there. */
  static keyOf(task: Task, address: number, isPrivate: boolean): FutexKey {
    const { mm } = task.mm;
    if (!isPrivate) {
      const vma = mm.vmaAt(BigInt(address));
      if (vma?.vmFile && (vma.vmFlags & vmFlag.VM_SHARED) !== 0) {
        const offset = vma.vmPgoff * 4096 + (address - Number(vma.vmStart));
        return { space: vma.vmFile, offset };
      }
    }
    return { space: mm, offset: address };
  }

  add(waiter: FutexWaiter): void {
    const { space, offset } = waiter.key;
    let futexes = this.#spaces.get(space);
    if (futexes === undefined) {
      futexes = new Map();
      this.#spaces.set(space, futexes);
    }
    const waiters = futexes.get(offset);
    if (waiters === undefined) futexes.set(offset, [waiter]);
    else waiters.push(waiter);
  }

  /** Takes a wait that is over out of all queues. */
  remove(wait: FutexWait): void {
    for (const waiter of wait.waiters) {
      const left = this.#at(waiter.key).filter((other) => other !== waiter);
      this.#keep(waiter.key, left);
    }
  }

  /** The first task that waits there. */
  first(key: FutexKey): Task | undefined {
    return this.#at(key).find(isWaiting)?.wait.task;
  }

  /** Wakes up to `count` waiters that have one of the bits. How many. */
  wake(key: FutexKey, count: number, bitset = anyBit): number {
    const waiters = this.#at(key);
    if (waiters.length === 0) return 0;
    let woken = 0;
    const left: FutexWaiter[] = [];
    const several: FutexWait[] = [];
    for (const waiter of waiters) {
      if (!isWaiting(waiter)) continue;
      if (woken >= count || (waiter.bitset & bitset) === 0) left.push(waiter);
      else {
        woken++;
        const { wait } = waiter;
        wait.wokenAt = waiter.index;
        // one that waits at several is at no other any more
        if (wait.waiters.length > 1) several.push(wait);
        wait.task.wake();
      }
    }
    this.#keep(key, left);
    for (const wait of several) this.remove(wait);
    return woken;
  }

  /** Lets up to `count` waiters wait at another futex. How many. */
  requeue(from: FutexKey, to: FutexKey, count: number): number {
    const waiters = this.#at(from).filter(isWaiting);
    const moved = waiters.slice(0, count);
    this.#keep(from, waiters.slice(moved.length));
    for (const waiter of moved) {
      waiter.key = to;
      this.add(waiter);
    }
    return moved.length;
  }

  #at({ space, offset }: FutexKey): readonly FutexWaiter[] {
    return this.#spaces.get(space)?.get(offset) ?? [];
  }

  #keep({ space, offset }: FutexKey, waiters: FutexWaiter[]): void {
    const futexes = this.#spaces.get(space);
    if (futexes === undefined) return;
    if (waiters.length > 0) futexes.set(offset, waiters);
    else futexes.delete(offset);
    if (futexes.size === 0) this.#spaces.delete(space);
  }
}

/** False for what a signal or the task's end has taken out of its call. */
function isWaiting({ wait }: FutexWaiter): boolean {
  return wait.wokenAt === undefined && wait.task.call?.data === wait;
}
