import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { exit, Folder, pagewalk } from "./commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

/** Turns Sv39 on: 0x80000000 and up is one page of 1 GiB, of U-mode. */
const path = folder.program(
  "mapping.elf",
  `
start:
  auipc t0, 1
  lui t3, 0x20000
  addi t3, t3, 0xdf
  sd t3, 16(t0)
  srli t0, t0, 12
  addi t1, zero, 8
  slli t1, t1, 60
  or t0, t0, t1
  csrrw zero, satp, t0
mapped:
  ${exit(3)}
`,
);

describe("pagewalk ptdump", () => {
  test("shows ranges at the end when nothing else is asked for, whatever the guest's exit code", async () => {
    const { code, stdout, stderr } = await pagewalk("ptdump", path);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`Sv39, root table at 0x80001000
0x0000000000000000-0x0000000080000000      2 GiB  hole
0x0000000080000000-0x00000000c0000000      1 GiB  rwxu-ad 1 GiB pages, pa 0x80000000
0x00000000c0000000-0x0000004000000000    253 GiB  hole
0xffffffc000000000-0x10000000000000000    256 GiB  hole
`);
  });

  test("shows the moment that --at names: a symbol, a number of instructions", async () => {
    expect((await pagewalk("ptdump", path, "--at", "0")).stdout).toBe("no translation: satp.MODE is Bare\n");
    expect((await pagewalk("ptdump", path, "--at", "mapped", "--format", "tree")).stdout).toBe(
      "Sv39, root table at 0x80001000\n  [2] 0x0000000080000000 rwxu-ad 1 GiB pages, pa 0x80000000\n",
    );
    const missed = await pagewalk("ptdump", path, "--at", "0x123450");
    expect([missed.code, missed.stdout]).toEqual([125, ""]);
  });

  test("shows the tables of another satp", async () => {
    const { stdout } = await pagewalk("ptdump", path, "--satp", "0x9000000000080001", "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({ mode: "Sv48", root: "0x80001000" });
  });

  test("prints QEMU's info mem of the demo as QEMU does", async () => {
    const demo = new URL("../../firmware/demos/demo.elf", import.meta.url).pathname;
    const { code, stdout } = await pagewalk("ptdump", demo, "--format", "qemu");
    const expected = readFileSync(new URL("../pagewalk/ptdump/qemu/demo.txt", import.meta.url), "utf8");
    expect([code, stdout]).toEqual([0, expected]);
    expect((await pagewalk("ptdump", path, "--at", "0", "--format", "qemu")).stdout).toBe(
      "No translation or protection\n",
    );
  });

  test("says in one line what is wrong", async () => {
    const wrong: [string[], RegExp][] = [
      [["--format", "xml"], /--format xml: there is no such format: write one of tree, ranges, json, html, qemu/],
      [["--satp", "nonsense"], /--satp nonsense: this is no value of a CSR/],
      [["--satp", "0x10000000000000000"], /this is no value of a CSR/],
      [["--satp", "0xf000000000080001"], /its mode is reserved/],
      [["--satp", "0x8000000000000001"], /its root table at 0x1000 is not in RAM/],
      [["--hart", "3"], /--hart 3: there are 1/],
      [["--at", "nowhere"], /no symbol "nowhere"/],
    ];
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await pagewalk("ptdump", path, ...args);
      expect([code, stdout]).toEqual([125, ""]);
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    }
  });

  test("shows what a program that never ends has at its limit, with exit code 124", async () => {
    const loop = folder.program("loop.elf", "start:\n  jal zero, start\n");
    const { code, stdout } = await pagewalk("ptdump", loop, "--max-instructions", "1000");
    expect([code, stdout]).toEqual([124, "no translation: satp.MODE is Bare\n"]);
  });
});
