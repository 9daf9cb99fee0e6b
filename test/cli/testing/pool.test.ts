import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runPool } from "../../../src/cli/testing/pool.ts";
import type { TestResult, TestSettings } from "../../../src/cli/testing/task.ts";

const settings: TestSettings = {
  machine: {},
  timeout: 0.2,
  maxInstructions: 1_000,
  passPattern: undefined,
  reference: undefined,
};

/** A worker that does what the path says. */
const source = `
export default ({ path }) => {
  if (path.startsWith("throw")) throw new Error("of its own\\naccord");
  if (path.startsWith("die")) return new Promise(() => setImmediate(() => { throw new Error("out of memory"); }));
  if (path.startsWith("exit")) process.exit(3);
  if (path.startsWith("hang")) for (;;);
  if (path.startsWith("grow")) for (const all = []; ; ) all.push(new Array(1e6).fill(all.length));
  return { path, passed: true, ms: 1, instructions: 1 };
};`;

describe("a worker", () => {
  let folder = "";
  let worker: URL;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pagewalk-"));
    worker = pathToFileURL(join(folder, "worker.mjs"));
    writeFileSync(worker, source);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function runAll(
    paths: readonly string[],
    goesOn: (result: TestResult) => boolean = () => true,
    jobs = 2,
    interrupted = () => false,
  ) {
    const results: (TestResult | undefined)[] = paths.map(() => undefined);
    const onResult = (result: TestResult, index: number) => {
      results[index] = result;
      return goesOn(result);
    };
    await runPool({ paths, settings, jobs, graceMs: 3000, onResult, interrupted }, worker);
    return results;
  }

  test("that dies is replaced, its test has failed, and all others are run", async () => {
    const results = await runAll(["a", "throw", "b", "die", "c", "d", "e"]);
    expect(results.map((result) => result?.passed)).toEqual([true, false, true, false, true, true, true]);
    expect(results[1]?.problem).toBe("its worker died: of its own accord; a new one goes on");
    expect(results[3]?.problem).toBe("its worker died: out of memory; a new one goes on");
  });

  test("that needs more memory than a worker has is replaced", async () => {
    const results = await runAll(["a", "grow", "b", "c"]);
    expect(results.map((result) => result?.passed)).toEqual([true, false, true, true]);
    expect(results[1]?.problem).toMatch(/^its worker (died|did not answer)/);
  });

  test("that does not answer is ended, and one that leaves without a word counts as such", async () => {
    const results = await runAll(["a", "hang", "b", "exit", "c", "d"]);
    expect(results.map((result) => result?.passed)).toEqual([true, false, true, false, true, true]);
    for (const index of [1, 3]) expect(results[index]?.problem).toMatch(/did not answer 3 s after --timeout/);
  });

  test("is stopped at once when somebody asks for it, or the first failure is enough", async () => {
    let asked = false;
    const wasAsked = runAll(
      ["a", "hang", "b", "hang", "c"],
      () => {
        asked = true;
        return true;
      },
      1,
      () => asked,
    );
    expect((await wasAsked).map((result) => result?.passed)).toEqual([true, ...new Array(4).fill(undefined)]);
    const results = await runAll(["hang", "throw", "a"], ({ passed }) => passed);
    expect(results.map((result) => result?.passed)).toEqual([undefined, false, undefined]);
  });

  test("is given nothing more when the first failure is enough", async () => {
    const results = await runAll(["a", "throw", "b", "c", "d", "e", "f"], ({ passed }) => passed, 1);
    expect(results.map((result) => result?.passed)).toEqual([true, false, ...new Array(5).fill(undefined)]);
  });
});
