import { nothing } from "./base.ts";
import { definitions } from "./define.ts";

/** Zihintpause: a fence with an empty successor set. */
const zihintpause = definitions("zihintpause", (define) => {
  define("pause", "0000 0001 0000 00000 000 00000 0001111", nothing, { of: "fence" });
});

/** Zihintntl: non-temporal locality of the next access, in the space of `add zero, zero, rs2`. */
const zihintntl = definitions("zihintntl", (define) => {
  define("ntl.p1", "0000000 00010 00000 000 00000 0110011", nothing, { of: "add" });
  define("ntl.pall", "0000000 00011 00000 000 00000 0110011", nothing, { of: "add" });
  define("ntl.s1", "0000000 00100 00000 000 00000 0110011", nothing, { of: "add" });
  define("ntl.all", "0000000 00101 00000 000 00000 0110011", nothing, { of: "add" });
});

/** Zimop: may-be-operations, which write 0 until an extension gives them another meaning. */
const zimop = definitions("zimop", (define) => {
  define("mop.r.{n} rd, rs1", "1 n[4] 00 n[3:2] 0111 n[1:0] rs1 100 rd 1110011", (m, i) => m.setX(i.rd, m.k64(0)));
  define("mop.rr.{n} rd, rs1, rs2", "1 n[2] 00 n[1:0] 1 rs2 rs1 100 rd 1110011", (m, i) => m.setX(i.rd, m.k64(0)));
});

/** Instructions that do nothing, or nothing yet. */
export const hints = [...zihintpause, ...zihintntl, ...zimop];
