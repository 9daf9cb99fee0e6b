import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
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

  describe("gives the guest's UART what is on standard input:", () => {
    // echoes up to a q
    const echo = `
      lui s0, 0x10000
      lbu a0, 5(s0)
      andi a0, a0, 1
      beq a0, zero, pc-8
      lbu a1, 0(s0)
      sb a1, 0(s0)
      addi a2, zero, 113
      bne a1, a2, pc-24
      ${exit(0)}`;
    const program = folder.program("echo.elf", echo);
    // the same, but first it sleeps until the UART interrupts
    const sleeper = folder.program(
      "sleeper.elf",
      `lui s0, 0x10000
      addi a0, zero, 1
      sb a0, 1(s0)
      lui s1, 0xc000
      sw a0, 40(s1)
      lui s2, 0xc002
      addi a1, zero, 1024
      sw a1, 0(s2)
      lui a2, 1
      srli a2, a2, 1
      csrrw zero, mie, a2
      wfi
      ${echo}`,
    );

    test("a file, at the same instructions in each run", () => {
      folder.write("input", "from a file, q");
      const runs = [1, 2].map(() => shell(`"$0" run ${program} --stats < input`));
      expect(runs.map(({ stdout, status }) => [stdout, status])).toEqual(Array(2).fill(["from a file, q", 0]));
      const [first, second] = runs.map(({ stderr }) => /^\d+ instructions/.exec(stderr)?.[0]);
      expect(first).toBeDefined();
      expect(second).toBe(first);
    });

    test("a pipe, also while the guest sleeps, for as long as it is open", () => {
      expect(shell(`echo "from a pipe, q" | "$0" run ${program}`)).toMatchObject({
        stdout: "from a pipe, q",
        status: 0,
      });
      const late = shell(`(sleep 0.3; echo "late, q") | "$0" run ${sleeper}`);
      expect(late).toMatchObject({ stdout: "late, q", status: 0 });
      expect(shell(`"$0" run ${sleeper} < /dev/null`)).toMatchObject({ stdout: "", status: 124 });
      expect(shell(`sleep 1 | "$0" run ${sleeper} --timeout 0.2`).status).toBe(124);
    });

    test("of a machine that is booted too, from a pipe, and none where it is closed", () => {
      const boot = (kernel: string) => `"$0" boot -bios none -kernel ${kernel} -m 16M -nographic`;
      const piped = shell(`echo "into the machine, q" | ${boot(program)}`);
      expect(piped).toMatchObject({ stdout: "into the machine, q", stderr: "", status: 0 });
      expect(shell(`(sleep 0.3; echo "late, q") | ${boot(sleeper)}`)).toMatchObject({ stdout: "late, q", status: 0 });
      expect(shell(`${boot(trivial)} <&-`).status).toBe(42);
    });

    // util-linux's script gives a terminal; the keys are pressed when the machine has said that it is there
    const script = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "";
    test.runIf(script.includes("util-linux"))("of a machine at a terminal, whose keys only the guest echoes", () => {
      const prompt = folder.program("prompt.elf", `${print(">")}${echo}`);
      const keys = "(until grep -q '^>' typescript; do sleep 0.05; done; printf abcq) 2>/dev/null";
      const boot = `"$COMMAND" boot -bios none -kernel ${prompt} -m 16M; echo; stty -a | grep -o " -*icanon"`;
      shell(`export COMMAND="$0"; ${keys} | script -qfc '${boot}' typescript`);
      const lines = readFileSync(join(folder.path, "typescript"), "utf8").split(/[\r\n]+/);
      // and the terminal is as it was
      expect(lines.slice(1, 3)).toEqual([">abcq", " icanon"]);
    });

    test("nothing where it is closed", () => {
      expect(shell(`"$0" run ${trivial} <&-`).status).toBe(42);
    });
  });

  test("reports where it was when it is interrupted", () => {
    folder.program("endless.elf", `${print("a")}loop:\njal zero, loop`);
    const whenItRuns = "until grep -q a out; do sleep 0.05; done; kill -INT $!; wait $!";
    const { stdout } = shell(`: > out; "$0" run endless.elf > out 2>&1 & ${whenItRuns}; echo "code $?"; cat out`);
    expect(stdout).toContain("interrupted after");
    expect(stdout).toContain("<loop> in M-mode");
    expect(stdout).toContain("code 130");
  });
});
