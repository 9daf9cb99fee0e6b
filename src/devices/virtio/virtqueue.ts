import type { PhysicalMemory } from "../../memory/physical.ts";
import { DescriptorChain } from "./chain.ts";

/** Physical addresses of a queue's three parts: descriptor table, available ring, used ring. */
export interface Rings {
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
}

/** What driver and device have agreed upon for queues. */
export interface RingFeatures {
  indirectDescriptors: boolean;
  eventIndex: boolean;
}

/** The most bytes that the buffers of one notification may have together: what the specification allows a chain. */
const mostBytes = 2 ** 32;

/** In the available ring: the driver wants no notification. */
const noInterrupt = 1;

/**
 * A split virtqueue (virtio 1.2, 2.7) as the device sees it. All of it is in RAM and may hold anything: what is not a
 * queue sets {@link problem}, after which nothing can be taken any more. However the driver goes on writing, and
 * whatever the device writes over the rings, work between {@link begin} and {@link end} is bounded.
 */
export class Virtqueue {
  readonly size: number;
  readonly #memory: PhysicalMemory;
  readonly #rings: Rings;
  readonly #features: RingFeatures;
  readonly #chain: DescriptorChain;
  /** Both rings' indices run freely through 16 bits. */
  #nextAvailable = 0;
  #nextUsed = 0;
  #usedAtBegin = 0;
  #chainsLeft = 0;
  #bytesLeft = 0;
  #problem: string | undefined;

  /** The rings must be in RAM, the size a power of 2: see {@link ringProblem}. */
  constructor(memory: PhysicalMemory, size: number, rings: Rings, features: RingFeatures) {
    this.#memory = memory;
    this.size = size;
    this.#rings = rings;
    this.#features = features;
    this.#chain = new DescriptorChain(memory);
  }

  /** What the driver has done wrong, if it has. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Before buffers are taken. */
  begin(): void {
    this.#usedAtBegin = this.#nextUsed;
    this.#chainsLeft = this.size;
    this.#bytesLeft = mostBytes;
  }

  /** After buffers were given back: whether the driver wants to be interrupted for it. */
  end(): boolean {
    const { view } = this.#memory;
    const available = this.#memory.hostOf(this.#rings.available);
    if (this.#features.eventIndex) this.#storeUsed16(4 + 8 * this.size, this.#nextAvailable);
    if (this.#nextUsed === this.#usedAtBegin) return false;
    if (!this.#features.eventIndex) return (view.getUint16(available, true) & noInterrupt) === 0;
    // 2.7.7.2: an entry was written at the index that the driver waits for
    const usedEvent = view.getUint16(available + 4 + 2 * this.size, true);
    const written = (this.#nextUsed - this.#usedAtBegin) & 0xffff;
    return ((this.#nextUsed - usedEvent - 1) & 0xffff) < written;
  }

  /** The next buffer, or undefined if there is none. It is valid until the next is taken. */
  take(): DescriptorChain | undefined {
    if (this.#problem !== undefined || this.#chainsLeft === 0) return undefined;
    const { view } = this.#memory;
    const available = this.#memory.hostOf(this.#rings.available);
    const waiting = (view.getUint16(available + 2, true) - this.#nextAvailable) & 0xffff;
    if (waiting === 0) return undefined;
    if (waiting > this.size) return this.fail(`${waiting} buffers available in a queue of ${this.size}`);
    const slot = this.#nextAvailable & (this.size - 1);
    const head = view.getUint16(available + 4 + 2 * slot, true);
    const chain = this.#chain;
    const { descriptors } = this.#rings;
    const problem = chain.collect(descriptors, this.size, head, this.#features.indirectDescriptors);
    if (problem !== undefined) return this.fail(problem);
    this.#bytesLeft -= chain.readable + chain.writable;
    if (this.#bytesLeft < 0) return this.fail(`buffers of more than ${mostBytes} bytes`);
    this.#nextAvailable = (this.#nextAvailable + 1) & 0xffff;
    this.#chainsLeft--;
    return chain;
  }

  /** Gives a buffer back, of whose writable part so many bytes from the beginning were written. */
  give(chain: DescriptorChain, written: number): void {
    const slot = this.#nextUsed & (this.size - 1);
    const at = 4 + 8 * slot;
    const { view } = this.#memory;
    const host = this.#memory.hostOf(this.#rings.used) + at;
    view.setUint32(host, chain.head, true);
    view.setUint32(host + 4, written, true);
    this.#memory.written(this.#rings.used + at, 8);
    this.#nextUsed = (this.#nextUsed + 1) & 0xffff;
    this.#storeUsed16(2, this.#nextUsed);
  }

  /** The driver has done what no driver may do. */
  fail(problem: string): undefined {
    this.#problem ??= problem;
    return undefined;
  }

  #storeUsed16(at: number, value: number): void {
    this.#memory.view.setUint16(this.#memory.hostOf(this.#rings.used) + at, value, true);
    this.#memory.written(this.#rings.used + at, 2);
  }
}

/** Why there can be no queue of a size at a place, or undefined (2.7: sizes of the three parts). */
export function ringProblem(memory: PhysicalMemory, size: number, most: number, rings: Rings): string | undefined {
  if (size < 1 || size > most || (size & (size - 1)) !== 0) return `a queue of ${size} entries, at most ${most}`;
  const parts: Record<keyof Rings, number> = { descriptors: 16 * size, available: 6 + 2 * size, used: 6 + 8 * size };
  for (const part of ["descriptors", "available", "used"] as const) {
    if (!memory.isRam(rings[part], parts[part])) return `${part} at 0x${rings[part].toString(16)}, not in RAM`;
  }
  return undefined;
}
