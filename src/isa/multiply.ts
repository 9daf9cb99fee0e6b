import { type Binary64, registers32, registers64 } from "./base.ts";
import { definitions } from "./define.ts";
import type { I64, Meaning, MeaningOf } from "./meaning.ts";

/** All ones where a is negative, else 0. */
const signMask = (m: Meaning, a: I64): I64 => m.i64.shrS(a, m.k64(63));

/** The high half of a signed × unsigned product: the unsigned one, less b · 2^64 / 2^64 where a is negative. */
function mulhsu(m: Meaning, left: I64, right: I64): I64 {
  const [a, b] = [m.let(left), m.let(right)];
  return m.i64.sub(m.mulhu(a, b), m.i64.and(signMask(m, a), b));
}

function mulh(m: Meaning, left: I64, right: I64): I64 {
  const [a, b] = [m.let(left), m.let(right)];
  return m.i64.sub(mulhsu(m, a, b), m.i64.and(signMask(m, b), a));
}

/** `compute`, which may not see a divisor of 0, or `byZero(a)`. */
const guarded =
  (byZero: (m: Meaning, a: I64) => I64, compute: Binary64): Binary64 =>
  (m, left, right) => {
    const [a, b] = [m.let(left), m.let(right)];
    return m.if64(m.i64.eqz(b), byZero(m, a), compute(m, a, b));
  };

/** `compute` for divisors other than -1, for which -2^63 would overflow; `byMinusOne(a)` for that one. */
const unlessMinusOne =
  (byMinusOne: (m: Meaning, a: I64) => I64, compute: Binary64): Binary64 =>
  (m, a, b) =>
    m.if64(m.i64.eq(b, m.k64(-1)), byMinusOne(m, a), compute(m, a, b));

// "Division Operations": semantics for division by zero and division overflow.
const allOnes = (m: Meaning): I64 => m.k64(-1);
const itself = (_: Meaning, a: I64): I64 => a;
const negated = (m: Meaning, a: I64): I64 => m.i64.sub(m.k64(0), a);
const zero = (m: Meaning): I64 => m.k64(0);
const divS: Binary64 = (m, a, b) => m.i64.divS(a, b);
const divU: Binary64 = (m, a, b) => m.i64.divU(a, b);
const remS: Binary64 = (m, a, b) => m.i64.remS(a, b);
const remU: Binary64 = (m, a, b) => m.i64.remU(a, b);

/** A division of the low 32 bits, carried out in 64, where it cannot overflow. */
const words =
  (extend: (m: Meaning, a: I64) => I64, compute: Binary64): MeaningOf =>
  (m, i) =>
    m.setX(i.rd, m.i64.extend32(compute(m, extend(m, m.x(i.rs1)), extend(m, m.x(i.rs2)))));
const signed = (m: Meaning, a: I64): I64 => m.i64.extend32(a);
const unsigned = (m: Meaning, a: I64): I64 => m.zx(m.wrap(a));

/** M (unprivileged specification, "M" Extension for Integer Multiplication and Division). */
export const multiply = definitions("m", (define) => {
  define(
    "mul rd, rs1, rs2",
    "0000001 rs2 rs1 000 rd 0110011",
    registers64((m, a, b) => m.i64.mul(a, b)),
  );
  define("mulh rd, rs1, rs2", "0000001 rs2 rs1 001 rd 0110011", registers64(mulh));
  define("mulhsu rd, rs1, rs2", "0000001 rs2 rs1 010 rd 0110011", registers64(mulhsu));
  define(
    "mulhu rd, rs1, rs2",
    "0000001 rs2 rs1 011 rd 0110011",
    registers64((m, a, b) => m.mulhu(a, b)),
  );
  define(
    "mulw rd, rs1, rs2",
    "0000001 rs2 rs1 000 rd 0111011",
    registers32((m, a, b) => m.i32.mul(a, b)),
  );

  const div = guarded(allOnes, unlessMinusOne(negated, divS));
  const rem = guarded(itself, unlessMinusOne(zero, remS));
  define("div rd, rs1, rs2", "0000001 rs2 rs1 100 rd 0110011", registers64(div));
  define("divu rd, rs1, rs2", "0000001 rs2 rs1 101 rd 0110011", registers64(guarded(allOnes, divU)));
  define("rem rd, rs1, rs2", "0000001 rs2 rs1 110 rd 0110011", registers64(rem));
  define("remu rd, rs1, rs2", "0000001 rs2 rs1 111 rd 0110011", registers64(guarded(itself, remU)));
  define("divw rd, rs1, rs2", "0000001 rs2 rs1 100 rd 0111011", words(signed, guarded(allOnes, divS)));
  define("divuw rd, rs1, rs2", "0000001 rs2 rs1 101 rd 0111011", words(unsigned, guarded(allOnes, divU)));
  define("remw rd, rs1, rs2", "0000001 rs2 rs1 110 rd 0111011", words(signed, guarded(itself, remS)));
  define("remuw rd, rs1, rs2", "0000001 rs2 rs1 111 rd 0111011", words(unsigned, guarded(itself, remU)));
});
