import type { FloatFormat, FloatOp } from "../../src/float/index.ts";

/**
 * A second opinion on floating-point arithmetic, that shares nothing with the implementation: numbers are fractions
 * of integers, and every result is what the definition says, found by division, comparison and search.
 */

interface Layout {
  readonly exponentBits: number;
  readonly fractionBits: number;
}
const layouts: Record<FloatFormat, Layout> = {
  h: { exponentBits: 5, fractionBits: 10 },
  s: { exponentBits: 8, fractionBits: 23 },
  d: { exponentBits: 11, fractionBits: 52 },
};

/** What bits stand for; a finite number is ±numerator / denominator. */
type Value =
  | { kind: "nan"; signalling: boolean; negative: boolean }
  | { kind: "infinite"; negative: boolean }
  | { kind: "finite"; negative: boolean; numerator: bigint; denominator: bigint };
type Finite = Extract<Value, { kind: "finite" }>;

/** A magnitude that can say how many times a power of two it is: the whole part, and where in the next step it lies. */
interface Magnitude {
  measure(exponent: number): { whole: bigint; rest: "none" | "below half" | "half" | "above half" };
}

/** A result and the flags it raises. */
export interface Verdict {
  readonly bits: bigint;
  readonly flags: number;
}

const NV = 16;
const DZ = 8;
const OF = 4;
const UF = 2;
const NX = 1;
const power = (exponent: number): bigint => 2n ** BigInt(exponent);

function decode(format: FloatFormat, bits: bigint): Value {
  const { exponentBits, fractionBits } = layouts[format];
  const fraction = bits % power(fractionBits);
  const field = Number((bits / power(fractionBits)) % power(exponentBits));
  const negative = bits / power(fractionBits + exponentBits) === 1n;
  if (field === 2 ** exponentBits - 1) {
    if (fraction === 0n) return { kind: "infinite", negative };
    return { kind: "nan", signalling: fraction < power(fractionBits - 1), negative };
  }
  const significand = field === 0 ? fraction : fraction + power(fractionBits);
  const exponent = Math.max(field, 1) - (2 ** (exponentBits - 1) - 1) - fractionBits;
  return exponent >= 0
    ? { kind: "finite", negative, numerator: significand * power(exponent), denominator: 1n }
    : { kind: "finite", negative, numerator: significand, denominator: power(-exponent) };
}

function special(format: FloatFormat, kind: "zero" | "infinite" | "nan", negative = false): bigint {
  const { exponentBits, fractionBits } = layouts[format];
  const sign = negative ? power(exponentBits + fractionBits) : 0n;
  if (kind === "zero") return sign;
  const infinite = (power(exponentBits) - 1n) * power(fractionBits);
  return kind === "nan" ? infinite + power(fractionBits - 1) : sign + infinite;
}

/** The bits of whole × 2^exponent, which must be representable. */
function encode(format: FloatFormat, negative: boolean, whole: bigint, exponent: number): bigint {
  const { exponentBits, fractionBits } = layouts[format];
  const least = 2 - 2 ** (exponentBits - 1) - fractionBits;
  if (whole === 0n) return special(format, "zero", negative);
  while (whole < power(fractionBits) && exponent > least) {
    whole *= 2n;
    exponent--;
  }
  while (whole >= power(fractionBits + 1)) {
    if (whole % 2n !== 0n) throw new Error("not representable");
    whole /= 2n;
    exponent++;
  }
  const sign = special(format, "zero", negative);
  if (whole < power(fractionBits)) return sign + whole;
  return sign + BigInt(exponent - least + 1) * power(fractionBits) + (whole - power(fractionBits));
}

function ratio(numerator: bigint, denominator: bigint): Magnitude {
  return {
    measure(exponent) {
      const n = exponent < 0 ? numerator * power(-exponent) : numerator;
      const d = exponent < 0 ? denominator : denominator * power(exponent);
      const rest = (n % d) * 2n;
      return {
        whole: n / d,
        rest: rest === 0n ? "none" : rest < d ? "below half" : rest === d ? "half" : "above half",
      };
    },
  };
}

function squareRoot(numerator: bigint, denominator: bigint): Magnitude {
  return {
    measure(exponent) {
      const n = exponent < 0 ? numerator * power(-2 * exponent) : numerator;
      const d = exponent < 0 ? denominator : denominator * power(2 * exponent);
      let whole = 0n;
      let step = 1n;
      while (step * step * d <= n) step *= 2n;
      for (; step > 0n; step /= 2n) if ((whole + step) ** 2n * d <= n) whole += step;
      if (whole * whole * d === n) return { whole, rest: "none" };
      const middle = (2n * whole + 1n) ** 2n * d;
      return { whole, rest: 4n * n < middle ? "below half" : 4n * n === middle ? "half" : "above half" };
    },
  };
}

/** The multiple of 2^exponent that the rounding mode chooses. */
function choose(rm: number, negative: boolean, magnitude: Magnitude, exponent: number) {
  const { whole, rest } = magnitude.measure(exponent);
  if (rest === "none") return { whole, exact: true };
  const nearestIsAbove = rest === "above half" || (rest === "half" && (rm === 4 || whole % 2n === 1n));
  const above = [nearestIsAbove, false, negative, !negative, nearestIsAbove][rm];
  return { whole: above ? whole + 1n : whole, exact: false };
}

/** The exponent e with 2^e ≤ magnitude < 2^(e+1), found from a guess. */
function binade(magnitude: Magnitude, guess: number): number {
  for (;;) {
    const { whole } = magnitude.measure(guess);
    if (whole === 1n) return guess;
    guess += whole === 0n ? -1 : 1;
  }
}

/** Whether whole × 2^exponent, not zero, is 2^bound or more. */
function reaches(whole: bigint, exponent: number, bound: number): boolean {
  return exponent >= bound || whole >= power(bound - exponent);
}

/** IEEE 754-2019, 4.3 and 7: the number rounded to a format. */
function rounded(format: FloatFormat, rm: number, negative: boolean, magnitude: Magnitude, guess: number): Verdict {
  const { exponentBits, fractionBits } = layouts[format];
  const greatest = 2 ** (exponentBits - 1) - 1;
  const least = 1 - greatest;
  const exponent = binade(magnitude, guess);
  const unbounded = choose(rm, negative, magnitude, exponent - fractionBits);
  if (reaches(unbounded.whole, exponent - fractionBits, greatest + 1)) {
    const toInfinity = [true, false, negative, !negative, true][rm];
    const largest = encode(format, negative, power(fractionBits + 1) - 1n, greatest - fractionBits);
    return { bits: toInfinity ? special(format, "infinite", negative) : largest, flags: OF | NX };
  }
  const isTiny = !reaches(unbounded.whole, exponent - fractionBits, least);
  const place = Math.max(exponent, least) - fractionBits;
  const { whole, exact } = choose(rm, negative, magnitude, place);
  return { bits: encode(format, negative, whole, place), flags: exact ? 0 : isTiny ? UF | NX : NX };
}

const digits = (n: bigint): number => 4 * n.toString(16).length;

function roundedRatio(format: FloatFormat, rm: number, negative: boolean, n: bigint, d: bigint): Verdict {
  if (n === 0n) return { bits: special(format, "zero", negative), flags: 0 };
  return rounded(format, rm, negative, ratio(n, d), digits(n) - digits(d));
}

function signed(x: Finite): bigint {
  return x.negative ? -x.numerator : x.numerator;
}

function nan(format: FloatFormat, flags: number): Verdict {
  return { bits: special(format, "nan"), flags };
}

function isSignalling(...values: Value[]): boolean {
  return values.some((v) => v.kind === "nan" && v.signalling);
}

function sum(format: FloatFormat, rm: number, x: Value, y: Value): Verdict {
  if (x.kind === "nan" || y.kind === "nan") return nan(format, isSignalling(x, y) ? NV : 0);
  if (x.kind === "infinite" || y.kind === "infinite") {
    if (x.kind === y.kind && x.negative !== y.negative) return nan(format, NV);
    return { bits: special(format, "infinite", x.kind === "infinite" ? x.negative : y.negative), flags: 0 };
  }
  const total = signed(x) * y.denominator + signed(y) * x.denominator;
  if (total === 0n) {
    const negative = x.negative === y.negative ? x.negative : rm === 2;
    return { bits: special(format, "zero", negative), flags: 0 };
  }
  return roundedRatio(format, rm, total < 0n, total < 0n ? -total : total, x.denominator * y.denominator);
}

/** The exact product as a value; NaN if there is none. */
function product(x: Value, y: Value): { value: Value; flags: number } {
  const negative = x.negative !== y.negative;
  const none: Value = { kind: "nan", signalling: false, negative: false };
  if (x.kind === "nan" || y.kind === "nan") return { value: none, flags: isSignalling(x, y) ? NV : 0 };
  if (x.kind === "finite" && y.kind === "finite") {
    const numerator = x.numerator * y.numerator;
    return {
      value: { kind: "finite", negative, numerator, denominator: x.denominator * y.denominator },
      flags: 0,
    };
  }
  const isZero = [x, y].some((v) => v.kind === "finite" && v.numerator === 0n);
  return isZero ? { value: none, flags: NV } : { value: { kind: "infinite", negative }, flags: 0 };
}

function divide(format: FloatFormat, rm: number, x: Value, y: Value): Verdict {
  if (x.kind === "nan" || y.kind === "nan") return nan(format, isSignalling(x, y) ? NV : 0);
  const negative = x.negative !== y.negative;
  if (x.kind === "infinite") {
    return y.kind === "infinite" ? nan(format, NV) : { bits: special(format, "infinite", negative), flags: 0 };
  }
  if (y.kind === "infinite") return { bits: special(format, "zero", negative), flags: 0 };
  if (y.numerator === 0n) {
    return x.numerator === 0n ? nan(format, NV) : { bits: special(format, "infinite", negative), flags: DZ };
  }
  return roundedRatio(format, rm, negative, x.numerator * y.denominator, x.denominator * y.numerator);
}

function root(format: FloatFormat, rm: number, x: Value): Verdict {
  if (x.kind === "nan") return nan(format, x.signalling ? NV : 0);
  if (x.kind === "finite" && x.numerator === 0n) return { bits: special(format, "zero", x.negative), flags: 0 };
  if (x.negative) return nan(format, NV);
  if (x.kind === "infinite") return { bits: special(format, "infinite"), flags: 0 };
  const guess = Math.floor((digits(x.numerator) - digits(x.denominator)) / 2);
  return rounded(format, rm, false, squareRoot(x.numerator, x.denominator), guess);
}

/** -1, 0 or 1 as x is less than, equal to or greater than y; neither is NaN. */
function order(x: Value, y: Value): number {
  const [p, q] = [x, y].map((v) => {
    if (v.kind === "finite") return { n: signed(v), d: v.denominator };
    return { n: v.negative ? -1n : 1n, d: 0n };
  });
  if (p.d === 0n && q.d === 0n) return Math.sign(Number(p.n - q.n));
  if (p.d === 0n) return Number(p.n);
  if (q.d === 0n) return -Number(q.n);
  const difference = p.n * q.d - q.n * p.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function compare(x: Value, y: Value, quiet: boolean, holds: (order: number) => boolean): Verdict {
  if (x.kind === "nan" || y.kind === "nan") return { bits: 0n, flags: !quiet || isSignalling(x, y) ? NV : 0 };
  return { bits: holds(order(x, y)) ? 1n : 0n, flags: 0 };
}

function extreme(format: FloatFormat, a: bigint, b: bigint, side: number, nanWins: boolean): Verdict {
  const x = decode(format, a);
  const y = decode(format, b);
  const flags = isSignalling(x, y) ? NV : 0;
  if (x.kind === "nan" || y.kind === "nan") {
    if (nanWins || x.kind === y.kind) return nan(format, flags);
    return { bits: x.kind === "nan" ? b : a, flags };
  }
  let direction = order(x, y);
  if (direction === 0 && x.negative !== y.negative) direction = x.negative ? -1 : 1;
  return { bits: direction * side >= 0 ? a : b, flags };
}

const ranges: Record<string, [number, bigint, bigint]> = {
  w: [32, -power(31), power(31) - 1n],
  wu: [32, 0n, power(32) - 1n],
  l: [64, -power(63), power(63) - 1n],
  lu: [64, 0n, power(64) - 1n],
};

/** Two's complement of the low bits, sign-extended to a 64-bit register. */
function register(width: number, value: bigint): bigint {
  const low = ((value % power(width)) + power(width)) % power(width);
  return low >= power(width - 1) ? low - power(width) + power(64) : low;
}

function toInteger(rm: number, x: Value, target: string): Verdict {
  const [width, least, greatest] = ranges[target];
  if (x.kind !== "finite") {
    return { bits: register(width, x.kind === "infinite" && x.negative ? least : greatest), flags: NV };
  }
  const { whole, exact } = choose(rm, x.negative, ratio(x.numerator, x.denominator), 0);
  const value = x.negative ? -whole : whole;
  if (value < least) return { bits: register(width, least), flags: NV };
  if (value > greatest) return { bits: register(width, greatest), flags: NV };
  return { bits: register(width, value), flags: exact ? 0 : NX };
}

function modular(x: Value): Verdict {
  const { flags } = toInteger(1, x, "w");
  if (x.kind !== "finite") return { bits: 0n, flags };
  const whole = x.numerator / x.denominator;
  return { bits: register(32, x.negative ? -whole : whole), flags };
}

function fromInteger(format: FloatFormat, rm: number, a: bigint, source: string): Verdict {
  const [width, least] = ranges[source];
  let value = a % power(width);
  if (least < 0n && value >= power(width - 1)) value -= power(width);
  return roundedRatio(format, rm, value < 0n, value < 0n ? -value : value, 1n);
}

function integral(format: FloatFormat, rm: number, x: Value, raisesInexact: boolean): Verdict {
  if (x.kind === "nan") return nan(format, x.signalling ? NV : 0);
  if (x.kind === "infinite") return { bits: special(format, "infinite", x.negative), flags: 0 };
  const { whole, exact } = choose(rm, x.negative, ratio(x.numerator, x.denominator), 0);
  return { bits: encode(format, x.negative, whole, 0), flags: raisesInexact && !exact ? NX : 0 };
}

function convert(format: FloatFormat, rm: number, x: Value): Verdict {
  if (x.kind === "nan") return nan(format, x.signalling ? NV : 0);
  if (x.kind === "infinite") return { bits: special(format, "infinite", x.negative), flags: 0 };
  return roundedRatio(format, rm, x.negative, x.numerator, x.denominator);
}

function classify(format: FloatFormat, x: Value): Verdict {
  const { exponentBits } = layouts[format];
  const bit = (): number => {
    if (x.kind === "nan") return x.signalling ? 8 : 9;
    if (x.kind === "infinite") return x.negative ? 0 : 7;
    if (x.numerator === 0n) return x.negative ? 3 : 4;
    const isNormal = x.numerator * power(2 ** (exponentBits - 1) - 2) >= x.denominator;
    if (isNormal) return x.negative ? 1 : 6;
    return x.negative ? 2 : 5;
  };
  return { bits: power(bit()), flags: 0 };
}

function fused(format: FloatFormat, rm: number, x: Value, y: Value, z: Value): Verdict {
  const { value, flags } = product(x, y);
  const total = sum(format, rm, value, z);
  return { bits: total.bits, flags: total.flags | flags };
}

/** What the definitions say of an operation: operands as `SoftFloat.operate` takes them. */
export function judge(op: FloatOp, format: FloatFormat, rm: number, a: bigint, b: bigint, c: bigint): Verdict {
  const [kind, other] = op.split(".");
  if (kind === "to") return toInteger(rm, decode(format, a), other);
  if (kind === "from") {
    return other in ranges ? fromInteger(format, rm, a, other) : convert(format, rm, decode(other as FloatFormat, a));
  }
  const x = decode(format, a);
  if (op === "class") return classify(format, x);
  if (op === "sqrt") return root(format, rm, x);
  if (op === "cvtmod") return modular(x);
  if (op === "round" || op === "roundnx") return integral(format, rm, x, op === "roundnx");
  const y = decode(format, b);
  switch (op) {
    case "add":
      return sum(format, rm, x, y);
    case "sub":
      return sum(format, rm, x, { ...y, negative: !y.negative });
    case "mul": {
      const { value, flags } = product(x, y);
      if (value.kind === "nan") return nan(format, flags);
      return convert(format, rm, value);
    }
    case "div":
      return divide(format, rm, x, y);
    case "fma":
      return fused(format, rm, x, y, decode(format, c));
    case "min":
    case "minm":
      return extreme(format, a, b, -1, op === "minm");
    case "max":
    case "maxm":
      return extreme(format, a, b, 1, op === "maxm");
    case "eq":
      return compare(x, y, true, (o) => o === 0);
    case "lt":
    case "ltq":
      return compare(x, y, op === "ltq", (o) => o < 0);
    case "le":
    case "leq":
      return compare(x, y, op === "leq", (o) => o <= 0);
  }
  throw new Error(`no definition of ${op}`);
}
