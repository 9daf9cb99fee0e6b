// npm run coverage -- [--guests]
// Runs all tests and says which lines of src they executed: in their own process, and in commands that they started, which
// are built with source maps for that. With the Linux programs of test/user, where they can be had; with --guests also the
// guests of `npm run test:guests`. Writes docs/line-coverage.md. Exit codes: 0 enough, 1 not, or a test failed; 2 what was
// built was built again during the run, by which most of the count is lost: then nothing is written.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { executedLines, type Lines } from "./executed.ts";

const enough = 95;
const folder = resolve(".cache/coverage");
const spawned = join(folder, "spawned");
const environment = { ...process.env, PAGEWALK_COVERAGE: spawned, PAGEWALK_MAPS: "1" };

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "inherit", env: environment }).status === 0;
}

const commandMap = "dist/cli/main.js.map";

/** When the commands were built, with maps; undefined: they were not. */
function built(): number | undefined {
  return existsSync(commandMap) ? statSync(commandMap).mtimeMs : undefined;
}

/** What istanbul's JSON has for a file. */
interface FileCoverage {
  readonly path: string;
  readonly statementMap: Record<string, { readonly start: { readonly line: number } }>;
  readonly s: Record<string, number>;
}

interface Count {
  lines: number;
  executed: number;
}

/** Lines and executed lines of each file: what its statements begin on. */
function countFiles(elsewhere: Lines): Map<string, Count> {
  const here = JSON.parse(readFileSync(join(folder, "here/coverage-final.json"), "utf8")) as Record<
    string,
    FileCoverage
  >;
  const counts = new Map<string, Count>();
  for (const { path, statementMap, s } of Object.values(here)) {
    const name = relative(".", path);
    const lines = new Map<number, boolean>();
    for (const [id, { start }] of Object.entries(statementMap)) {
      const isExecuted = s[id] > 0 || elsewhere.get(name)?.has(start.line) === true;
      lines.set(start.line, isExecuted || lines.get(start.line) === true);
    }
    counts.set(name, { lines: lines.size, executed: [...lines.values()].filter(Boolean).length });
  }
  return counts;
}

function sum(counts: Iterable<Count>): Count {
  const total = { lines: 0, executed: 0 };
  for (const { lines, executed } of counts) {
    total.lines += lines;
    total.executed += executed;
  }
  return total;
}

const percent = ({ lines, executed }: Count) => (100 * executed) / Math.max(1, lines);
const row = (name: string, count: Count) =>
  `| ${name} | ${count.lines} | ${count.executed} | ${percent(count).toFixed(1)} |`;

function report(counts: ReadonlyMap<string, Count>): string {
  const rooms = new Map<string, Count[]>();
  for (const [name, count] of counts) {
    const room = name.split("/").slice(0, 2).join("/");
    rooms.set(room, [...(rooms.get(room) ?? []), count]);
  }
  const least = [...counts].filter(([, count]) => count.lines > 0 && percent(count) < 80);
  least.sort(([, a], [, b]) => b.lines - b.executed - (a.lines - a.executed));
  const total = sum(counts.values());
  return `# Lines of src that the tests execute

Made by \`npm run coverage\`: ${percent(total).toFixed(1)} % of ${total.lines} lines on which a statement begins, by tests in their own process and
by the commands that they start. What the instructions do is another table: coverage.md.

| room | lines | executed | % |
| --- | --: | --: | --: |
${[...rooms].map(([room, files]) => row(room, sum(files))).join("\n")}
${row("all", total)}

Files of which less than 80 % is executed:

| file | lines | executed | % |
| --- | --: | --: | --: |
${least.map(([name, count]) => row(name, count)).join("\n")}
`;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(spawned, { recursive: true });
let passed = run(process.execPath, "scripts/build.mjs");
const builtAt = built();
passed = run("npx", "vitest", "run", "--coverage") && passed;
passed = run("scripts/test-user.sh") && passed;
if (process.argv.includes("--guests")) passed = run("scripts/test-guests.sh") && passed;
if (builtAt === undefined || built() !== builtAt) {
  console.error(
    "dist was built again during the run, or src was changed: what commands executed cannot be told; run it again",
  );
  process.exit(2);
}
const counts = countFiles(executedLines(spawned));
writeFileSync("docs/line-coverage.md", report(counts));
const total = percent(sum(counts.values()));
console.log(`${total.toFixed(1)} % of the lines of src are executed (${enough} are enough): docs/line-coverage.md`);
// the usual build has no maps
delete (environment as Partial<typeof environment>).PAGEWALK_MAPS;
run(process.execPath, "scripts/build.mjs");
process.exitCode = passed && total >= enough ? 0 : 1;
