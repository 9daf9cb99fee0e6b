import { fliImmediate } from "./fli.ts";

/** Where {@link Decoded} keeps a field's value. */
export type Slot = "rd" | "rs1" | "rs2" | "rs3" | "imm" | "rm";

/** How a field is written in assembly. */
export type Notation =
  | "register"
  | "integer"
  | "target"
  | "upper"
  | "csr"
  | "rounding"
  | "ordering"
  | "fenceSet"
  | "constant";

/** What a field's name says about it. */
export interface FieldKind {
  readonly slot?: Slot;
  readonly notation: Notation;
  /** Bits, when the encoding gives no bit list after the name. */
  readonly width?: number;
  /** Sign-extended from its highest bit; otherwise zero-extended. */
  readonly signed?: true;
  /** Added to the encoded bits: 8 for the three-bit registers x8 … x15. */
  readonly bias?: number;
  /** Values that no encoding may have. */
  readonly reserved?: readonly number[];
  /** What stands for the encoded number in {@link Decoded}, where it is not the number itself. */
  readonly meansImmediate?: (encoded: number) => number;
}

const register = (slot: Slot): FieldKind => ({ slot, notation: "register", width: 5 });
const shortRegister = (slot: Slot): FieldKind => ({ slot, notation: "register", width: 3, bias: 8 });
const unsigned: FieldKind = { slot: "imm", notation: "integer" };
const constant = (format: "h" | "s" | "d"): FieldKind => ({
  slot: "imm",
  notation: "constant",
  width: 5,
  meansImmediate: (index) => fliImmediate(format, index),
});

/**
 * Every field name that an encoding may use. The name states signedness once: `imm`, `offset` and `upper` are
 * signed, the rest are not. `rd'`, `rs1'` and `rs2'` are the three-bit registers of compressed instructions.
 */
export const fieldKinds: Readonly<Record<string, FieldKind>> = {
  rd: register("rd"),
  rs1: register("rs1"),
  rs2: register("rs2"),
  rs3: register("rs3"),
  "rd'": shortRegister("rd"),
  "rs1'": shortRegister("rs1"),
  "rs2'": shortRegister("rs2"),
  imm: { slot: "imm", notation: "integer", signed: true },
  /** A displacement from pc, written as the address it leads to. */
  offset: { slot: "imm", notation: "target", signed: true },
  /** Bits 31:12 of a value, written as the number that those bits make. */
  upper: { slot: "imm", notation: "upper", signed: true },
  uimm: unsigned,
  shamt: unsigned,
  /** The number inside the name of a may-be-operation. */
  n: unsigned,
  /** The same where it is odd: bit 0 is not among the bits given. */
  odd: { ...unsigned, bias: 1 },
  csr: { slot: "imm", notation: "csr", width: 12 },
  zimm: { slot: "rs1", notation: "integer", width: 5 },
  rm: { slot: "rm", notation: "rounding", width: 3, reserved: [5, 6] },
  aqrl: { slot: "imm", notation: "ordering", width: 2 },
  fm: { notation: "integer", width: 4 },
  pred: { notation: "fenceSet", width: 4 },
  succ: { notation: "fenceSet", width: 4 },
  /** Indices into the constants of Zfa's fli, for each format. */
  value16: constant("h"),
  value32: constant("s"),
  value64: constant("d"),
};
