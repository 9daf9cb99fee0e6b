import { type Hart, type TrapRecord, translationRegime } from "../cpu/index.ts";
import { disassemble } from "../isa/index.ts";
import type { SymbolTable } from "../machine/elf/index.ts";
import { HartInspector } from "../machine/inspect.ts";
import { type Access, formatExplanation } from "../mmu/index.ts";
import { causeName, privilegeName } from "./cause.ts";
import { hex } from "./hex.ts";

const accessOf: Readonly<Record<number, Access>> = { 12: "fetch", 13: "load", 15: "store" };

/**
 * Explains each page fault of some harts from now on, as it is taken: the instruction, what it wanted, and every step
 * of the walk that failed, found before the handler can change a thing. `tell` gets the lines of one fault.
 */
export function explainFaults(
  harts: readonly Hart[],
  symbols: () => SymbolTable | undefined,
  tell: (lines: readonly string[]) => void,
): void {
  for (const hart of harts) {
    const { onTrap } = hart;
    hart.onTrap = (trap) => {
      onTrap?.(trap);
      const lines = faultReport(hart, trap, symbols());
      if (lines !== undefined) tell(lines);
    };
  }
}

/** The lines for a trap that has just been taken; undefined if it is no page fault. */
export function faultReport(hart: Hart, trap: TrapRecord, symbols?: SymbolTable): string[] | undefined {
  const access = accessOf[trap.cause];
  if (trap.interrupt || access === undefined) return undefined;
  // The trap has changed privilege and MPP, and nothing else that translation depends on.
  const regime = translationRegime(hart.state, trap.from, trap.dataFrom);
  const explanation = hart.mmu.explain(trap.tval, access, regime);
  const where = symbols?.format(trap.pc) ?? hex(trap.pc);
  const by = access === "fetch" ? `fetching ${where}` : `${instruction(hart, trap)} at ${where}`;
  const mprv = access !== "fetch" && trap.dataFrom !== trap.from ? ` (as ${privilegeName(trap.dataFrom)}: MPRV)` : "";
  const title = `hart ${hart.id}: ${causeName(trap.cause)} at ${hex(trap.tval)}: ${by}, in ${privilegeName(trap.from)}-mode${mprv}`;
  return [
    title,
    ...formatExplanation(explanation)
      .split("\n")
      .map((line) => `  ${line}`),
  ];
}

/** The assembly of the instruction that trapped. */
function instruction(hart: Hart, { pc, from }: TrapRecord): string {
  const decoded = new HartInspector(hart).instructionAt(pc, { priv: from });
  return decoded === undefined ? "an instruction" : disassemble(decoded, pc);
}
