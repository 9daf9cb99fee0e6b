import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { crossLibraries, execute, given, type Outcome, pagewalkUser, Root } from "./command.ts";

/** How a program of firmware/user is run. */
interface Program {
  readonly name: string;
  /** It is told a folder to write to. */
  readonly writes?: true;
  readonly args?: readonly string[];
  readonly input?: string;
  /** Options of `run --user`. */
  readonly options?: readonly string[];
  /** qemu-user does not do enough of it: what it prints is in NAME.txt, or all of it are its own checks. */
  readonly alone?: true;
}

const programs: readonly Program[] = [
  { name: "brk" },
  { name: "mmap", writes: true },
  { name: "mremap", writes: true },
  { name: "mprotect" },
  { name: "faults", writes: true },
  { name: "stack" },
  { name: "cow" },
  { name: "madvise", writes: true, alone: true },
  { name: "mincore", writes: true, alone: true },
  { name: "scan", alone: true },
  { name: "locking", alone: true },
  { name: "limits", alone: true },
  { name: "smaps", writes: true, options: ["--swap=16M"], alone: true },
  { name: "usage", options: ["--swap=16M"], alone: true },
  { name: "pressure", options: ["-m", "16M", "--swap=96M"] },
  // what these two print, and scan, was printed by Linux 6.18
  { name: "combined", writes: true, alone: true },
  { name: "pools", options: ["--hugepages=8", "--swap=64M"], alone: true },
  { name: "hugepages", args: ["always"], options: ["--thp=always", "--hugepages=8"], alone: true },
  { name: "hugepages", args: ["madvise"], options: ["--thp=madvise", "--hugepages=8"], alone: true },
  { name: "hugepages", args: ["never"], options: ["--thp=never", "--hugepages=8"], alone: true },
  { name: "processes" },
  { name: "exec", writes: true, alone: true },
  { name: "signals" },
  { name: "threads" },
  { name: "threads", options: ["--harts=4"] },
  { name: "requeue" },
  { name: "requeue", options: ["--harts=4"] },
  { name: "files", writes: true },
  { name: "folders", writes: true },
  { name: "pipes" },
  { name: "rare" },
  { name: "sockets" },
  { name: "inet" },
  { name: "seals" },
  { name: "system" },
  { name: "scheduling" },
  { name: "timers" },
  { name: "jobs" },
  { name: "orphans" },
  { name: "names" },
  { name: "watches", writes: true },
  { name: "nodes", writes: true },
  { name: "calls", writes: true, args: ["1"] },
  { name: "calls", writes: true, args: ["2"] },
  { name: "terminal", input: "three lines\nof input,\nthe last one without an end" },
];

const isCheck = (line: string): boolean => /^(?:ok|NOT OK) /.test(line);
const withoutChecks = (text: string): string[] => text.split("\n").filter((line) => !isCheck(line));
const failed = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("NOT OK"));

function folderOf(): string {
  return mkdtempSync(join(tmpdir(), "pagewalk-user-"));
}

async function onQemu(program: Program): Promise<Outcome> {
  const folder = folderOf();
  try {
    const args = [...(program.writes ? [folder] : []), ...(program.args ?? [])];
    const path = given("PAGEWALK_USER", `${program.name}.static`);
    return await execute("qemu-riscv64", ["-L", crossLibraries, path, ...args], { input: program.input, cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Without --root, `/dev/shm` is a folder of its own in memory. In `/tmp` the program itself may be. */
function staticOnPagewalk(program: Program): Promise<Outcome> {
  const args = [...(program.writes ? ["/dev/shm"] : []), ...(program.args ?? [])];
  const path = given("PAGEWALK_USER", `${program.name}.static`);
  return pagewalkUser([...(program.options ?? []), path, ...args], { input: program.input });
}

async function dynamicOnPagewalk(program: Program): Promise<Outcome & { readonly left: readonly string[] }> {
  const root = new Root();
  try {
    const path = root.install(given("PAGEWALK_USER", `${program.name}.dynamic`), program.name);
    const args = [...(program.writes ? ["/work"] : []), ...(program.args ?? [])];
    const options = ["--root", root.path, "--writable", ...(program.options ?? [])];
    const outcome = await pagewalkUser([...options, path, ...args], { input: program.input });
    return { ...outcome, left: readdirSync(join(root.path, "work")) };
  } finally {
    root.remove();
  }
}

async function expectation(program: Program): Promise<{ readonly lines: readonly string[]; readonly code?: number }> {
  const { name } = program;
  if (program.alone) {
    const text = join(import.meta.dirname, `../../firmware/user/${name}.txt`);
    return { lines: existsSync(text) ? readFileSync(text, "utf8").split("\n") : [""], code: 0 };
  }
  const qemu = await onQemu(program);
  // 1 may be about a check that qemu-user fails: ours then must be 0
  return { lines: withoutChecks(qemu.stdout), code: qemu.code === 1 ? 0 : qemu.code };
}

describe("our own programs print what they print under qemu-riscv64, and their checks hold", () => {
  for (const program of programs) {
    const words = [...(program.args ?? []), ...(program.options ?? [])];
    const options = words.length === 0 ? "" : ` with ${words.join(" ")}`;
    test.concurrent(`${program.name}${options}`, async () => {
      const expected = await expectation(program);
      for (const run of [staticOnPagewalk, dynamicOnPagewalk]) {
        const outcome = await run(program);
        expect({ failed: failed(outcome.stdout), lines: withoutChecks(outcome.stdout) }).toEqual({
          failed: [],
          lines: expected.lines,
        });
        expect(outcome.code).toBe(expected.code);
      }
    });
  }
});
