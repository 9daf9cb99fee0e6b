import { type Define, definitions } from "./define.ts";
import { comparison, exact, type FormatData, formats, readFloat, roundedUnary, writeFloat } from "./float.ts";

function defineFormat(define: Define, data: FormatData): void {
  const { format: f, fmt, bits } = data;
  // The constant's highest 16 bits are the immediate; those below are 0.
  define(`fli.${f} fd, value${bits}`, `11110 ${fmt} 00001 value${bits} 000 rd 1010011`, (m, i) => {
    const high = m.i64.and(i.imm, m.k64(0xffff));
    writeFloat(m, data, i.rd, bits === 16 ? high : m.i64.shl(high, m.k64(bits - 16)));
  });
  define(`fminm.${f} fd, fs1, fs2`, `00101 ${fmt} rs2 rs1 010 rd 1010011`, exact(data, "minm"));
  define(`fmaxm.${f} fd, fs1, fs2`, `00101 ${fmt} rs2 rs1 011 rd 1010011`, exact(data, "maxm"));
  define(`fround.${f} fd, fs1[, rm]`, `01000 ${fmt} 00100 rs1 rm rd 1010011`, roundedUnary(data, "round"));
  define(`froundnx.${f} fd, fs1[, rm]`, `01000 ${fmt} 00101 rs1 rm rd 1010011`, roundedUnary(data, "roundnx"));
  define(`fleq.${f} rd, fs1, fs2`, `10100 ${fmt} rs2 rs1 100 rd 1010011`, comparison(data, "leq"));
  define(`fltq.${f} rd, fs1, fs2`, `10100 ${fmt} rs2 rs1 101 rd 1010011`, comparison(data, "ltq"));
}

/** fcvtmod.w.d always rounds towards zero, and its encoding says so. */
const modular = definitions("zfa d", (define) => {
  const double = formats[1];
  define("fcvtmod.w.d rd, fs1, rtz", "11000 01 01000 rs1 001 rd 1010011", (m, i) =>
    m.setX(i.rd, m.float("cvtmod", "d", undefined, readFloat(m, double, i.rs1))),
  );
});

/** Zfa: additional floating-point instructions. */
export const zfa = [
  ...formats.flatMap((data) => definitions(`zfa ${data.arithmetic}`, (define) => defineFormat(define, data))),
  ...modular,
];
