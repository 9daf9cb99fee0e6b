import type { Encoding, Field } from "./encoding.ts";
import { roundingModes } from "./notation.ts";

/** A piece of assembly: text that stands for itself, or an operand. */
export type Piece = string | Operand;

/** An operand in assembly: a field of the encoding. */
export interface Operand {
  readonly field: Field;
  /** The register file, when the field names a register. */
  readonly registers?: "x" | "f";
  /** In an optional part: the value that it stands for when it is left out. */
  readonly absent: number;
}

/** An instruction's assembly syntax. */
export interface Syntax {
  /** The mnemonic; with a field inside it for the few whose name depends on the bits (`lr.w{aqrl}`). */
  readonly name: readonly Piece[];
  readonly operands: readonly Piece[];
  /** Operands that are left out when all have their `absent` values. */
  readonly optional: readonly Piece[];
}

/** The field that an operand of assembly syntax names: `fd` and `fs1` … are rd and rs1 … in the other file. */
export const fieldName = (operand: string): string => operand.replace(/^f(?=d|s[123])/, "r");

/** The operand that names a register field, rd or rs1 …, as a floating-point register. */
export const floatName = (field: string): string => `f${field.slice(1)}`;

/**
 * Reads syntax like `lw rd, imm(rs1)`: identifiers that are fields of the encoding are operands, the rest stands
 * for itself; registers that begin with f (`fd`, `fs1`) are floating-point. An ending in square brackets is
 * optional: `fadd.s fd, fs1, fs2[, rm]` (rm: dyn unless `rm=rne` says otherwise; other fields: 0).
 */
export function parseSyntax(syntax: string, encoding: Encoding): Syntax {
  const [, name, operands, optional = ""] = /^([^ []+) ?([^[]*)(?:\[(.*)\])?$/.exec(syntax)!;
  const pieces = (text: string) => parsePieces(text, encoding);
  return {
    name: name!.split(/[{}]/).flatMap((part, k) => (k % 2 === 0 ? (part === "" ? [] : [part]) : pieces(part))),
    operands: pieces(operands!),
    optional: pieces(optional),
  };
}

function parsePieces(text: string, encoding: Encoding): Piece[] {
  const pieces: Piece[] = [];
  for (const part of text.split(/([a-z][a-z0-9']*(?:=\w+)?)/)) {
    const [name, absent] = part.split("=") as [string, string?];
    const field = encoding.fields.find((field) => field.name === fieldName(name));
    if (field === undefined) {
      if (part !== "") pieces.push(part);
      continue;
    }
    const registers = field.kind.notation === "register" ? { registers: name[0] === "f" ? "f" : "x" } : {};
    const rounding = name === "rm" ? roundingModes.indexOf(absent ?? "dyn") : 0;
    pieces.push({ field, ...(registers as { registers?: "x" | "f" }), absent: rounding });
  }
  return pieces;
}
