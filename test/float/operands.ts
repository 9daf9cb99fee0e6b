import { type FloatFormat, type FloatOp, SoftFloat } from "../../src/float/index.ts";

const layouts = {
  h: { exponentBits: 5, fractionBits: 10 },
  s: { exponentBits: 8, fractionBits: 23 },
  d: { exponentBits: 11, fractionBits: 52 },
} as const;

/** Raw bits of the values at which arithmetic changes its ways, in both signs. */
export function edges(format: FloatFormat): bigint[] {
  const { exponentBits, fractionBits } = layouts[format];
  const one = 1n << BigInt(fractionBits);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) * one;
  const bias = 2 ** (exponentBits - 1) - 1;
  const powers = [-2, -1, 0, 1, 2, 7, 8, 15, 16, 31, 32, 33, 63, 64, fractionBits - 1, fractionBits, fractionBits + 1];
  const magnitudes = [0n, 1n, 2n, 3n, one >> 1n, one - 1n, one, one + 1n, 2n * one, infinity - 1n, infinity];
  // A signalling NaN, the same with all bits, the canonical NaN, one with a payload.
  magnitudes.push(infinity + 1n, infinity + (one >> 1n) - 1n, infinity + (one >> 1n), infinity + one - 1n);
  for (const exponent of powers) {
    if (exponent > bias) continue;
    const power = BigInt(bias + exponent) * one;
    magnitudes.push(power - 1n, power, power + 1n, power + (one >> 1n));
  }
  const sign = 1n << BigInt(exponentBits + fractionBits);
  return magnitudes.flatMap((m) => [m, sign | m]);
}

const integerEdges = [0n, 1n, 2n, 3n, 0x7fn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n]
  .concat([0x1fffffn, 0x20000000000001n, 0x7fffffffffffffffn, 0x8000000000000000n, 0x7ffffffffffffc00n])
  .concat([0x7ffffffffffffe00n, 0xfffffffffffff800n, 0xfffffffffffffbffn, 0xfffffffffffffc00n, 0xffffffffffffffffn]);

/** Operands for operations: a deterministic stream that dwells where arithmetic is hard. */
export class OperandSource {
  #state: number;
  readonly #edges = { h: edges("h"), s: edges("s"), d: edges("d") };
  readonly #guess = new SoftFloat();

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** An integer from 0 to below `bound`. */
  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return Math.floor(((Math.imul(x, 0x9e3779b1) >>> 0) / 2 ** 32) * bound);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Three operands of an operation; what it does not use is 0. */
  operands(op: FloatOp, format: FloatFormat): [bigint, bigint, bigint] {
    const [kind, other] = op.split(".");
    if (kind === "from") return [other in layouts ? this.value(other as FloatFormat) : this.integer(), 0n, 0n];
    const a = this.value(format);
    if (kind === "to" || ["sqrt", "class", "round", "roundnx", "cvtmod"].includes(op)) return [a, 0n, 0n];
    const b = this.below(2) === 0 ? this.value(format) : this.#related(format, a);
    return [a, b, op === "fma" ? this.#addend(format, a, b) : 0n];
  }

  /** A register with an integer of any length. */
  integer(): bigint {
    if (this.below(4) === 0) return this.pick(integerEdges);
    const magnitude = this.#bits(64) >> BigInt(this.below(64));
    const shaped = this.below(3) === 0 ? (magnitude >> 12n) << 12n : magnitude;
    return BigInt.asUintN(64, this.below(2) === 0 ? shaped : -shaped);
  }

  /** Raw bits of a format. */
  value(format: FloatFormat): bigint {
    const { exponentBits, fractionBits } = layouts[format];
    const last = 2 ** exponentBits - 1;
    const middle = last >> 1;
    switch (this.below(8)) {
      case 0:
      case 1:
        return this.pick(this.#edges[format]);
      case 2:
        return this.#bits(1 + exponentBits + fractionBits);
      case 3:
        return this.#compose(format, this.below(2) === 0 ? this.below(4) : last - 1 - this.below(3));
      case 4:
        return this.#compose(format, Math.min(last - 1, middle + this.below(70)));
      default:
        return this.#compose(format, middle - 6 + this.below(13));
    }
  }

  /** A second operand that brings sums near cancellation, products and quotients near the ends of the range. */
  #related(format: FloatFormat, a: bigint): bigint {
    const { exponentBits, fractionBits } = layouts[format];
    const field = this.#field(format, a);
    const middle = (2 ** exponentBits - 1) >> 1;
    const least = 4 - this.below(fractionBits + 8);
    switch (this.below(6)) {
      case 0:
        return a ^ (BigInt(this.below(2)) << BigInt(exponentBits + fractionBits)) ^ BigInt(this.below(4));
      case 1:
        return this.#compose(format, field + this.below(2 * fractionBits + 8) - fractionBits - 4);
      case 2:
        return this.#compose(format, middle - field + least);
      case 3:
        return this.#compose(format, field + middle - least);
      case 4:
        return this.#compose(format, 3 * middle - field - this.below(3));
      default:
        return this.#compose(format, field - middle + this.below(3));
    }
  }

  /** A third operand near the product of the others, or far from it, or its opposite. */
  #addend(format: FloatFormat, a: bigint, b: bigint): bigint {
    const { exponentBits, fractionBits } = layouts[format];
    const choice = this.below(4);
    if (choice === 0) return this.value(format);
    const product = this.#guess.operate("mul", format, this.below(5), a, b, 0n);
    if (choice === 1) return product ^ (1n << BigInt(exponentBits + fractionBits)) ^ BigInt(this.below(3));
    return this.#compose(format, this.#field(format, product) + this.below(4 * fractionBits) - 2 * fractionBits);
  }

  #field(format: FloatFormat, bits: bigint): number {
    const { exponentBits, fractionBits } = layouts[format];
    return Number((bits >> BigInt(fractionBits)) & ((1n << BigInt(exponentBits)) - 1n));
  }

  /** A number with the exponent field (brought into range), either sign, and a fraction of some shape. */
  #compose(format: FloatFormat, field: number): bigint {
    const { exponentBits, fractionBits } = layouts[format];
    const clamped = Math.max(0, Math.min(2 ** exponentBits - 2, field));
    const high = BigInt(clamped + (this.below(2) << exponentBits)) << BigInt(fractionBits);
    return high | this.#fraction(fractionBits);
  }

  #fraction(bits: number): bigint {
    const all = (1n << BigInt(bits)) - 1n;
    switch (this.below(5)) {
      case 0: // a few high bits: products and quotients that tie or are exact
        return all & (this.#bits(bits) << BigInt(this.below(bits)));
      case 1: // a few low bits
        return this.#bits(bits) >> BigInt(this.below(bits));
      case 2: // all ones but for a few
        return all ^ (this.#bits(bits) >> BigInt(this.below(bits)));
      default:
        return this.#bits(bits);
    }
  }

  #bits(count: number): bigint {
    const value = (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
    return BigInt.asUintN(count, value);
  }
}
