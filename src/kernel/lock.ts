import { LockError, type SpinLock, type VmaLock } from "../pagewalk/index.ts";

/**
 * A lock for many readers or one writer. One thread runs everything, so a lock that is not free would never become
 * so: taking it then is a LockError, as is releasing what is not held.
 */
export class RwLock {
  readonly name: string;
  #readers = 0;
  #isWriteLocked = false;
  /** Times that a write lock was given back. */
  #writes = 0;

  constructor(name: string) {
    this.name = name;
  }

  get isLocked(): boolean {
    return this.#isWriteLocked || this.#readers > 0;
  }

  get isWriteLocked(): boolean {
    return this.#isWriteLocked;
  }

  get writes(): number {
    return this.#writes;
  }

  lockRead(): void {
    if (this.#isWriteLocked) throw new LockError(this.name, "it is held for write: reading it would wait for ever");
    this.#readers++;
  }

  unlockRead(): void {
    if (this.#readers === 0) throw new LockError(this.name, "it is not held for read");
    this.#readers--;
  }

  lockWrite(): void {
    if (this.isLocked) throw new LockError(this.name, "it is held: writing it would wait for ever");
    this.#isWriteLocked = true;
  }

  unlockWrite(): void {
    this.#assertWrite();
    this.#isWriteLocked = false;
    this.#writes++;
  }

  /** From write to read, with nobody between. */
  downgrade(): void {
    this.unlockWrite();
    this.#readers++;
  }

  /** Runs something with the lock held for read. */
  reading<T>(what: () => T): T {
    this.lockRead();
    try {
      return what();
    } finally {
      this.unlockRead();
    }
  }

  /** Runs something with the lock held for write. */
  writing<T>(what: () => T): T {
    this.lockWrite();
    try {
      return what();
    } finally {
      this.unlockWrite();
    }
  }

  #assertWrite(): void {
    if (!this.#isWriteLocked) throw new LockError(this.name, "it is not held for write");
  }
}

/** A page-table lock. */
export class PageTableLock implements SpinLock {
  readonly name: string;
  #isLocked = false;

  constructor(name: string) {
    this.name = name;
  }

  get isLocked(): boolean {
    return this.#isLocked;
  }

  lock(): void {
    if (this.#isLocked) throw new LockError(this.name, "it is held: spinning on it would never end");
    this.#isLocked = true;
  }

  unlock(): void {
    if (!this.#isLocked) throw new LockError(this.name, "it is not held");
    this.#isLocked = false;
  }
}

/**
 * The lock of one VMA. Held for write, it is so until the mmap write lock is released: what is kept is at which of its
 * turns that was.
 */
export class PerVmaLock implements VmaLock {
  readonly name: string;
  readonly #mmapLock: RwLock;
  #readers = 0;
  #writtenAt = -1;

  constructor(name: string, mmapLock: RwLock) {
    this.name = name;
    this.#mmapLock = mmapLock;
  }

  get isWriteLocked(): boolean {
    return this.#mmapLock.isWriteLocked && this.#writtenAt === this.#mmapLock.writes;
  }

  get isLocked(): boolean {
    return this.#readers > 0 || this.isWriteLocked;
  }

  lockRead(): void {
    if (this.isWriteLocked) throw new LockError(this.name, "it is held for write: reading it would wait for ever");
    this.#readers++;
  }

  unlockRead(): void {
    if (this.#readers === 0) throw new LockError(this.name, "it is not held for read");
    this.#readers--;
  }

  startWrite(): boolean {
    if (!this.#mmapLock.isWriteLocked) {
      throw new LockError(this.#mmapLock.name, `it must be held for write to write-lock ${this.name}`);
    }
    if (this.isWriteLocked) return false;
    if (this.#readers > 0) throw new LockError(this.name, "it is held for read: writing it would wait for ever");
    this.#writtenAt = this.#mmapLock.writes;
    return true;
  }

  cancelWrite(): void {
    this.#writtenAt = -1;
  }
}
