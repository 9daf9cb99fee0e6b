import { usage } from "../failure.ts";
import { type Given, type OptionSpec, ptdumpUserOptions, userOptions } from "../syntax.ts";
import { separator } from "./options.ts";

/** The commands that run Linux programs, with what they take. */
const optionsOf = { run: userOptions, ptdump: ptdumpUserOptions } as const;

/** What `pagewalk run --user …` was given: its options, then the program and the program's own arguments, as they are. */
export interface UserArguments {
  readonly command: keyof typeof optionsOf;
  readonly given: Given;
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * The arguments behind `run` or `ptdump`, if they are about a user program: `--user` stands before the program; whatever
 * follows the program is the program's. Throws a {@link Failure} that says what is wrong with them.
 */
export function parseUserArguments(
  command: UserArguments["command"],
  args: readonly string[],
): UserArguments | undefined {
  const options: Readonly<Record<string, OptionSpec>> = optionsOf[command];
  const given: Record<string, string | true> = {};
  let at = 0;
  for (; at < args.length && args[at].startsWith("-") && args[at] !== "--"; at++) {
    const option = /^(?:--([a-z][a-z-]*)(?:=(.*))?|-([a-z])(.*))$/s.exec(args[at]);
    const name = option?.[1] ?? longName(options, option?.[3] ?? "");
    const spec = Object.hasOwn(options, name) ? options[name] : undefined;
    if (spec === undefined) {
      if (!args.includes("--user")) return undefined;
      throw usage(args[at], `${command} --user has no such option: see pagewalk ${command} --help`);
    }
    const joined = option?.[2] ?? (option?.[4] === "" ? undefined : option?.[4]);
    if (spec.flag === true) given[name] = true;
    else {
      const value = joined ?? args[++at];
      if (value === undefined) throw usage(`--${name}`, `a value is missing: ${spec.describe}`);
      const before = given[name];
      given[name] = spec.many === true && before !== undefined ? `${before}${separator}${value}` : value;
    }
  }
  if (given.user !== true) return undefined;
  if (args[at] === "--") at++;
  if (args[at] === undefined)
    throw usage(`${command} --user`, `no program is named: ${command} --user PROGRAM [ARGUMENT …]`);
  return { command, given, program: args[at], args: args.slice(at + 1) };
}

function longName(options: Readonly<Record<string, OptionSpec>>, letter: string): string {
  const found = Object.entries(options).find(([, spec]) => spec.alias === letter);
  return found?.[0] ?? "";
}
