import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestOutput } from "../../../src/cli/testing/output.ts";
import { runTest } from "../../../src/cli/testing/runTest.ts";
import type { TestSettings } from "../../../src/cli/testing/task.ts";
import { exit, Folder } from "../commandUnderTest.ts";

const usual: TestSettings = {
  machine: {},
  timeout: 30,
  maxInstructions: 1_000_000,
  passPattern: undefined,
  reference: undefined,
};

const run = (name: string, settings: Partial<TestSettings> = {}) =>
  runTest({ path: `firmware/conventions/${name}.elf`, settings: { ...usual, ...settings } });

describe("a test's own word", () => {
  test.each(["physical", "virtual"])("tohost = 1 passes in riscv-tests' %s environment", (name) => {
    expect(run(name)).toMatchObject({ passed: true });
  });

  test("a failure says the test's number, where it is and what the last trap was", () => {
    const { passed, test: number, problem } = run("broken");
    expect({ passed, number }).toEqual({ passed: false, number: 3 });
    expect(problem).toMatch(
      /^exit code 3; pc 0x[0-9a-f]+ <write_tohost.*; last trap: environment call from U-mode \(cause 8\) at 0x[0-9a-f]+ <fail.*>, tval 0x0$/,
    );
  });

  test("a test that does not end says which of its cases it is in", () => {
    expect(run("endless")).toMatchObject({ passed: false, test: 7, instructions: 1_000_000 });
    const { problem } = run("endless", { maxInstructions: Number.POSITIVE_INFINITY, timeout: 0.05 });
    expect(problem).toMatch(/^--timeout is reached; pc/);
  });

  test("a file that is no program is a failure, not an error", () => {
    const { passed, problem } = runTest({ path: "package.json", settings: usual });
    expect({ passed, problem }).toEqual({ passed: false, problem: expect.stringMatching(/^package\.json: .*ELF/) });
  });
});

describe("a test fails that", () => {
  const folder = new Folder();
  afterAll(() => folder.remove());
  test.each([
    [
      "asks for a reset",
      "lui t5, 0x100\nlui t6, 7\naddi t6, t6, 0x777\nsw t6, 0(t5)",
      /^the program asked for a reset; pc/,
    ],
    [
      "waits for what cannot come",
      "wfi\nsleep:\nwfi\njal zero, sleep",
      /^all harts wait for an interrupt, and none can/,
    ],
    [
      "only traps in its handler",
      "csrrw zero, mtvec, zero\necall",
      /^hart 0 is stuck: its trap handler only traps again/,
    ],
    ["ends with a trap it did not expect", exit(0x29c), /^exit code 668 \(a trap that the test did not expect\)/],
  ])("%s", (name, source, reason) => {
    const path = folder.program(`${name}.elf`, source);
    expect(runTest({ path, settings: usual })).toMatchObject({ passed: false, problem: expect.stringMatching(reason) });
  });
});

describe("--pass-pattern", () => {
  const passPattern = "^RVCP-SUMMARY: TEST PASSED";

  test("passes by a line that the test prints", () => {
    expect(run("summary", { passPattern })).toMatchObject({ passed: true });
  });

  test("fails without such a line, and shows what was printed, though the exit code is 0", () => {
    const result = run("summary-failed", { passPattern });
    expect(result).toMatchObject({ passed: false, output: "RVCP-SUMMARY: TEST FAILED - summary\n" });
    expect(result.problem).toMatch(/^no line that it printed matches/);
  });

  test("matches whole lines, the last one also without its end, however output is cut", () => {
    for (const cut of [1, 3, 100]) {
      const output = new TestOutput(/^ok$/);
      const bytes = new TextEncoder().encode("not ok\nok ok\nok");
      for (let at = 0; at < bytes.length; at += cut) output.put(bytes.subarray(at, at + cut));
      expect(output.matched).toBe(false);
      output.endLine();
      expect(output.matched).toBe(true);
    }
  });

  test("keeps only the end of what a test prints", () => {
    const output = new TestOutput(undefined);
    for (let n = 0; n < 10_000; n++) output.put(new TextEncoder().encode(`${n}\n`));
    expect(output.end.length).toBeLessThanOrEqual(4096);
    expect(output.end.endsWith("\n9998\n9999\n")).toBe(true);
  });
});

describe("--reference", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pagewalk-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const lines = ["00000001fffffffe", "0123456789abcdef", "0000000089abcdef", "00000000deadbeef"];
  const write = (name: string, content: readonly string[]) => {
    writeFileSync(join(folder, name), content.map((line) => `${line}\n`).join(""));
  };

  test("a signature equal to its reference passes, however many bytes the reference's lines have", () => {
    write("physical.signature", lines);
    expect(run("physical", { reference: folder })).toMatchObject({ passed: true });
    write("physical.signature", [lines[1] + lines[0], lines[3] + lines[2]]);
    expect(run("physical", { reference: folder })).toMatchObject({ passed: true });
    rmSync(join(folder, "physical.signature"));
    write(
      "physical.reference_output",
      lines.flatMap((line) => [line.slice(8), line.slice(0, 8)]),
    );
    expect(run("physical", { reference: folder })).toMatchObject({ passed: true });
    rmSync(join(folder, "physical.reference_output"));
  });

  test("the first line that differs is shown with its address", () => {
    write("physical.signature", [lines[0], lines[1].toUpperCase(), "00", lines[3]]);
    const { problem } = run("physical", { reference: folder });
    expect(problem).toMatch(
      /^signature line 3 \(at 0x8000[0-9a-f]+\) is 0000000089abcdef, .*physical\.signature has 00;/,
    );
    write("physical.signature", [...lines, "00"]);
    expect(run("physical", { reference: folder }).problem).toMatch(/^the signature has 4 lines, .* has 5/);
  });

  test("a reference that is none is named", () => {
    for (const strange of ["xyz", "0x01", "123", "0".repeat(34)]) {
      write("physical.signature", [strange]);
      expect(run("physical", { reference: folder }).problem).toContain(
        `physical.signature is no signature: it has "${strange}"`,
      );
    }
    rmSync(join(folder, "physical.signature"));
    mkdirSync(join(folder, "physical.signature"));
    expect(run("physical", { reference: folder }).problem).toMatch(
      /^.*physical\.signature: reading the reference: it is a dir/,
    );
    rmSync(join(folder, "physical.signature"), { recursive: true });
  });

  test("a test without a reference, or without a signature, fails", () => {
    expect(run("virtual", { reference: folder }).problem).toMatch(/^there is no reference for it in /);
    write("virtual.signature", lines);
    expect(run("virtual", { reference: folder }).problem).toMatch(/no symbols begin_signature/);
  });
});
