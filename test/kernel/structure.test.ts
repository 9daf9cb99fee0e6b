import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameAllocator, IntervalTree, PageTableLock, PerVmaLock, RwLock } from "../../src/kernel/index.ts";
import { LockError } from "../../src/pagewalk/index.ts";
import { kernel, page, twoMiB } from "../pagewalk/fixture.ts";

describe("the frame allocator", () => {
  test("gives aligned blocks that do not overlap, and joins what comes back", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.array(fc.tuple(fc.nat(5), fc.boolean()), { maxLength: 60 }), (first, steps) => {
        const allocator = new FrameAllocator(first, 300);
        const held: { pfn: number; order: number }[] = [];
        for (const [order, frees] of steps) {
          if (frees && held.length > 0) {
            const { pfn, order: old } = held.splice(order % held.length, 1)[0];
            allocator.free(pfn, old);
            continue;
          }
          const pfn = allocator.allocate(order);
          if (pfn === undefined) continue;
          expect(pfn % 2 ** order).toBe(0);
          expect(pfn >= first && pfn + 2 ** order <= first + 300).toBe(true);
          for (const other of held) {
            expect(pfn < other.pfn + 2 ** other.order && other.pfn < pfn + 2 ** order).toBe(false);
          }
          held.push({ pfn, order });
        }
        expect(allocator.freeFrames).toBe(300 - held.reduce((sum, { order }) => sum + 2 ** order, 0));
        for (const { pfn, order } of held) allocator.free(pfn, order);
        expect(allocator.freeFrames).toBe(300);
        expect(allocator.allocate(7)).toBeDefined();
      }),
      { numRuns: 200 },
    );
  });

  test("names what is freed twice or never was its own", () => {
    const allocator = new FrameAllocator(16, 16);
    const pfn = allocator.allocate(2)!;
    allocator.free(pfn, 2);
    expect(() => allocator.free(pfn, 2)).toThrow(/freed twice/);
    expect(() => allocator.free(0, 0)).toThrow(RangeError);
    expect(() => allocator.free(17, 1)).toThrow(/not a block/);
    expect(allocator.allocate(5)).toBeUndefined();
  });
});

test("the interval tree finds what overlaps, in order, whatever was inserted and removed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(100), fc.nat(20), fc.nat(3)), { maxLength: 80 }),
      fc.nat(100),
      fc.nat(30),
      (all, first, length) => {
        const tree = new IntervalTree<{ first: number; last: number }>();
        let naive: { first: number; last: number }[] = [];
        for (const [from, more, kind] of all) {
          if (kind === 0 && naive.length > 0) {
            const gone = naive[from % naive.length];
            naive = naive.filter((each) => each !== gone);
            expect(tree.remove(gone)).toBe(true);
            expect(tree.remove(gone)).toBe(false);
          } else {
            const interval = { first: from, last: from + more };
            naive.push(interval);
            tree.insert(interval);
          }
        }
        const found = [...tree.overlapping(first, first + length)];
        const expected = naive.filter((each) => each.first <= first + length && each.last >= first);
        expect(found.map((each) => each.first)).toEqual(expected.map((each) => each.first).sort((a, b) => a - b));
        expect(new Set(found)).toEqual(new Set(expected));
      },
    ),
    { numRuns: 300 },
  );
});

describe("VMAs", () => {
  test("are found by address in order, and do not overlap", () => {
    const { mm, add } = kernel();
    const vmas = [5n, 1n, 9n, 3n].map((at) => add(at * page, 1));
    expect(mm.findVma(0n)).toBe(vmas[1]);
    expect(mm.findVma(page)).toBe(vmas[1]);
    expect(mm.findVma(2n * page)).toBe(vmas[3]);
    expect(mm.findVma(10n * page)).toBeNull();
    expect(mm.vmaAt(2n * page)).toBeNull();
    expect([...mm.vmas].map((vma) => vma.vmStart)).toEqual([page, 3n * page, 5n * page, 9n * page]);
    expect(() => add(4n * page, 2)).toThrow(/overlaps the one at 0x5000/);
  });

  test("are refused outside user memory, empty, and not of whole pages", () => {
    const { mm, add } = kernel();
    const flags = 3;
    for (const [start, end] of [
      [0n, 0n],
      [1n, page],
      [0n, page + 1n],
      [-page, page],
      [0n, 1n << 39n],
    ]) {
      expect(() => mm.addVma({ start, end, flags })).toThrow(RangeError);
    }
    expect(() => add(page, 512, { hugePageSize: twoMiB })).toThrow(RangeError);
    expect(() => add(0n, 512, { hugePageSize: 8192n })).toThrow(/no hugetlb page/);
  });

  test("split at an address, file offsets and locks with them", () => {
    const { mm, add } = kernel();
    const vma = add(0n, 8, { pgoff: 3 });
    mm.mmapLock.lockWrite();
    vma.vmLock.startWrite();
    const upper = mm.splitVma(vma, 2n * page);
    expect([vma.vmEnd, upper.vmStart, upper.vmEnd, upper.vmPgoff]).toEqual([2n * page, 2n * page, 8n * page, 5]);
    expect(upper.vmLock.isWriteLocked).toBe(true);
    expect(() => mm.splitVma(vma, 2n * page)).toThrow(RangeError);
  });
});

describe("locks", () => {
  test("are read by many or written by one", () => {
    const lock = new RwLock("l");
    lock.lockRead();
    lock.lockRead();
    expect(() => lock.lockWrite()).toThrow(LockError);
    lock.unlockRead();
    lock.unlockRead();
    expect(() => lock.unlockRead()).toThrow(/l: it is not held for read/);
    lock.lockWrite();
    expect(() => lock.lockRead()).toThrow(LockError);
    expect(() => lock.lockWrite()).toThrow(LockError);
    lock.downgrade();
    expect([lock.isLocked, lock.isWriteLocked]).toEqual([true, false]);
    expect(() => lock.unlockWrite()).toThrow(LockError);
  });

  test("name themselves in the errors", () => {
    try {
      new RwLock("mmap lock of mm 9").unlockWrite();
    } catch (error) {
      expect(error).toBeInstanceOf(LockError);
      expect((error as LockError).lock).toBe("mmap lock of mm 9");
    }
    expect.assertions(2);
  });

  test("are released when what runs under them throws", () => {
    const lock = new RwLock("l");
    const fail = () => {
      throw new Error("stop");
    };
    expect(() => lock.reading(fail)).toThrow("stop");
    expect(() => lock.writing(fail)).toThrow("stop");
    expect(lock.isLocked).toBe(false);
  });

  test("of a VMA are written until the mmap write lock is released", () => {
    const mmap = new RwLock("mmap");
    const lock = new PerVmaLock("vma", mmap);
    expect(() => lock.startWrite()).toThrow(/mmap/);
    mmap.lockWrite();
    expect([lock.startWrite(), lock.startWrite()]).toEqual([true, false]);
    expect(() => lock.lockRead()).toThrow(LockError);
    mmap.downgrade();
    expect(lock.isWriteLocked).toBe(false);
    lock.lockRead();
    mmap.unlockRead();
    mmap.lockWrite();
    expect(() => lock.startWrite()).toThrow(/held for read/);
    expect(lock.isLocked).toBe(true);
    lock.unlockRead();
    expect(() => lock.unlockRead()).toThrow(LockError);
  });

  test("of a page table are not taken twice", () => {
    const lock = new PageTableLock("ptl");
    lock.lock();
    expect(() => lock.lock()).toThrow(/ptl/);
    lock.unlock();
    expect(() => lock.unlock()).toThrow(LockError);
  });
});
