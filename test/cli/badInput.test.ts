import { mkdirSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { commandLine } from "../../src/cli/commandLine.ts";
import { ClosedPipe, failureLine, systemFailure } from "../../src/cli/failure.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { buildElf, withField } from "../machine/elfBuilder.ts";
import { exit, Folder, pagewalk, print } from "./commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

const good = folder.program("good.elf", exit(0));
const built = buildElf({ segments: [{ vaddr: 0x8000_0000n, data: new Uint8Array(64) }] });
const at = (vaddr: bigint, memSize = 64n) =>
  buildElf({ segments: [{ vaddr, data: new Uint8Array(64), memSize }], entry: vaddr }).bytes;

/** One line that begins with `pagewalk: ` and is no stack trace. */
function expectOneLine({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): void {
  expect(code).toBe(125);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^pagewalk: [^\n]+\n$/);
  expect(stderr).not.toMatch(/internal error|undefined|NaN|\bat .*:\d+:\d+/);
}

describe("a file that cannot be run gives one line and 125:", () => {
  const files: Record<string, [content: Uint8Array | string, says: string]> = {
    "an empty file": ["", "empty"],
    text: ["#!/bin/sh\necho hello\n", "not an ELF"],
    "three bytes of an ELF": ["\x7fEL", "not an ELF"],
    "a header alone": [built.bytes.subarray(0, 64), "truncated"],
    "half a header": [built.bytes.subarray(0, 40), "truncated"],
    "a truncated segment": [built.bytes.subarray(0, 150), "truncated"],
    "32 bits": [withField(built, "class", 1), "32-bit"],
    "big endian": [withField(built, "data", 2), "big-endian"],
    "another machine": [withField(built, "e_machine", 62), "x86-64"],
    "an object file": [withField(built, "e_type", 1), "link"],
    "a segment below RAM": [at(0x1000n), "RAM"],
    "a segment beyond RAM": [at(0x2_0000_0000n), "RAM"],
    "a segment of nearly 2^64 bytes": [at(0x8000_0000n, 0xffff_ffff_0000_0000n), "not all in RAM"],
    "a segment that wraps": [at(0xffff_ffff_ffff_fff0n), "end of the address space"],
    "overlapping segments": [
      buildElf({
        segments: [
          { vaddr: 0x8000_0000n, data: new Uint8Array(64) },
          { vaddr: 0x8000_0020n, data: new Uint8Array(64) },
        ],
      }).bytes,
      "overlaps",
    ],
  };
  test.each(Object.entries(files))("%s", async (name, [content, says]) => {
    const path = folder.write(`${name.replaceAll(" ", "-")}.elf`, content);
    for (const command of [["run"], ["disasm"], ["translate", "0"]]) {
      const outcome = await pagewalk(command[0], path, ...command.slice(1));
      // a listing needs no RAM
      if (command[0] === "disasm" && /RAM|overlaps/.test(says)) continue;
      expectOneLine(outcome);
      expect(outcome.stderr).toContain(`pagewalk: ${path}: `);
      expect(outcome.stderr).toContain(says);
    }
  });

  test("a file that is not there", async () => {
    const outcome = await pagewalk("run", `${folder.path}/missing.elf`);
    expectOneLine(outcome);
    expect(outcome.stderr).toBe(
      `pagewalk: ${folder.path}/missing.elf: opening it: there is no such file: check the path\n`,
    );
  });

  test("a directory", async () => {
    mkdirSync(`${folder.path}/directory`);
    expectOneLine(await pagewalk("run", `${folder.path}/directory`));
  });

  test("a path through a file", async () => expectOneLine(await pagewalk("run", `${good}/program`)));

  test("a device that never ends", async () => expectOneLine(await pagewalk("run", "/dev/zero")));

  test("a file without permission, as the system says it", () => {
    const error = Object.assign(new Error("EACCES: permission denied, open 'secret.elf'"), { code: "EACCES" });
    expect(failureLine(systemFailure("secret.elf", "opening it", error))).toBe(
      "pagewalk: secret.elf: opening it: permission denied: change its permissions, or run as its owner",
    );
  });
});

describe("a command line that makes no sense gives one line and 125:", () => {
  const lines: [args: string[], says: string][] = [
    [[], "see pagewalk --help"],
    [["run"], "see pagewalk --help"],
    [["walk", good], '"walk"'],
    [[good], "good.elf"],
    [["run", good, "another.elf"], '"another.elf"'],
    [["run", good, "--fast"], '"fast"'],
    [["run", good, "-q"], '"q"'],
    [["run", good, "-m"], "-m"],
    [["run", good, "--trace"], "--trace"],
    [["run", good, "-m", "lots"], "-m lots: this is no amount of memory: write 128M or 3G"],
    [["run", good, "-m", "4G"], "the board has room for 3G at most"],
    [["run", good, "-m", "0"], "at least one"],
    [["run", good, "-m", "5000.5K"], "whole pages"],
    [["run", good, "-m", "-1"], "-m"],
    [["run", good, "--isa", "rv32gc"], "--isa rv32gc: "],
    [["run", good, "--isa", "rv64gc_zfoo"], '"zfoo" is unknown'],
    [["run", good, "--harts", "0"], "from 1 to 64"],
    [["run", good, "--harts", "65"], "from 1 to 64"],
    [["run", good, "--harts", "two"], "from 1 to 64"],
    [["run", good, "--tlb", "64"], "as in 64x4"],
    [["run", good, "--tlb", "63x4"], "a power of two"],
    [["run", good, "--tlb", "64x0"], "1 to 1024"],
    [["run", good, "--tlb", "0x4"], "a power of two"],
    [["run", good, "--max-instructions", "0"], "from 1 on"],
    [["run", good, "--max-instructions", "1.5"], "whole number"],
    [["run", good, "--timeout", "never"], "write 10 or 0.5"],
    [["run", good, "--timeout", "0"], "write 10 or 0.5"],
    [["run", good, "--trace", "/nowhere/trace.log"], "/nowhere/trace.log: opening the trace: there is no such file"],
    [["run", good, "--trace", folder.path], "it is a directory"],
    [["disasm", good, "--stats"], '"stats"'],
    [["translate", good], "see pagewalk --help"],
    [["translate", good, "nowhere"], 'the program has no symbol "nowhere"'],
    [["translate", good, "ffffffff80000000"], "write 0xffffffff80000000"],
    [["translate", good, "0x10000000000000000"], "64 bits"],
    [["translate", good, "0", "--access", "write"], "write load, store or fetch"],
    [["translate", good, "0", "--priv", "H"], "write U, S or M"],
    [["translate", good, "0", "--hart", "1"], "there are 1"],
    [["translate", good, "0", "--at", "main"], 'no symbol "main"'],
    [["translate", good, "0", "--at", "1000"], "ended with exit code 0"],
  ];
  test.each(lines.map(([args, says]) => [args.join(" ").replaceAll(folder.path, ""), args, says] as const))(
    "pagewalk %s",
    async (_, args, says) => {
      const outcome = await pagewalk(...args);
      expectOneLine(outcome);
      expect(outcome.stderr).toContain(says);
    },
  );
});

test("a mistake of pagewalk itself is one line too, and names its place", () => {
  const line = failureLine(new TypeError("x is not\n a function"));
  expect(line).toMatch(
    /^pagewalk: internal error: badInput\.test\.ts:\d+:\d+: TypeError: x is not a function: please report/,
  );
});

describe("when nobody reads standard output any more", () => {
  test("the command ends at once and says nothing", async () => {
    let told = "";
    const terminal = new Terminal(
      () => {
        throw new ClosedPipe();
      },
      (bytes) => {
        told += new TextDecoder().decode(bytes);
      },
    );
    const path = folder.program("printing.elf", `${print("a")}loop:\njal zero, loop`);
    expect(await commandLine(["run", path], { terminal, interrupted: () => false })).toBe(141);
    expect(told).toBe("");
  });
});

test("an interrupted run says where it was and ends with 130", async () => {
  const path = folder.program("endless.elf", "loop:\njal zero, loop");
  let told = "";
  const terminal = new Terminal(
    () => {},
    (bytes) => {
      told += new TextDecoder().decode(bytes);
    },
  );
  expect(await commandLine(["run", path], { terminal, interrupted: () => true })).toBe(130);
  expect(told).toContain("interrupted after");
  expect(told).toContain("hart 0: pc 0x80000000 <loop> in M-mode");
});
