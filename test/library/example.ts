import { readFileSync } from "node:fs";
import { createMachine, disassemble, formatExplanation, pageTablePicture } from "../../src/index.ts";

/** Runs a program until it enters U-mode, and tells what it sees there. */
export function firstLookAtUserMode(path: string): string[] {
  const lines: string[] = [];
  const machine = createMachine({ ramBytes: 64 << 20, onOutput: () => {} });
  machine.loadElf(readFileSync(path), path);

  // one instruction at a time, until the hart is in U-mode
  const hart = machine.inspect();
  while (hart.priv !== 0) {
    const end = machine.step();
    if (end.reason !== "instructions") throw new Error(`the program never entered U-mode: ${end.reason}`);
  }

  const next = hart.instructionAt(hart.pc);
  lines.push(`at 0x${hart.pc.toString(16)}: ${next === undefined ? "nothing" : disassemble(next, hart.pc)}`);
  lines.push(`sp is 0x${hart.register("sp").toString(16)}, satp is 0x${hart.csr("satp").toString(16)}`);

  // where does the stack lie in physical memory, and why may nobody execute it?
  const stack = hart.register("sp") - 8n;
  lines.push(`the stack is at physical address 0x${hart.translate(stack, "store")?.toString(16)}`);
  lines.push(formatExplanation(hart.explain(stack, "fetch")));

  // all page tables, and what the TLB holds of them
  lines.push(...pageTablePicture(machine.memory, hart.translation));
  for (const { va, pa, perms } of hart.tlb.entries) lines.push(`${va.toString(16)} -> ${pa.toString(16)} ${perms}`);

  // and on to the end
  lines.push(`ended: ${JSON.stringify(machine.run({ maxInstructions: 1_000_000 }))}`);
  return lines;
}
