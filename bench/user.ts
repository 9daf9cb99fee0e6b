// npm run bench:user -- [--only sort,esbuild] [--runs 3] [--pagewalk FILE]
// Runs Linux programs with `pagewalk run --user` and with qemu-riscv64, in turns, and compares whole processes; those that
// compute with one round and with more, too, as the difference is what they cost in steady state.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Cost, geomean, measure, median } from "./measure.ts";

/** Seconds by the clock, and of processors. */
type Spent = Pick<Cost, "wall" | "cpu">;

/** A Linux program, and what is asked of it. */
interface UserProgram {
  readonly name: string;
  readonly source?: string;
  readonly goal: string;
  /** Executes some 10^9 instructions, and little else. */
  readonly isCompute?: boolean;
}

const programs: readonly UserProgram[] = [
  ...["sort", "crypto", "bytecode", "float"].map((name) => ({
    name,
    source: `firmware/bench/${name}.c`,
    goal: "1 x qemu-riscv64 in steady state",
    isCompute: true,
  })),
  { name: "esbuild", goal: "3 x qemu-riscv64" },
  { name: "syscalls", source: "firmware/user/bench/syscalls.c", goal: "2 s" },
  { name: "faults", source: "firmware/user/bench/faults.c", goal: "1 s" },
];
const start = { name: "start", source: "firmware/user/bench/start.c", goal: "" };
const startRuns = 7;
/** Rounds of a program that computes, beside one, for the steady state. */
const rounds = 4;
const folder = ".cache/user-bench";
const input = join(folder, "input.ts");

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    runs: { type: "string", default: "3" },
    pagewalk: { type: "string", default: "dist/cli/main.js" },
  },
});

/** A megabyte of TypeScript for esbuild to transform. */
function typescript(): string {
  const parts: string[] = [];
  for (let i = 0; i < 2000; i++) {
    parts.push(`export interface Shape${i} { readonly kind: "s${i}"; width: number; height?: number }
export async function area${i}<T extends Shape${i}>(shape: T, ...rest: readonly number[]): Promise<number> {
  const { width, height = width } = shape;
  let sum = rest.reduce((a, b) => a + b, 0) ?? 0;
  for (const x of rest) { if (x > ${i}) sum += x ** 2; else continue; }
  return width * height + sum;
}
class C${i} extends Object { #a = ${i}; get a() { return this.#a; } static b?: string = \`t\${${i}}\`; }
`);
  }
  return parts.join("");
}

/** Builds a program, or says where esbuild is; undefined: it cannot be had here. */
function pathOf({ name, source }: UserProgram): string | undefined {
  if (source === undefined) {
    try {
      const home = execFileSync("scripts/userland.sh", ["--check"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      });
      return join(home.trim(), "esbuild");
    } catch {
      return undefined;
    }
  }
  const path = join(folder, name);
  execFileSync("riscv64-linux-gnu-gcc", ["-O2", "-static", "-iquote", "firmware/user/bench", "-o", path, source]);
  return path;
}

const withInput = (command: readonly string[]) => ["bash", "-c", `exec "$@" <${input}`, "bash", ...command];
const engines = {
  pagewalk: (words: readonly string[]) => [process.execPath, values.pagewalk, "run", "--user", ...words],
  qemu: (words: readonly string[]) => ["qemu-riscv64", ...words],
} as const;

const argumentsOf = ({ source }: UserProgram) =>
  source === undefined ? ["--loader=ts", "--minify", "--log-level=error"] : [];

/** Medians of some runs of a program with both, in turns. */
async function compare(path: string, runs: number, args: readonly string[] = []) {
  const costs: Record<keyof typeof engines, Cost[]> = { pagewalk: [], qemu: [] };
  const words = [path, ...args];
  for (let run = 0; run < runs; run++) {
    for (const name of ["pagewalk", "qemu"] as const) {
      const cost = await measure(withInput(engines[name](words)));
      if (cost.exitCode !== 0)
        throw new Error(`${name} ended ${path} with ${cost.exitCode}: ${cost.output.slice(0, 500)}`);
      costs[name].push(cost);
    }
  }
  if (costs.pagewalk[0].output !== costs.qemu[0].output)
    throw new Error(`${path} prints one thing here, another there`);
  const middle = (all: readonly Cost[]) => ({
    wall: median(all.map((c) => c.wall)),
    cpu: median(all.map((c) => c.cpu)),
  });
  return { ours: middle(costs.pagewalk), qemu: middle(costs.qemu) };
}

/** How many instructions a program has, as `--stats` says. */
async function instructionsOf(path: string, args: readonly string[]): Promise<number> {
  const { output } = await measure(engines.pagewalk(["--stats", path, ...args]));
  const found = /^([\d,]+) instructions/m.exec(output);
  if (found === null) throw new Error(`--stats did not say how many instructions ${path} has: ${output.slice(0, 500)}`);
  return Number(found[1].replaceAll(",", ""));
}

const row = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
const difference = (a: Spent, b: Spent): Spent => ({ wall: a.wall - b.wall, cpu: a.cpu - b.cpu });
const both = ({ wall, cpu }: Spent, digits: number, unit = "") =>
  `${wall.toFixed(digits)}${unit} (${cpu.toFixed(digits)}${unit})`;

if (!existsSync(values.pagewalk)) throw new Error(`${values.pagewalk} is not there: npm run build`);
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs ${values.runs}: a number from 1 on`);
mkdirSync(folder, { recursive: true });
writeFileSync(input, typescript());
const wanted = values.only?.split(",");
const chosen = programs.filter(({ name }) => wanted === undefined || wanted.includes(name));
if (chosen.length === 0) throw new RangeError(`--only: ${programs.map(({ name }) => name).join(", ")}`);
const empty = await compare(pathOf(start)!, Math.max(runs, startRuns));
const qemu = execFileSync("qemu-riscv64", ["--version"], { encoding: "utf8" }).split("\n")[0];
console.log(
  `medians of ${runs} runs in turns, whole processes, processor time in brackets; Node ${process.version}; ${qemu}\n`,
);
row(["program", "pagewalk s", "qemu-riscv64 s", "of its time", "start aside", "asked"]);
row(["---", "--:", "--:", "--:", "--:", "---"]);
row(["start", both(empty.ours, 3), both(empty.qemu, 3), "", "", ""]);
const slopes: string[][] = [];
const steady: Spent[] = [];
for (const program of chosen) {
  const path = pathOf(program);
  if (path === undefined) continue;
  const { ours, qemu } = await compare(path, runs, argumentsOf(program));
  const whole = { wall: ours.wall / qemu.wall, cpu: ours.cpu / qemu.cpu };
  const aside = {
    wall: difference(ours, empty.ours).wall / difference(qemu, empty.qemu).wall,
    cpu: difference(ours, empty.ours).cpu / difference(qemu, empty.qemu).cpu,
  };
  if (program.isCompute) {
    // what some rounds more take, when all that is hot was translated in the first
    const long = await compare(path, runs, [String(rounds)]);
    const instructions = (await instructionsOf(path, [String(rounds)])) - (await instructionsOf(path, ["1"]));
    const more = { ours: difference(long.ours, ours), qemu: difference(long.qemu, qemu) };
    const ratio = { wall: more.ours.wall / more.qemu.wall, cpu: more.ours.cpu / more.qemu.cpu };
    const mips = ({ wall }: Spent) => (instructions / 1e6 / wall).toFixed(0);
    steady.push(ratio);
    const sizes = [program.name, (instructions / 1e6).toFixed(0)];
    const speeds = [mips(more.ours), mips(more.qemu), both(ratio, 2, " x")];
    slopes.push([...sizes, both(more.ours, 2), both(more.qemu, 2), ...speeds]);
  }
  row([program.name, both(ours, 2), both(qemu, 2), both(whole, 2, " x"), both(aside, 2, " x"), program.goal]);
}
if (steady.length > 0) {
  console.log(`\nsteady state: what ${rounds - 1} rounds more take\n`);
  row(["program", "10^6 instructions", "pagewalk s", "qemu-riscv64 s", "MIPS", "its MIPS", "of its time"]);
  row(["---", "--:", "--:", "--:", "--:", "--:", "--:"]);
  for (const cells of slopes) row(cells);
  const mean = { wall: geomean(steady.map(({ wall }) => wall)), cpu: geomean(steady.map(({ cpu }) => cpu)) };
  console.log(`\ngeometric mean: ${both(mean, 2, " x")}`);
}
