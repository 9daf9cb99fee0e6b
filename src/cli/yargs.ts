import { readFileSync } from "node:fs";
import yargs, { type Argv, type Options } from "yargs";
import { Failure, usage } from "./failure.ts";
import { type CommandName, type CommandSpec, commands, type ParsedCommand } from "./syntax.ts";

/** What yargs makes of a command line: a command, or text to print (help, version). */
export type Parsed = ParsedCommand | { readonly text: string };

/** Reads any command line. Throws a {@link Failure} that says what is wrong with it. */
export async function parseWithYargs(args: readonly string[]): Promise<Parsed> {
  let parsed: Parsed | undefined;
  const parser = define((command) => {
    parsed = command;
  });
  await parser.parseAsync(args.flatMap(splitMemory), {}, (_error: unknown, _argv: unknown, text: string) => {
    if (text !== "") parsed = { text };
  });
  if (parsed === undefined) throw usage("arguments", "no command is given: see pagewalk --help");
  return parsed;
}

/** `-m128M` is `-m 128M`; yargs would read it as -m -1 -2 -8 -M. */
function splitMemory(arg: string): string[] {
  const joined = /^-m(\d.*)$/.exec(arg);
  return joined === null ? [arg] : ["-m", joined[1]];
}

function define(choose: (command: ParsedCommand) => void): Argv {
  let parser = yargs()
    .scriptName("pagewalk")
    .usage("$0 <command>\n\nA RISC-V RV64 computer whose page tables you can walk.")
    .parserConfiguration({
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "boolean-negation": false,
      "dot-notation": false,
      "camel-case-expansion": false,
    })
    .detectLocale(false)
    .exitProcess(false)
    .strict()
    .wrap(100)
    .version(version())
    .help()
    .alias("help", "h")
    .demandCommand(1)
    .fail((message: string | null, error: Error | undefined) => {
      throw error instanceof Failure ? error : wrongArguments(message ?? error?.message ?? "they make no sense");
    });
  for (const name of Object.keys(commands) as CommandName[]) parser = defineCommand(parser, name, choose);
  return parser;
}

function defineCommand(parser: Argv, name: CommandName, choose: (command: ParsedCommand) => void): Argv {
  const spec: CommandSpec = commands[name];
  const positionals = Object.entries(spec.positionals);
  const rest = spec.rest === undefined ? [] : ["<files..>"];
  const usageOf = [name, ...positionals.map(([positional]) => `<${positional}>`), ...rest].join(" ");
  return parser.command(
    usageOf,
    spec.describe,
    (y) => {
      for (const [positional, describe] of positionals) y.positional(positional, { type: "string", describe });
      if (spec.rest !== undefined) y.positional("files", { type: "string", array: true, describe: spec.rest });
      for (const [option, { describe, alias, flag }] of Object.entries(spec.options)) {
        const kind: Options = flag === true ? { type: "boolean" } : { type: "string", requiresArg: true };
        y.option(option, { ...kind, describe, ...(alias !== undefined && { alias }) });
      }
    },
    (argv) => {
      const given: Record<string, string | true> = {};
      for (const key of [...positionals.map(([positional]) => positional), ...Object.keys(spec.options)]) {
        // what is given twice is a list: the last one counts
        const value = [(argv as Readonly<Record<string, unknown>>)[key]].flat().pop();
        if (typeof value === "string" || value === true) given[key] = value;
      }
      choose({ name, given, ...(spec.rest !== undefined && { files: argv.files as string[] }) });
    },
  );
}

/** yargs says what is wrong; this says what to do. */
function wrongArguments(message: string): Failure {
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1];
  if (unknown !== undefined) {
    const names = unknown.split(", ").map((name) => `"${name}"`);
    return usage(names.join(", "), "there is no such option or command, or it is too much: see pagewalk --help");
  }
  const lacking = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (lacking !== undefined)
    return usage(`${lacking.length === 1 ? "-" : "--"}${lacking}`, "it needs a value after it");
  if (message.startsWith("Not enough non-option arguments")) {
    return usage(
      "arguments",
      "something is missing: write pagewalk run program.elf or pagewalk test folder, or see pagewalk --help",
    );
  }
  return usage("arguments", `${message}: see pagewalk --help`);
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
