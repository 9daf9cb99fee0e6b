import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { exit, Folder, print } from "./commandUnderTest.ts";

const root = join(import.meta.dirname, "../..");
const command = join(root, "dist/cli/main.js");

const folder = new Folder();
afterAll(() => folder.remove());

/** Runs the built command in a process of its own, through a shell line in which it is "$0". */
const shell = (line: string) => spawnSync("sh", ["-c", line, command], { encoding: "utf8", cwd: folder.path });

describe("the built command", () => {
  const trivial = folder.program("trivial.elf", exit(42));

  test("runs a program and gives its exit code", () => {
    const { status, stdout, stderr } = shell(`"$0" run ${trivial}`);
    expect([status, stdout, stderr]).toEqual([42, "", ""]);
  });

  test("shows the demo: its page tables and TLB", () => {
    const { status, stdout, stderr } = shell('"$0" demo');
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("hello from a user program");
    expect(stdout).toContain("Sv39, asid 1, root table at 0x");
    expect(stdout).toMatch(/3 page faults, 0 access faults/);
  });

  test("fails with one line", () => {
    const { status, stderr } = shell('"$0" run missing.elf');
    expect([status, stderr]).toEqual([
      125,
      "pagewalk: missing.elf: opening it: there is no such file: check the path\n",
    ]);
  });

  test("says nothing when its reader goes away", () => {
    folder.program("printing.elf", `loop:\n${print("a")}jal zero, loop`);
    const { stdout, stderr } = shell('"$0" run printing.elf | head -c 3');
    expect([stdout, stderr]).toEqual(["aaa", ""]);
  });

  test("writes all of a long output into a slow pipe", () => {
    const { stdout } = shell(`"$0" run ${trivial} --trace - | (sleep 0.2; wc -l)`);
    expect(Number(stdout)).toBe(7);
  });

  test("reports where it was when it is interrupted", () => {
    folder.program("endless.elf", "loop:\njal zero, loop");
    const { stdout } = shell('"$0" run endless.elf 2>&1 & sleep 1; kill -INT $!; wait $!; echo "code $?"');
    expect(stdout).toContain("interrupted after");
    expect(stdout).toContain("<loop> in M-mode");
    expect(stdout).toContain("code 130");
  });
});
