// npm run mutants -- [words of names]
// Plants bugs in copies of the sources, one at a time, and shows that the tests find each: which test, and how soon.
// $MUTANT_SECONDS is how long they may take for one: 60; more where the machine has other things to do.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Mutant, mutants } from "./mutants.ts";

const limitSeconds = Number(process.env.MUTANT_SECONDS ?? 60);
/** What is run, in each case the same: the tests of the rooms that execute instructions, and all guest programs. */
const suites = ["test/isa", "test/mmu", "test/cpu", "test/float/softfloat.test.ts", "test/guests/firmware.test.ts"];
const work = resolve(".cache/mutants");
const config = `
import { defineConfig } from "vitest/config";
export default defineConfig({ test: { include: ["test/**/*.test.ts"], testTimeout: ${limitSeconds * 1000} } });
`;

interface Finding {
  readonly seconds: number;
  /** The first test that failed; undefined: the bug was not found. */
  readonly test: string | undefined;
}

/** A fresh copy of what the tests read. */
function copySources(): void {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const name of ["src", "test", "package.json", "tsconfig.json"])
    cpSync(name, join(work, name), { recursive: true });
  for (const name of ["firmware", "docs", "node_modules"])
    if (existsSync(name)) symlinkSync(resolve(name), join(work, name));
  writeFileSync(join(work, "vitest.config.ts"), config);
}

function plant({ name, file, find, replace }: Mutant): string {
  const path = join(work, file);
  const original = readFileSync(path, "utf8");
  const places = original.split(find).length - 1;
  if (places !== 1)
    throw new Error(`mutant "${name}": its text is in ${file} ${places} times, not once: bring it up to date`);
  writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  return original;
}

function runTests(): Finding {
  const report = join(work, "report.json");
  rmSync(report, { force: true });
  const begun = performance.now();
  const vitest = resolve("node_modules/vitest/vitest.mjs");
  const options = ["--bail", "1", "--reporter", "json", "--outputFile", report];
  const { status } = spawnSync(process.execPath, [vitest, "run", ...suites, ...options], {
    cwd: work,
    timeout: limitSeconds * 1000,
    killSignal: "SIGKILL",
    stdio: "ignore",
  });
  const seconds = (performance.now() - begun) / 1000;
  if (status === 0) return { seconds, test: undefined };
  if (!existsSync(report)) return { seconds, test: status === null ? undefined : "the tests do not even start" };
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
  };
  const failed = testResults.flatMap(({ name, assertionResults }) => {
    const file = name.slice(work.length + 1);
    return assertionResults.filter((test) => test.status === "failed").map((test) => `${file}: ${test.fullName}`);
  });
  return { seconds, test: failed[0] ?? "a test file does not load" };
}

const wanted = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => wanted.every((word) => name.includes(word)));
copySources();
let missed = 0;
console.log("| planted bug | kind | found by | s |\n| --- | --- | --- | --: |");
for (const mutant of chosen) {
  const original = plant(mutant);
  const { seconds, test } = runTests();
  writeFileSync(join(work, mutant.file), original);
  if (test === undefined) missed++;
  console.log(`| ${mutant.name} | ${mutant.kind} | ${test ?? "NOT FOUND"} | ${seconds.toFixed(0)} |`);
}
rmSync(work, { recursive: true, force: true });
console.log(`\n${chosen.length - missed} of ${chosen.length} found, each in under ${limitSeconds} s`);
process.exitCode = missed === 0 ? 0 : 1;
