import { errno } from "../errno.ts";
import { WaitQueue } from "../waitQueue.ts";
import { type FileStatus, fileType } from "./inode.ts";
import { OpenFile, pollBit } from "./openFile.ts";
import { atomicBytes as pipeUnit } from "./pipe.ts";

/** What standard input, output and error are at the other end, for as many open files as there are of it. */
export class ConsoleStream {
  readonly name: string;
  readonly readers = new WaitQueue();
  readonly put: (bytes: Uint8Array) => void;
  readonly #take: (into: Uint8Array) => number;
  /** A look at what is there for poll, which must not take it. */
  #ahead: Uint8Array | undefined;

  /** `take` fills an array: bytes, 0 at the end of input, or -EAGAIN; then {@link readers} must be woken later. */
  constructor(name: string, put: (bytes: Uint8Array) => void, take: (into: Uint8Array) => number) {
    this.name = name;
    this.put = put;
    this.#take = take;
  }

  take(into: Uint8Array): number {
    if (into.length === 0) return 0;
    if (this.#ahead === undefined) return this.#take(into);
    into.set(this.#ahead);
    const count = this.#ahead.length;
    this.#ahead = undefined;
    if (count === 0) return 0;
    // what has come with the byte that poll has seen
    return count + Math.max(0, this.#take(into.subarray(count)));
  }

  /** Whether a read would answer at once, if only with the end. */
  get isReadable(): boolean {
    if (this.#ahead !== undefined) return true;
    const byte = new Uint8Array(1);
    const count = this.#take(byte);
    if (count < 0) return false;
    this.#ahead = byte.subarray(0, count);
    return true;
  }
}

/** Standard input, output or error where none is a terminal: what the supervisor's user gives and gets, as a pipe. */
export class ConsoleFile extends OpenFile {
  readonly #stream: ConsoleStream;
  override readonly readers: WaitQueue;

  constructor(stream: ConsoleStream, flags: number) {
    super(flags);
    this.#stream = stream;
    this.readers = stream.readers;
  }

  get path(): string {
    return `pipe:[${this.#stream.name}]`;
  }

  override read(into: Uint8Array): number {
    return this.canRead ? this.#stream.take(into) : -errno.EBADF;
  }

  override get unit(): number {
    return pipeUnit;
  }

  override write(bytes: Uint8Array): number {
    this.#stream.put(bytes);
    return bytes.length;
  }

  override poll(): number {
    return (this.canWrite ? pollBit.POLLOUT : 0) | (this.canRead && this.#stream.isReadable ? pollBit.POLLIN : 0);
  }

  override status(): FileStatus {
    return { ...super.status(), mode: fileType.S_IFIFO | 0o600 };
  }

  override reopen(flags: number): OpenFile {
    return new ConsoleFile(this.#stream, flags);
  }
}
