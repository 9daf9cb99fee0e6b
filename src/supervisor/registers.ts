import type { Hart } from "../cpu/index.ts";
import { hartLayout } from "../cpu/index.ts";

/** Words from the start of a hart's block to the end of what a task keeps of it. */
const words = (hartLayout.frm + 4) / 4;
/** What lies between pc and fflags belongs to the engine. */
const firstOfEngine = hartLayout.fuel / 4;
const floatFlags = hartLayout.fflags / 4;
const pcWord = hartLayout.pc / 4;

/** Integer registers by their ABI names, as far as the supervisor names them. */
export const reg = { ra: 1, sp: 2, gp: 3, tp: 4, a0: 10, a1: 11, a2: 12, a3: 13, a4: 14, a5: 15, a7: 17 } as const;

const two32 = 2 ** 32;

/**
 * The user registers of a task: x1 … x31, f0 … f31, pc, fflags and frm. While the task is on a hart they are the
 * hart's own words in the WebAssembly memory, otherwise a copy of them; the layout is the same, `hartLayout`.
 */
export class Registers {
  readonly #saved = new Int32Array(words);
  /** 32-bit halves, by half the byte offsets of `hartLayout`: x(n) is [2n] and [2n + 1]. */
  words: Int32Array = this.#saved;
  #hart: Hart | undefined;

  /** Whether they are the words of a hart. */
  isOn(hart: Hart): boolean {
    return this.#hart === hart;
  }

  /** Puts them on a hart. */
  load(hart: Hart): void {
    const live = new Int32Array(hart.physical.memory.buffer, hart.state.base, words);
    live.set(this.#saved.subarray(0, firstOfEngine));
    live.set(this.#saved.subarray(floatFlags), floatFlags);
    this.words = live;
    this.#hart = hart;
  }

  /** Takes them from the hart. */
  save(): void {
    if (this.words === this.#saved) return;
    this.#saved.set(this.words);
    this.words = this.#saved;
    this.#hart = undefined;
  }

  /** All registers are those of another task: fork. */
  copy(from: Registers): void {
    this.words.set(from.words.subarray(0, firstOfEngine));
    this.words.set(from.words.subarray(floatFlags), floatFlags);
  }

  /** All zero: exec. */
  clear(): void {
    this.words.fill(0, 0, firstOfEngine);
    this.words.fill(0, floatFlags);
  }

  /** A register as a signed number: exact from -2^53 to 2^53, as all addresses, sizes and error numbers are. */
  x(index: number): number {
    return this.words[2 * index + 1] * two32 + (this.words[2 * index] >>> 0);
  }

  /** A register's low half. */
  low(index: number): number {
    return this.words[2 * index];
  }

  setX(index: number, value: number): void {
    if (index === 0) return;
    this.words[2 * index] = value;
    this.words[2 * index + 1] = Math.floor(value / two32);
  }

  get pc(): number {
    return this.words[pcWord + 1] * two32 + (this.words[pcWord] >>> 0);
  }

  set pc(value: number) {
    this.words[pcWord] = value;
    this.words[pcWord + 1] = Math.floor(value / two32);
  }

  /** A register's 64 bits, unsigned. */
  big(index: number): bigint {
    return (BigInt(this.words[2 * index + 1] >>> 0) << 32n) | BigInt(this.words[2 * index] >>> 0);
  }
}
