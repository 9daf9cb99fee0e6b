import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Arena } from "./campaign.ts";
import { differences } from "./compare.ts";
import { testOf } from "./demonstration.ts";
import { deviations } from "./deviations.ts";
import type { Mix } from "./generator.ts";
import { mixes } from "./mixes/index.ts";
import type { OurEngine } from "./ours.ts";
import { findQemu } from "./qemu.ts";
import { describeMismatch } from "./report.ts";

const usage = `usage: npm run fuzz -- [--seed N] [--instructions N] [--mix NAME,…] [--batch N] [--mismatches N] [--json FILE]
                       [--engine interpreter|translator] [--hot-after N] [--exit-at-accesses]
       npm run fuzz -- --mix NAME --seed N --test N    one test again, made smaller
       npm run fuzz -- --deviations                    which of QEMU's known deviations still hold

Runs random programs on this machine and on QEMU, and compares registers, CSRs, traps and memory.
  --seed          the same seed gives the same tests (default 1)
  --instructions  how many to execute and compare, all mixes together; 10M, 1G … (default 10M)
  --mix           some of: ${mixes.map(({ name }) => name).join(" ")} (default: all)
  --batch         tests a QEMU process (default 400)
  --mismatches    stop after so many (default 5)
  --engine        how our machine executes (default: as it does by itself)
  --hot-after     the translator translates what has been executed so often (default 2; in use it is far more)
  --exit-at-accesses   translated code is left before every access to memory
  --qemu          a qemu-system-riscv64 to compare with (default: QEMU 10, else the system's)
Exit codes: 0 no mismatch, 1 mismatches, 2 wrong arguments, 3 no QEMU here.`;

/** What one mix came to. */
interface Tally {
  tests: number;
  /** Instructions generated. */
  instances: number;
  /** Instructions executed, those of the harness left out. */
  executed: number;
  traps: number;
  mismatches: number;
  /** Mismatches that come down to one of QEMU's known deviations. */
  known: number;
  seconds: number;
}

function fail(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}

function readCount(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text);
  if (parts === null) fail(`fuzz: "${text}" is no number\n\n${usage}`, 2);
  return Number(parts[1]) * { "": 1, k: 1e3, M: 1e6, G: 1e9 }[parts[2] as "" | "k" | "M" | "G"];
}

function readArguments() {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      options: {
        ...{
          seed: text,
          instructions: text,
          mix: text,
          batch: text,
          mismatches: text,
          json: text,
          test: text,
          qemu: text,
          engine: text,
          "hot-after": text,
          "exit-at-accesses": { type: "boolean" },
        },
        deviations: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    return fail(`fuzz: ${(error as Error).message}\n\n${usage}`, 2);
  }
}

function chosenEngine(given: ReturnType<typeof readArguments>): OurEngine {
  const { engine } = given;
  if (engine === undefined) return {};
  if (engine !== "interpreter" && engine !== "translator") fail(`fuzz: no engine ${engine}\n\n${usage}`, 2);
  return { engine, hotAfter: readCount(given["hot-after"] ?? "2"), exitAtAccesses: given["exit-at-accesses"] };
}

function chosenMixes(names: string | undefined, usual: readonly string[] | undefined, arena: Arena): Mix[] {
  const wanted = names?.split(",") ?? usual ?? mixes.map(({ name }) => name);
  const unknown = wanted.find((name) => !mixes.some((mix) => mix.name === name));
  if (unknown !== undefined) fail(`fuzz: no mix ${unknown}\n\n${usage}`, 2);
  const { isa } = arena.catalogue;
  return mixes.filter(({ name, needs }) => wanted.includes(name) && (needs === undefined || isa.has(needs)));
}

/** Runs batches of a mix until it has executed its share, or mismatches are enough. */
async function runMix(arena: Arena, mix: Mix, options: { seed: number; share: number; batch: number; most: number }) {
  const { seed, share, batch, most } = options;
  const tally: Tally = { tests: 0, instances: 0, executed: 0, traps: 0, mismatches: 0, known: 0, seconds: 0 };
  const start = performance.now();
  let next = arena.make(mix, seed, 0, batch);
  while (tally.executed < share && tally.mismatches < most) {
    const tests = next;
    const result = await arena.run(tests, () => {
      next = arena.make(mix, seed, tally.tests + batch, batch);
    });
    tally.tests += tests.length;
    tally.instances += tests.reduce((sum, { starts }) => sum + starts.length, 0);
    tally.executed += arena.executed(result);
    tally.traps += result.traps;
    if (result.trouble !== undefined) console.error(`fuzz: ${mix.name}: ${result.trouble}`);
    for (const place of [...result.differing].slice(0, most - tally.mismatches)) {
      const { text, known } = await arena.explain(tests[place]);
      if (known === undefined) tally.mismatches++;
      else tally.known++;
      console.log(known === undefined ? `\n${text}\n` : `known: ${known.id} (${mix.name}, test ${tests[place].index})`);
    }
  }
  tally.seconds = (performance.now() - start) / 1000;
  return tally;
}

const millions = (count: number) => `${(count / 1e6).toFixed(2)}M`;

function row(name: string, tally: Tally): string {
  const { tests, instances, executed, traps, mismatches, known, seconds } = tally;
  const cells = [tests, millions(instances), millions(executed), traps, mismatches, known, seconds.toFixed(1)];
  return name.padEnd(12) + cells.map((cell) => String(cell).padStart(12)).join("");
}

/** Runs the demonstrations: a deviation that does not show any more is to be struck off the list. */
async function runDeviations(arena: Arena): Promise<number> {
  let gone = 0;
  for (const { id, kind, demonstration } of deviations) {
    if (demonstration === undefined) continue;
    const test = testOf(demonstration, id);
    const result = await arena.run([test]);
    const shown = result.differing.length > 0;
    if (!shown) gone++;
    console.log(`${shown ? "deviates" : "AGREES  "}  ${kind.padEnd(8)}  ${id}`);
    if (!shown) console.log(describeMismatch(test, differences(result.ours, result.theirs, 0), arena.catalogue.isa));
  }
  return gone === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const given = readArguments();
  if (given.help) {
    console.log(usage);
    return 0;
  }
  const qemu = findQemu(process.cwd(), (line) => console.error(`fuzz: ${line}`), given.qemu);
  if (qemu === undefined) fail("fuzz: no qemu-system-riscv64 here: nothing was compared", 3);
  const arena = new Arena(qemu, chosenEngine(given));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      arena.close();
      process.exit(130);
    });
  }
  try {
    if (given.deviations) return await runDeviations(arena);
    const seed = readCount(given.seed ?? "1");
    const chosen = chosenMixes(given.mix, qemu.mixes, arena);
    if (given.test !== undefined) {
      const [test] = arena.make(chosen[0], seed, readCount(given.test), 1);
      const [differs] = await arena.differing([test]);
      console.log(
        differs ? (await arena.explain(test)).text : `${chosen[0].name} ${seed} ${given.test}: no difference`,
      );
      return differs ? 1 : 0;
    }
    return await campaign(arena, chosen, seed, given, qemu.version);
  } finally {
    arena.close();
  }
}

async function campaign(
  arena: Arena,
  chosen: readonly Mix[],
  seed: number,
  given: ReturnType<typeof readArguments>,
  version: string,
): Promise<number> {
  const total = readCount(given.instructions ?? "10M");
  const most = readCount(given.mismatches ?? "5");
  const batch = readCount(given.batch ?? "400");
  if (given.engine !== undefined) console.log(`our machine: ${given.engine}`);
  console.log(`QEMU ${version}, instruction set ${arena.catalogue.isa}, seed ${seed}`);
  const heads = ["tests", "instances", "executed", "traps", "mismatches", "known", "seconds"];
  console.log("mix".padEnd(12) + heads.map((head) => head.padStart(12)).join(""));
  const sum: Tally = { tests: 0, instances: 0, executed: 0, traps: 0, mismatches: 0, known: 0, seconds: 0 };
  const tallies: Record<string, Tally> = {};
  const shares = chosen.reduce((all, { share = 1 }) => all + share, 0);
  for (const mix of chosen) {
    const left = most - sum.mismatches;
    if (left <= 0) break;
    const tally = await runMix(arena, mix, { seed, share: (total * (mix.share ?? 1)) / shares, batch, most: left });
    console.log(row(mix.name, tally));
    tallies[mix.name] = tally;
    for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key];
  }
  console.log(row("all", sum));
  if (given.json !== undefined)
    writeFileSync(given.json, `${JSON.stringify({ seed, version, tallies, sum }, null, 2)}\n`);
  return sum.mismatches === 0 ? 0 : 1;
}

process.exitCode = await main();
