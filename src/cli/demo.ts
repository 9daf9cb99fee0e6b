import { fileURLToPath } from "node:url";
import { pageTablePicture } from "../debug/pageTablePicture.ts";
import { tlbReport } from "../debug/tlbReport.ts";
import { startMachine } from "./program.ts";
import { conclude } from "./report.ts";
import { runToEnd } from "./runLoop.ts";
import type { Host } from "./terminal.ts";

/** The demo ends by itself after some 20,000 instructions. */
const limits = { maxInstructions: 10_000_000, seconds: 60 };

/** Runs the shipped demo, and shows what it has left behind: its page tables and the TLB's counters. */
export async function demo(host: Host): Promise<number> {
  const { terminal } = host;
  const path = fileURLToPath(new URL("../../firmware/demos/demo.elf", import.meta.url));
  const machine = startMachine(path, { onOutput: (bytes) => terminal.put(bytes) }, host);
  const end = await runToEnd(machine, limits, host);
  terminal.print("");
  terminal.print(`the machine's page tables after ${machine.instructions.toLocaleString("en-US")} instructions:`);
  for (const line of pageTablePicture(machine.memory, machine.inspect().translation)) terminal.print(`  ${line}`);
  terminal.print("");
  terminal.print("its TLB:");
  for (const line of tlbReport(machine.inspect().tlb)) terminal.print(`  ${line}`);
  return conclude(machine, path, end, terminal);
}
