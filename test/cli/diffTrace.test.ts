import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { parseCommit } from "../../src/cli/commitLog.ts";
import { Folder, pagewalk } from "./commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

const commits = [
  "core   0: 3 0x0000000080000000 (0x00500513) x10 0x0000000000000005",
  "core   0: 3 0x0000000080000004 (0x0505) x10 0x0000000000000006",
  "core   0: 3 0x0000000080000006 (0x00a5b023) mem 0x0000000080001000 0x0000000000000006",
  "core   0: 3 0x000000008000000a (0x0000006f)",
];
const rom = [
  "core   0: 3 0x0000000000001000 (0x00000297) x5  0x0000000000001000",
  "core   0: 3 0x0000000000001004 (0x01028067)",
];
const write = (name: string, lines: readonly string[]) => folder.write(name, lines.map((line) => `${line}\n`).join(""));

describe("diff-trace", () => {
  test("a commit is read from Spike's line, and other lines are none", () => {
    expect(parseCommit({ line: 3, raw: commits[0] })).toMatchObject({
      line: 3,
      hart: 0,
      priv: 3,
      pc: 0x8000_0000n,
      bits: 0x0050_0513,
      effects: "x10 0x0000000000000005",
    });
    expect(parseCommit({ line: 1, raw: "core   0: 0x0000000080000000 (0x00500513) li      a0, 5" })).toBeUndefined();
    expect(parseCommit({ line: 1, raw: "core   0: exception trap_illegal_instruction, epc 0x0" })).toBeUndefined();
    expect(parseCommit({ line: 1, raw: "warning" })).toBeUndefined();
  });

  test("logs that differ in spaces, symbols, traps and Spike's boot ROM are the same", async () => {
    const a = write("a.log", commits);
    const noise = ["core   0: >>>>  _start", "core   0: 0x0000000080000000 (0x00500513) li a0, 5"];
    const b = write("b.log", [
      ...rom,
      ...noise,
      ...commits.map((line) => line.replace(/ /g, "  ").toUpperCase().replace("CORE", "core")),
    ]);
    expect(await pagewalk("diff-trace", a, b)).toEqual({
      code: 0,
      stdout: "the logs are the same: 4 instructions\n",
      stderr: "",
    });
    expect((await pagewalk("diff-trace", b, a)).code).toBe(0);
  });

  test("registers of one digit are the same as Spike 1.1.0 writes them", async () => {
    const ours = "core   0: 3 0x0000000080000000 (0x00500293) x5  0x0000000000000005";
    const a = write("a.log", [ours, ours.replace("x5  0", "f9  0")]);
    const b = write("b.log", [ours.replace("x5  0", "x 5 0"), `${ours.replace("x5  0", "f 9 0")}\r`]);
    expect((await pagewalk("diff-trace", a, b)).code).toBe(0);
    const c = write("c.log", [ours.replace("x5  0", "x 6 0")]);
    expect((await pagewalk("diff-trace", a, c)).code).toBe(1);
  });

  test("the first difference is shown as assembly, with what came before", async () => {
    const a = write("a.log", commits);
    const b = write("b.log", [...rom, ...commits.with(2, commits[2].replace(/6$/, "7"))]);
    const { code, stdout } = await pagewalk("diff-trace", a, b, "--context", "1");
    expect(code).toBe(1);
    expect(stdout.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
      "the logs differ after 2 instructions that are the same:",
      " core 0 M 0x0000000080000004 c.addi a0, 1 x10 0x0000000000000006",
      `${a}, line 3:`,
      "> core 0 M 0x0000000080000006 sd a0, 0(a1) mem 0x0000000080001000 0x0000000000000006",
      " core 0 M 0x000000008000000a jal zero, 0x8000000a",
      `${b}, line 5:`,
      "> core 0 M 0x0000000080000006 sd a0, 0(a1) mem 0x0000000080001000 0x0000000000000007",
      " core 0 M 0x000000008000000a jal zero, 0x8000000a",
      "",
    ]);
  });

  test("a log that ends early differs where it ends", async () => {
    const { code, stdout } = await pagewalk("diff-trace", write("a.log", commits), write("b.log", commits.slice(0, 3)));
    expect(code).toBe(1);
    expect(stdout).toMatch(/b\.log, ends here:/);
  });

  test("long logs are read piece by piece", async () => {
    const many = Array.from({ length: 60_000 }, (_, n) => commits[0].replace(/5$/, (n % 10).toString()));
    const { code, stdout } = await pagewalk(
      "diff-trace",
      write("a.log", many),
      write("b.log", many.with(59_999, commits[3])),
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/line 60000:/);
  });

  test("what is no commit log is refused", async () => {
    const { code, stderr } = await pagewalk("diff-trace", write("a.log", commits), write("b.log", ["hello"]));
    expect(code).toBe(125);
    expect(stderr).toMatch(/b\.log: commit log: no instruction is in it/);
    expect((await pagewalk("diff-trace", "none.log", "none.log")).stderr).toMatch(/no such file/);
  });
});

describe("--signature", () => {
  const program = "firmware/conventions/physical.elf";

  test("writes Spike's format: the byte at the highest address first, 16 bytes a line if nothing else is said", async () => {
    const usual = await pagewalk("run", program, "--signature", "-");
    expect(usual).toMatchObject({
      code: 0,
      stdout: "0123456789abcdef00000001fffffffe\n00000000deadbeef0000000089abcdef\n",
    });
    const four = await pagewalk("run", program, "--signature", "-", "--signature-granularity", "4");
    expect(four.stdout.split("\n").slice(0, 3)).toEqual(["fffffffe", "00000001", "89abcdef"]);
  });

  test("does not overwrite the program", async () => {
    const copy = folder.write("copy.elf", readFileSync(program));
    const { code, stderr } = await pagewalk("run", copy, "--signature", copy);
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/it is the program itself/) });
    expect(readFileSync(copy).equals(readFileSync(program))).toBe(true);
  });

  test("is refused where there is none, or where lines would not fit", async () => {
    const without = await pagewalk("run", "firmware/conventions/virtual.elf", "--signature", "-");
    expect(without.stderr).toMatch(/no symbols begin_signature and end_signature/);
    const wrong = await pagewalk("run", program, "--signature", "-", "--signature-granularity", "5");
    expect(wrong.stderr).toMatch(/write 4, 8 or 16/);
    const nowhere = await pagewalk("run", program, "--signature", "/nowhere/at/all");
    expect(nowhere).toMatchObject({ code: 125, stderr: expect.stringMatching(/no such file/) });
  });
});
