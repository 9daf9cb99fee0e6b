import { type Binary32, type Binary64, immediate32, immediate64, registers32, registers64 } from "./base.ts";
import { definitions } from "./define.ts";
import type { I64, Meaning, MeaningOf } from "./meaning.ts";

/** rd ← op rs1. */
const unary =
  (compute: (m: Meaning, a: I64) => I64): MeaningOf =>
  (m, i) =>
    m.setX(i.rd, compute(m, m.x(i.rs1)));

const lowWord = (m: Meaning, a: I64): I64 => m.zx(m.wrap(a));

/** Zba: address generation. */
export const zba = definitions("zba", (define) => {
  const shiftAdd = (shift: number, low: (m: Meaning, a: I64) => I64): MeaningOf =>
    registers64((m, a, b) => m.i64.add(shift === 0 ? low(m, a) : m.i64.shl(low(m, a), m.k64(shift)), b));
  const whole = (_: Meaning, a: I64): I64 => a;
  define("sh1add rd, rs1, rs2", "0010000 rs2 rs1 010 rd 0110011", shiftAdd(1, whole));
  define("sh2add rd, rs1, rs2", "0010000 rs2 rs1 100 rd 0110011", shiftAdd(2, whole));
  define("sh3add rd, rs1, rs2", "0010000 rs2 rs1 110 rd 0110011", shiftAdd(3, whole));
  define("add.uw rd, rs1, rs2", "0000100 rs2 rs1 000 rd 0111011", shiftAdd(0, lowWord));
  define("sh1add.uw rd, rs1, rs2", "0010000 rs2 rs1 010 rd 0111011", shiftAdd(1, lowWord));
  define("sh2add.uw rd, rs1, rs2", "0010000 rs2 rs1 100 rd 0111011", shiftAdd(2, lowWord));
  define("sh3add.uw rd, rs1, rs2", "0010000 rs2 rs1 110 rd 0111011", shiftAdd(3, lowWord));
  define(
    "slli.uw rd, rs1, shamt",
    "000010 shamt[5:0] rs1 001 rd 0011011",
    immediate64((m, a, shamt) => m.i64.shl(lowWord(m, a), shamt)),
  );
});

/** a < b by a comparison: the smaller or the larger of the two. */
const extreme =
  (isLess: "ltS" | "ltU", wanted: "less" | "greater"): Binary64 =>
  (m, left, right) => {
    const [a, b] = [m.let(left), m.let(right)];
    const less = m.i64[isLess](a, b);
    return wanted === "less" ? m.select(less, a, b) : m.select(less, b, a);
  };

/** Each byte that is not 0 becomes 0xff: bit 7 of every byte tells, then spreads. */
function orCombine(m: Meaning, a: I64): I64 {
  const x = m.let(a);
  const low7 = m.k64(0x7f7f_7f7f_7f7f_7f7fn);
  const carried = m.i64.or(m.i64.add(m.i64.and(x, low7), low7), x);
  const ones = m.i64.and(m.i64.shrU(carried, m.k64(7)), m.k64(0x0101_0101_0101_0101n));
  return m.i64.mul(ones, m.k64(255));
}

/** Exchanges neighbouring groups of `width` bits; `mask` selects the lower group of each pair. */
function exchange(m: Meaning, a: I64, width: number, mask: bigint): I64 {
  const x = m.let(a);
  const [shift, lower] = [m.k64(width), m.k64(mask)];
  return m.i64.or(m.i64.and(m.i64.shrU(x, shift), lower), m.i64.shl(m.i64.and(x, lower), shift));
}

function reverseBytes(m: Meaning, a: I64): I64 {
  const halves = exchange(m, exchange(m, a, 8, 0x00ff_00ff_00ff_00ffn), 16, 0x0000_ffff_0000_ffffn);
  return m.i64.rotl(halves, m.k64(32));
}

function reverseBitsInBytes(m: Meaning, a: I64): I64 {
  const pairs = exchange(m, a, 1, 0x5555_5555_5555_5555n);
  return exchange(m, exchange(m, pairs, 2, 0x3333_3333_3333_3333n), 4, 0x0f0f_0f0f_0f0f_0f0fn);
}

const complement = (m: Meaning, a: I64): I64 => m.i64.xor(a, m.k64(-1));
const rotateLeft: Binary64 = (m, a, b) => m.i64.rotl(a, b);
const rotateRight: Binary64 = (m, a, b) => m.i64.rotr(a, b);
const rotateLeftWord: Binary32 = (m, a, b) => m.i32.rotl(a, b);
const rotateRightWord: Binary32 = (m, a, b) => m.i32.rotr(a, b);

/** What Zbb shares with Zbkb. */
const zbbAndZbkb = definitions("zbb | zbkb", (define) => {
  define(
    "andn rd, rs1, rs2",
    "0100000 rs2 rs1 111 rd 0110011",
    registers64((m, a, b) => m.i64.and(a, complement(m, b))),
  );
  define(
    "orn rd, rs1, rs2",
    "0100000 rs2 rs1 110 rd 0110011",
    registers64((m, a, b) => m.i64.or(a, complement(m, b))),
  );
  define(
    "xnor rd, rs1, rs2",
    "0100000 rs2 rs1 100 rd 0110011",
    registers64((m, a, b) => complement(m, m.i64.xor(a, b))),
  );
  define("rol rd, rs1, rs2", "0110000 rs2 rs1 001 rd 0110011", registers64(rotateLeft));
  define("ror rd, rs1, rs2", "0110000 rs2 rs1 101 rd 0110011", registers64(rotateRight));
  define("rori rd, rs1, shamt", "011000 shamt[5:0] rs1 101 rd 0010011", immediate64(rotateRight));
  define("rolw rd, rs1, rs2", "0110000 rs2 rs1 001 rd 0111011", registers32(rotateLeftWord));
  define("rorw rd, rs1, rs2", "0110000 rs2 rs1 101 rd 0111011", registers32(rotateRightWord));
  define("roriw rd, rs1, shamt", "0110000 shamt[4:0] rs1 101 rd 0011011", immediate32(rotateRightWord));
  define("rev8 rd, rs1", "011010111000 rs1 101 rd 0010011", unary(reverseBytes));
});

/** Zbb: basic bit manipulation. */
const zbbOnly = definitions("zbb", (define) => {
  define(
    "clz rd, rs1",
    "011000000000 rs1 001 rd 0010011",
    unary((m, a) => m.i64.clz(a)),
  );
  define(
    "ctz rd, rs1",
    "011000000001 rs1 001 rd 0010011",
    unary((m, a) => m.i64.ctz(a)),
  );
  define(
    "cpop rd, rs1",
    "011000000010 rs1 001 rd 0010011",
    unary((m, a) => m.i64.popcnt(a)),
  );
  define(
    "clzw rd, rs1",
    "011000000000 rs1 001 rd 0011011",
    unary((m, a) => m.zx(m.i32.clz(m.wrap(a)))),
  );
  define(
    "ctzw rd, rs1",
    "011000000001 rs1 001 rd 0011011",
    unary((m, a) => m.zx(m.i32.ctz(m.wrap(a)))),
  );
  define(
    "cpopw rd, rs1",
    "011000000010 rs1 001 rd 0011011",
    unary((m, a) => m.zx(m.i32.popcnt(m.wrap(a)))),
  );
  define(
    "sext.b rd, rs1",
    "011000000100 rs1 001 rd 0010011",
    unary((m, a) => m.i64.extend8(a)),
  );
  define(
    "sext.h rd, rs1",
    "011000000101 rs1 001 rd 0010011",
    unary((m, a) => m.i64.extend16(a)),
  );
  define(
    "zext.h rd, rs1",
    "0000100 00000 rs1 100 rd 0111011",
    unary((m, a) => m.i64.and(a, m.k64(0xffff))),
    { of: "packw" },
  );
  define("min rd, rs1, rs2", "0000101 rs2 rs1 100 rd 0110011", registers64(extreme("ltS", "less")));
  define("minu rd, rs1, rs2", "0000101 rs2 rs1 101 rd 0110011", registers64(extreme("ltU", "less")));
  define("max rd, rs1, rs2", "0000101 rs2 rs1 110 rd 0110011", registers64(extreme("ltS", "greater")));
  define("maxu rd, rs1, rs2", "0000101 rs2 rs1 111 rd 0110011", registers64(extreme("ltU", "greater")));
  define("orc.b rd, rs1", "001010000111 rs1 101 rd 0010011", unary(orCombine));
});
export const zbb = [...zbbAndZbkb, ...zbbOnly];

/** Zbs: single bits. */
export const zbs = definitions("zbs", (define) => {
  const bit = (m: Meaning, index: I64): I64 => m.i64.shl(m.k64(1), index);
  const both = (name: string, funct6: string, funct3: string, compute: Binary64) => {
    define(`${name} rd, rs1, rs2`, `${funct6}0 rs2 rs1 ${funct3} rd 0110011`, registers64(compute));
    define(`${name}i rd, rs1, shamt`, `${funct6} shamt[5:0] rs1 ${funct3} rd 0010011`, immediate64(compute));
  };
  both("bclr", "010010", "001", (m, a, b) => m.i64.and(a, complement(m, bit(m, b))));
  both("bext", "010010", "101", (m, a, b) => m.i64.and(m.i64.shrU(a, b), m.k64(1)));
  both("binv", "011010", "001", (m, a, b) => m.i64.xor(a, bit(m, b)));
  both("bset", "001010", "001", (m, a, b) => m.i64.or(a, bit(m, b)));
});

/** Zbc and Zbkc: carry-less multiplication. */
export const zbc = [
  ...definitions("zbc | zbkc", (define) => {
    define(
      "clmul rd, rs1, rs2",
      "0000101 rs2 rs1 001 rd 0110011",
      registers64((m, a, b) => m.pure("clmul", a, b)),
    );
    define(
      "clmulh rd, rs1, rs2",
      "0000101 rs2 rs1 011 rd 0110011",
      registers64((m, a, b) => m.pure("clmulh", a, b)),
    );
  }),
  ...definitions("zbc", (define) => {
    define(
      "clmulr rd, rs1, rs2",
      "0000101 rs2 rs1 010 rd 0110011",
      registers64((m, a, b) => m.pure("clmulr", a, b)),
    );
  }),
];

/** Zbkb: bit manipulation for cryptography, beside what it shares with Zbb. */
export const zbkb = definitions("zbkb", (define) => {
  /** The low `width` bits of b above those of a. */
  const pack = (m: Meaning, a: I64, b: I64, width: number): I64 => {
    const mask = m.k64((1n << BigInt(width)) - 1n);
    return m.i64.or(m.i64.and(a, mask), m.i64.shl(m.i64.and(b, mask), m.k64(width)));
  };
  define(
    "pack rd, rs1, rs2",
    "0000100 rs2 rs1 100 rd 0110011",
    registers64((m, a, b) => pack(m, a, b, 32)),
  );
  define(
    "packh rd, rs1, rs2",
    "0000100 rs2 rs1 111 rd 0110011",
    registers64((m, a, b) => pack(m, a, b, 8)),
  );
  define(
    "packw rd, rs1, rs2",
    "0000100 rs2 rs1 100 rd 0111011",
    registers64((m, a, b) => m.i64.extend32(pack(m, a, b, 16))),
  );
  define("brev8 rd, rs1", "011010000111 rs1 101 rd 0010011", unary(reverseBitsInBytes));
});

/** Zbkx: crossbar permutations. */
export const zbkx = definitions("zbkx", (define) => {
  define(
    "xperm4 rd, rs1, rs2",
    "0010100 rs2 rs1 010 rd 0110011",
    registers64((m, a, b) => m.pure("xperm4", a, b)),
  );
  define(
    "xperm8 rd, rs1, rs2",
    "0010100 rs2 rs1 100 rd 0110011",
    registers64((m, a, b) => m.pure("xperm8", a, b)),
  );
});

/** Zicond: conditional zero. */
export const zicond = definitions("zicond", (define) => {
  define(
    "czero.eqz rd, rs1, rs2",
    "0000111 rs2 rs1 101 rd 0110011",
    registers64((m, a, b) => m.select(m.i64.eqz(b), m.k64(0), a)),
  );
  define(
    "czero.nez rd, rs1, rs2",
    "0000111 rs2 rs1 111 rd 0110011",
    registers64((m, a, b) => m.select(m.i64.eqz(b), a, m.k64(0))),
  );
});
