import { errno } from "../errno.ts";
import { WaitQueue } from "../waitQueue.ts";
import { OpenFile, pollBit } from "./openFile.ts";

/** Standard input, output and error: what the supervisor's user gives and gets. */
export class ConsoleFile extends OpenFile {
  readonly path: string;
  override readonly readers = new WaitQueue();
  readonly #put: (bytes: Uint8Array) => void;
  readonly #take: (into: Uint8Array) => number;

  /** `take` fills an array: bytes, 0 at the end of input, or -EAGAIN; then {@link readers} must be woken later. */
  constructor(path: string, flags: number, put: (bytes: Uint8Array) => void, take: (into: Uint8Array) => number) {
    super(flags);
    this.path = path;
    this.#put = put;
    this.#take = take;
  }

  override read(into: Uint8Array): number {
    return this.canRead ? this.#take(into) : -errno.EBADF;
  }

  override write(bytes: Uint8Array): number {
    this.#put(bytes);
    return bytes.length;
  }

  override poll(): number {
    return pollBit.POLLOUT | (this.canRead ? pollBit.POLLIN : 0);
  }
}
