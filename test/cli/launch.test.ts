import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { exit, Folder, print } from "./commandUnderTest.ts";

const built = join(import.meta.dirname, "../../dist/cli");
/** Builds with maps have no code caches. */
const cached = readdirSync(built).filter((name) => name.endsWith(".cache"));

const folder = new Folder();
afterAll(() => folder.remove());
const program = folder.program("program.elf", `${print("a")}${exit(42)}`);
const copy = join(folder.path, "cli");

/** Runs the copy of the built command. */
function run(flags: readonly string[], ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(copy, "main.js"), ...args], {
    encoding: "utf8",
  });
  return [status, stdout, stderr];
}

function expectItRuns(...flags: readonly string[]) {
  expect(run(flags, "run", program)).toEqual([42, "a", ""]);
  expect(run(flags, "run", "no.elf")).toEqual([
    125,
    "",
    "pagewalk: no.elf: opening it: there is no such file: check the path\n",
  ]);
}

/** Changes all code caches of the copy. */
function changeCaches(change: (cache: Buffer) => Uint8Array) {
  for (const name of cached) writeFileSync(join(copy, name), change(readFileSync(join(copy, name))));
}

describe("the built command runs as ever", () => {
  beforeEach(() => cpSync(built, copy, { recursive: true }));

  test("with its code caches", () => expectItRuns());

  test("without code caches", () => {
    for (const name of cached) rmSync(join(copy, name));
    expectItRuns();
  });

  test("with code caches that are cut off, empty or nonsense", () => {
    changeCaches((cache) => cache.subarray(0, cache.length / 2));
    expectItRuns();
    changeCaches(() => new Uint8Array());
    expectItRuns();
    changeCaches(() => new TextEncoder().encode("nonsense".repeat(1000)));
    expectItRuns();
  });

  test("under flags of V8 that the code caches were not made with", () => expectItRuns("--no-opt"));
});

test.skipIf(cached.length === 0)("V8 takes the code caches", () => {
  expect(cached.length).toBeGreaterThan(10);
  // in a process of its own: the caches are for Node as it is without flags
  const check = `
    const { readFileSync } = require("node:fs");
    const [, ...files] = process.argv;
    const { Script } = require("node:vm");
    const wasRejected = (file) => new Script(readFileSync(file.replace(/\\.js\\..*/, ".js"), "latin1"), {
      cachedData: readFileSync(file),
    }).cachedDataRejected;
    console.log(files.filter(wasRejected).join(" "));`;
  const files = cached.map((name) => join(built, name));
  expect(spawnSync(process.execPath, ["-e", check, ...files], { encoding: "utf8" }).stdout).toBe("\n");
});
