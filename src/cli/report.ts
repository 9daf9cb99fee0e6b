import { type ExitReason, exitReasons, type TrapRecord } from "../cpu/index.ts";
import { causeName, privilegeName } from "../debug/cause.ts";
import { hex } from "../debug/hex.ts";
import { plural, tlbReport } from "../debug/tlbReport.ts";
import type { Machine } from "../machine/machine.ts";
import { exitCode } from "./failure.ts";
import type { CommandEnd } from "./runLoop.ts";
import type { Terminal } from "./terminal.ts";

const mostExitCode = 255;

/** Says how a run ended, where that needs words, and returns the process's exit code. */
export function conclude(machine: Machine, path: string, end: CommandEnd, terminal: Terminal): number {
  const say = (line: string) => terminal.tell(`pagewalk: ${path}: ${line}`);
  switch (end.reason) {
    case "exit":
      if (end.code >= 0 && end.code <= mostExitCode) return end.code;
      say(`the guest's exit code ${end.code} does not fit 8 bits: ${mostExitCode} stands for it`);
      return mostExitCode;
    case "reset":
      say("the guest asked for a reset: the run ends here");
      return 0;
    case "interrupted":
      say(`interrupted after ${instructionsOf(machine)}`);
      for (const line of hartReport(machine)) terminal.tell(line);
      return exitCode.interrupted;
    default:
      say(`${whyStopped(machine, end)}, after ${instructionsOf(machine)}`);
      for (const line of hartReport(machine)) terminal.tell(line);
      return exitCode.limit;
  }
}

const instructionsOf = (machine: Machine) => plural(machine.instructions, "instruction", "instructions");

function whyStopped(machine: Machine, end: CommandEnd): string {
  switch (end.reason) {
    case "instructions":
      return "--max-instructions is reached";
    case "timeout":
      return "--timeout is reached";
    case "asleep":
      return "all harts wait for an interrupt, and none can come";
    case "stuck": {
      const trap = machine.harts[end.hart].lastTrap;
      const cause = trap === undefined ? "an exception" : causeName(trap.cause, trap.interrupt);
      return `hart ${end.hart} is stuck: its trap handler at ${address(machine, machine.harts[end.hart].state.pc)} only traps again (${cause})`;
    }
    default:
      return end.reason;
  }
}

/** Where each hart is, and what its last trap was. */
function hartReport(machine: Machine): string[] {
  return machine.harts.map((hart) => {
    const { state, lastTrap, waiting, stuck, firstOfRow } = hart;
    const where = `hart ${hart.id}: pc ${address(machine, state.pc)} in ${privilegeName(state.priv)}-mode${waiting ? ", waiting in wfi" : ""}`;
    if (lastTrap === undefined) return `  ${where}; no trap was taken`;
    const first = stuck && firstOfRow !== undefined ? `; it began with: ${described(machine, firstOfRow)}` : "";
    return `  ${where}; last trap: ${described(machine, lastTrap)}${first}`;
  });
}

/** A trap in words: what, where, in which mode, with which tval. */
function described(machine: Machine, { cause, interrupt, tval, pc, from }: TrapRecord): string {
  const what = `${causeName(cause, interrupt)} (cause ${cause}) at ${address(machine, pc)} in ${privilegeName(from)}-mode`;
  return `${what}, tval ${hex(tval)}`;
}

/** An address with its symbol. */
function address(machine: Machine, at: bigint): string {
  return machine.symbols?.format(at) ?? hex(at);
}

/** What `--stats` prints. */
export function statistics(machine: Machine, seconds: number): string[] {
  const { instructions, retired, harts } = machine;
  const mips = instructions / seconds / 1e6;
  const lines = [
    `${plural(instructions, "instruction", "instructions")} (${retired.toLocaleString("en-US")} retired) in ${seconds.toFixed(3)} s: ${mips.toFixed(mips < 10 ? 2 : 0)} MIPS`,
  ];
  harts.forEach((hart, id) => {
    lines.push(`hart ${id}: ${plural(hart.cycles - hart.idleCycles, "instruction", "instructions")}`);
    lines.push(`  traps: ${traps(hart.exceptions, hart.interrupts)}`);
    lines.push(`  fence.i: ${hart.codeFences.toLocaleString("en-US")}`);
    for (const line of tlbReport(machine.inspect(id).tlb)) lines.push(`  TLB: ${line}`);
  });
  const { pages, drops, overwrites, releases } = machine.codeCounters;
  const undone = `${plural(overwrites, "write", "writes")} undid some of it; ${plural(releases, "page", "pages")} let go`;
  lines.push(
    `code: ${plural(pages, "page", "pages")} decoded; ${undone}; all of it dropped ${plural(drops, "time", "times")}`,
  );
  return [...lines, ...translatorReport(machine)];
}

/** How much was translated, what that cost, and why control left the regions. */
function translatorReport({ translator, harts, instructions }: Machine): string[] {
  if (translator === undefined) return [];
  const { regions, dropped, modules, instructions: sources, wasmBytes, emitMs, compileMs } = translator.statistics;
  const translated = harts.reduce((sum, hart) => sum + hart.translation.instructions, 0);
  const share = instructions === 0 ? 0 : (100 * translated) / instructions;
  const exits = exitReasons.map((reason, n) => {
    const count = harts.reduce((sum, hart) => sum + hart.translation.exits[n], 0);
    return `${count.toLocaleString("en-US")} ${exitNames[reason]}`;
  });
  return [
    `translator: ${share.toFixed(1)}% of all instructions; ${plural(regions, "region", "regions")} in ${plural(modules, "module", "modules")}, ${dropped.toLocaleString("en-US")} dropped`,
    `translator: ${plural(sources, "instruction", "instructions")} became ${wasmBytes.toLocaleString("en-US")} bytes in ${emitMs.toFixed(0)} ms, compiled in ${compileMs.toFixed(0)} ms`,
    `translator: left regions for ${exits.join(", ")}`,
  ];
}

const exitNames: Readonly<Record<ExitReason, string>> = {
  fuel: "fuel",
  access: "memory accesses",
  floatState: "floating-point state",
  remapped: "remapped pages",
  system: "system instructions",
  left: "code outside",
  target: "unexpected targets",
  changed: "changed privilege, contexts or interrupts",
};

function traps(exceptions: readonly number[], interrupts: readonly number[]): string {
  const taken = (counts: readonly number[], isInterrupt: boolean) =>
    counts.flatMap((count, cause) =>
      count === 0 ? [] : [`${count.toLocaleString("en-US")} ${causeName(cause, isInterrupt)}`],
    );
  const all = [...taken(exceptions, false), ...taken(interrupts, true)];
  return all.length === 0 ? "none" : all.join(", ");
}
