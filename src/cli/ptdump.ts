import type { Machine, MachineOptions, RunEnd } from "../machine/machine.ts";
import { modeOf } from "../mmu/index.ts";
import { PageTables } from "../pagewalk/index.ts";
import { type PtdumpFormat, ptdump, ptdumpFormats } from "../pagewalk/ptdump/index.ts";
import { Failure, usage } from "./failure.ts";
import type { Limits } from "./options.ts";
import { startMachine } from "./program.ts";
import { conclude } from "./report.ts";
import { runToEnd } from "./runLoop.ts";
import type { Host } from "./terminal.ts";
import { notReached, runTo } from "./translate.ts";

/** `pagewalk ptdump`. */
export interface PtdumpCommand {
  readonly path: string;
  /** A symbol or address that pc must reach, a number of instructions, or `end`. */
  readonly at: string;
  /** The value of satp that names the tables; undefined: the hart's own. */
  readonly satp: string | undefined;
  readonly format: string;
  readonly hart: number | undefined;
  readonly machine: MachineOptions;
  readonly limits: Limits;
}

const satpCsr = 0x180;

/** Runs a program to a moment and prints its page tables. At `end` a limit is a moment as good as any. */
export async function ptdumpCommand(command: PtdumpCommand, host: Host): Promise<number> {
  const { path, at } = command;
  const format = ptdumpFormats.find((each) => each === command.format);
  if (format === undefined) {
    throw usage(`--format ${command.format}`, `there is no such format: write one of ${ptdumpFormats.join(", ")}`);
  }
  const machine = startMachine(path, command.machine, host);
  let end: RunEnd = { reason: "reached", hart: 0 };
  let code = 0;
  if (at === "end") {
    const ended = await runToEnd(machine, command.limits, host);
    if (ended.reason !== "exit" && ended.reason !== "reset") code = conclude(machine, path, ended, host.terminal);
  } else {
    const reached = await runTo(machine, command, host);
    if (reached.reason !== "reached") return notReached(machine, command, reached, host);
    end = reached;
  }
  const number = command.hart ?? (end.reason === "reached" ? end.hart : 0);
  if (number >= machine.harts.length) {
    throw usage(`--hart ${number}`, `there are ${machine.harts.length}, from 0 on: write a smaller one, or --harts`);
  }
  const satp = command.satp === undefined ? machine.harts[number].csrs.peek(satpCsr)! : parseSatp(command.satp);
  host.terminal.print(dump(machine, path, satp, format).replace(/\n$/, ""));
  return code;
}

function dump(machine: Machine, path: string, satp: bigint, format: PtdumpFormat): string {
  const mode = modeOf(Number(satp >> 60n));
  if (mode === undefined) {
    throw usage(
      `--satp 0x${satp.toString(16)}`,
      "its mode is reserved: bits 63:60 are 8 for Sv39, 9 for Sv48, 10 for Sv57",
    );
  }
  if (mode.levels === 0) {
    return format === "qemu" ? "No translation or protection" : "no translation: satp.MODE is Bare";
  }
  const root = Number(satp & 0xfff_ffff_ffffn) * 4096;
  if (!machine.memory.isRam(root, 4096)) {
    const reason = `its root table at 0x${root.toString(16)} is not in RAM: choose another moment, or --satp`;
    throw new Failure(path, `satp 0x${satp.toString(16)}`, reason);
  }
  return ptdump(new PageTables({ memory: machine.memory, mode, root }), format);
}

function parseSatp(text: string): bigint {
  const plain = text.trim().replaceAll("_", "");
  if (/^(0x[0-9a-f]+|\d+)$/i.test(plain) && BigInt(plain) < 1n << 64n) return BigInt(plain);
  throw usage(`--satp ${text}`, "this is no value of a CSR: write a number of up to 64 bits, as in 0x8000000000080010");
}
