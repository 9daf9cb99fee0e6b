import { describe, expect, test } from "vitest";
import { LinuxError } from "../../../src/supervisor/errno.ts";
import { findCommand } from "../../../src/supervisor/process/execute.ts";
import { encodeSignalInfo, signalCode } from "../../../src/supervisor/process/signalInfo.ts";
import { bitOf, defaultAction, signal, signalName } from "../../../src/supervisor/process/signalNumber.ts";
import { PendingSignals, SignalActions } from "../../../src/supervisor/process/signalState.ts";
import { IntervalTimer } from "../../../src/supervisor/process/timers.ts";
import { statusOf } from "../../../src/supervisor/process/wait.ts";
import { Scheduler } from "../../../src/supervisor/scheduler.ts";
import { fileOf } from "../userProgram.ts";

const all = (1n << 64n) - 1n;
const sent = (number: number, value = 0) => ({ signal: number, code: signalCode.SI_USER, value: BigInt(value) });

describe("pending signals", () => {
  test("come by number, faults before all others", () => {
    const pending = new PendingSignals();
    for (const number of [signal.SIGTERM, 40, signal.SIGSEGV, signal.SIGHUP]) pending.add(sent(number));
    const order = Array.from({ length: 4 }, () => pending.take(all)?.signal);
    expect(order).toEqual([signal.SIGSEGV, signal.SIGHUP, signal.SIGTERM, 40]);
    expect(pending.set).toBe(0n);
  });

  test("below the real-time signals are there once, real-time signals as often as they were sent, in order", () => {
    const pending = new PendingSignals();
    for (const value of [1, 2, 3]) {
      pending.add(sent(signal.SIGUSR1, value));
      pending.add(sent(34, value));
    }
    expect(pending.take(all)?.value).toBe(1n);
    expect([1, 2, 3].map(() => pending.take(bitOf(34))?.value)).toEqual([1n, 2n, 3n]);
    expect(pending.take(all)).toBeUndefined();
  });

  test("that are not asked for stay", () => {
    const pending = new PendingSignals();
    pending.add(sent(signal.SIGUSR1));
    expect(pending.take(all & ~bitOf(signal.SIGUSR1))).toBeUndefined();
    pending.discard(bitOf(signal.SIGUSR1));
    expect(pending.take(all)).toBeUndefined();
  });
});

describe("actions", () => {
  test("of a new program are the defaults, but what is ignored stays so", () => {
    const actions = new SignalActions();
    actions.set(signal.SIGUSR1, { handler: 0x1000, flags: 4, mask: 1n });
    actions.set(signal.SIGUSR2, { handler: 1, flags: 0, mask: 0n });
    const next = actions.afterExec();
    expect(next.get(signal.SIGUSR1).handler).toBe(0);
    expect(next.ignores(signal.SIGUSR2)).toBe(true);
    expect(actions.copy().get(signal.SIGUSR1).handler).toBe(0x1000);
  });

  test("by default are those of signal(7)", () => {
    const of = (names: readonly (keyof typeof signal)[]) => names.map((name) => defaultAction(signal[name]));
    expect(of(["SIGTERM", "SIGUSR1", "SIGALRM", "SIGPIPE"])).toEqual(Array(4).fill("terminate"));
    expect(of(["SIGSEGV", "SIGABRT", "SIGQUIT", "SIGXCPU"])).toEqual(Array(4).fill("core"));
    expect(of(["SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT"])).toEqual(Array(4).fill("ignore"));
    expect(of(["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"])).toEqual(Array(4).fill("stop"));
  });

  test("are named as strace names their signals", () => {
    expect([signalName(11), signalName(34), signalName(0)]).toEqual(["SIGSEGV", "SIGRT_2", "0"]);
  });
});

describe("siginfo", () => {
  test("has number, code, and from byte 16 on what its kind of signal has", () => {
    const fault = new DataView(encodeSignalInfo({ signal: 11, code: 2, address: 0x3f_ffff_f000n }).buffer);
    expect([fault.getInt32(0, true), fault.getInt32(8, true)]).toEqual([11, 2]);
    expect(fault.getBigUint64(16, true)).toBe(0x3f_ffff_f000n);
    const child = new DataView(encodeSignalInfo({ signal: 17, code: 1, pid: 1001, status: 7 }).buffer);
    expect([16, 20, 24].map((at) => child.getInt32(at, true))).toEqual([1001, 0, 7]);
  });
});

describe("the status word of wait4", () => {
  test("is the exit code shifted, the signal, 0x7f with the signal of a stop, or 0xffff", () => {
    expect(statusOf({ kind: "exited", code: 7 })).toBe(0x700);
    expect(statusOf({ kind: "killed", signal: 11, core: true })).toBe(11);
    expect(statusOf({ kind: "stopped", signal: 19 })).toBe(0x137f);
    expect(statusOf({ kind: "continued" })).toBe(0xffff);
  });
});

describe("an interval timer", () => {
  const run = (interval: number, until: readonly number[]) => {
    const scheduler = new Scheduler();
    let now = 0;
    const fired: [number, number][] = [];
    const clock = () => now;
    const timer = new IntervalTimer(scheduler, clock, clock, (times) => fired.push([now, times]));
    timer.set(100_000, interval);
    for (now of until) scheduler.fire(now);
    return { fired, timer };
  };

  test("fires once, or again and again at multiples of its interval", () => {
    expect(run(0, [99_999, 100_000, 200_000]).fired).toEqual([[100_000, 1]]);
    expect(run(50_000, [100_000, 149_999, 150_000, 200_000]).fired.map(([at]) => at)).toEqual([
      100_000, 150_000, 200_000,
    ]);
  });

  test("tells how often it should have fired when it is late, and keeps its rhythm", () => {
    const { fired, timer } = run(50_000, [275_000, 299_999, 300_000]);
    expect(fired).toEqual([
      [275_000, 4],
      [300_000, 1],
    ]);
    expect(timer.remaining).toBe(50_000);
  });

  test("that repeats faster than it can be looked at fires many times at once", () => {
    expect(run(1, [100_000, 100_500, 101_000, 101_999, 102_000]).fired).toEqual([
      [100_000, 1],
      [101_000, 1000],
      [102_000, 1000],
    ]);
  });

  test("on a clock that goes slower fires when that has come to its time", () => {
    const scheduler = new Scheduler();
    let now = 0;
    let fired = 0;
    const timer = new IntervalTimer(
      scheduler,
      () => now,
      () => now / 2,
      () => fired++,
    );
    timer.set(100, 0);
    for (now of [100, 150, 199]) scheduler.fire(now);
    expect(fired).toBe(0);
    now = 200;
    scheduler.fire(now);
    expect(fired).toBe(1);
  });
});

describe("a script", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const script = (text: string, path = "/tree/script") => fileOf(encode(text), path);
  const program = fileOf(new Uint8Array([0x7f, 0x45]), "/bin/sh");
  const texts = (argv: readonly Uint8Array[]) => argv.map((word) => new TextDecoder().decode(word));
  const given = [encode("x"), encode("one")];

  test("is run by what its first line names, with one argument at most, the name it was called by, and its arguments", () => {
    const { file, argv } = findCommand(script("#! /bin/sh -a b \nrest"), "./script", given, () => program);
    expect(file).toBe(program);
    expect(texts(argv)).toEqual(["/bin/sh", "-a b", "./script", "one"]);
  });

  test("may have a script as its interpreter", () => {
    const inner = script("#!/bin/sh\n", "/bin/inner");
    const open = (path: string) => (path === "/bin/inner" ? inner : program);
    const { argv } = findCommand(script("#!/bin/inner"), "s", given, open);
    expect(texts(argv)).toEqual(["/bin/sh", "/bin/inner", "s", "one"]);
  });

  test("that is its own interpreter is an ELOOP; without a name ENOEXEC", () => {
    const itself = script("#!/tree/script\n");
    const errorOf = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return error instanceof LinuxError ? error.message : error;
      }
      return undefined;
    };
    expect(errorOf(() => findCommand(itself, "s", given, () => itself))).toBe("ELOOP");
    expect(errorOf(() => findCommand(script("#! \n"), "s", given, () => program))).toBe("ENOEXEC");
  });
});
