import { describe, expect, test } from "vitest";
import { faultAnswer } from "../../../src/kernel/index.ts";
import type { UserFault } from "../../../src/supervisor/memory/fault.ts";
import { forkMm } from "../../../src/supervisor/memory/forkMm.ts";
import { call, dataAt, elfOf, runProgram } from "../userProgram.ts";
import { map, memoryTask, page } from "./memoryTask.ts";

const calls = { exit: 93, mmap: 222 };
const killed = (signal: number) => ({ reason: "exit", exit: { kind: "killed", signal } });

describe("a page fault of a program", () => {
  test("lets its stack grow, and is a SIGSEGV behind the limit of it", () => {
    const grow = ["lui t0, 0x200", "sub t0, sp, t0", "sd zero, 0(t0)"];
    expect(runProgram(elfOf([...grow, ...call(calls.exit, 3)])).end).toMatchObject({ exit: { code: 3 } });
    const tooFar = ["lui t0, 0x900", "sub t0, sp, t0", "sd zero, 0(t0)"];
    expect(runProgram(elfOf([...tooFar, ...call(calls.exit, 3)])).end).toMatchObject(killed(11));
  });

  test("can be watched, and handled, from outside", () => {
    const seen: UserFault[] = [];
    const program = elfOf(["lui t0, 0x20000", "lw a0, 0(t0)", ...call(calls.exit)]);
    const watched = runProgram(program, {
      onFault: (fault) => {
        seen.push(fault);
        return fault.handle();
      },
    });
    expect(watched.end).toMatchObject(killed(11));
    expect(seen.map(({ address, access }) => [address, access]).at(-1)).toEqual([0x2000_0000n, "load"]);
    // a handler of one's own: what is not mapped is a page with a 7 in it
    const handled = runProgram(program, {
      onFault: (fault) => {
        if (fault.address !== 0x2000_0000n) return fault.handle();
        const { mm } = fault.task;
        mm.map({ start: 0x2000_0000, end: 0x2000_1000, flags: 3 });
        mm.user.setU32(0x2000_0000, 7);
        return faultAnswer.done;
      },
    });
    expect(handled.end).toMatchObject({ exit: { code: 7 } });
  });

  test("without memory kills the process that has most of it, which is said", () => {
    // a store to each page of 64 MiB that were reserved, on a machine of 16 MiB
    const map64 = [
      ...call(calls.mmap, 0, 64 << 20, 3, map.private | map.anonymous | map.noReserve, -1, 0),
      "addi t0, a0, 0",
    ];
    const loop = ["sd t0, 0(t0)", "lui t1, 1", "add t0, t0, t1", "jal zero, pc-12"];
    const said: string[] = [];
    const { end, supervisor } = runProgram(elfOf([...map64, ...loop]), { onMessage: (text) => said.push(text) });
    expect(end).toMatchObject(killed(9));
    expect(said).toEqual([
      expect.stringMatching(/^out of memory: killed process 1000 \(program\), which had 1\d{4} KiB/),
    ]);
    expect(supervisor.memory.frames.freeFrames).toBeGreaterThan(3900);
  });

  test("is a SIGBUS behind the end of a file", () => {
    // the program's own file has one page
    const { supervisor, task } = memoryTask();
    const file = task.mm.mm.vmaAt(0x10000n)!.vmFile!;
    task.mm.map({ start: 0x2000_0000, end: 0x2000_2000, flags: 3, file });
    expect(supervisor.memory.mappings.has(file)).toBe(false);
    expect(() => task.memory.u8(0x2000_1000)).toThrow("EFAULT");
    expect(task.memory.u8(0x2000_0000)).toBe(0x7f);
  });
});

describe("the memory of a forked process", () => {
  test("is a copy, with the layout of the first", () => {
    const { task, supervisor } = memoryTask();
    const child = forkMm(supervisor, task.mm, 7);
    task.memory.setU8(dataAt, 1);
    child.user.setU8(dataAt, 2);
    expect([task.memory.u8(dataAt), child.user.u8(dataAt)]).toEqual([1, 2]);
    expect([child.brk, child.exe, child.sigreturn]).toEqual([task.mm.brk, task.mm.exe, task.mm.sigreturn]);
  });

  test("is an ENOMEM where there are no frames for its tables, and nothing is left of it", () => {
    const { task, supervisor, mmap } = memoryTask();
    task.memory.setU8(mmap(1), 1);
    const { frames } = supervisor.memory;
    const taken: number[] = [];
    while (frames.freeFrames > 2) taken.push(frames.allocate()!);
    expect(() => forkMm(supervisor, task.mm, 7)).toThrow("ENOMEM");
    expect(frames.freeFrames).toBe(2);
    expect(page).toBe(4096);
  });
});
