import { describe, expect, test } from "vitest";
import { labelled, li, nr, sys, words } from "../assembly.ts";
import { dataAt, elfOf, runProgram } from "../userProgram.ts";

const sigchld = 17;
const word = dataAt + 0x100;
const status = dataAt + 0x200;
const fork = sys(nr.clone, sigchld, 0, 0, 0, 0);
const wait = sys(nr.wait4, -1, status, 0, 0);
const exitWith = (register: string) => sys(nr.exitGroup, register);
const exitWithStatus = [...li("t0", status), "lw t1, 0(t0)", ...exitWith("t1")];
const exitWithError = ["subw a0, zero, a0", ...sys(nr.exitGroup)];

function codeOf(...parts: readonly (string | readonly string[])[]): number {
  const { end } = runProgram(elfOf(labelled(...parts)));
  if (end.reason !== "exit" || end.exit.kind !== "exited") throw new Error(JSON.stringify(end));
  return end.exit.code;
}

describe("a process", () => {
  test("forks: the child has 0 and memory of its own, the parent gets its exit code", () => {
    const increment = [...li("t0", word), "lw t1, 0(t0)", "addiw t1, t1, 3", "sw t1, 0(t0)"];
    const code = codeOf(
      fork,
      ["beq a0, zero, @child"],
      [...wait, ...li("t0", status), "lw t1, 0(t0)", "srliw t1, t1, 8", ...li("t0", word), "lw t2, 0(t0)"],
      ["slli t2, t2, 4", "or t1, t1, t2", ...exitWith("t1")],
      ["child:", ...increment, ...exitWith("t1")],
    );
    expect(code).toBe(3);
  });

  test("shares its memory with a vforked child, and goes on when that has ended", () => {
    const clone = sys(nr.clone, 0x4100 + sigchld, 0, 0, 0, 0);
    const code = codeOf(
      clone,
      ["bne a0, zero, @parent"],
      [...sys(nr.nanosleep, dataAt + 0x300, 0), ...li("t0", word), ...li("t1", 77), "sw t1, 0(t0)"],
      sys(nr.exit, 0),
      ["parent:", ...li("t0", word), "lw t1, 0(t0)", ...exitWith("t1")],
    );
    expect(code).toBe(77);
  });

  test("that a signal kills has the signal as its status", () => {
    const code = codeOf(
      fork,
      ["beq a0, zero, @child", "addi s0, a0, 0"],
      [...sys(nr.kill, "s0", 15), ...wait, ...exitWithStatus],
      ["child:", "jal zero, @child"],
    );
    expect(code).toBe(15);
  });

  test("without children has none to wait for: ECHILD", () => {
    expect(codeOf(wait, exitWithError)).toBe(10);
  });

  test("with WNOHANG does not wait: 0 while its child runs", () => {
    const code = codeOf(
      fork,
      ["beq a0, zero, @child"],
      [...sys(nr.wait4, -1, status, 1, 0), "addi a0, a0, 40", ...sys(nr.exitGroup)],
      ["child:", "jal zero, @child"],
    );
    expect(code).toBe(40);
  });

  test("has no parent any more when that has ended: getppid is 1", () => {
    // child: forks, and ends; grandchild: sleeps, and says what its parent is
    const sleep = sys(nr.nanosleep, dataAt, 0);
    const { end } = runProgram(
      elfOf(
        labelled(
          [...sys(nr.mmap, 0, 4096, 3, 0x21, -1, 0), "addi s1, a0, 0"],
          [...fork, "beq a0, zero, @child"],
          [...wait, ...sleep, ...sleep, "lw t1, 0(s1)", ...exitWith("t1")],
          ["child:", ...fork, "beq a0, zero, @grandchild", ...sys(nr.exit, 0)],
          ["grandchild:", ...sleep, ...sys(nr.getppid), "sw a0, 0(s1)", ...sys(nr.exit, 0)],
        ),
        words(0, 1000),
      ),
    );
    expect(end).toMatchObject({ exit: { code: 1 } });
  });

  test("cannot make more processes than there may be: a fork bomb gets EAGAIN, and the host nothing", () => {
    const bomb = labelled(["again:", ...fork, "bge a0, zero, @again", ...exitWithError]);
    const { end, supervisor } = runProgram(elfOf(bomb), { maxProcesses: 20 });
    expect(end).toMatchObject({ exit: { code: 11 } });
    expect(supervisor.tasks.size).toBeLessThanOrEqual(20);
  });

  test("that has ended keeps its place until its parent waits for it", () => {
    const { end } = runProgram(
      elfOf(
        labelled(
          [...fork, "beq a0, zero, @child", ...sys(nr.nanosleep, dataAt, 0)],
          [...fork, "beq a0, zero, @child", "addi s0, a0, 0", ...wait, ...fork, "beq a0, zero, @child"],
          ["sub a0, zero, s0", "slt t0, zero, a0", "addi a0, a0, 0", ...sys(nr.exitGroup)],
          ["child:", ...sys(nr.exit, 0)],
        ),
        words(0, 1000),
      ),
      { maxProcesses: 2 },
    );
    expect(end).toMatchObject({ exit: { code: 11 } });
  });
});

const threadFlags = 0x50f00;
const clearTid = 0x200000;

describe("threads", () => {
  /** Two threads add to a word under no lock but amoadd; the first joins the other by its cleared tid. */
  const joined = labelled(
    [...sys(nr.mmap, 0, 8192, 3, 0x22, -1, 0), "addi s1, a0, 0", ...li("t0", 8192), "add s2, s1, t0"],
    [...li("t0", 1), "sw t0, 0(s1)", "addi s3, s1, 0"],
    [...li("a0", threadFlags + clearTid), "addi a1, s2, 0", "addi a2, zero, 0", "addi a3, zero, 0", "addi a4, s3, 0"],
    [...li("a7", nr.clone), "ecall", "beq a0, zero, @thread"],
    ["join:", "lw t0, 0(s3)", "beq t0, zero, @joined"],
    ["addi a0, s3, 0", ...li("a1", 0), "addi a2, t0, 0", ...li("a3", 0), ...li("a7", nr.futex), "ecall"],
    ["jal zero, @join"],
    ["joined:", "lw a0, 8(s1)", ...sys(nr.exitGroup)],
    ["thread:", ...sys(nr.nanosleep, dataAt, 0), ...li("t1", 9), "addi t2, s1, 8", "amoadd.w t0, t1, (t2)"],
    sys(nr.exit, 0),
  );

  test("share memory; the end of one wakes who waits for its number to be cleared", () => {
    expect(runProgram(elfOf(joined, words(0, 1000))).end).toMatchObject({ exit: { code: 9 } });
  });

  test("run on several harts, and every run is the same", () => {
    const run = () => runProgram(elfOf(joined, words(0, 1000)), {}, { harts: 4 });
    const [a, b] = [run(), run()];
    expect(a.end).toMatchObject({ exit: { code: 9 } });
    expect(a.supervisor.machine.instructions).toBe(b.supervisor.machine.instructions);
    expect(a.supervisor.now()).toBe(b.supervisor.now());
  });

  test("need the flags that go together: EINVAL otherwise", () => {
    expect(codeOf(sys(nr.clone, 0x10000, 0, 0, 0, 0), exitWithError)).toBe(22);
    expect(codeOf(sys(nr.clone, 0x800, 0, 0, 0, 0), exitWithError)).toBe(22);
  });

  test("cannot have namespaces of their own: EPERM", () => {
    expect(codeOf(sys(nr.clone, 0x2000_0000, 0, 0, 0, 0), exitWithError)).toBe(1);
  });

  test("all end with exit_group of any, and the code is that one's", () => {
    const lines = labelled(
      [...sys(nr.mmap, 0, 8192, 3, 0x22, -1, 0), ...li("t0", 8192), "add a1, a0, t0"],
      [...sys(nr.clone, threadFlags, undefined, 0, 0, 0), "beq a0, zero, @thread", "main:", "jal zero, @main"],
      ["thread:", ...sys(nr.exitGroup, 33)],
    );
    expect(runProgram(elfOf(lines)).end).toMatchObject({ exit: { code: 33 } });
  });
});
