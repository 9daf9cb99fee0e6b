/** A caller broke a lock rule of Linux's mm: the caller's bug, never a guest's. */
export class LockError extends Error {
  override readonly name = "LockError";
  /** The lock that the rule is about, as its owner named it. */
  readonly lock: string;

  constructor(lock: string, rule: string) {
    super(`${lock}: ${rule}`);
    this.lock = lock;
  }
}

/** A lock for many readers or one writer, as far as the walk looks at it: it takes none of these itself. */
export interface SharedLock {
  /** For messages: `mmap lock of mm 3`. */
  readonly name: string;
  /** Held for read or for write. */
  readonly isLocked: boolean;
  readonly isWriteLocked: boolean;
}

/** A lock that the walk takes and releases for reading: the one of a hugetlb VMA. */
export interface ReadLock {
  readonly name: string;
  lockRead(): void;
  unlockRead(): void;
}

/** A page-table lock. Taking it twice is a {@link LockError}: on a real machine it would never return. */
export interface SpinLock {
  readonly name: string;
  readonly isLocked: boolean;
  lock(): void;
  unlock(): void;
}

/** The lock of one VMA. Its write lock lasts until the mmap write lock is released, as in Linux. */
export interface VmaLock extends SharedLock {
  /** `vma_start_write`. Returns whether it was taken now: false, it was held for write before. */
  startWrite(): boolean;
  /** Gives back what {@link startWrite} took, before its time: only for a walk that an exception ended. */
  cancelWrite(): void;
}

/** Throws unless a lock is held for read or write. */
export function assertLocked(lock: SharedLock, who: string): void {
  if (!lock.isLocked) throw new LockError(lock.name, `${who} needs it held, for read or write`);
}

/** Throws unless a lock is held for write. */
export function assertWriteLocked(lock: SharedLock, who: string): void {
  if (lock.isWriteLocked) return;
  throw new LockError(
    lock.name,
    `${who} needs it held for write; it is ${lock.isLocked ? "only read-locked" : "free"}`,
  );
}
