import { readFileSync } from "node:fs";
import yargs, { type Argv } from "yargs";
import { ClosedPipe, exitCode, Failure, failureLine, usage } from "./failure.ts";
import { limitOptions, machineOptions, type Texts } from "./options.ts";
import type { Host } from "./terminal.ts";

const text = { type: "string", requiresArg: true } as const;

const machineGroup = {
  memory: { ...text, alias: "m", describe: "RAM: 128M, 3G (default 128M)" },
  isa: { ...text, describe: "instruction set: rv64gc, rv64imac_zba … (default max: everything)" },
  harts: { ...text, describe: "how many harts, 1 to 64 (default 1)" },
  tlb: { ...text, describe: "the architectural TLB as sets x ways: 64x4 (default 4096x8)" },
} as const;

const limitGroup = {
  "max-instructions": { ...text, describe: "stop after so many instructions: 1000000, 10M" },
  timeout: { ...text, describe: "stop after so many seconds" },
} as const;

const elf = { type: "string", describe: "a 64-bit RISC-V program", demandOption: true } as const;

/** Does what a command line says, and returns the process's exit code. Never throws. */
export async function commandLine(args: readonly string[], host: Host): Promise<number> {
  const { terminal } = host;
  try {
    const code = await execute(args, host);
    terminal.flush();
    return code;
  } catch (error) {
    if (error instanceof ClosedPipe) return exitCode.closedPipe;
    try {
      terminal.tell(failureLine(error));
    } catch {
      // standard error is closed too
    }
    return exitCode.failure;
  }
}

async function execute(args: readonly string[], host: Host): Promise<number> {
  let command: (() => Promise<number>) | undefined;
  const parser = commands((chosen) => {
    command = chosen;
  }, host);
  let printed = "";
  await parser.parseAsync(args.flatMap(splitMemory), {}, (_error: unknown, _argv: unknown, output: string) => {
    printed = output;
  });
  if (printed !== "") host.terminal.print(printed);
  return command === undefined ? 0 : command();
}

/** `-m128M` is `-m 128M`; yargs would read it as -m -1 -2 -8 -M. */
function splitMemory(arg: string): string[] {
  const joined = /^-m(\d.*)$/.exec(arg);
  return joined === null ? [arg] : ["-m", joined[1]];
}

function commands(choose: (command: () => Promise<number>) => void, host: Host): Argv {
  return yargs()
    .scriptName("pagewalk")
    .usage("$0 <command>\n\nAn RV64 computer whose page tables you can walk.")
    .parserConfiguration({
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "duplicate-arguments-array": false,
      "boolean-negation": false,
      "dot-notation": false,
    })
    .detectLocale(false)
    .exitProcess(false)
    .strict()
    .wrap(100)
    .version(version())
    .help()
    .alias("help", "h")
    .demandCommand(1, "no command is given")
    .fail((message: string | null, error: Error | undefined) => {
      throw error instanceof Failure ? error : wrongArguments(message ?? error?.message ?? "they make no sense");
    })
    .command(
      "run <elf>",
      "run a program to its end; the exit code is the program's, 124 on a limit, 125 if pagewalk failed",
      (y) =>
        y
          .positional("elf", elf)
          .options({ ...machineGroup, ...limitGroup })
          .option("stats", { type: "boolean", describe: "instructions, MIPS, TLB and traps, to standard error" })
          .option("trace", { ...text, describe: "write Spike's commit log to a file; - is standard output" })
          .option("explain-faults", { type: "boolean", describe: "explain each page fault on standard error" }),
      (argv) =>
        choose(async () => {
          const { run } = await import("./run.ts");
          const given = argv as unknown as Texts;
          return run(
            {
              path: argv.elf,
              machine: machineOptions(given),
              limits: limitOptions(given),
              stats: argv.stats === true,
              trace: argv.trace,
              explainFaults: argv["explain-faults"] === true,
            },
            host,
          );
        }),
    )
    .command("demo", "run the shipped demo and show its page tables", {}, () =>
      choose(async () => {
        const { demo } = await import("./demo.ts");
        return demo(host);
      }),
    );
}

/** yargs says what is wrong; this says what there is. */
function wrongArguments(message: string): Failure {
  const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1];
  if (unknown !== undefined) {
    const names = unknown
      .split(", ")
      .map((name) => `"${name}"`)
      .join(", ");
    return usage(names, "there is no such option or command, or it is too much: see pagewalk --help");
  }
  const lacking = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (lacking !== undefined)
    return usage(`${lacking.length === 1 ? "-" : "--"}${lacking}`, "it needs a value after it");
  if (message.startsWith("Not enough non-option arguments")) {
    return usage("arguments", "the file is missing: write pagewalk run program.elf (see pagewalk --help)");
  }
  return usage("arguments", `${message}: see pagewalk --help`);
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
