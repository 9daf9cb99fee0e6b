import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { call, dataAt, elfOf } from "../supervisor/userProgram.ts";
import { Folder, pagewalk } from "./commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

const calls = { write: 64, exit: 93 };
/** Touches the page behind its file's, writes two bytes, and ends with 5. */
const program = folder.write(
  "program",
  elfOf(["lui s0, 0x11", "sd s0, 0(s0)", ...call(calls.write, 1, dataAt, 2), ...call(calls.exit, 5)], "hi"),
);
const crash = folder.write("crash", elfOf(["sd zero, 0(zero)"]));

describe("run --user", () => {
  test("has the program's output and exit code, and 128 + the signal that killed it", async () => {
    expect(await pagewalk("run", "--user", program)).toEqual({ code: 5, stdout: "hi", stderr: "" });
    expect((await pagewalk("run", "--user", crash)).code).toBe(128 + 11);
  });

  test("--explain-faults says who, what, the walk, and the mapping", async () => {
    const { code, stderr } = await pagewalk("run", "--user", "--explain-faults", program);
    expect(code).toBe(5);
    expect(stderr).toMatch(/program\[\d+\] hart 0: store page fault at 0x11000: sd s0, 0\(s0\) at 0x10104, in U-mode/);
    expect(stderr).toContain("in the mapping 0x11000..0x11fff: rwx, private, anonymous memory");
    const { stderr: other } = await pagewalk("run", "--user", "--explain-faults", crash);
    expect(other).toContain("no mapping has this address");
  });

  test("--trace writes a commit log of U-mode, --stats counts system calls as traps", async () => {
    const log = join(folder.path, "trace");
    const { stderr } = await pagewalk("run", "--user", "--stats", "--trace", log, program);
    expect(stderr).toContain("2 environment call from U-mode");
    expect(readFileSync(log, "utf8")).toContain("core   0: 0 0x0000000000010104 (0x00843023) mem 0x0000000000011000");
  });

  test("runs the same on both engines and on several harts", async () => {
    for (const options of [["--engine=interpreter"], ["--engine=translator"], ["--harts=4"]]) {
      expect(await pagewalk("run", "--user", ...options, program)).toEqual({ code: 5, stdout: "hi", stderr: "" });
    }
  });
});

describe("run --user, where a program cannot be run, says why and what to do", () => {
  test.each([
    [["--user"], "no program is named"],
    [["--user", "--bogus", program], "run --user has no such option"],
    [["--user", "-m"], "a value is missing"],
    [["--user", folder.write("text", "no program")], "it is no 64-bit RISC-V program for Linux"],
    [["--user", "/no/such/program"], "there is no such file"],
    [["--user", "--root", folder.path, "/no/such"], "is not in the programs' root"],
    [["--user", "--root", folder.path, "/program/below"], "a part of its path is no directory"],
    [["--user", "--root", folder.path, "/"], "it may not be executed, or is no file"],
  ])("%j", async (args, reason) => {
    const { code, stdout, stderr } = await pagewalk("run", ...args);
    expect({ code, stdout, lines: stderr.split("\n").length }).toEqual({ code: 125, stdout: "", lines: 2 });
    expect(stderr).toContain(reason);
  });

  test("a program whose tasks wait for each other is stopped, and so is one that has reached a limit", async () => {
    // reads a pipe that only it could write to
    const waits = folder.write(
      "waits",
      elfOf(
        ["lui a0, 0x11", "addi a1, zero, 0", ...["addi a7, zero, 59", "ecall"], "lui s0, 0x11", "lw a0, 0(s0)"].concat([
          "addi a1, s0, 16",
          "addi a2, zero, 1",
          "addi a7, zero, 63",
          "ecall",
        ]),
      ),
    );
    const stopped = await pagewalk("run", "--user", waits);
    expect(stopped).toMatchObject({
      code: 124,
      stderr: expect.stringContaining("all of its tasks wait for each other"),
    });
    const loop = folder.write("loop", elfOf(["jal zero, pc+0"]));
    const limited = await pagewalk("run", "--user", "--max-instructions", "1000", loop);
    expect(limited).toMatchObject({
      code: 124,
      stderr: expect.stringContaining("it reached the limit of instructions"),
    });
  });
});

describe("ptdump --user", () => {
  test("knows some formats", async () => {
    const { code, stderr } = await pagewalk("ptdump", "--user", "--format", "art", program);
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining("there is no such format") });
  });

  test("shows the tables as the program ends, or as it comes to an address", async () => {
    const atEnd = await pagewalk("ptdump", "--user", program);
    expect(atEnd.code).toBe(0);
    expect(atEnd.stdout).toMatch(/0x0000000000011000-0x0000000000012000 +4 KiB {2}rwxu-ad/);
    const before = await pagewalk("ptdump", "--user", "--at", "0x10104", program);
    expect(before.code).toBe(0);
    expect(before.stdout).not.toMatch(/0x0000000000012000 +4 KiB {2}rwxu/);
  });

  test("says so where the moment never comes", async () => {
    const { code, stderr } = await pagewalk("ptdump", "--user", "--at", "1000000", program);
    expect(code).toBe(125);
    expect(stderr).toContain("the program ended before that");
  });
});
