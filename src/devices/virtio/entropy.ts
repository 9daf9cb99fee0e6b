import type { VirtioDevice } from "./device.ts";
import type { Virtqueue } from "./virtqueue.ts";

/** Where random bytes come from: the host, or a {@link SeededEntropy} for runs that can be repeated. */
export interface EntropySource {
  /** Fills all of it. */
  fill(into: Uint8Array): void;
}

/** A buffer gets at most so many bytes; a driver must look how many it got (virtio 1.2, 5.4.6.1). */
const mostBytes = 0x10000;

/** The entropy device (virtio 1.2, 5.4), known as virtio-rng. */
export class VirtioEntropy implements VirtioDevice {
  readonly name = "virtio-rng";
  readonly id = 4;
  readonly features = 0n;
  readonly queueSizes = [64] as const;
  readonly config = new Uint8Array(0);
  readonly #source: EntropySource;

  constructor(source: EntropySource) {
    this.#source = source;
  }

  connect(): void {}

  serve(_index: number, queue: Virtqueue): void {
    for (let chain = queue.take(); chain !== undefined; chain = queue.take()) {
      const bytes = Math.min(chain.writable, mostBytes);
      chain.eachWritable(0, bytes, (piece) => this.#source.fill(piece));
      queue.give(chain, bytes);
    }
  }
}

/**
 * The same bytes from the same seed, however they are asked for: xoshiro128** (Blackman, Vigna), its four words taken
 * from the seed by a mixer. Nothing secret should depend on it.
 */
export class SeededEntropy implements EntropySource {
  readonly #state: Uint32Array;
  /** Bytes of the last word that nobody has had yet. */
  #word = 0;
  #bytesLeft = 0;

  /** Of the seed 64 bits count. */
  constructor(seed: bigint) {
    let word = BigInt.asUintN(64, seed);
    this.#state = Uint32Array.from({ length: 4 }, () => {
      word = BigInt.asUintN(64, word + 0x9e3779b97f4a7c15n);
      let mixed = BigInt.asUintN(64, (word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n);
      mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
      return Number(BigInt.asUintN(32, mixed ^ (mixed >> 31n)));
    });
  }

  fill(into: Uint8Array): void {
    for (let at = 0; at < into.length; at++) {
      if (this.#bytesLeft === 0) {
        this.#word = this.#next();
        this.#bytesLeft = 4;
      }
      into[at] = this.#word;
      this.#word >>>= 8;
      this.#bytesLeft--;
    }
  }

  #next(): number {
    const state = this.#state;
    const word = Math.imul(rotate(Math.imul(state[1], 5), 7), 9);
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return word;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
