import { describe, expect, test } from "vitest";
import { FileMapping, handleFault, populate } from "../../src/kernel/index.ts";
import { makePte, sv39, sv48 } from "../../src/mmu/index.ts";
import {
  FolioWalk,
  FW_LEVEL_PMD,
  FW_LEVEL_PTE,
  FW_LEVEL_PUD,
  FW_MIGRATION,
  FW_ZEROPAGE,
  folioWalkEnd,
  folioWalkStart,
  LockError,
  makeSoftEntry,
  rswSpecial,
  swapType,
  vmFlag,
} from "../../src/pagewalk/index.ts";
import { kernel, leaf, oneGiB, page, readWrite, translatingModes, twoMiB } from "./fixture.ts";

const huge = readWrite | vmFlag.VM_HUGEPAGE;
const migration = (pfn: number) => makeSoftEntry({ type: swapType.migrationWrite, offset: pfn });

function world(mode = sv39, flags = readWrite, mebibytes = 16) {
  const made = kernel({ mode, mebibytes });
  const vma = made.add(twoMiB, 2048, { flags });
  made.mm.mmapLock.lockRead();
  const fw = new FolioWalk();
  const lockOf = (pa: number) => made.mm.pageTableLock(pa - (pa % 4096));
  return { ...made, vma, fw, lockOf };
}

describe("folioWalkStart", () => {
  test.each(translatingModes)(
    "finds a small page in $name, and holds the page-table lock until folioWalkEnd",
    (mode) => {
      const { mm, vma, fw, lockOf } = world(mode);
      handleFault(mm, twoMiB + 5n * page, "store");
      const folio = folioWalkStart(fw, vma, twoMiB + 5n * page + 123n)!;
      const entry = mm.entryFor(twoMiB + 5n * page)!;
      expect(folio.pfn).toBe(entry.pfn);
      expect([fw.level, fw.page!.pfn, fw.page!.folio === folio]).toEqual([FW_LEVEL_PTE, folio.pfn, true]);
      expect([fw.ptep!.pa, fw.pte, fw.pmdp, fw.pudp]).toEqual([entry.pa, entry.get(), null, null]);
      expect(fw.vma).toBe(vma);
      expect(lockOf(entry.pa).isLocked).toBe(true);
      expect(fw.ptl).toBe(lockOf(entry.pa));
      folioWalkEnd(fw, vma);
      expect(lockOf(entry.pa).isLocked).toBe(false);
    },
  );

  test("finds the exact page of a huge one, not the folio's first", () => {
    const { mm, vma, fw, lockOf } = world(sv48, huge);
    handleFault(mm, twoMiB, "store");
    const folio = folioWalkStart(fw, vma, twoMiB + 77n * page)!;
    expect([folio.order, fw.level, fw.page!.pfn]).toEqual([9, FW_LEVEL_PMD, folio.pfn + 77]);
    expect([fw.pmd, fw.ptep]).toEqual([fw.pmdp!.get(), null]);
    expect(lockOf(fw.pmdp!.pa).isLocked).toBe(true);
    folioWalkEnd(fw, vma);
    expect(lockOf(fw.pmdp!.pa).isLocked).toBe(false);
  });

  test("finds a page of a PUD leaf and of a 64 KiB one", () => {
    const { mm, vma, fw, map, memory } = world(sv39);
    const folio = memory.allocateFolio(4)!;
    for (let i = 0; i < 16; i++) map(twoMiB + BigInt(i) * page, leaf("vrwuad", folio.pfn + 8, { n: 1 }));
    expect(folioWalkStart(fw, vma, twoMiB + 3n * page)).toBe(folio);
    expect(fw.page!.pfn).toBe(folio.pfn + 3);
    folioWalkEnd(fw, vma);
    const wide = mm.addVma({ start: oneGiB, end: 2n * oneGiB, flags: readWrite });
    map(oneGiB, leaf("vrwuad", 0x80000), 2);
    const first = memory.pageOf(folio.pfn)!;
    expect(folioWalkStart(fw, wide, oneGiB + BigInt(folio.pfn - 0x80000) * page)).toBe(folio);
    expect([fw.level, fw.page === first, fw.pud]).toEqual([FW_LEVEL_PUD, true, fw.pudp!.get()]);
    folioWalkEnd(fw, wide);
  });

  test("needs the mmap lock, for read or write", () => {
    const { mm, vma, fw } = world();
    handleFault(mm, twoMiB, "store");
    mm.mmapLock.unlockRead();
    expect(() => folioWalkStart(fw, vma, twoMiB)).toThrow(LockError);
    mm.mmapLock.lockWrite();
    expect(folioWalkStart(fw, vma, twoMiB)).not.toBeNull();
    folioWalkEnd(fw, vma);
  });

  test("answers null, with a warning, outside the VMA", () => {
    const { mm, vma, fw } = world();
    expect(folioWalkStart(fw, vma, vma.vmStart - 1n)).toBeNull();
    expect(folioWalkStart(fw, vma, vma.vmEnd)).toBeNull();
    expect(mm.warnings).toHaveLength(2);
    expect(mm.warnings[0]).toMatch(/0x1fffff is outside the VMA at 0x200000/);
  });

  test("answers null with nothing held where nothing is mapped, at every level", () => {
    const { mm, vma, fw, lockOf, map } = world(sv48);
    expect(folioWalkStart(fw, vma, twoMiB)).toBeNull();
    const pmd = map(twoMiB, 0n, 1);
    expect(folioWalkStart(fw, vma, twoMiB)).toBeNull();
    const pte = map(twoMiB, 0n);
    expect(folioWalkStart(fw, vma, twoMiB)).toBeNull();
    expect([lockOf(pmd.pa).isLocked, lockOf(pte.pa).isLocked]).toEqual([false, false]);
    expect(mm.warnings).toEqual([]);
  });

  test("returns the zero page only with FW_ZEROPAGE, and then without a page", () => {
    const { mm, vma, fw, lockOf, memory } = world();
    handleFault(mm, twoMiB, "load");
    const { pa } = mm.entryFor(twoMiB)!;
    expect(folioWalkStart(fw, vma, twoMiB)).toBeNull();
    expect(folioWalkStart(fw, vma, twoMiB, FW_MIGRATION)).toBeNull();
    expect(lockOf(pa).isLocked).toBe(false);
    expect(folioWalkStart(fw, vma, twoMiB, FW_ZEROPAGE)).toBe(memory.zeroFolio());
    expect([fw.page, fw.level, lockOf(pa).isLocked]).toEqual([null, FW_LEVEL_PTE, true]);
    folioWalkEnd(fw, vma);
  });

  test("returns the huge zero page likewise, at PMD", () => {
    const { mm, vma, fw, memory } = world(sv39, huge);
    handleFault(mm, twoMiB, "load");
    expect(folioWalkStart(fw, vma, twoMiB + page)).toBeNull();
    expect(folioWalkStart(fw, vma, twoMiB + page, FW_ZEROPAGE)).toBe(memory.hugeZeroFolio());
    expect([fw.page, fw.level]).toEqual([null, FW_LEVEL_PMD]);
    folioWalkEnd(fw, vma);
  });

  test("returns the folio of a migration entry only with FW_MIGRATION, and then without a page", () => {
    for (const level of [0, 1]) {
      const { vma, fw, map, memory } = world();
      const folio = memory.allocateFolio(level * 9)!;
      map(twoMiB, migration(folio.pfn), level);
      expect(folioWalkStart(fw, vma, twoMiB)).toBeNull();
      expect(folioWalkStart(fw, vma, twoMiB, FW_ZEROPAGE)).toBeNull();
      expect(folioWalkStart(fw, vma, twoMiB, FW_MIGRATION)).toBe(folio);
      expect([fw.page, fw.level]).toEqual([null, level]);
      folioWalkEnd(fw, vma);
    }
  });

  test("never returns what has no struct page: swap entries, special entries, PFN maps, devices", () => {
    const { mm, vma, fw, map, memory } = world();
    const folio = memory.allocateFolio()!;
    const flags = FW_MIGRATION | FW_ZEROPAGE;
    map(twoMiB, makeSoftEntry({ type: 0, offset: folio.pfn }));
    expect(folioWalkStart(fw, vma, twoMiB, flags)).toBeNull();
    map(twoMiB, leaf("vrwuad", folio.pfn, { rsw: rswSpecial }));
    expect(folioWalkStart(fw, vma, twoMiB, flags)).toBeNull();
    map(twoMiB, leaf("vrwuad", 0x10000));
    expect(folioWalkStart(fw, vma, twoMiB, flags)).toBeNull();
    const device = mm.addVma({
      start: oneGiB,
      end: oneGiB + page,
      flags: vmFlag.VM_READ | vmFlag.VM_SHARED | vmFlag.VM_PFNMAP,
    });
    map(oneGiB, leaf("vruad", folio.pfn));
    expect(folioWalkStart(fw, device, oneGiB, flags)).toBeNull();
  });

  test("goes down when a leaf PMD has become a table by the time it is locked", () => {
    const { mm, vma, fw, map, memory } = world();
    const folio = memory.allocateFolio()!;
    const pmd = map(twoMiB, leaf("vrwuad", 0x80200), 1);
    const table = mm.allocateTable()!;
    memory.memory.store(table, 8, leaf("vrwuad", folio.pfn));
    const real = mm.pageTableLock.bind(mm);
    mm.pageTableLock = (at) => {
      const made = real(at);
      if (at !== pmd.pa - (pmd.pa % 4096)) return made;
      return Object.assign(Object.create(made), {
        lock: () => {
          made.lock();
          pmd.set(makePte({ v: 1, ppn: table / 4096 }));
        },
        unlock: () => made.unlock(),
      });
    };
    expect(folioWalkStart(fw, vma, twoMiB)).toBe(folio);
    expect(fw.level).toBe(FW_LEVEL_PTE);
    expect(real(pmd.pa - (pmd.pa % 4096)).isLocked).toBe(false);
    folioWalkEnd(fw, vma);
  });

  test("answers null when the PTE's table has gone by the time it is locked", () => {
    const { mm, vma, fw, lockOf } = world();
    handleFault(mm, twoMiB, "store");
    const pte = mm.entryFor(twoMiB)!;
    const pmd = mm.entryFor(twoMiB, 1)!;
    const real = mm.pageTableLock.bind(mm);
    mm.pageTableLock = (at) => {
      const made = real(at);
      return Object.assign(Object.create(made), {
        lock: () => {
          made.lock();
          pmd.clear();
        },
        unlock: () => made.unlock(),
      });
    };
    expect(folioWalkStart(fw, vma, twoMiB)).toBeNull();
    mm.pageTableLock = real;
    expect(lockOf(pte.pa).isLocked).toBe(false);
  });

  test("holds the lock of a hugetlb VMA as long as the page-table lock", () => {
    const { mm, memory, fw } = world(sv39, readWrite, 16);
    const vma = mm.addVma({ start: oneGiB, end: oneGiB + twoMiB, flags: readWrite, hugePageSize: twoMiB });
    memory.hugetlbPool(twoMiB).fill(1);
    expect(folioWalkStart(fw, vma, oneGiB)).toBeNull();
    expect(vma.hugetlb!.lock.isLocked).toBe(false);
    handleFault(mm, oneGiB, "store");
    const folio = folioWalkStart(fw, vma, oneGiB + 9n * page)!;
    expect([fw.level, fw.page!.pfn - folio.pfn, vma.hugetlb!.lock.isLocked]).toEqual([FW_LEVEL_PMD, 9, true]);
    folioWalkEnd(fw, vma);
    expect(vma.hugetlb!.lock.isLocked).toBe(false);
  });

  test("finds pages of files, and those that were split off a huge one", () => {
    const { mm, fw, vma } = world(sv39, huge);
    const file = new FileMapping("f");
    const area = mm.addVma({ start: oneGiB, end: oneGiB + 4n * page, flags: readWrite, file, pgoff: 3 });
    populate(mm, oneGiB, oneGiB + 4n * page, "load");
    expect(folioWalkStart(fw, area, oneGiB + 2n * page)).toBe(file.pages.get(5));
    folioWalkEnd(fw, area);
    handleFault(mm, twoMiB, "store");
    expect(vma.vmMm).toBe(mm);
  });
});
