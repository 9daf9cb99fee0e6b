import { hex } from "../debug/hex.ts";
import type { SymbolTable } from "../machine/elf/index.ts";
import type { HartInspector } from "../machine/inspect.ts";
import type { Machine, MachineOptions, RunEnd } from "../machine/machine.ts";
import { type Access, formatExplanation } from "../mmu/index.ts";
import { exitCode, Failure, usage } from "./failure.ts";
import type { Limits } from "./options.ts";
import { startMachine } from "./program.ts";
import { conclude } from "./report.ts";
import { type CommandEnd, runToEnd } from "./runLoop.ts";
import type { Host } from "./terminal.ts";

/** `pagewalk translate`. */
export interface TranslateCommand {
  readonly path: string;
  /** The virtual address: a number or a symbol. */
  readonly va: string;
  /** A symbol or address that pc must reach, or a number of instructions; undefined: at the start. */
  readonly at: string | undefined;
  /** Default: all three. */
  readonly access: Access | undefined;
  /** In whose privilege: 0, 1, 3; default the hart's own at that moment. */
  readonly priv: 0 | 1 | 3 | undefined;
  readonly hart: number | undefined;
  readonly machine: MachineOptions;
  readonly limits: Limits;
}

/** Runs a program to a moment and explains how an address is translated then. */
export async function translate(command: TranslateCommand, host: Host): Promise<number> {
  const { terminal } = host;
  const { path } = command;
  const machine = startMachine(path, command.machine, host);
  const va = parseAddress(command.va, machine.symbols, "address");
  const end = await runTo(machine, command, host);
  if (end.reason !== "reached") return notReached(machine, command, end, host);
  const number = command.hart ?? end.hart;
  if (number >= machine.harts.length) {
    throw usage(`--hart ${number}`, `there are ${machine.harts.length}, from 0 on: write a smaller one, or --harts`);
  }
  const hart = machine.inspect(number);
  const pc = machine.symbols?.format(hart.pc) ?? hex(hart.pc);
  terminal.print(`hart ${number} after ${machine.instructions.toLocaleString("en-US")} instructions, at ${pc}`);
  for (const access of command.access === undefined ? accesses : [command.access]) {
    terminal.print("");
    terminal.print(explain(hart, va, access, command.priv));
  }
  return 0;
}

const accesses: readonly Access[] = ["load", "store", "fetch"];

function explain(hart: HartInspector, va: bigint, access: Access, priv: 0 | 1 | 3 | undefined): string {
  return formatExplanation(hart.explain(va, access, priv === undefined ? undefined : { priv }));
}

/** Runs to the moment that `--at` names. */
export async function runTo(
  machine: Machine,
  { at, limits }: Pick<TranslateCommand, "at" | "limits">,
  host: Host,
): Promise<CommandEnd> {
  const start: RunEnd = { reason: "reached", hart: 0 };
  if (at === undefined || /^0+$/.test(at)) return start;
  if (/^\d+$/.test(at)) {
    const count = Number(at);
    const end = await runToEnd(machine, { ...limits, maxInstructions: Math.min(count, limits.maxInstructions) }, host);
    return end.reason === "instructions" && machine.instructions >= count ? start : end;
  }
  return runToEnd(machine, limits, host, parseAddress(at, machine.symbols, "--at"));
}

/** The moment never came. */
export function notReached(
  machine: Machine,
  { path, at }: Pick<TranslateCommand, "path" | "at">,
  end: CommandEnd,
  host: Host,
): number {
  const when = /^\d+$/.test(at ?? "") ? `after ${at} instructions` : at;
  if (end.reason === "exit" || end.reason === "reset") {
    const how = end.reason === "exit" ? `ended with exit code ${end.code}` : "asked for a reset";
    const reason = `the program ${how} after ${machine.instructions.toLocaleString("en-US")} instructions, before that: choose an earlier moment`;
    throw new Failure(path, `--at ${when}`, reason);
  }
  const code = conclude(machine, path, end, host.terminal);
  return code === 0 ? exitCode.limit : code;
}

/** `0x80001000`, `4096`, `main`, `main+0x10`. */
export function parseAddress(text: string, symbols: SymbolTable | undefined, what: string): bigint {
  const plain = text.trim().replaceAll("_", "");
  if (/^(0x[0-9a-f]+|\d+)$/i.test(plain)) {
    const value = BigInt(plain);
    if (value < 1n << 64n) return value;
    throw usage(`${what} ${text}`, "an address has 64 bits, and this has more");
  }
  const [, name, offset = "0"] = /^(.*?)(?:\+(0x[0-9a-f]+|\d+))?$/is.exec(text.trim()) ?? [];
  const found = symbols?.find(name);
  if (found !== undefined) return BigInt.asUintN(64, found + BigInt(offset));
  const hint = /^[0-9a-f]{4,}$/i.test(plain) ? `write 0x${plain} if it is an address` : "check its spelling";
  throw usage(`${what} ${text}`, `the program has no symbol "${name}": ${hint}`);
}
