import { newPool } from "./program.ts";
import type { Random } from "./random.ts";

/** Interesting 64-bit integers, as high and low halves. */
const integers: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 1],
  [0, 2],
  [0xffffffff, 0xffffffff],
  [0xffffffff, 0xfffffffe],
  [0x7fffffff, 0xffffffff],
  [0x80000000, 0],
  [0x80000000, 1],
  [0, 0x7fffffff],
  [0, 0x80000000],
  [0xffffffff, 0x80000000],
  [0, 0xffffffff],
  [1, 0],
  [0xffffffff, 0],
  [0x55555555, 0x55555555],
  [0xaaaaaaaa, 0xaaaaaaaa],
  [0x00ff00ff, 0x00ff00ff],
  [0, 0xff],
  [0, 0x8000],
  [0, 63],
  [0, 64],
  [0, 32],
];

/** Appends a random integer at a word pair of the pool. */
export function putInteger(pool: Uint32Array, at: number, random: Random): void {
  const kind = random.below(8);
  if (kind < 3) {
    pool[at] = random.word();
    pool[at + 1] = random.word();
  } else if (kind < 6) {
    const [high, low] = random.pick(integers);
    pool[at] = low;
    pool[at + 1] = high;
  } else if (kind === 6) {
    const value = random.word() >> random.below(32);
    pool[at] = value;
    pool[at + 1] = value >> 31;
  } else {
    const bit = random.below(64);
    pool[at] = bit < 32 ? 1 << bit : 0;
    pool[at + 1] = bit >= 32 ? 1 << (bit - 32) : 0;
  }
}

/** A format's exponent and significand widths. */
interface FormatWidths {
  readonly exponent: number;
  readonly significand: number;
}
const half: FormatWidths = { exponent: 5, significand: 10 };
const single: FormatWidths = { exponent: 8, significand: 23 };

/** A biased exponent: at an edge, near the bias, or anything. */
function exponent(bits: number, random: Random): number {
  const most = 2 ** bits - 1;
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return most;
    case 2:
      return random.between(1, 3);
    case 3:
      return most - random.between(1, 3);
    case 4:
    case 5:
      return (most >> 1) + random.between(-3, 3);
    case 6:
      return (most >> 1) + random.between(-40, Math.min(70, most >> 1));
    default:
      return random.below(most + 1);
  }
}

/** A significand: zero, all ones, few bits at either end, or anything. */
function significand(bits: number, random: Random): number {
  const most = 2 ** bits - 1;
  switch (random.below(8)) {
    case 0:
    case 1:
      return 0;
    case 2:
      return most - random.below(3);
    case 3:
      return random.below(4);
    case 4:
      return 2 ** (bits - 1) + random.below(3) - 1;
    case 5:
      return 2 ** random.below(bits);
    default:
      return (random.word() >>> 0) % (most + 1);
  }
}

const clamp = (value: number, bits: number) => Math.max(0, Math.min(2 ** bits - 1, value));

function narrowFloat({ exponent: e, significand: s }: FormatWidths, random: Random): number {
  const sign = random.below(2);
  return ((sign << e) | clamp(exponent(e, random), e)) * 2 ** s + significand(s, random);
}

/** Appends a random value of a random format, mostly well boxed, at a word pair of the pool. */
export function putFloat(pool: Uint32Array, at: number, random: Random): void {
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      pool[at] = narrowFloat(single, random);
      pool[at + 1] = random.chance(97) ? 0xffffffff : random.word();
      return;
    case 3:
    case 4: {
      const boxed = random.chance(97);
      pool[at] = narrowFloat(half, random) + (boxed ? 0xffff0000 : 0);
      pool[at + 1] = boxed ? 0xffffffff : random.word();
      return;
    }
    default: {
      // A significand of 52 bits: an interesting high part, and a low part that is often all zeros or ones.
      const low = random.below(4);
      pool[at] = low < 2 ? 0 : low === 2 ? 0xffffffff - random.below(2) : random.word();
      const high = ((random.below(2) << 11) | clamp(exponent(11, random), 11)) * 2 ** 20;
      pool[at + 1] = high + significand(20, random);
    }
  }
}

/** Values for the registers: integers, then floating-point values. */
export function randomPool(random: Random): Uint32Array {
  const pool = newPool();
  for (let n = 0; n < 64; n++) putInteger(pool, 2 * n, random);
  for (let n = 64; n < 128; n++) putFloat(pool, 2 * n, random);
  return pool;
}
