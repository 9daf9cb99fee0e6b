import { describe, expect, test } from "vitest";
import { call, dataAt, elfOf, runProgram } from "./userProgram.ts";

const calls = { nanosleep: 101, write: 64, exit: 93, brk: 214 };
const exit = call(calls.exit, 0);

describe("a user program", () => {
  test("writes, and its exit code is the end's", () => {
    const text = "hello\n";
    const { end, output } = runProgram(
      elfOf([...call(calls.write, 1, dataAt, text.length), ...call(calls.exit, 7)], text),
    );
    expect(output).toBe(text);
    expect(end).toEqual({ reason: "exit", exit: { kind: "exited", code: 7 } });
  });

  test("is killed by SIGSEGV where nothing is mapped, by SIGILL where there is no instruction", () => {
    const segfault = runProgram(elfOf(["sd zero, 0(zero)", ...exit])).end;
    expect(segfault).toEqual({ reason: "exit", exit: { kind: "killed", signal: 11, core: true } });
    const illegal = runProgram(elfOf(["csrrw zero, mstatus, zero", ...exit])).end;
    expect(illegal).toEqual({ reason: "exit", exit: { kind: "killed", signal: 4, core: true } });
  });

  test("gets -ENOSYS for a system call that there is not, and -EFAULT for memory that is not its own", () => {
    const answer = ["subw a0, zero, a0", ...call(calls.exit)];
    expect(runProgram(elfOf([...call(500), ...answer])).end).toMatchObject({ exit: { code: 38 } });
    expect(runProgram(elfOf([...call(calls.write, 1, 16, 1), ...answer])).end).toMatchObject({ exit: { code: 14 } });
  });

  test("sleeps without executing anything: time goes on by itself", () => {
    const twoSeconds = new Uint8Array([2]);
    const { end, supervisor } = runProgram(
      elfOf([...call(calls.nanosleep, dataAt, 0), ...call(calls.exit)], twoSeconds),
    );
    expect(end).toMatchObject({ exit: { code: 0 } });
    expect(supervisor.now()).toBeGreaterThan(2e9);
    expect(supervisor.now()).toBeLessThan(2.001e9);
  });

  test("gives its memory back when it ends", () => {
    const { supervisor } = runProgram(elfOf([...call(calls.brk, 0), ...call(calls.exit)]));
    const { free, page, zero } = { free: supervisor.memory.frames.freeFrames, page: 1, zero: 1 };
    // the page cache keeps the program's one page, and there is the shared zero page
    expect(supervisor.memory.frames.frames - free).toBeLessThanOrEqual(page + zero);
  });
});
