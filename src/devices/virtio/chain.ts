import type { PhysicalMemory } from "../../memory/physical.ts";

/** The most descriptors in a chain: more than any queue has entries, as chains may go on in an indirect table. */
export const mostDescriptors = 1024;

/** Bytes of a descriptor: address 8, length 4, flags 2, next 2 (virtio 1.2, 2.7.5). */
const descriptorBytes = 16;
const flag = { next: 1, write: 2, indirect: 4 } as const;

/**
 * A buffer that the driver has made available: pieces of RAM that the device may read, and after them pieces that it
 * may write. One object serves all chains of a queue, one after the other.
 */
export class DescriptorChain {
  /** The descriptor that it starts with, by which the driver knows it. */
  head = 0;
  /** How many bytes the device may read, and how many it may write. */
  readable = 0;
  writable = 0;
  readonly #memory: PhysicalMemory;
  /** Pieces: physical address and length, first those to be read. */
  readonly #address = new Float64Array(mostDescriptors);
  readonly #length = new Uint32Array(mostDescriptors);
  #pieces = 0;
  #readablePieces = 0;

  constructor(memory: PhysicalMemory) {
    this.#memory = memory;
  }

  /**
   * Follows the chain from an entry of a descriptor table in RAM. Answers what is wrong with it, or undefined. The
   * device may touch nothing unless all of it is right.
   */
  collect(table: number, size: number, head: number, indirectAllowed: boolean): string | undefined {
    this.head = head;
    this.readable = 0;
    this.writable = 0;
    this.#pieces = 0;
    this.#readablePieces = 0;
    const { view } = this.#memory;
    let entries = size;
    let isIndirect = false;
    let index = head;
    for (let followed = 0; followed < (isIndirect ? mostDescriptors : size); followed++) {
      if (index >= entries) return `descriptor ${index} is beyond its table of ${entries}`;
      const at = this.#memory.hostOf(table) + index * descriptorBytes;
      const address = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
      const length = view.getUint32(at + 8, true);
      const flags = view.getUint16(at + 12, true);
      if (flags & flag.indirect) {
        if (!indirectAllowed) return "an indirect descriptor, which was not agreed upon";
        if (isIndirect) return "an indirect descriptor in an indirect table";
        if (flags & flag.next) return "an indirect descriptor that has a next one";
        if (length === 0 || length % descriptorBytes !== 0) return `an indirect table of ${length} bytes`;
        if (!this.#memory.isRam(address, length)) return `an indirect table at 0x${address.toString(16)}, not in RAM`;
        table = address;
        entries = length / descriptorBytes;
        isIndirect = true;
        index = 0;
        continue;
      }
      const problem = this.#append(address, length, (flags & flag.write) !== 0);
      if (problem !== undefined) return problem;
      if ((flags & flag.next) === 0) return undefined;
      index = view.getUint16(at + 14, true);
    }
    return "a chain that is too long, or a loop";
  }

  /** Copies readable bytes out, from an offset on; there must be enough. */
  read(offset: number, into: Uint8Array): void {
    let done = 0;
    this.eachReadable(offset, into.length, (bytes) => {
      into.set(bytes, done);
      done += bytes.length;
    });
  }

  /** Copies bytes into the writable part, from an offset on; there must be room. */
  write(offset: number, from: Uint8Array): void {
    let done = 0;
    this.eachWritable(offset, from.length, (bytes) => {
      bytes.set(from.subarray(done, done + bytes.length));
      done += bytes.length;
    });
  }

  /** Shows readable bytes in place, piece by piece: `length` of them from an offset on. */
  eachReadable(offset: number, length: number, use: (bytes: Uint8Array) => void): void {
    for (let piece = 0; piece < this.#readablePieces && length > 0; piece++) {
      const size = this.#length[piece];
      if (offset < size) {
        const step = Math.min(size - offset, length);
        const host = this.#memory.hostOf(this.#address[piece] + offset);
        use(this.#memory.bytes.subarray(host, host + step));
        length -= step;
      }
      offset = Math.max(0, offset - size);
    }
  }

  /** Lets writable bytes be filled in place, piece by piece: `length` of them from an offset on. */
  eachWritable(offset: number, length: number, fill: (bytes: Uint8Array) => void): void {
    for (let piece = this.#readablePieces; piece < this.#pieces && length > 0; piece++) {
      const size = this.#length[piece];
      if (offset < size) {
        const step = Math.min(size - offset, length);
        const pa = this.#address[piece] + offset;
        const host = this.#memory.hostOf(pa);
        try {
          fill(this.#memory.bytes.subarray(host, host + step));
        } finally {
          // a fill that failed may have written some
          this.#memory.written(pa, step);
        }
        length -= step;
      }
      offset = Math.max(0, offset - size);
    }
  }

  #append(address: number, length: number, isWritable: boolean): string | undefined {
    if (!isWritable && this.writable > 0) return "a readable descriptor after a writable one";
    if (length === 0) return undefined;
    if (!this.#memory.isRam(address, length)) {
      return `${length} bytes at 0x${address.toString(16)}, which is not all RAM`;
    }
    this.#address[this.#pieces] = address;
    this.#length[this.#pieces++] = length;
    if (isWritable) {
      this.writable += length;
    } else {
      this.readable += length;
      this.#readablePieces = this.#pieces;
    }
    return undefined;
  }
}
