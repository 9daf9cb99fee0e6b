import { definitions } from "./define.ts";
import type { AmoWidth, I64, Meaning, MeaningOf, SystemOp } from "./meaning.ts";

/** What an AMO leaves in memory, from the old value and rs2's. Both are sign-extended for 32 bits. */
type Update = (m: Meaning, old: I64, operand: I64) => I64;

const updates: Readonly<Record<string, { readonly funct5: string; readonly update: Update }>> = {
  amoswap: { funct5: "00001", update: (_, _old, operand) => operand },
  amoadd: { funct5: "00000", update: (m, old, operand) => m.i64.add(old, operand) },
  amoxor: { funct5: "00100", update: (m, old, operand) => m.i64.xor(old, operand) },
  amoand: { funct5: "01100", update: (m, old, operand) => m.i64.and(old, operand) },
  amoor: { funct5: "01000", update: (m, old, operand) => m.i64.or(old, operand) },
  amomin: { funct5: "10000", update: (m, old, operand) => m.select(m.i64.ltS(old, operand), old, operand) },
  amomax: { funct5: "10100", update: (m, old, operand) => m.select(m.i64.ltS(old, operand), operand, old) },
  // Sign extension keeps the order of unsigned 32-bit values.
  amominu: { funct5: "11000", update: (m, old, operand) => m.select(m.i64.ltU(old, operand), old, operand) },
  amomaxu: { funct5: "11100", update: (m, old, operand) => m.select(m.i64.ltU(old, operand), operand, old) },
};

const widths = {
  w: { funct3: "010", width: "i32", lr: "lr.w", sc: "sc.w" },
  d: { funct3: "011", width: "i64", lr: "lr.d", sc: "sc.d" },
} as const satisfies Record<string, { funct3: string; width: AmoWidth; lr: SystemOp; sc: SystemOp }>;

/** A register's value as an access of a width sees it. */
const narrowed = (m: Meaning, width: AmoWidth, value: I64): I64 => (width === "i32" ? m.i64.extend32(value) : value);

const amo =
  (width: AmoWidth, update: Update): MeaningOf =>
  (m, i) => {
    const operand = m.let(narrowed(m, width, m.x(i.rs2)));
    m.setX(
      i.rd,
      m.amo(width, m.x(i.rs1), (old) => update(m, old, operand)),
    );
  };

/** Stores rs2 where memory holds rd's value, else what it held; rd gets the old value either way. */
const compareAndSwap =
  (width: AmoWidth): MeaningOf =>
  (m, i) => {
    const expected = m.let(narrowed(m, width, m.x(i.rd)));
    const replacement = m.let(m.x(i.rs2));
    m.setX(
      i.rd,
      m.amo(width, m.x(i.rs1), (old) => m.select(m.i64.eq(old, expected), replacement, old)),
    );
  };

/** A: load-reserved, store-conditional and atomic memory operations. */
export const atomic = definitions("a", (define) => {
  for (const [suffix, { funct3, width, lr, sc }] of Object.entries(widths)) {
    define(`lr.${suffix}{aqrl} rd, (rs1)`, `00010 aqrl 00000 rs1 ${funct3} rd 0101111`, (m) => m.system(lr));
    define(`sc.${suffix}{aqrl} rd, rs2, (rs1)`, `00011 aqrl rs2 rs1 ${funct3} rd 0101111`, (m) => m.system(sc));
    for (const [name, { funct5, update }] of Object.entries(updates)) {
      const syntax = `${name}.${suffix}{aqrl} rd, rs2, (rs1)`;
      define(syntax, `${funct5} aqrl rs2 rs1 ${funct3} rd 0101111`, amo(width, update));
    }
  }
});

/** Zacas: compare and swap. amocas.q has even registers only, each with its successor. */
export const zacas = definitions("zacas", (define) => {
  define("amocas.w{aqrl} rd, rs2, (rs1)", "00101 aqrl rs2 rs1 010 rd 0101111", compareAndSwap("i32"));
  define("amocas.d{aqrl} rd, rs2, (rs1)", "00101 aqrl rs2 rs1 011 rd 0101111", compareAndSwap("i64"));
  define("amocas.q{aqrl} rd, rs2, (rs1)", "00101 aqrl rs2[4:1] 0 rs1 100 rd[4:1] 0 0101111", (m) =>
    m.system("amocas.q"),
  );
});
