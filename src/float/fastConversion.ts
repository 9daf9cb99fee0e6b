import { choose, type Expression, f32, f64, i32, i64 } from "../wasm/index.ts";
import type { FastPath } from "./fastArithmetic.ts";
import { type FastFunction, native } from "./fastFunction.ts";
import type { IntFormat } from "./operation.ts";
import { roundingMode } from "./rounding.ts";

/** Integer formats: the range in which a double's integral value may be converted, and how. */
const targets: Readonly<Record<IntFormat, { least: number; bound: number; convert(value: Expression): Expression }>> = {
  w: { least: -(2 ** 31), bound: 2 ** 31, convert: (v) => i64.extendS(i32.truncF64S(v)) },
  wu: { least: 0, bound: 2 ** 32, convert: (v) => i64.extendS(i32.truncF64U(v)) },
  l: { least: -(2 ** 63), bound: 2 ** 63, convert: (v) => i64.truncF64S(v) },
  lu: { least: 0, bound: 2 ** 64, convert: (v) => i64.truncF64U(v) },
};

/** To an integer, in all rounding modes but RMM. Singles are converted as the doubles that they are. */
function toInteger(target: IntFormat): FastPath {
  const { least, bound, convert } = targets[target];
  return (f) => {
    const { rne, rtz, rdn, rup } = roundingMode;
    const is = (mode: number) => i32.eq(f.rm, i32.const(mode));
    f.slowIf(i32.gtU(f.rm, i32.const(rup)));
    const value = f.let(f.format.widen(f.format.fromBits(f.a)));
    const nearest = choose(is(rne), f64.nearest(value), choose(is(rdn), f64.floor(value), f64.ceil(value)));
    const integer = f.let(choose(is(rtz), f64.trunc(value), nearest));
    f.slowUnless(i32.and(f64.ge(integer, f64.const(least)), f64.lt(integer, f64.const(bound))));
    f.returnRounded(convert(integer), () => f64.ne(integer, value));
  };
}

/** Integer formats: the register's number in 64 bits, its magnitude, its value in f32 and f64. */
interface Source {
  extend(a: Expression): Expression;
  magnitude(f: FastFunction, number: Expression): Expression;
  readonly convert: { s(number: Expression): Expression; d(number: Expression): Expression };
  /** Whether a double represents all of them. */
  readonly fitsDouble: boolean;
}

function signedMagnitude(f: FastFunction, number: Expression): Expression {
  const sign = f.let(i64.shrS(number, i64.const(63)));
  return f.let(i64.sub(i64.xor(number, sign), sign));
}

const signed: Source = {
  extend: (a) => a,
  magnitude: signedMagnitude,
  convert: { s: f32.convertI64S, d: f64.convertI64S },
  fitsDouble: false,
};
const unsigned: Source = {
  extend: (a) => a,
  magnitude: (_, number) => number,
  convert: { s: f32.convertI64U, d: f64.convertI64U },
  fitsDouble: false,
};
const sources: Readonly<Record<IntFormat, Source>> = {
  w: { ...signed, extend: i64.extend32, fitsDouble: true },
  wu: { ...signed, extend: (a) => i64.extendU(i32.wrap(a)), fitsDouble: true },
  l: signed,
  lu: unsigned,
};

/** From an integer: in all rounding modes if it is exact, else to nearest. */
function fromInteger(source: IntFormat): FastPath {
  const { extend, magnitude, convert, fitsDouble } = sources[source];
  return (f) => {
    const number = f.let(extend(f.a));
    const isDouble = f.format === native.d;
    const bits = f.format.toBits(isDouble ? convert.d(number) : convert.s(number));
    if (isDouble && fitsDouble) {
      f.return(bits);
      return;
    }
    const isInexact = () => {
      const size = magnitude(f, number);
      const length = i64.sub(i64.sub(i64.const(64), i64.clz(size)), i64.ctz(size));
      return i64.gtS(length, i64.const(f.format.shape.precision));
    };
    f.body.if(f.rm, () => {
      f.slowIf(isInexact());
      f.return(bits);
    });
    f.returnRounded(bits, isInexact);
  };
}

/** From single to double: exact. */
function widen(f: FastFunction): void {
  const value = f.let(native.s.fromBits(f.a));
  f.slowIf(f32.ne(value, value));
  f.return(i64.reinterpret(f64.promote(value)));
}

/** From double to single. */
function narrow(f: FastFunction): void {
  f.slowIf(f.rm);
  const value = f.let(native.d.fromBits(f.a));
  const result = f.let(f32.demote(value));
  const bits = f.let(f.format.toBits(result));
  f.body.if(i32.eqz(f.isOrdinary(bits)), () => {
    f.slowUnless(f64.eq(value, f64.const(0)));
    f.return(bits);
  });
  f.returnRounded(bits, () => f64.ne(f64.promote(result), value));
}

/** The fast paths of conversions that both formats have. */
export const fastConversion = {
  "to.w": toInteger("w"),
  "to.wu": toInteger("wu"),
  "to.l": toInteger("l"),
  "to.lu": toInteger("lu"),
  "from.w": fromInteger("w"),
  "from.wu": fromInteger("wu"),
  "from.l": fromInteger("l"),
  "from.lu": fromInteger("lu"),
} as const satisfies Record<string, FastPath>;

/** `from.s` into double, `from.d` into single. */
export const fastWidening: FastPath = widen;
export const fastNarrowing: FastPath = narrow;
