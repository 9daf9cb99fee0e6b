// npm run bench -- [--only sort,crypto] [--engine pagewalk,interpreter,qemu] [--runs 5] [--json FILE]
// Runs our programs on this build and on QEMU, in turns, and compares whole processes. Exit code 2: wrong arguments.
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Cost, geomean, measure, median } from "./measure.ts";
import { type Engine, engines, extras, pathOf, programs, trivial, usualEngines } from "./programs.ts";

/** Medians of an engine's runs of a program. */
interface Result {
  readonly engine: string;
  readonly program: string;
  readonly wall: number;
  readonly cpu: number;
  /** MiB. */
  readonly peak: number;
  readonly walls: readonly number[];
}

const startRuns = 11;

/** Ends with what is wrong with the arguments. */
function refuse(reason: string): never {
  console.error(`bench: ${reason}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        only: { type: "string" },
        engine: { type: "string" },
        runs: { type: "string", default: "3" },
        json: { type: "string" },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

const { values } = readArguments();

/** Those of a list that are wanted by name; the usual ones, if nothing is said. */
function choose<T extends { readonly name: string }>(
  what: string,
  all: readonly T[],
  wanted: string | undefined,
  usual: readonly T[] = all,
): T[] {
  const names = wanted?.split(",") ?? usual.map(({ name }) => name);
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    return found ?? refuse(`there is no ${what} ${name}: write some of ${all.map((one) => one.name).join(",")}`);
  });
}

/** Runs a program on all engines in turns, so that what else the machine does touches all alike. */
async function compare(chosen: readonly Engine[], program: string, runs: number): Promise<Map<string, Cost[]>> {
  const costs = new Map(chosen.map(({ name }): [string, Cost[]] => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const { name, command } of chosen) {
      const cost = await measure(command(pathOf(program)));
      if (cost.exitCode !== 0) throw new Error(`${name} ended ${program} with ${cost.exitCode}: ${cost.output}`);
      costs.get(name)!.push(cost);
    }
  }
  return costs;
}

function toResult(engine: string, program: string, costs: readonly Cost[]): Result {
  const of = (pick: (cost: Cost) => number) => median(costs.map(pick));
  const walls = costs.map(({ wall }) => wall);
  return { engine, program, wall: of((c) => c.wall), cpu: of((c) => c.cpu), peak: of((c) => c.peak), walls };
}

/** Instructions, as our own statistics say. */
function instructionsOf(costs: readonly Cost[] | undefined): number | undefined {
  const text = /^([\d,]+) instructions /m.exec(costs?.[0]?.output ?? "")?.[1];
  return text === undefined ? undefined : Number(text.replaceAll(",", ""));
}

const row = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
const mips = (count: number, time: number) => (count / time / 1e6).toFixed(0);
const seconds = (value: number) => value.toFixed(value < 1 ? 3 : 2);

function printTable(results: readonly Result[], counts: ReadonlyMap<string, number>): void {
  row([
    "program",
    "10^6 instructions",
    "pagewalk s (CPU)",
    "MIPS (CPU)",
    "QEMU s (CPU)",
    "of QEMU's time (CPU)",
    "MiB, ours / QEMU",
  ]);
  row(["---", "--:", "--:", "--:", "--:", "--:", "--:"]);
  for (const program of new Set(results.map((result) => result.program))) {
    const ours = results.find((result) => result.program === program && isOurs(result));
    const qemu = results.find((result) => result.program === program && result.engine === "qemu");
    const count = counts.get(program);
    const cell = (result: Result | undefined) =>
      result === undefined ? "" : `${seconds(result.wall)} (${seconds(result.cpu)})`;
    row([
      program,
      count === undefined || count < 1e6 ? "" : (count / 1e6).toFixed(0),
      cell(ours),
      ours === undefined || count === undefined || count < 1e6
        ? ""
        : `${mips(count, ours.wall)} (${mips(count, ours.cpu)})`,
      cell(qemu),
      ours === undefined || qemu === undefined
        ? ""
        : `${(ours.wall / qemu.wall).toFixed(2)} x (${(ours.cpu / qemu.cpu).toFixed(2)} x)`,
      [ours, qemu].map((result) => result?.peak.toFixed(0) ?? "").join(" / "),
    ]);
  }
}

/** Of ours the table shows one: the machine as it is, or interpreting only where that alone was asked for. */
const isOurs = ({ engine }: Result) => engine === (chosen.find(({ name }) => name !== "qemu")?.name ?? "");

function printMeans(results: readonly Result[], counts: ReadonlyMap<string, number>): void {
  const ours = results.filter((result) => isOurs(result) && programs.some(({ name }) => name === result.program));
  const isInteger = (name: string) => programs.find((program) => program.name === name)?.isInteger === true;
  const both = (name: string, of: (pick: "wall" | "cpu") => readonly number[], digits: number) => {
    if (of("wall").length === 0) return;
    const [wall, cpu] = [geomean(of("wall")), geomean(of("cpu"))].map((mean) => mean.toFixed(digits));
    console.log(`${name}: ${wall} by the clock, ${cpu} by processor time`);
  };
  const integer = ours.filter(({ program }) => isInteger(program) && counts.has(program));
  const speed = (pick: "wall" | "cpu") => integer.map((result) => counts.get(result.program)! / result[pick] / 1e6);
  const ratio = (pick: "wall" | "cpu") =>
    ours.flatMap((result) => {
      const qemu = results.find(({ engine, program }) => engine === "qemu" && program === result.program);
      return qemu === undefined ? [] : [result[pick] / qemu[pick]];
    });
  console.log("");
  both("geometric mean of the integer programs, MIPS", speed, 0);
  both("geometric mean of the time, of QEMU's", ratio, 2);
}

if (!existsSync("dist/cli/main.js")) throw new Error("dist/cli/main.js is not there: npm run build");
const chosen = choose("engine", engines, values.engine ?? usualEngines);
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) refuse(`--runs ${values.runs}: write a number from 1 on`);
const results: Result[] = [];
const counts = new Map<string, number>();
const chosenPrograms = choose("program", [...programs, ...extras], values.only, programs);
for (const program of [...chosenPrograms.map(({ name }) => name), trivial]) {
  console.error(`${program} ...`);
  const costs = await compare(chosen, program, program === trivial ? Math.max(runs, startRuns) : runs);
  for (const [engine, all] of costs) results.push(toResult(engine, program, all));
  const count = instructionsOf(costs.get("pagewalk") ?? costs.get("interpreter"));
  if (count !== undefined) counts.set(program, count);
}
const qemu = chosen.find(({ name }) => name === "qemu");
const qemuVersion = qemu && execFileSync(qemu.command("")[0], ["--version"], { encoding: "utf8" }).split("\n")[0];
const date = new Date().toISOString().slice(0, 10);
console.log(
  `${date}, medians of ${runs} runs in turns, whole processes; Node ${process.version}; ${qemuVersion ?? "no QEMU"}\n`,
);
printTable(results, counts);
printMeans(results, counts);
if (values.json !== undefined) {
  const report = {
    date,
    runs,
    node: process.version,
    qemu: qemuVersion,
    instructions: Object.fromEntries(counts),
    results,
  };
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
