import { exponentOf, isNegative, magnitudeOf, type Shape, significandOf } from "./format.ts";
import { invalid, nanFrom } from "./nan.ts";
import { bitLength, type Environment, flag, round, roundingMode } from "./rounding.ts";

/** A finite number significand × 2^exponent; the significand is signed, `negative` tells the zeros apart. */
interface Finite {
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
}

function finite(shape: Shape, bits: bigint): Finite {
  const magnitude = magnitudeOf(shape, bits);
  const negative = isNegative(shape, bits);
  const significand = significandOf(shape, magnitude);
  return { negative, significand: negative ? -significand : significand, exponent: exponentOf(shape, magnitude) };
}

/** a + b. */
export function add(e: Environment, a: bigint, b: bigint): bigint {
  const { shape } = e;
  const x = magnitudeOf(shape, a);
  const y = magnitudeOf(shape, b);
  if (x < shape.infinity && y < shape.infinity) return sum(e, finite(shape, a), finite(shape, b));
  if (x > shape.infinity || y > shape.infinity) return nanFrom(e, x, y);
  if (x === y && a !== b) return invalid(e); // ∞ - ∞
  return x === shape.infinity ? a : b;
}

/** a - b. */
export function sub(e: Environment, a: bigint, b: bigint): bigint {
  return add(e, a, b ^ e.shape.sign);
}

/** x + y, rounded. The significands are at most twice as long as the precision. */
function sum(e: Environment, x: Finite, y: Finite): bigint {
  if (y.significand === 0n) {
    if (x.significand === 0n) return exactZero(e, x.negative, y.negative);
    return roundSigned(e, x.significand, x.exponent);
  }
  if (x.significand === 0n) return roundSigned(e, y.significand, y.exponent);
  const [high, low] = x.exponent < y.exponent ? [y, x] : [x, y];
  const distance = high.exponent - low.exponent;
  const far = 3 * e.shape.precision + 8;
  if (distance > far) {
    // `low` is less than a quarter of the last place: all that matters is its sign and that it is not zero.
    const sticky = low.negative ? -1n : 1n;
    return roundSigned(e, (high.significand << BigInt(far)) + sticky, high.exponent - far);
  }
  const total = (high.significand << BigInt(distance)) + low.significand;
  return total === 0n ? exactZero(e, x.negative, y.negative) : roundSigned(e, total, low.exponent);
}

function roundSigned(e: Environment, significand: bigint, exponent: number): bigint {
  return significand < 0n ? round(e, true, -significand, exponent) : round(e, false, significand, exponent);
}

/** A sum that is exactly zero has the sign of its terms; where they differ, plus, but minus when rounding down (6.3). */
function exactZero(e: Environment, x: boolean, y: boolean): bigint {
  return (x === y ? x : e.rm === roundingMode.rdn) ? e.shape.sign : 0n;
}

/** a × b. */
export function mul(e: Environment, a: bigint, b: bigint): bigint {
  const { shape } = e;
  const x = magnitudeOf(shape, a);
  const y = magnitudeOf(shape, b);
  const sign = (a ^ b) & shape.sign;
  if (x >= shape.infinity || y >= shape.infinity) {
    if (x > shape.infinity || y > shape.infinity) return nanFrom(e, x, y);
    return x === 0n || y === 0n ? invalid(e) : sign | shape.infinity;
  }
  if (x === 0n || y === 0n) return sign;
  const significand = significandOf(shape, x) * significandOf(shape, y);
  return round(e, sign !== 0n, significand, exponentOf(shape, x) + exponentOf(shape, y));
}

/** a × b + c with one rounding. Raises NV for ∞ × 0 + NaN too. */
export function fma(e: Environment, a: bigint, b: bigint, c: bigint): bigint {
  const { shape } = e;
  const { infinity } = shape;
  const x = magnitudeOf(shape, a);
  const y = magnitudeOf(shape, b);
  const z = magnitudeOf(shape, c);
  if ((x === infinity && y === 0n) || (x === 0n && y === infinity)) return invalid(e);
  if (x > infinity || y > infinity || z > infinity) return nanFrom(e, x, y, z);
  const sign = (a ^ b) & shape.sign;
  if (x === infinity || y === infinity) {
    return z === infinity && (c & shape.sign) !== sign ? invalid(e) : sign | infinity;
  }
  if (z === infinity) return c;
  const significand = significandOf(shape, x) * significandOf(shape, y);
  const product: Finite = {
    negative: sign !== 0n,
    significand: sign !== 0n ? -significand : significand,
    exponent: exponentOf(shape, x) + exponentOf(shape, y),
  };
  return sum(e, product, finite(shape, c));
}

/** a / b. */
export function div(e: Environment, a: bigint, b: bigint): bigint {
  const { shape } = e;
  const { infinity } = shape;
  const x = magnitudeOf(shape, a);
  const y = magnitudeOf(shape, b);
  if (x > infinity || y > infinity) return nanFrom(e, x, y);
  const sign = (a ^ b) & shape.sign;
  if (x === infinity) return y === infinity ? invalid(e) : sign | infinity;
  if (y === infinity) return sign;
  if (y === 0n) return x === 0n ? invalid(e) : divideByZero(e, sign);
  if (x === 0n) return sign;
  const dividend = significandOf(shape, x);
  const divisor = significandOf(shape, y);
  // As many bits as make the quotient precision + 2 or + 3 long, and below them one that says whether there are more.
  const shift = shape.precision + 2 + bitLength(divisor) - bitLength(dividend);
  const shifted = dividend << BigInt(shift);
  const quotient = shifted / divisor;
  const sticky = quotient * divisor === shifted ? 0n : 1n;
  const exponent = exponentOf(shape, x) - exponentOf(shape, y) - shift - 1;
  return round(e, sign !== 0n, (quotient << 1n) | sticky, exponent);
}

function divideByZero(e: Environment, sign: bigint): bigint {
  e.flags |= flag.dz;
  return sign | e.shape.infinity;
}

/** The square root of a. */
export function sqrt(e: Environment, a: bigint): bigint {
  const { shape } = e;
  const x = magnitudeOf(shape, a);
  if (x > shape.infinity) return nanFrom(e, x);
  if (x === 0n) return a;
  if (isNegative(shape, a)) return invalid(e);
  if (x === shape.infinity) return a;
  const significand = significandOf(shape, x);
  const exponent = exponentOf(shape, x);
  // The radicand gets an even exponent and twice precision + 2 bits; the root then has half of both.
  let shift = 2 * shape.precision + 4 - bitLength(significand);
  if ((exponent - shift) % 2 !== 0) shift++;
  const radicand = significand << BigInt(shift);
  const root = integerRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return round(e, false, (root << 1n) | sticky, (exponent - shift) / 2 - 1);
}

/** The greatest integer whose square is not above n, for n of up to 111 bits. */
function integerRoot(n: bigint): bigint {
  // The host's root is off by at most some 2^5; one step of Newton's method leaves an error below 1.
  let root = BigInt(Math.floor(Math.sqrt(Number(n))));
  root = (root + n / root) >> 1n;
  while (root * root > n) root--;
  while ((root + 1n) * (root + 1n) <= n) root++;
  return root;
}
