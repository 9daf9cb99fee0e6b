import { ClosedPipe, exitCode, failureLine } from "./failure.ts";
import { limitOptions, machineOptions, parseAccess, parseHart, parseIsaOption, parsePrivilege } from "./options.ts";
import type { PtdumpCommand } from "./ptdump.ts";
import { run } from "./run.ts";
import { type Given, type ParsedCommand, parsePlain } from "./syntax.ts";
import type { Host } from "./terminal.ts";
import type { TranslateCommand } from "./translate.ts";
import type { UserArguments } from "./user/arguments.ts";

/** Does what a command line says, and returns the process's exit code. Never throws. */
export async function commandLine(args: readonly string[], host: Host): Promise<number> {
  const { terminal } = host;
  try {
    const user = await userProgram(args);
    if (user !== undefined) {
      const code =
        user.command === "run"
          ? await (await import("./user/run.ts")).runUser(user, host)
          : await (await import("./user/ptdump.ts")).ptdumpUser(user, host);
      terminal.flush();
      return code;
    }
    const parsed = bootCommand(args) ?? parsePlain(args) ?? (await (await import("./yargs.ts")).parseWithYargs(args));
    let code = 0;
    if ("text" in parsed) terminal.print(parsed.text);
    else code = await execute(parsed, host);
    terminal.flush();
    return code;
  } catch (error) {
    if (error instanceof ClosedPipe) return exitCode.closedPipe;
    try {
      terminal.tell(failureLine(error));
    } catch {
      // standard output or error is closed: there is nobody to tell
    }
    return exitCode.failure;
  }
}

/** `boot` reads its arguments itself, as QEMU's spellings are its own; help for it is like that of all others. */
function bootCommand([name, ...args]: readonly string[]): ParsedCommand | undefined {
  const wantsHelp = args.some((arg) => arg === "--help" || arg === "-h");
  return name === "boot" && !wantsHelp ? { name, given: {}, files: args } : undefined;
}

/** `run --user` and `ptdump --user`, whose program has arguments of its own. */
async function userProgram([name, ...args]: readonly string[]): Promise<UserArguments | undefined> {
  if ((name !== "run" && name !== "ptdump") || !args.includes("--user") || args[0] === "--help") return undefined;
  return (await import("./user/arguments.ts")).parseUserArguments(name, args);
}

/** A command's code is loaded when the command is given; only `run` must not wait. */
async function execute({ name, given, files = [] }: ParsedCommand, host: Host): Promise<number> {
  switch (name) {
    case "run":
      return run(
        {
          path: text(given, "elf"),
          machine: machineOptions(given),
          limits: limitOptions(given),
          stats: given.stats === true,
          profile: given.profile === true,
          trace: optional(given, "trace"),
          explainFaults: given["explain-faults"] === true,
          signature: optional(given, "signature"),
          granularity: optional(given, "signature-granularity"),
        },
        host,
      );
    case "disasm":
      return (await import("./disasm.ts")).disasm(text(given, "elf"), parsed(given, "isa", parseIsaOption), host);
    case "translate":
      return (await import("./translate.ts")).translate(translateOptions(given), host);
    case "ptdump":
      return (await import("./ptdump.ts")).ptdumpCommand(ptdumpOptions(given), host);
    case "boot":
      return (await import("./boot/boot.ts")).boot(files, host);
    case "test":
      return (await import("./testing/test.ts")).test(files, given, host);
    case "diff-trace":
      return (await import("./diffTrace.ts")).diffTrace(text(given, "a"), text(given, "b"), given, host);
    case "demo":
      return (await import("./demo.ts")).demo(host);
  }
}

function translateOptions(given: Given): TranslateCommand {
  return {
    path: text(given, "elf"),
    va: text(given, "va"),
    at: optional(given, "at"),
    access: parsed(given, "access", parseAccess),
    priv: parsed(given, "priv", parsePrivilege),
    hart: parsed(given, "hart", parseHart),
    machine: machineOptions(given),
    limits: limitOptions(given),
  };
}

function ptdumpOptions(given: Given): PtdumpCommand {
  return {
    path: text(given, "elf"),
    at: optional(given, "at") ?? "end",
    satp: optional(given, "satp"),
    format: optional(given, "format") ?? "ranges",
    hart: parsed(given, "hart", parseHart),
    machine: machineOptions(given),
    limits: limitOptions(given),
  };
}

function parsed<V>(given: Given, name: string, parse: (text: string) => V): V | undefined {
  const value = optional(given, name);
  return value === undefined ? undefined : parse(value);
}

function optional(given: Given, name: string): string | undefined {
  const value = given[name];
  return typeof value === "string" ? value : undefined;
}

function text(given: Given, name: string): string {
  return optional(given, name) ?? "";
}
