import { errno, LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import { WaitQueue } from "../waitQueue.ts";
import type { Dentry } from "./dentry.ts";
import type { FileStatus } from "./inode.ts";
import { fileType } from "./inode.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";

const firstCapacity = 65536;
/** What unprivileged programs may ask for with F_SETPIPE_SZ. */
const mostCapacity = 1 << 20;
/** PIPE_BUF: a write of so many bytes is never mixed with another's. */
export const atomicBytes = 4096;
const fionread = 0x541b;

let nextIno = 1;

/** Bytes that pipes of all programs together may have beyond what each has at first. */
export class PipeBudget {
  #free = 64 << 20;

  /** Throws EPERM where there is no more. */
  change(bytes: number): void {
    if (bytes > this.#free) throw new LinuxError("EPERM");
    this.#free -= bytes;
  }
}

/** Bytes on their way from who writes to who reads. */
export class Pipe {
  readonly ino = nextIno++;
  readonly readers = new WaitQueue();
  readonly writers = new WaitQueue();
  /** Open ends, and how many of each there have ever been. */
  readerCount = 0;
  writerCount = 0;
  readersEver = 0;
  writersEver = 0;
  capacity = firstCapacity;
  #ring = new Uint8Array(atomicBytes);
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get room(): number {
    return this.capacity - this.#length;
  }

  /** Takes bytes out: as many as there are and fit. */
  take(into: Uint8Array): number {
    const count = this.peek(into);
    this.#start = (this.#start + count) % this.#ring.length;
    this.#length -= count;
    if (this.#length === 0) this.#start = 0;
    return count;
  }

  /** What was taken last goes in again. */
  putBack(bytes: Uint8Array): void {
    const at = (this.#start + this.#ring.length - bytes.length) % this.#ring.length;
    const first = Math.min(bytes.length, this.#ring.length - at);
    this.#ring.set(bytes.subarray(0, first), at);
    this.#ring.set(bytes.subarray(first), 0);
    this.#start = at;
    this.#length += bytes.length;
    this.readers.wake();
  }

  /** As {@link take}, and leaves them in. */
  peek(into: Uint8Array): number {
    const count = Math.min(into.length, this.#length);
    const first = Math.min(count, this.#ring.length - this.#start);
    into.set(this.#ring.subarray(this.#start, this.#start + first));
    into.set(this.#ring.subarray(0, count - first), first);
    return count;
  }

  /** Puts bytes in: as many as there is room for. */
  put(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.room);
    if (this.#length + count > this.#ring.length) this.#grow(this.#length + count);
    const at = (this.#start + this.#length) % this.#ring.length;
    const first = Math.min(count, this.#ring.length - at);
    this.#ring.set(bytes.subarray(0, first), at);
    this.#ring.set(bytes.subarray(first, count), 0);
    this.#length += count;
    return count;
  }

  #grow(needed: number): void {
    const ring = new Uint8Array(Math.min(this.capacity, Math.max(needed, 2 * this.#ring.length)));
    const length = this.peek(ring);
    this.#ring = ring;
    this.#start = 0;
    this.#length = length;
  }

  /** Whether it may be larger than it is at first: there is only so much for all pipes. */
  budget: PipeBudget | undefined;

  /** Nobody has it open any more. */
  end(): void {
    this.budget?.change(firstCapacity - this.capacity);
    this.budget = undefined;
  }

  /** F_SETPIPE_SZ: rounded up to a power of two of pages. Throws EBUSY where more is in it, EPERM, EINVAL. */
  setCapacity(bytes: number, budget: PipeBudget): number {
    this.budget ??= budget;
    if (bytes > 2 ** 31) throw new LinuxError("EINVAL");
    let capacity = atomicBytes;
    while (capacity < bytes && capacity <= mostCapacity) capacity *= 2;
    if (capacity > mostCapacity) throw new LinuxError("EPERM");
    if (capacity < this.#length) throw new LinuxError("EBUSY");
    this.budget?.change(capacity - this.capacity);
    this.#grow(0);
    this.capacity = capacity;
    this.writers.wake();
    return capacity;
  }
}

/** One or both ends of a pipe. */
export class PipeEnd extends OpenFile {
  readonly pipe: Pipe;
  override readonly dentry: Dentry | undefined;
  override readonly readers: WaitQueue;
  override readonly writers: WaitQueue;

  constructor(pipe: Pipe, flags: number, dentry?: Dentry) {
    super(flags);
    this.pipe = pipe;
    this.dentry = dentry;
    this.readers = pipe.readers;
    this.writers = pipe.writers;
    if (this.canRead) {
      pipe.readerCount++;
      pipe.readersEver++;
      pipe.writers.wake();
    }
    if (this.canWrite) {
      pipe.writerCount++;
      pipe.writersEver++;
      pipe.readers.wake();
    }
  }

  get path(): string {
    return this.dentry?.path ?? `pipe:[${this.pipe.ino}]`;
  }

  override read(into: Uint8Array): number {
    const { pipe } = this;
    const wasFull = pipe.room < atomicBytes;
    const count = pipe.take(into);
    if (count > 0) {
      if (wasFull || !pipe.writers.isEmpty) pipe.writers.wake();
      return count;
    }
    return pipe.writerCount === 0 || into.length === 0 ? 0 : -errno.EAGAIN;
  }

  override get unit(): number {
    return atomicBytes;
  }

  override putBack(bytes: Uint8Array): void {
    this.pipe.putBack(bytes);
  }

  override write(bytes: Uint8Array): number {
    const { pipe } = this;
    if (pipe.readerCount === 0) return -errno.EPIPE;
    if (bytes.length === 0) return 0;
    const { room } = pipe;
    if (room === 0 || (bytes.length <= atomicBytes && room < bytes.length)) return -errno.EAGAIN;
    const count = pipe.put(bytes);
    pipe.readers.wake();
    return count;
  }

  override get queues(): readonly WaitQueue[] {
    const queues: WaitQueue[] = [];
    if (this.canRead) queues.push(this.readers);
    if (this.canWrite) queues.push(this.writers);
    return queues;
  }

  override poll(): number {
    const { pipe } = this;
    let bits = 0;
    if (this.canRead) {
      if (pipe.length > 0) bits |= pollBit.POLLIN;
      if (pipe.writerCount === 0 && pipe.writersEver > 0) bits |= pollBit.POLLHUP;
    }
    if (this.canWrite) {
      if (pipe.room >= atomicBytes) bits |= pollBit.POLLOUT;
      if (pipe.readerCount === 0) bits |= pollBit.POLLERR;
    }
    return bits;
  }

  override ioctl(task: Task, request: number, argument: number): number {
    if (request !== fionread) return -errno.ENOTTY;
    task.memory.setU32(argument, this.pipe.length);
    return 0;
  }

  override status(): FileStatus {
    if (this.dentry !== undefined) return this.dentry.inode.status();
    return { ...super.status(), dev: 0xd, ino: this.pipe.ino, mode: fileType.S_IFIFO | 0o600 };
  }

  override reopen(flags: number): OpenFile {
    return new PipeEnd(this.pipe, flags);
  }

  override release(): void {
    const { pipe } = this;
    if (this.canRead && --pipe.readerCount === 0) pipe.writers.wake();
    if (this.canWrite && --pipe.writerCount === 0) pipe.readers.wake();
    if (pipe.readerCount + pipe.writerCount === 0) pipe.end();
  }
}

/** `pipe2`: a reading and a writing end. */
export function makePipe(flags: number): [reader: PipeEnd, writer: PipeEnd] {
  const pipe = new Pipe();
  return [new PipeEnd(pipe, openFlag.O_RDONLY | flags), new PipeEnd(pipe, openFlag.O_WRONLY | flags)];
}

/** Opens a pipe that has a name. Throws ENXIO where nobody reads and O_NONBLOCK would not wait for it. */
export function openPipe(pipe: Pipe, flags: number, dentry: Dentry): PipeEnd {
  const access = flags & openFlag.O_ACCMODE;
  const isNonBlocking = (flags & openFlag.O_NONBLOCK) !== 0;
  if (access === openFlag.O_WRONLY && isNonBlocking && pipe.readerCount === 0) throw new LinuxError("ENXIO");
  return new PipeEnd(pipe, flags, dentry);
}

/** What an open of a pipe with a name waits for: somebody at the other end. undefined: nothing. */
export function pipeWaitsFor(file: OpenFile): WaitQueue | undefined {
  if (!(file instanceof PipeEnd) || file.isNonBlocking) return undefined;
  const { pipe } = file;
  if (!file.canWrite && pipe.writerCount === 0 && pipe.writersEver === 0) return pipe.readers;
  if (!file.canRead && pipe.readerCount === 0 && pipe.readersEver === 0) return pipe.writers;
  return undefined;
}
