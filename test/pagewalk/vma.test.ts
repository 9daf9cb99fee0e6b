import { describe, expect, test } from "vitest";
import { FileMapping, handleFault, KernelMemory, Mm } from "../../src/kernel/index.ts";
import { sv39 } from "../../src/mmu/index.ts";
import {
  errno,
  type MmWalk,
  type MmWalkOps,
  vmFlag,
  walkPageMapping,
  walkPageRange,
  walkPageRangeVma,
  walkPageVma,
} from "../../src/pagewalk/index.ts";
import { kernel, leaf, logged, page, readWrite, twoMiB } from "./fixture.ts";

describe("return values", () => {
  test.each([7, 1, -5, -errno.ENOMEM])("%i from any callback stops the walk and is returned", (result) => {
    for (const name of ["pgdEntry", "p4dEntry", "pudEntry", "pmdEntry", "pteEntry", "pteHole", "preVma"] as const) {
      const { mm, add, map } = kernel();
      add(0n, 1024);
      map(0n, leaf("vruad", 0x80005));
      mm.mmapLock.lockRead();
      let calls = 0;
      const callback = () => {
        calls++;
        return result;
      };
      expect(
        walkPageRange(mm, 0n, 1024n * page, { [name]: callback, pteEntry: name === "pteEntry" ? callback : () => 0 }),
      ).toBe(result);
      expect(calls, name).toBe(1);
    }
  });
});

describe("walkPageRange", () => {
  test("reports each gap once, with no VMA and depth -1, clipped to the range", () => {
    const { mm, add } = kernel();
    add(0x1000n, 1);
    add(0x3000n, 1);
    add(0x4000n, 1);
    mm.mmapLock.lockRead();
    const { log, ops } = logged(["hole", "pre", "post"]);
    expect(walkPageRange(mm, 0n, 0x10000n, ops)).toBe(0);
    expect(log).toEqual([
      "hole 0-1000 depth -1",
      "pre 1000-2000",
      "hole 1000-2000 depth 0 in vma",
      "post",
      "hole 2000-3000 depth -1",
      "pre 3000-4000",
      "hole 3000-4000 depth 0 in vma",
      "post",
      "pre 4000-5000",
      "hole 4000-5000 depth 0 in vma",
      "post",
      "hole 5000-10000 depth -1",
    ]);
  });

  test("clips a VMA to the range, and a gap as well", () => {
    const { mm, add } = kernel();
    add(0x1000n, 8);
    mm.mmapLock.lockRead();
    const inside = logged(["test", "pre", "hole"]);
    walkPageRange(mm, 0x3000n, 0x5000n, inside.ops);
    expect(inside.log).toEqual(["test 3000-5000", "pre 3000-5000", "hole 3000-5000 depth 0 in vma"]);
    const before = logged(["hole"]);
    walkPageRange(mm, 0n, 0x1000n, before.ops);
    expect(before.log).toEqual(["hole 0-1000 depth -1"]);
  });

  test("gives callbacks the mm, the VMA, the ops and the private data", () => {
    const { mm, add, map } = kernel();
    const vma = add(0x1000n, 1);
    map(0x1000n, leaf("vruad", 0x80005));
    mm.mmapLock.lockRead();
    const mine = { sum: 0 };
    const seen: unknown[] = [];
    const ops: MmWalkOps = {
      pteEntry: (_pte, _addr, _next, walk) => {
        seen.push(walk.mm, walk.vma, walk.ops, walk.private, walk.noVma, walk.pgd, walk.action);
        return 0;
      },
    };
    walkPageRange(mm, 0x1000n, 0x2000n, ops, mine);
    const expected = [mm, vma, ops, mine, false, null, 0];
    expect(seen.map((value, i) => value === expected[i])).toEqual(expected.map(() => true));
  });

  test("calls ops as methods", () => {
    const { mm, add, map } = kernel();
    add(0x1000n, 1);
    map(0x1000n, leaf("vruad", 0x80005));
    mm.mmapLock.lockRead();
    class Counter implements MmWalkOps {
      count = 0;
      pteEntry() {
        this.count++;
        return 0;
      }
    }
    const counter = new Counter();
    walkPageRange(mm, 0x1000n, 0x2000n, counter);
    expect(counter.count).toBe(1);
  });
});

describe("testWalk", () => {
  test("skips a VMA with a positive number, which the caller never sees", () => {
    const { mm, add } = kernel();
    add(0x1000n, 1);
    add(0x2000n, 1);
    mm.mmapLock.lockRead();
    const { log, ops } = logged(["pre"], { testWalk: (addr) => (addr === 0x1000n ? 5 : 0) });
    expect(walkPageRange(mm, 0x1000n, 0x3000n, ops)).toBe(0);
    expect(log).toEqual(["pre 2000-3000"]);
    expect(walkPageRange(mm, 0x1000n, 0x2000n, ops)).toBe(0);
  });

  test("ends the walk with a negative number", () => {
    const { mm, add } = kernel();
    add(0x1000n, 1);
    mm.mmapLock.lockRead();
    const { log, ops } = logged(["pre", "post", "hole"], { testWalk: () => -errno.EBUSY });
    expect(walkPageRange(mm, 0n, 0x3000n, ops)).toBe(-errno.EBUSY);
    expect(log).toEqual(["hole 0-1000 depth -1"]);
  });

  test("is not called by the walks of one VMA", () => {
    const { mm, add } = kernel();
    const vma = add(0x1000n, 2);
    mm.mmapLock.lockRead();
    const { log, ops } = logged(["test", "pre", "post"]);
    expect(walkPageVma(vma, ops)).toBe(0);
    expect(walkPageRangeVma(vma, 0x2000n, 0x3000n, ops)).toBe(0);
    expect(log).toEqual(["pre 1000-3000", "post", "pre 2000-3000", "post"]);
  });
});

describe("a VM_PFNMAP VMA", () => {
  const pfnmap = { flags: readWrite | vmFlag.VM_PFNMAP };
  test("is not entered, but one hole of depth -1", () => {
    const { mm, add, map } = kernel();
    add(0x1000n, 2, pfnmap);
    map(0x1000n, leaf("vruad", 0x10000));
    mm.mmapLock.lockRead();
    const { log, ops } = logged(["hole", "pre", "post", "pte"]);
    expect(walkPageRange(mm, 0x1000n, 0x3000n, ops)).toBe(0);
    expect(log).toEqual(["hole 1000-3000 depth -1 in vma"]);
  });

  test("a negative result of that hole aborts, a positive one does not reach the caller", () => {
    const { mm, add } = kernel();
    add(0x1000n, 2, pfnmap);
    mm.mmapLock.lockRead();
    expect(walkPageRange(mm, 0x1000n, 0x3000n, { pteHole: () => -4 })).toBe(-4);
    expect(walkPageRange(mm, 0x1000n, 0x3000n, { pteHole: () => 4 })).toBe(0);
    expect(walkPageRange(mm, 0x1000n, 0x3000n, {})).toBe(0);
  });

  test("is entered when testWalk says so, and by the walks of one VMA", () => {
    const { mm, add, map } = kernel();
    const vma = add(0x1000n, 1, pfnmap);
    map(0x1000n, leaf("vruad", 0x10000));
    mm.mmapLock.lockRead();
    const tested = logged(["test", "pte"]);
    walkPageRange(mm, 0x1000n, 0x2000n, tested.ops);
    expect(tested.log).toEqual(["test 1000-2000", "pte 1000-2000"]);
    const one = logged(["pte"]);
    walkPageVma(vma, one.ops);
    expect(one.log).toEqual(["pte 1000-2000"]);
  });
});

describe("preVma and postVma", () => {
  test("an error of preVma is returned, and postVma not called", () => {
    const { mm, add } = kernel();
    add(0x1000n, 1);
    mm.mmapLock.lockRead();
    const { log, ops } = logged(["post", "hole"], { preVma: () => -9 });
    expect(walkPageRange(mm, 0x1000n, 0x2000n, ops)).toBe(-9);
    expect(log).toEqual([]);
  });

  test("postVma is called also after a failed walk, and after one that threw", () => {
    const { mm, add } = kernel();
    add(0x1000n, 1);
    mm.mmapLock.lockRead();
    const failed = logged(["pre", "post"], { pteHole: () => -3 });
    expect(walkPageRange(mm, 0x1000n, 0x2000n, failed.ops)).toBe(-3);
    expect(failed.log).toEqual(["pre 1000-2000", "post"]);
    const threw = logged(["pre", "post"], {
      pteHole: () => {
        throw new Error("stop");
      },
    });
    expect(() => walkPageRange(mm, 0x1000n, 0x2000n, threw.ops)).toThrow("stop");
    expect(threw.log).toEqual(["pre 1000-2000", "post"]);
  });
});

describe("a hugetlb VMA", () => {
  const sizes = [65536n, twoMiB, 1n << 30n];
  function hugetlb(pageSize: bigint) {
    const made = kernel({ mebibytes: 8 });
    const start = pageSize * 2n;
    const vma = made.add(start, Number((pageSize * 3n) / page), { hugePageSize: pageSize });
    made.mm.mmapLock.lockRead();
    return { ...made, vma, start };
  }

  test.each(sizes)("of %i bytes is stepped by its page size, with its mask", (size) => {
    const { mm, start, map } = hugetlb(size);
    // A table that reaches down to the entries makes them exist, even if they are none.
    map(start, 0n, size === 65536n ? 0 : size === twoMiB ? 1 : 2);
    const { log, ops } = logged(["hugetlb", "hole", "pte", "pmd", "pud"]);
    expect(walkPageRange(mm, start, start + 3n * size, ops)).toBe(0);
    const mask = BigInt.asUintN(64, -size).toString(16);
    const line = (i: bigint) =>
      `hugetlb ${(start + i * size).toString(16)}-${(start + (i + 1n) * size).toString(16)} mask ${mask}`;
    expect(log).toEqual([line(0n), line(1n), line(2n)]);
  });

  test("is clipped to the range, and its entry found from the middle of a page", () => {
    const { mm, start, map } = hugetlb(twoMiB);
    const entry = map(start, leaf("vruad", 0x80200), 1);
    const seen: unknown[] = [];
    const ops: MmWalkOps = {
      hugetlbEntry: (pte, _hmask, addr, next) => {
        seen.push(pte.pa, pte.level, pte.va, addr, next);
        return 0;
      },
    };
    expect(walkPageRange(mm, start + page, start + 3n * page, ops)).toBe(0);
    expect(seen).toEqual([entry.pa, 1, start, start + page, start + 3n * page]);
  });

  test("reports a hole of depth -1 for each page that no table reaches", () => {
    const { mm, start } = hugetlb(twoMiB);
    const { log, ops } = logged(["hugetlb", "hole"]);
    expect(walkPageRange(mm, start, start + 2n * twoMiB, ops)).toBe(0);
    expect(log).toEqual(["hole 400000-600000 depth -1 in vma", "hole 600000-800000 depth -1 in vma"]);
  });

  test("is held locked meanwhile, and released after, also by an exception", () => {
    const { mm, vma, start, map } = hugetlb(twoMiB);
    map(start, leaf("vruad", 0x80200), 1);
    const seen: boolean[] = [];
    const look = () => {
      seen.push(vma.hugetlb!.lock.isLocked);
      return 0;
    };
    walkPageRange(mm, start, start + twoMiB, { hugetlbEntry: look, preVma: look, postVma: look });
    expect(seen).toEqual([false, true, false]);
    const throws = () => {
      throw new Error("stop");
    };
    expect(() => walkPageRange(mm, start, start + twoMiB, { hugetlbEntry: throws })).toThrow("stop");
    expect(vma.hugetlb!.lock.isLocked).toBe(false);
  });

  test("without hugetlbEntry calls nothing but preVma and postVma", () => {
    const { mm, start, map } = hugetlb(twoMiB);
    map(start, leaf("vruad", 0x80200), 1);
    const { log, ops } = logged(["pgd", "pmd", "pte", "hole", "pre", "post"]);
    expect(walkPageRange(mm, start, start + twoMiB, ops)).toBe(0);
    expect(log).toEqual(["pre 400000-600000", "post"]);
  });

  test("refuses installPte before preVma", () => {
    const { mm, start } = hugetlb(twoMiB);
    const { log, ops } = logged(["pre", "post", "install", "hugetlb"]);
    expect(walkPageRange(mm, start, start + twoMiB, ops)).toBe(-errno.EINVAL);
    expect(log).toEqual([]);
  });

  test("a 64 KiB entry is set in all of its sixteen entries, and used if any of them was", () => {
    const { mm, vma, start, physical } = hugetlb(65536n);
    mm.memory.hugetlbPool(65536n).fill(1);
    expect(handleFault(mm, start, "load")).toBe(0);
    walkPageVma(vma, {
      hugetlbEntry: (pte, _hmask, addr) => {
        if (addr !== start) return 0;
        pte.setFields({ a: 0 });
        expect(pte.a).toBe(false);
        for (let i = 0; i < 16; i++) expect(physical.load(pte.pa + i * 8, 8)).toBe(pte.get());
        physical.store(pte.pa + 40, 8, pte.get() | 0x40n);
        expect(pte.a).toBe(true);
        return 0;
      },
    });
  });

  test("returns what hugetlbEntry returns", () => {
    const { mm, start, map } = hugetlb(twoMiB);
    map(start, leaf("vruad", 0x80200), 1);
    expect(walkPageRange(mm, start, start + twoMiB, { hugetlbEntry: () => 3 })).toBe(3);
  });
});

describe("walkPageMapping", () => {
  test("walks every VMA, of any mm, that maps the offsets, clipped to both", () => {
    const { memory, mm, add } = kernel();
    const other = new Mm({ name: "mm 2", memory, mode: sv39, asid: 2 });
    const file = new FileMapping("f");
    add(0x10000n, 8, { file, pgoff: 0 });
    add(0x40000n, 4, { file, pgoff: 6 });
    add(0x80000n, 4, { file, pgoff: 20 });
    other.addVma({ start: 0x100000n, end: 0x102000n, flags: readWrite, file, pgoff: 5 });
    file.iMmapLock.lockRead();
    const seen: string[] = [];
    const ops: MmWalkOps = {
      testWalk: (start, end, walk) => {
        seen.push(`test ${start.toString(16)}-${end.toString(16)} of ${walk.mm.name}`);
        return 0;
      },
      preVma: (start, end) => {
        seen.push(`pre ${start.toString(16)}-${end.toString(16)}`);
        return 0;
      },
    };
    expect(walkPageMapping(file, 4, 4, ops)).toBe(0);
    expect(seen).toEqual([
      "test 10000-18000 of mm 1",
      "pre 14000-18000",
      "test 100000-102000 of mm 2",
      "pre 100000-102000",
      "test 40000-44000 of mm 1",
      "pre 40000-42000",
    ]);
    expect(mm.mmapLock.isLocked).toBe(false);
  });

  test("ends with 0 when testWalk is positive, and with a negative number", () => {
    const { add } = kernel();
    const file = new FileMapping("f");
    add(0x10000n, 1, { file, pgoff: 0 });
    add(0x20000n, 1, { file, pgoff: 0 });
    file.iMmapLock.lockRead();
    let calls = 0;
    const answer = (result: number) => ({
      testWalk: () => {
        calls++;
        return result;
      },
      preVma: () => {
        throw new Error("walked");
      },
    });
    expect(walkPageMapping(file, 0, 1, answer(3))).toBe(0);
    expect(calls).toBe(1);
    expect(walkPageMapping(file, 0, 1, answer(-3))).toBe(-3);
    expect(calls).toBe(2);
  });

  test("returns what a callback returns, and walks no other VMA then", () => {
    const { add } = kernel();
    const file = new FileMapping("f");
    add(0x10000n, 1, { file, pgoff: 0 });
    add(0x20000n, 1, { file, pgoff: 0 });
    file.iMmapLock.lockRead();
    let walks = 0;
    const preVma = (_start: bigint, _end: bigint, _walk: MmWalk) => {
      walks++;
      return 8;
    };
    expect(walkPageMapping(file, 0, 1, { preVma })).toBe(8);
    expect(walks).toBe(1);
  });
});

test("kernels do not share pages", () => {
  const { physical } = kernel();
  const memory = new KernelMemory({ memory: physical, firstPfn: 0x80100, frames: 16 });
  expect(memory.frames.freeFrames).toBe(16);
});
