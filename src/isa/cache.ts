import { nothing } from "./base.ts";
import { definitions } from "./define.ts";

/** Zicbom: cache block management. */
const zicbom = definitions("zicbom", (define) => {
  define("cbo.inval (rs1)", "000000000000 rs1 010 00000 0001111", (m) => m.system("cbo.inval"));
  define("cbo.clean (rs1)", "000000000001 rs1 010 00000 0001111", (m) => m.system("cbo.clean"));
  define("cbo.flush (rs1)", "000000000010 rs1 010 00000 0001111", (m) => m.system("cbo.flush"));
});

/** Zicboz: cache block zero. */
const zicboz = definitions("zicboz", (define) => {
  define("cbo.zero (rs1)", "000000000100 rs1 010 00000 0001111", (m) => m.system("cbo.zero"));
});

/** Zicbop: prefetches, which are hints in the space of `ori zero, rs1, imm`. */
const zicbop = definitions("zicbop", (define) => {
  const prefetch = (name: string, kind: string) =>
    define(`${name} imm(rs1)`, `imm[11:5] ${kind} rs1 110 00000 0010011`, nothing, { of: "ori" });
  prefetch("prefetch.i", "00000");
  prefetch("prefetch.r", "00001");
  prefetch("prefetch.w", "00011");
});

/** Cache-block operations ("CMO" Extensions). */
export const cache = [...zicbom, ...zicboz, ...zicbop];
