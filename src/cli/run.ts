import type { Profile } from "../debug/profile.ts";
import type { Machine, MachineOptions } from "../machine/machine.ts";
import { GuestInput } from "./guestInput.ts";
import type { Limits } from "./options.ts";
import { startMachine } from "./program.ts";
import { conclude, statistics } from "./report.ts";
import { type CommandEnd, runToEnd } from "./runLoop.ts";
import type { Host, Terminal } from "./terminal.ts";
import type { Trace } from "./trace.ts";

/** `pagewalk run`. */
export interface RunCommand {
  readonly path: string;
  readonly machine: MachineOptions;
  readonly limits: Limits;
  readonly stats: boolean;
  readonly profile: boolean;
  /** Where the commit log goes; `-` is standard output, and what the guest prints is on standard error then. */
  readonly trace: string | undefined;
  readonly explainFaults: boolean;
  /** Where the signature goes, `-` is standard output; and how many bytes a line has, as text. */
  readonly signature: string | undefined;
  readonly granularity: string | undefined;
}

/** Runs a program to its end; the exit code is the guest's. */
export async function run(command: RunCommand, host: Host): Promise<number> {
  const { terminal } = host;
  const { path } = command;
  const signature = command.signature === undefined ? undefined : await import("./signature.ts");
  const granularity = signature?.parseGranularity(command.granularity);
  // a log on standard output is nothing but a log
  const put = (bytes: Uint8Array) => (command.trace === "-" ? terminal.putError(bytes) : terminal.put(bytes));
  const options = { ...command.machine, onOutput: put };
  const machine = startMachine(path, options, host);
  if (command.explainFaults) await tellFaults(machine, terminal);
  const trace = command.trace === undefined ? undefined : await traceTo(machine, path, command.trace, terminal);
  const input = host.input === undefined ? undefined : new GuestInput(machine.uart, host.input);
  const profile = command.profile ? await profileOf(machine) : undefined;
  const begun = performance.now();
  let end: CommandEnd;
  try {
    end = await runToEnd(machine, command.limits, host, undefined, input);
  } finally {
    input?.close();
    trace?.close();
  }
  const seconds = (performance.now() - begun) / 1000;
  const code = conclude(machine, path, end, terminal);
  if (command.signature !== undefined && end.reason === "exit") {
    signature?.writeSignature(machine, path, command.signature, granularity, terminal);
  }
  if (command.stats) for (const line of statistics(machine, seconds)) terminal.tell(line);
  for (const line of profile?.lines() ?? []) terminal.tell(line);
  return code;
}

async function profileOf(machine: Machine): Promise<Profile> {
  return new (await import("../debug/profile.ts")).Profile(machine);
}

/** Explains page faults on standard error. */
async function tellFaults(machine: Machine, terminal: Terminal): Promise<void> {
  const { explainFaults } = await import("../debug/faultReport.ts");
  explainFaults(
    machine.harts,
    () => machine.symbols,
    (lines) => terminal.tell(lines.join("\n")),
  );
}

async function traceTo(machine: Machine, path: string, file: string, terminal: Terminal): Promise<Trace> {
  return (await import("./trace.ts")).startTrace(machine, path, file, terminal);
}
