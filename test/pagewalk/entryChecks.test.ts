import { describe, expect, test } from "vitest";
import { FileMapping } from "../../src/kernel/index.ts";
import {
  errno,
  LockError,
  type MmWalkOps,
  PGWALK_RDLOCK,
  PGWALK_VMA_RDLOCK_VERIFY,
  PGWALK_WRLOCK,
  PGWALK_WRLOCK_VERIFY,
  type PteValue,
  pgdOffset,
  setInitMm,
  walkKernelPageTableRange,
  walkKernelPageTableRangeLockless,
  walkPageMapping,
  walkPageRange,
  walkPageRangeVma,
  walkPageVma,
} from "../../src/pagewalk/index.ts";
import { kernel, leaf, logged, page, translatingModes } from "./fixture.ts";

const invalid = -errno.EINVAL;
const everything = ["pgd", "p4d", "pud", "pmd", "pte", "hole", "test", "pre", "post"] as const;

describe("ranges", () => {
  test.each([
    ["empty", 0x1000n, 0x1000n],
    ["reversed", 0x2000n, 0x1000n],
    ["unaligned at its start", 0x1001n, 0x3000n],
    ["unaligned at its end", 0x1000n, 0x2fffn],
    ["negative", -0x1000n, 0x1000n],
    ["beyond user memory", 0n, (1n << 38n) + page],
    ["in the non-canonical hole", 1n << 38n, (1n << 38n) + page],
    ["wrapping past the end of the address space", (1n << 64n) - page, (1n << 64n) + page],
    ["kernel memory", (1n << 64n) - 2n * page, (1n << 64n) - page],
  ])("walkPageRange refuses a range that is %s, and calls nothing", (_name, start, end) => {
    const { mm, add } = kernel();
    add(0n, 16);
    const { log, ops } = logged(everything);
    mm.mmapLock.lockRead();
    expect(walkPageRange(mm, start, end, ops)).toBe(invalid);
    expect(log).toEqual([]);
  });

  test("walkPageRange goes up to the last page of user memory", () => {
    const { mm } = kernel();
    const { log, ops } = logged(everything);
    mm.mmapLock.lockRead();
    expect(walkPageRange(mm, 0n, 1n << 38n, ops)).toBe(0);
    expect(log).toEqual(["hole 0-4000000000 depth -1"]);
  });

  test("a null mm is refused", () => {
    const { log, ops } = logged(everything);
    expect(walkPageRange(null, 0n, page, ops)).toBe(invalid);
    setInitMm(null);
    expect(walkKernelPageTableRange(0n, page, ops)).toBe(invalid);
    expect(walkKernelPageTableRangeLockless(0n, page, ops)).toBe(invalid);
    expect(log).toEqual([]);
  });

  test("walkPageRangeVma refuses a range that is not inside its VMA", () => {
    const { mm, add } = kernel();
    const vma = add(0x1000n, 4);
    const { log, ops } = logged(everything);
    mm.mmapLock.lockRead();
    expect(walkPageRangeVma(vma, 0n, 0x2000n, ops)).toBe(invalid);
    expect(walkPageRangeVma(vma, 0x4000n, 0x6000n, ops)).toBe(invalid);
    expect(walkPageRangeVma(vma, 0x2000n, 0x2000n, ops)).toBe(invalid);
    expect(log).toEqual([]);
  });

  test("a VMA without an mm is refused", () => {
    const { add } = kernel();
    const vma = Object.assign(Object.create(add(0n, 1)), { vmMm: null });
    expect(walkPageVma(vma, {})).toBe(invalid);
  });

  test.each(translatingModes)("a kernel walk of $name takes both halves and no address between them", (mode) => {
    const { mm } = kernel({ mode });
    const half = 1n << BigInt(mode.vaBits - 1);
    const top = 1n << 64n;
    const { log, ops } = logged(["hole"]);
    const walk = (start: bigint, end: bigint) => walkKernelPageTableRangeLockless(start, end, ops, null, null, mm);
    expect(walk(half - page, half)).toBe(0);
    expect(walk(top - half, top - half + page)).toBe(0);
    expect(walk(top - page, top)).toBe(0);
    expect(log).toHaveLength(3);
    for (const [start, end] of [
      [half, half + page],
      [half - page, half + page],
      [top - half - page, top - half],
      [half - page, top - half + page],
      [top - page, top + page],
      [-page, page],
    ] as const) {
      expect(walk(start, end)).toBe(invalid);
    }
    expect(log).toHaveLength(3);
  });

  test("walkPageMapping refuses no pages, fewer, and a negative offset", () => {
    const file = new FileMapping("f");
    file.iMmapLock.lockRead();
    expect(walkPageMapping(file, 0, 0, {})).toBe(invalid);
    expect(walkPageMapping(file, 0, -1, {})).toBe(invalid);
    expect(walkPageMapping(file, -1, 2, {})).toBe(invalid);
  });

  test("addresses that are no bigints are a TypeError that names them", () => {
    const { mm } = kernel();
    expect(() => walkPageRange(mm, 0 as never, page, {})).toThrow(/start is a number/);
    expect(() => walkPageRange(mm, 0n, undefined as never, {})).toThrow(/end is a undefined/);
    expect(() => walkPageMapping(new FileMapping("f"), 0.5, 1, {})).toThrow(/first is 0.5/);
  });
});

describe("installPte", () => {
  const ops: MmWalkOps = { installPte: (_addr: bigint, _next: bigint, _out: PteValue) => 0 };
  test("kernel walks and walkPageMapping refuse it", () => {
    const { mm } = kernel();
    const file = new FileMapping("f");
    file.iMmapLock.lockRead();
    mm.mmapLock.lockRead();
    expect(walkKernelPageTableRange(0n, page, ops, null, null, mm)).toBe(invalid);
    expect(walkKernelPageTableRangeLockless(0n, page, ops, null, null, mm)).toBe(invalid);
    expect(walkPageMapping(file, 0, 1, ops)).toBe(invalid);
  });
});

describe("locks", () => {
  const ranges = { start: 0x1000n, end: 0x3000n };
  test.each([
    ["PGWALK_RDLOCK", PGWALK_RDLOCK],
    ["PGWALK_VMA_RDLOCK_VERIFY", PGWALK_VMA_RDLOCK_VERIFY],
  ] as const)("walkPageRange with %s needs the mmap lock, and a read lock is enough", (_name, walkLock) => {
    const { mm, add } = kernel();
    const vma = add(ranges.start, 2);
    vma.vmLock.lockRead();
    const { log, ops } = logged(everything, { walkLock });
    expect(() => walkPageRange(mm, ranges.start, ranges.end, ops)).toThrow(LockError);
    expect(() => walkPageRange(mm, ranges.start, ranges.end, ops)).toThrow(/mmap lock of mm 1/);
    expect(log).toEqual([]);
    mm.mmapLock.lockRead();
    expect(walkPageRange(mm, ranges.start, ranges.end, ops)).toBe(0);
    mm.mmapLock.unlockRead();
    vma.vmLock.unlockRead();
    mm.mmapLock.lockWrite();
    if (walkLock === PGWALK_RDLOCK) expect(walkPageRange(mm, ranges.start, ranges.end, ops)).toBe(0);
  });

  test("no walkLock is PGWALK_RDLOCK", () => {
    const { mm } = kernel();
    expect(() => walkPageRange(mm, 0n, page, {})).toThrow(/mmap lock of mm 1/);
    mm.mmapLock.lockRead();
    expect(walkPageRange(mm, 0n, page, {})).toBe(0);
  });

  test("PGWALK_WRLOCK needs the mmap lock for write, and write-locks each VMA before testWalk", () => {
    const { mm, add } = kernel();
    const vmas = [add(0x1000n, 1), add(0x2000n, 1)];
    const seen: boolean[][] = [];
    const ops: MmWalkOps = {
      walkLock: PGWALK_WRLOCK,
      testWalk: () => {
        seen.push(vmas.map((vma) => vma.vmLock.isWriteLocked));
        return 0;
      },
    };
    mm.mmapLock.lockRead();
    expect(() => walkPageRange(mm, 0x1000n, 0x3000n, ops)).toThrow(/only read-locked/);
    mm.mmapLock.unlockRead();
    mm.mmapLock.lockWrite();
    expect(walkPageRange(mm, 0x1000n, 0x3000n, ops)).toBe(0);
    expect(seen).toEqual([
      [true, false],
      [true, true],
    ]);
    expect(vmas.map((vma) => vma.vmLock.isWriteLocked)).toEqual([true, true]);
    mm.mmapLock.unlockWrite();
    expect(vmas.map((vma) => vma.vmLock.isWriteLocked)).toEqual([false, false]);
  });

  test("PGWALK_WRLOCK_VERIFY needs both the mmap lock and the VMA's held for write already", () => {
    const { mm, add } = kernel();
    const vma = add(0x1000n, 1);
    const ops: MmWalkOps = { walkLock: PGWALK_WRLOCK_VERIFY };
    mm.mmapLock.lockRead();
    expect(() => walkPageVma(vma, ops)).toThrow(/mmap lock of mm 1/);
    mm.mmapLock.unlockRead();
    mm.mmapLock.lockWrite();
    expect(() => walkPageVma(vma, ops)).toThrow(/lock of VMA at 0x1000/);
    expect(() => walkPageRange(mm, 0x1000n, 0x2000n, ops)).toThrow(/lock of VMA at 0x1000/);
    vma.vmLock.startWrite();
    expect(walkPageVma(vma, ops)).toBe(0);
    expect(walkPageRange(mm, 0x1000n, 0x2000n, ops)).toBe(0);
  });

  test("PGWALK_VMA_RDLOCK_VERIFY needs only the VMA locked where no VMA is looked for", () => {
    const { mm, add } = kernel();
    const vma = add(0x1000n, 1);
    const ops: MmWalkOps = { walkLock: PGWALK_VMA_RDLOCK_VERIFY };
    expect(() => walkPageVma(vma, ops)).toThrow(/lock of VMA at 0x1000/);
    vma.vmLock.lockRead();
    expect(walkPageVma(vma, ops)).toBe(0);
    expect(walkPageRangeVma(vma, 0x1000n, 0x2000n, ops)).toBe(0);
    expect(() => walkPageRange(mm, 0x1000n, 0x2000n, ops)).toThrow(/mmap lock/);
    mm.mmapLock.lockRead();
    vma.vmLock.unlockRead();
    expect(() => walkPageRange(mm, 0x1000n, 0x2000n, ops)).toThrow(/lock of VMA/);
  });

  test("the locked kernel walk needs init mm's mmap lock, the lockless one no lock", () => {
    const { mm } = kernel();
    setInitMm(mm);
    expect(() => walkKernelPageTableRange(0n, page, {})).toThrow(/mmap lock of mm 1/);
    expect(walkKernelPageTableRangeLockless(0n, page, {})).toBe(0);
    mm.mmapLock.lockRead();
    expect(walkKernelPageTableRange(0n, page, {})).toBe(0);
    setInitMm(null);
  });

  test("walkPageMapping needs the i_mmap lock, and no mmap lock", () => {
    const { add } = kernel();
    const file = new FileMapping("f");
    add(0x1000n, 1, { file });
    expect(() => walkPageMapping(file, 0, 1, {})).toThrow(/i_mmap lock of f/);
    file.iMmapLock.lockRead();
    expect(walkPageMapping(file, 0, 1, {})).toBe(0);
  });

  test("an unknown lock rule is a TypeError", () => {
    const { mm } = kernel();
    expect(() => walkPageRange(mm, 0n, page, { walkLock: 7 as never })).toThrow(/walkLock is 7/);
  });
});

describe("callbacks that throw", () => {
  test("leave the page-table lock and the VMA locks released", () => {
    const { mm, add, map } = kernel();
    const vma = add(0x1000n, 4);
    const entry = map(0x1000n, leaf("vruad", 0x80005));
    const table = entry.pa - (entry.pa % 4096);
    mm.mmapLock.lockWrite();
    let wasLocked = false;
    const ops: MmWalkOps = {
      walkLock: PGWALK_WRLOCK,
      pteEntry: () => {
        wasLocked = mm.pageTableLock(table).isLocked && vma.vmLock.isWriteLocked;
        throw new Error("stop");
      },
    };
    expect(() => walkPageRange(mm, 0x1000n, 0x2000n, ops)).toThrow("stop");
    expect(wasLocked).toBe(true);
    expect(mm.pageTableLock(table).isLocked).toBe(false);
    expect(vma.vmLock.isWriteLocked).toBe(false);
    expect(mm.mmapLock.isWriteLocked).toBe(true);
  });

  test("a VMA that was write-locked before stays so", () => {
    const { mm, add } = kernel();
    const vma = add(0x1000n, 4);
    mm.mmapLock.lockWrite();
    vma.vmLock.startWrite();
    const ops: MmWalkOps = {
      walkLock: PGWALK_WRLOCK,
      testWalk: () => {
        throw new Error("stop");
      },
    };
    expect(() => walkPageRange(mm, 0x1000n, 0x2000n, ops)).toThrow("stop");
    expect(vma.vmLock.isWriteLocked).toBe(true);
  });

  test("or return no integer are a TypeError that names the callback", () => {
    const { mm, add, map } = kernel();
    add(0n, 4);
    map(0n, leaf("vruad", 0x80005));
    mm.mmapLock.lockRead();
    const nonsense: readonly unknown[] = [undefined, null, "0", 0n, 1.5, Number.NaN, {}];
    const names = ["pgdEntry", "p4dEntry", "pudEntry", "pmdEntry", "pteEntry", "testWalk", "preVma"] as const;
    for (const name of names) {
      for (const result of nonsense) {
        const ops = { [name]: () => result } as MmWalkOps;
        expect(() => walkPageRange(mm, 0n, page, ops), `${name} ${String(result)}`).toThrow(
          new RegExp(`${name} returned`),
        );
      }
    }
    expect(() => walkPageRange(mm, 0n, 1n << 22n, { pteHole: () => "x" as never, pteEntry: () => 0 })).toThrow(
      /pteHole/,
    );
  });

  test("and an action that does not exist is one, too", () => {
    const { mm, add, map } = kernel();
    add(0n, 4);
    map(0n, leaf("vruad", 0x80005));
    mm.mmapLock.lockRead();
    const ops: MmWalkOps = {
      pmdEntry: (_pmd, _addr, _next, walk) => {
        walk.action = 9 as never;
        return 0;
      },
    };
    expect(() => walkPageRange(mm, 0n, page, ops)).toThrow(/walk.action is 9/);
  });

  test("a callback that asks for its entry again for ever ends in a RangeError", () => {
    const { mm, map } = kernel();
    map(0n, leaf("vruad", 0x80005));
    let calls = 0;
    const ops: MmWalkOps = {
      pmdEntry: (_pmd, _addr, _next, walk) => {
        calls++;
        walk.action = 2;
        return 0;
      },
    };
    expect(() => walkKernelPageTableRangeLockless(0n, page, ops, pgdOffset(mm.tables), null, mm)).toThrow(/never ends/);
    expect(calls).toBe(1_000_000);
  });
});
