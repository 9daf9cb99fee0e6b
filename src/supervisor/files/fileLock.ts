import { LinuxError } from "../errno.ts";
import { WaitQueue } from "../waitQueue.ts";

/** A lock of a range of bytes, `end` exclusive. */
export interface FileLock {
  /** Who has it: a process for fcntl, an open file for flock and F_OFD_SETLK. */
  readonly owner: object;
  /** `flock` locks and `fcntl` locks do not see each other. */
  readonly kind: "flock" | "range";
  /** For F_GETLK; -1 for an open file. */
  readonly pid: number;
  readonly isExclusive: boolean;
  readonly start: number;
  readonly end: number;
}

/** Of one file: a program cannot fill the host's memory with locks. */
const mostLocks = 4096;

/** The locks of one file. They are advisory: nothing but other locks minds them. */
export class FileLocks {
  #locks: FileLock[] = [];
  /** Woken when a lock is given back. */
  readonly waiters = new WaitQueue();

  /** A lock of somebody else's that is in the way of this one. */
  conflict(lock: FileLock): FileLock | undefined {
    return this.#locks.find(
      (other) =>
        other.owner !== lock.owner &&
        other.kind === lock.kind &&
        (other.isExclusive || lock.isExclusive) &&
        other.start < lock.end &&
        lock.start < other.end,
    );
  }

  /** Takes a lock that nothing is in the way of; it replaces what its owner had of the range. Throws ENOLCK. */
  set(lock: FileLock): void {
    if (this.#locks.length >= mostLocks) throw new LinuxError("ENOLCK");
    this.clear(lock);
    this.#locks.push(lock);
  }

  /** Gives back what an owner has of a range: a lock may be cut in two. */
  clear({ owner, kind, start, end }: Pick<FileLock, "owner" | "kind" | "start" | "end">): void {
    const kept: FileLock[] = [];
    for (const lock of this.#locks) {
      if (lock.owner !== owner || lock.kind !== kind || lock.end <= start || lock.start >= end) kept.push(lock);
      else {
        if (lock.start < start) kept.push({ ...lock, end: start });
        if (lock.end > end) kept.push({ ...lock, start: end });
      }
    }
    this.#locks = kept;
    this.waiters.wake();
  }

  /** An owner is gone, or closes the file. */
  clearAll(owner: object): void {
    if (!this.#locks.some((lock) => lock.owner === owner)) return;
    this.#locks = this.#locks.filter((lock) => lock.owner !== owner);
    this.waiters.wake();
  }
}
