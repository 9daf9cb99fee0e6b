import { address } from "./base.ts";
import { type Define, definitions } from "./define.ts";
import type { FloatFormat, FloatOp, FReg, I64, IntFormat, LoadKind, Meaning, MeaningOf, StoreKind } from "./meaning.ts";

/** What the instructions of a format differ in. */
export interface FormatData {
  readonly format: FloatFormat;
  /** The encoding's fmt field; also the source of a conversion. */
  readonly fmt: string;
  readonly bits: 16 | 32 | 64;
  /** The extensions of its loads, stores and moves, and of its arithmetic. */
  readonly moves: string;
  readonly arithmetic: string;
  /** funct3 of loads and stores. */
  readonly width: string;
  readonly load: readonly [string, LoadKind];
  readonly store: readonly [string, StoreKind];
  /** The format's letter in fmv. */
  readonly move: string;
  readonly canonicalNan: bigint;
}

const half: FormatData = {
  format: "h",
  fmt: "10",
  bits: 16,
  moves: "zfhmin",
  arithmetic: "zfh",
  width: "001",
  load: ["flh", "u16"],
  store: ["fsh", "i16"],
  move: "h",
  canonicalNan: 0x7e00n,
};
const single: FormatData = {
  format: "s",
  fmt: "00",
  bits: 32,
  moves: "f",
  arithmetic: "f",
  width: "010",
  load: ["flw", "u32"],
  store: ["fsw", "i32"],
  move: "w",
  canonicalNan: 0x7fc0_0000n,
};
const double: FormatData = {
  format: "d",
  fmt: "01",
  bits: 64,
  moves: "d",
  arithmetic: "d",
  width: "011",
  load: ["fld", "i64"],
  store: ["fsd", "i64"],
  move: "d",
  canonicalNan: 0x7ff8_0000_0000_0000n,
};

/** The formats that have instructions. */
export const formats = [single, double, half] as const;

const integers: readonly { readonly name: IntFormat; readonly code: string }[] = [
  { name: "w", code: "00000" },
  { name: "wu", code: "00001" },
  { name: "l", code: "00010" },
  { name: "lu", code: "00011" },
];

/** The ones above a value in a register ("NaN Boxing of Narrower Values"). */
const boxOf = (bits: number): bigint => BigInt.asUintN(64, -1n << BigInt(bits));

/** A register's value in a format: not boxed as one, it counts as the canonical NaN. */
export function readFloat(m: Meaning, { bits, canonicalNan }: FormatData, register: FReg): I64 {
  if (bits === 64) return m.f(register);
  const raw = m.let(m.f(register));
  const box = boxOf(bits);
  return m.select(m.i64.geU(raw, m.k64(box)), m.i64.and(raw, m.k64(~box)), m.k64(canonicalNan));
}

/** Writes the bits of a format's value, boxed. */
export function writeFloat(m: Meaning, { bits }: FormatData, register: FReg, value: I64): void {
  m.setF(register, bits === 64 ? value : m.i64.or(value, m.k64(boxOf(bits))));
}

const signBit = (m: Meaning, { bits }: FormatData): I64 => m.k64(1n << BigInt(bits - 1));
const negated = (m: Meaning, data: FormatData, value: I64): I64 => m.i64.xor(value, signBit(m, data));

/** fd ← op(fs1, fs2), rounded as the rm field says. */
const rounded =
  (data: FormatData, op: FloatOp): MeaningOf =>
  (m, i) => {
    const [a, b] = [readFloat(m, data, i.rs1), readFloat(m, data, i.rs2)];
    writeFloat(m, data, i.rd, m.float(op, data.format, i.rm, a, b));
  };

/** fd ← op(fs1), rounded as the rm field says. */
export const roundedUnary =
  (data: FormatData, op: FloatOp): MeaningOf =>
  (m, i) =>
    writeFloat(m, data, i.rd, m.float(op, data.format, i.rm, readFloat(m, data, i.rs1)));

/** fd ← op(fs1, fs2), exact. */
export const exact =
  (data: FormatData, op: FloatOp): MeaningOf =>
  (m, i) => {
    const [a, b] = [readFloat(m, data, i.rs1), readFloat(m, data, i.rs2)];
    writeFloat(m, data, i.rd, m.float(op, data.format, undefined, a, b));
  };

/** rd ← fs1 compared with fs2. */
export const comparison =
  (data: FormatData, op: FloatOp): MeaningOf =>
  (m, i) => {
    const [a, b] = [readFloat(m, data, i.rs1), readFloat(m, data, i.rs2)];
    m.setX(i.rd, m.float(op, data.format, undefined, a, b));
  };

/** fd ← ±(fs1 × fs2) ± fs3 with one rounding; the sign of the product is its first factor's. */
const fused =
  (data: FormatData, product: "+" | "-", addend: "+" | "-"): MeaningOf =>
  (m, i) => {
    const signed = (sign: "+" | "-", value: I64) => (sign === "-" ? negated(m, data, value) : value);
    const a = signed(product, readFloat(m, data, i.rs1));
    const b = readFloat(m, data, i.rs2);
    const c = signed(addend, readFloat(m, data, i.rs3));
    writeFloat(m, data, i.rd, m.float("fma", data.format, i.rm, a, b, c));
  };

/** fd ← fs1 with a sign made of those of fs1 and fs2. */
const withSign =
  (data: FormatData, sign: (m: Meaning, a: I64, b: I64) => I64): MeaningOf =>
  (m, i) => {
    const [a, b] = [m.let(readFloat(m, data, i.rs1)), readFloat(m, data, i.rs2)];
    const magnitude = m.i64.and(a, m.i64.sub(signBit(m, data), m.k64(1)));
    writeFloat(m, data, i.rd, m.i64.or(magnitude, m.i64.and(sign(m, a, b), signBit(m, data))));
  };

/** The low bits of a value, sign-extended from a format's width. */
function signExtended(m: Meaning, { bits }: FormatData, value: I64): I64 {
  if (bits === 64) return value;
  return bits === 32 ? m.i64.extend32(value) : m.i64.extend16(value);
}

function defineMoves(define: Define, data: FormatData): void {
  const { fmt, width, move, load, store } = data;
  define(`${load[0]} fd, imm(rs1)`, `imm[11:0] rs1 ${width} rd 0000111`, (m, i) =>
    writeFloat(m, data, i.rd, m.load(load[1], address(m, i))),
  );
  define(`${store[0]} fs2, imm(rs1)`, `imm[11:5] rs2 rs1 ${width} imm[4:0] 0100111`, (m, i) =>
    m.store(store[1], address(m, i), m.f(i.rs2)),
  );
  define(`fmv.x.${move} rd, fs1`, `11100 ${fmt} 00000 rs1 000 rd 1010011`, (m, i) =>
    m.setX(i.rd, signExtended(m, data, m.f(i.rs1))),
  );
  define(`fmv.${move}.x fd, rs1`, `11110 ${fmt} 00000 rs1 000 rd 1010011`, (m, i) =>
    writeFloat(m, data, i.rd, m.x(i.rs1)),
  );
}

function defineArithmetic(define: Define, data: FormatData): void {
  const { format: f, fmt } = data;
  const binary = (name: FloatOp, funct5: string) =>
    define(`f${name}.${f} fd, fs1, fs2[, rm]`, `${funct5} ${fmt} rs2 rs1 rm rd 1010011`, rounded(data, name));
  binary("add", "00000");
  binary("sub", "00001");
  binary("mul", "00010");
  binary("div", "00011");
  define(`fsqrt.${f} fd, fs1[, rm]`, `01011 ${fmt} 00000 rs1 rm rd 1010011`, roundedUnary(data, "sqrt"));

  const multiplyAdd = (name: string, opcode: string, product: "+" | "-", addend: "+" | "-") =>
    define(`${name}.${f} fd, fs1, fs2, fs3[, rm]`, `rs3 ${fmt} rs2 rs1 rm rd ${opcode}`, fused(data, product, addend));
  multiplyAdd("fmadd", "1000011", "+", "+");
  multiplyAdd("fmsub", "1000111", "+", "-");
  multiplyAdd("fnmsub", "1001011", "-", "+");
  multiplyAdd("fnmadd", "1001111", "-", "-");

  const plain = (name: string, code: string, funct3: string, meaning: MeaningOf) =>
    define(`${name}.${f} fd, fs1, fs2`, `${code} ${fmt} rs2 rs1 ${funct3} rd 1010011`, meaning);
  plain(
    "fsgnj",
    "00100",
    "000",
    withSign(data, (_, _a, b) => b),
  );
  plain(
    "fsgnjn",
    "00100",
    "001",
    withSign(data, (m, _, b) => m.i64.xor(b, m.k64(-1))),
  );
  plain(
    "fsgnjx",
    "00100",
    "010",
    withSign(data, (m, a, b) => m.i64.xor(a, b)),
  );
  plain("fmin", "00101", "000", exact(data, "min"));
  plain("fmax", "00101", "001", exact(data, "max"));

  const compare = (name: FloatOp, funct3: string) =>
    define(`f${name}.${f} rd, fs1, fs2`, `10100 ${fmt} rs2 rs1 ${funct3} rd 1010011`, comparison(data, name));
  compare("le", "000");
  compare("lt", "001");
  compare("eq", "010");
  define(`fclass.${f} rd, fs1`, `11100 ${fmt} 00000 rs1 001 rd 1010011`, (m, i) =>
    m.setX(i.rd, m.float("class", f, undefined, readFloat(m, data, i.rs1))),
  );

  for (const { name, code } of integers) {
    define(`fcvt.${name}.${f} rd, fs1[, rm]`, `11000 ${fmt} ${code} rs1 rm rd 1010011`, (m, i) =>
      m.setX(i.rd, m.float(`to.${name}`, f, i.rm, readFloat(m, data, i.rs1))),
    );
    // A double holds every 32-bit integer; assemblers write rne where rounding cannot happen.
    const rm = f === "d" && name[0] === "w" ? "rm=rne" : "rm";
    define(`fcvt.${f}.${name} fd, rs1[, ${rm}]`, `11010 ${fmt} ${code} rs1 rm rd 1010011`, (m, i) =>
      writeFloat(m, data, i.rd, m.float(`from.${name}`, f, i.rm, m.x(i.rs1))),
    );
  }
}

/** Conversions from one format to another. */
function defineConversion(define: Define, to: FormatData, from: FormatData): void {
  const rm = to.bits > from.bits ? "rm=rne" : "rm";
  define(
    `fcvt.${to.format}.${from.format} fd, fs1[, ${rm}]`,
    `01000 ${to.fmt} 000${from.fmt} rs1 rm rd 1010011`,
    (m, i) => writeFloat(m, to, i.rd, m.float(`from.${from.format}`, to.format, i.rm, readFloat(m, from, i.rs1))),
  );
}

const conversions = (needs: string, one: FormatData, other: FormatData) =>
  definitions(needs, (define) => {
    defineConversion(define, one, other);
    defineConversion(define, other, one);
  });

/** F, D, Zfh and Zfhmin: the same instructions over three formats. */
export const float = [
  ...formats.flatMap((data) => [
    ...definitions(data.moves, (define) => defineMoves(define, data)),
    ...definitions(data.arithmetic, (define) => defineArithmetic(define, data)),
  ]),
  ...conversions("d", single, double),
  ...conversions("zfhmin", single, half),
  ...conversions("zfhmin d", double, half),
];
