// npm run coverage:instructions -- [FILE]
// Runs every guest test and writes what became of each instruction: results, exceptions, rounding modes; and what no
// test has seen. FILE is docs/coverage.md if it is not given. Exit codes: 0 nothing is missing, 1 something is.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type InstructionDef, instructions } from "../../src/isa/index.ts";
import { recordMeaning } from "../../src/isa/record.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { CoverageWatcher, type Seen } from "./watch.ts";

const root = "firmware/tests";
/** Longer programs repeat themselves. */
const mostSteps = 400_000;
const modeNames = ["RNE", "RTZ", "RDN", "RUP", "RMM"];

function runAll(watcher: CoverageWatcher): number {
  const programs = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".elf"));
  for (const program of programs) {
    const machine = createMachine({ harts: program.startsWith("smp/") ? 2 : 1 });
    machine.loadElf(readFileSync(join(root, program)), program);
    watcher.attach(machine);
    machine.run({ maxInstructions: mostSteps });
  }
  return programs.length;
}

/** The exceptions that an instruction can raise by itself, besides those of its fetch. */
function possibleExceptions(def: InstructionDef): number[] {
  const effects = recordMeaning(def);
  const { system } = effects;
  const causes: number[] = [];
  if (effects.usesFloat) causes.push(2);
  if (effects.load !== undefined || system?.startsWith("lr.")) causes.push(5, 13);
  if (effects.store !== undefined || effects.amo !== undefined) causes.push(7, 15);
  if (effects.amo !== undefined) causes.push(6);
  if (system === undefined) return causes;
  if (system.startsWith("sc.") || system.startsWith("amocas.")) return [6, 7, 15];
  if (system.startsWith("lr.")) return [4, 5, 13];
  if (system.startsWith("cbo.")) return [2, 7, 15];
  if (system === "ecall") return [8, 9, 11];
  if (system === "ebreak") return [3];
  const neverTraps = ["fence.i", "pause", "wrs.nto", "wrs.sto"];
  return neverTraps.includes(system) ? causes : [2];
}

/** These always trap: they have no result. */
const alwaysTrap = ["ecall", "ebreak"];

const count = (value: number, name: string) =>
  value === 0 && !alwaysTrap.includes(name) ? "**none**" : value.toLocaleString("en-US");

function row(def: InstructionDef, seen: Seen): string {
  const exceptions = [...new Set([...possibleExceptions(def), ...seen.exceptions.keys()])]
    .sort((a, b) => a - b)
    .map((cause) => (seen.exceptions.has(cause) ? `${cause}` : `**${cause} never**`));
  const modes = modeNames.map((name, mode) => (seen.modes[mode] > 0 ? name : `**${name} never**`));
  const rounding = def.operands.rm === undefined ? "" : [...modes, ...(seen.dynamic > 0 ? ["frm"] : [])].join(" ");
  return `| ${def.name} | ${count(seen.results, def.name)} | ${exceptions.join(", ")} | ${rounding} |`;
}

/** What no test has seen, one line for each instruction. */
function gaps(def: InstructionDef, seen: Seen): string | undefined {
  const missing: string[] = [];
  if (seen.results === 0 && !alwaysTrap.includes(def.name)) missing.push("a result");
  for (const cause of possibleExceptions(def)) if (!seen.exceptions.has(cause)) missing.push(`exception ${cause}`);
  if (def.operands.rm !== undefined) {
    modeNames.forEach((name, mode) => {
      if (seen.modes[mode] === 0) missing.push(name);
    });
  }
  return missing.length === 0 ? undefined : `- ${def.name}: ${missing.join(", ")}`;
}

const watcher = new CoverageWatcher();
const programs = runAll(watcher);
const defs = instructions.slice(1);
const lines = defs.map((def) => row(def, watcher.of(def)));
const uncovered = defs.flatMap((def) => gaps(def, watcher.of(def)) ?? []);
const text = `# What the guest tests execute

Made by \`npm run coverage:instructions\` from ${programs} programs of \`${root}\`, the first ${mostSteps.toLocaleString("en-US")} instructions of
each (${watcher.steps.toLocaleString("en-US")} in all). A compressed instruction counts as the one that it stands for. Exceptions are by cause
(2 illegal, 3 breakpoint, 4 and 6 misaligned, 5 and 7 access fault, 8 to 11 environment call, 13 and 15 page fault), those that
the instruction can raise itself. The unit tests and the differential run execute more than is counted here.

## What no guest test has seen

${uncovered.length === 0 ? "Nothing is missing." : uncovered.join("\n")}

## All ${defs.length} instructions

| instruction | results | exceptions | rounding |
| --- | --: | --- | --- |
${lines.join("\n")}
`;
const file = process.argv[2] ?? "docs/coverage.md";
writeFileSync(file, text);
console.log(`${defs.length} instructions, ${uncovered.length} with something that no guest test has seen: ${file}`);
if (uncovered.length > 0) {
  for (const line of uncovered) console.log(line);
  process.exitCode = 1;
}
