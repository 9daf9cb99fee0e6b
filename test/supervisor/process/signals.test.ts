import { describe, expect, test } from "vitest";
import { labelled, li, nr, sys, words } from "../assembly.ts";
import { dataAt, elfOf, runProgram } from "../userProgram.ts";

const action = dataAt + 0x100;
const seen = dataAt + 0x200;
const saInfo = 4;
const saRestart = 0x1000_0000;
const saOnStack = 0x0800_0000;
const sig = { ill: 4, trap: 5, kill: 9, usr1: 10, segv: 11, alrm: 14, chld: 17, stop: 19, urg: 23 } as const;

/** `sigaction(number, { handler: label, flags })`. */
const handle = (number: number, label: string, flags = saInfo): string[] => [
  ...li("t0", action),
  ...li("t1", `=${label}`),
  "sd t1, 0(t0)",
  ...li("t1", flags),
  "sd t1, 8(t0)",
  "sd zero, 16(t0)",
  ...sys(nr.sigaction, number, action, 0, 8),
];
const raise = (number: number): string[] => [...sys(nr.getpid), ...sys(nr.kill, undefined, number)];
/** A handler that keeps its signal, si_code and si_addr in `seen`. */
const keeping = (label: string, then: readonly string[]): string[] => [
  `${label}:`,
  ...li("t0", seen),
  "sd a0, 0(t0)",
  "lw t1, 8(a1)",
  "sd t1, 8(t0)",
  "ld t1, 16(a1)",
  "sd t1, 16(t0)",
  ...then,
];
const goBack = ["jalr zero, 0(ra)"];

function endOf(lines: readonly string[], data: Uint8Array = words(0, 1000)) {
  const { end } = runProgram(elfOf(lines, data));
  if (end.reason !== "exit") throw new Error(JSON.stringify(end));
  return end.exit;
}

describe("a signal's handler", () => {
  test("runs, and the program goes on with all of its registers", () => {
    const lines = labelled(
      handle(sig.usr1, "handler"),
      [...li("s5", 41), ...li("t3", 1), "fmv.d.x fs0, s5", "fmv.d.x ft0, t3"],
      raise(sig.usr1),
      ["fmv.x.d t4, fs0", "fmv.x.d t5, ft0", "add a0, t4, t5", "add a0, a0, t3", "add a0, a0, s5"],
      sys(nr.exitGroup),
      ["handler:", ...li("s5", 7), ...li("t3", 7), "fmv.d.x fs0, zero", "fmv.d.x ft0, zero", ...goBack],
    );
    expect(endOf(lines)).toEqual({ kind: "exited", code: 41 + 1 + 1 + 41 });
  });

  test("gets kill's si_code and its sender", () => {
    const lines = labelled(
      handle(sig.usr1, "handler"),
      [...sys(nr.getpid), "addi s0, a0, 0", ...raise(sig.usr1)],
      [...li("t0", seen), "ld t1, 16(t0)", "sub a0, t1, s0", "ld t1, 8(t0)", "add a0, a0, t1", ...sys(nr.exitGroup)],
      keeping("handler", goBack),
    );
    expect(endOf(lines)).toEqual({ kind: "exited", code: 0 });
  });

  test("of a fault gets SEGV_MAPERR with the address where nothing is mapped", () => {
    const lines = labelled(
      handle(sig.segv, "handler"),
      [...li("t0", 0x70), "sd zero, 8(t0)"],
      keeping("handler", ["ld t2, 8(t0)", "slli t2, t2, 4", "ld a0, 16(t0)", "xor a0, a0, t2", ...sys(nr.exitGroup)]),
    );
    expect(endOf(lines)).toEqual({ kind: "exited", code: 0x78 ^ 0x10 });
  });

  test.each([
    ["SIGILL", sig.ill, "csrrw zero, mstatus, zero"],
    ["SIGTRAP", sig.trap, "ebreak"],
  ])("of %s gets the address of the instruction", (_name, number, instruction) => {
    const lines = labelled(
      handle(number, "handler"),
      ["fault:", instruction],
      keeping("handler", [...li("t2", "=fault"), "ld a0, 16(t0)", "sub a0, a0, t2", "ld t1, 8(t0)", "add a0, a0, t1"]),
      sys(nr.exitGroup),
    );
    expect(endOf(lines)).toEqual({ kind: "exited", code: 1 });
  });

  test("of a misaligned atomic access is SIGBUS's, with BUS_ADRALN and the address", () => {
    const lines = labelled(
      handle(7, "handler"),
      [...li("t0", seen + 0x41), "lr.w t1, (t0)"],
      keeping("handler", [...li("t2", seen), "ld a0, 16(t0)", "sub a0, a0, t2", ...sys(nr.exitGroup)]),
    );
    expect(endOf(lines)).toEqual({ kind: "exited", code: 0x41 });
  });

  test("runs on the alternate stack with SA_ONSTACK", () => {
    const stack = dataAt + 0x280;
    const lines = labelled(
      [...li("t0", stack), ...li("t1", dataAt + 0x900), "sd t1, 0(t0)", "sd zero, 8(t0)", ...li("t1", 0x800)],
      ["sd t1, 16(t0)", ...sys(nr.sigaltstack, stack, 0)],
      handle(sig.usr1, "handler", saInfo | saOnStack),
      raise(sig.usr1),
      ["handler:", ...li("t0", dataAt + 0x900), "sub t0, sp, t0", "sltiu a0, t0, 0x7ff", ...sys(nr.exitGroup)],
    );
    expect(endOf(lines)).toEqual({ kind: "exited", code: 1 });
  });

  test("without room for its frame is a SIGSEGV that kills", () => {
    const lines = labelled(handle(sig.usr1, "handler"), ["addi sp, zero, 0"], raise(sig.usr1), ["handler:", "ebreak"]);
    expect(endOf(lines)).toMatchObject({ kind: "killed", signal: sig.segv });
  });

  test("ends a sleep with EINTR, and the time that was left is told", () => {
    const timer = dataAt + 0x40;
    const lines = labelled(
      handle(sig.alrm, "handler"),
      [...sys(nr.setitimer, 0, timer, 0), ...sys(nr.nanosleep, dataAt, dataAt + 0x80), "subw s0, zero, a0"],
      [...li("t0", dataAt + 0x80), "ld t1, 0(t0)", "slli t1, t1, 3", "add a0, s0, t1", ...sys(nr.exitGroup)],
      keeping("handler", goBack),
    );
    // ten seconds; the timer after 2.5: 7 are left and a half
    const data = words(10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 500_000);
    expect(endOf(lines, data)).toEqual({ kind: "exited", code: 4 + 7 * 8 });
  });

  test.each([
    ["is made again with SA_RESTART", saRestart, 0],
    ["fails with EINTR without", 0, 4],
  ])("of a futex wait: the wait %s", (_name, flag, expected) => {
    const timer = dataAt + 0x40;
    const futexWord = dataAt + 0x300;
    const lines = labelled(
      handle(sig.alrm, "handler", saInfo | flag),
      [...sys(nr.setitimer, 0, timer, 0), ...sys(nr.futex, futexWord, 0, 0, 0, 0, 0)],
      ["subw a0, zero, a0", ...li("t0", futexWord), "lw t1, 0(t0)", ...sys(nr.exitGroup)],
      // at the second time: the word is different, so that a wait that is made again fails with EAGAIN (11)
      ["handler:", ...li("t0", futexWord), ...li("t1", 1), "sw t1, 0(t0)", ...goBack],
    );
    const data = words(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000);
    expect(endOf(lines, data)).toEqual({ kind: "exited", code: expected === 0 ? 11 : 4 });
  });
});

describe("a signal that is blocked", () => {
  test("waits until it is not", () => {
    const block = sys(nr.sigprocmask, 0, dataAt, 0, 8);
    const unblock = sys(nr.sigprocmask, 1, dataAt, 0, 8);
    const lines = labelled(
      handle(sig.usr1, "handler"),
      [...block, ...raise(sig.usr1), ...li("t0", seen), "ld s0, 0(t0)", ...unblock, ...li("t0", seen), "ld s1, 0(t0)"],
      ["slli s0, s0, 5", "add a0, s0, s1", ...sys(nr.exitGroup)],
      keeping("handler", goBack),
    );
    expect(endOf(lines, words(1 << 9))).toEqual({ kind: "exited", code: sig.usr1 });
  });

  test("is taken by sigtimedwait without a handler", () => {
    const block = sys(nr.sigprocmask, 0, dataAt, 0, 8);
    const lines = labelled(block, raise(sig.usr1), sys(nr.sigtimedwait, dataAt, 0, 0, 8), sys(nr.exitGroup));
    expect(endOf(lines, words(1 << 9))).toEqual({ kind: "exited", code: sig.usr1 });
  });

  test("is let through for the time of sigsuspend, and blocked again afterwards", () => {
    const block = sys(nr.sigprocmask, 0, dataAt, 0, 8);
    const lines = labelled(
      handle(sig.usr1, "handler"),
      [...block, ...raise(sig.usr1), ...sys(nr.sigsuspend, dataAt + 8, 8), "subw s0, zero, a0"],
      [...sys(nr.sigprocmask, 0, 0, dataAt + 16, 8), ...li("t0", dataAt), "ld t1, 0(t0)", "ld t2, 16(t0)"],
      ["bne t1, t2, @wrong", ...li("t0", seen), "ld t1, 0(t0)", "add a0, s0, t1", ...sys(nr.exitGroup)],
      ["wrong:", ...sys(nr.exitGroup, 99)],
      keeping("handler", goBack),
    );
    expect(endOf(lines, words(1 << 9, 0, 0))).toEqual({ kind: "exited", code: sig.usr1 + 4 });
  });

  test("of a fault kills all the same", () => {
    const block = sys(nr.sigprocmask, 0, dataAt, 0, 8);
    const lines = labelled(handle(sig.segv, "handler"), block, [
      "sd zero, 0(zero)",
      "handler:",
      ...sys(nr.exitGroup, 1),
    ]);
    expect(endOf(lines, words(1 << 10))).toMatchObject({ kind: "killed", signal: sig.segv });
  });
});

describe("without a handler", () => {
  test.each([1, 6, 9, 15, 34, 64])("signal %i kills", (number) => {
    expect(endOf(labelled(raise(number), sys(nr.exitGroup, 0)))).toMatchObject({ kind: "killed", signal: number });
  });

  test.each([17, 23])("signal %i has no effect", (number) => {
    expect(endOf(labelled(raise(number), sys(nr.exitGroup, 3)))).toEqual({ kind: "exited", code: 3 });
  });

  test("SIGSTOP stops a child until SIGCONT, and its parent hears of both", () => {
    const fork = sys(nr.clone, sig.chld, 0, 0, 0, 0);
    const status = dataAt + 0x300;
    const wait = sys(nr.wait4, -1, status, 2 | 8, 0);
    const add = [...li("t0", status), "lwu t1, 0(t0)", "add s1, s1, t1"];
    const lines = labelled(
      [...fork, "beq a0, zero, @child", "addi s0, a0, 0", "addi s1, zero, 0"],
      [...sys(nr.kill, "s0", sig.stop), ...wait, ...add, ...sys(nr.kill, "s0", 18), ...wait, ...add],
      [...sys(nr.kill, "s0", sig.kill), ...wait, ...add],
      [...li("t0", 0x137f + 0xffff + 9), "sub a0, s1, t0", "sltiu a0, a0, 1", ...sys(nr.exitGroup)],
      ["child:", "jal zero, @child"],
    );
    expect(endOf(lines)).toEqual({ kind: "exited", code: 1 });
  });
});
