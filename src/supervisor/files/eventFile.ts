import { errno } from "../errno.ts";
import { WaitQueue } from "../waitQueue.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";

const most = 0xffff_ffff_ffff_fffen;

/** `eventfd2`: a counter that can be waited for. */
export class EventFile extends OpenFile {
  readonly path = "anon_inode:[eventfd]";
  override readonly readers = new WaitQueue();
  override readonly writers = new WaitQueue();
  readonly #isSemaphore: boolean;
  #count: bigint;

  constructor(count: number, isSemaphore: boolean, flags: number) {
    super(openFlag.O_RDWR | flags);
    this.#count = BigInt(count);
    this.#isSemaphore = isSemaphore;
  }

  override read(into: Uint8Array): number {
    if (into.length < 8) return -errno.EINVAL;
    if (this.#count === 0n) return -errno.EAGAIN;
    const taken = this.#isSemaphore ? 1n : this.#count;
    this.#count -= taken;
    new DataView(into.buffer, into.byteOffset).setBigUint64(0, taken, true);
    this.writers.wake();
    return 8;
  }

  override write(bytes: Uint8Array): number {
    if (bytes.length !== 8) return -errno.EINVAL;
    const added = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    if (added > most) return -errno.EINVAL;
    if (this.#count + added > most) return -errno.EAGAIN;
    this.#count += added;
    if (added > 0n) this.readers.wake();
    return 8;
  }

  override get hearsOfNothing(): boolean {
    return true;
  }

  override poll(): number {
    return (this.#count > 0n ? pollBit.POLLIN : 0) | (this.#count < most ? pollBit.POLLOUT : 0);
  }

  override get info(): string {
    return `eventfd-count: ${this.#count.toString(16).padStart(16)}\n`;
  }
}
