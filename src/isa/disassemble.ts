import type { Decoded } from "./decode.ts";
import { fieldValue } from "./encoding.ts";
import { notations } from "./notation.ts";
import { fNames, xNames } from "./registers.ts";
import type { Operand, Piece } from "./syntax.ts";

/**
 * The assembly of an instruction, without pseudo-instructions: `addi a0, a0, 1`, compressed ones under their own
 * names. Targets of branches and jumps are addresses when `pc` is given, else `pc+0x10`. {@link assemble} reads it
 * back, except `illegal`, which shows the bits.
 */
export function disassemble({ def, compressed, bits, length }: Decoded, pc?: bigint): string {
  if (def.index === 0) return `illegal 0x${bits.toString(16).padStart(length * 2, "0")}`;
  const { name, operands, optional } = (compressed ?? def).syntax;
  const write = (pieces: readonly Piece[]): string =>
    pieces.map((piece) => (typeof piece === "string" ? piece : operandText(piece, bits, pc))).join("");
  const mnemonic = write(name);
  const isAbsent = (piece: Piece): boolean =>
    typeof piece === "string" || fieldValue(piece.field, bits) === piece.absent;
  const all = write(operands) + (optional.every(isAbsent) ? "" : write(optional));
  return all === "" ? mnemonic : `${mnemonic} ${all}`;
}

function operandText({ field, registers }: Operand, bits: number, pc: bigint | undefined): string {
  const value = fieldValue(field, bits);
  if (registers !== undefined) return (registers === "x" ? xNames : fNames)[value]!;
  return notations[field.kind.notation as keyof typeof notations].write(value, pc);
}
