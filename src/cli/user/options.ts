import { usage } from "../failure.ts";
import { parseCount } from "../options.ts";
import type { Given } from "../syntax.ts";

/** What `run --user` was told about the world of its programs. */
export interface WorldOptions {
  /** `NAME=value` each. */
  readonly env: readonly string[];
  readonly seed: number;
  readonly clock: "virtual" | "host";
  readonly maxProcesses: number | undefined;
}

/** Options that may be given several times are joined with this. */
export const separator = "\0";
const mostSeed = 2 ** 32 - 1;
const mostProcesses = 1 << 20;

/** Reads the options of programs' surroundings. Throws a {@link Failure} that says what is wrong with them. */
export function worldOptions(given: Given): WorldOptions {
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  const env = text("env")?.split(separator) ?? [];
  for (const entry of env) {
    if (!/^[^=]+=/.test(entry)) throw usage(`--env ${entry}`, "this sets no variable: write NAME=value");
  }
  const clock = text("clock") ?? "virtual";
  if (clock !== "virtual" && clock !== "host") {
    throw usage(`--clock ${clock}`, "there is no such clock: write virtual or host");
  }
  const [seed, processes] = [text("seed"), text("max-processes")];
  if (seed !== undefined && !(/^\d+$/.test(seed) && Number(seed) <= mostSeed)) {
    throw usage(`--seed ${seed}`, `this is no seed: write a whole number from 0 to ${mostSeed}`);
  }
  const maxProcesses = processes === undefined ? undefined : parseCount("--max-processes", processes, mostProcesses);
  return { env, clock, seed: Number(seed ?? 0), maxProcesses };
}
