import { describe, expect, test } from "vitest";
import {
  changeVmaFlags,
  collapse,
  copyMm,
  expandStack,
  FileMapping,
  faultAnswer,
  faultIn,
  handleFault,
  Mm,
  mergeVmas,
  movePages,
  mprotect,
  populate,
  unmapRange,
} from "../../src/kernel/index.ts";
import { sv39 } from "../../src/mmu/index.ts";
import { errno, vmFlag } from "../../src/pagewalk/index.ts";
import { adviseGuardInstall, adviseGuardRemove } from "../../src/pagewalk/users/index.ts";
import { kernel, page, readWrite, twoMiB } from "../pagewalk/fixture.ts";

const huge = readWrite | vmFlag.VM_HUGEPAGE;
const shared = readWrite | vmFlag.VM_SHARED;
const base = 4n * twoMiB;
const growing = readWrite | vmFlag.VM_GROWSDOWN;

describe("VMAs", () => {
  test("join where they differ in nothing but their range", () => {
    const { mm, add } = kernel();
    const file = new FileMapping("f");
    add(0n, 1);
    add(page, 1);
    add(2n * page, 1, { flags: vmFlag.VM_READ });
    add(3n * page, 1, { file, flags: shared, pgoff: 4 });
    add(4n * page, 1, { file, flags: shared, pgoff: 5 });
    add(5n * page, 1, { file, flags: shared, pgoff: 9 });
    add(8n * page, 1);
    mm.mmapLock.writing(() => mergeVmas(mm, 0n, 16n * page));
    expect([...mm.vmas].map(({ vmStart, vmEnd }) => Number((vmEnd - vmStart) / page))).toEqual([2, 1, 2, 1, 1]);
    expect([...file.vmasMapping(5, 5)]).toEqual([mm.vmaAt(3n * page)]);
    expect(mm.lastBefore(0n)).toBeNull();
    expect(mm.lastBefore(100n * page)).toBe(mm.vmaAt(8n * page));
  });

  test("with names of their own, and huge pages, stay apart", () => {
    const { mm, add } = kernel();
    add(0n, 1, { anonName: "heap" });
    add(page, 1);
    add(base, 512, { hugePageSize: twoMiB });
    add(base + twoMiB, 512, { hugePageSize: twoMiB });
    mm.mmapLock.writing(() => mergeVmas(mm, 0n, base + 2n * twoMiB));
    expect(mm.vmas.size).toBe(4);
  });

  test("change their flags in a part, and join again when it is as before", () => {
    const { mm, add } = kernel();
    add(0n, 4);
    const change = (set: number, clear: number) =>
      mm.mmapLock.writing(() => changeVmaFlags(mm, page, 2n * page, set, clear));
    change(vmFlag.VM_DONTCOPY, 0);
    expect(mm.vmas.size).toBe(3);
    change(0, vmFlag.VM_DONTCOPY);
    expect(mm.vmas.size).toBe(1);
  });

  test("of files that may not be written never become writable", () => {
    const { mm, add } = kernel();
    add(0n, 1, { flags: vmFlag.VM_READ | vmFlag.VM_MAYREAD });
    expect(mm.mmapLock.writing(() => mprotect(mm, 0n, page, 3))).toBe(-errno.EPERM);
  });

  test("of huge pages do not end in the middle of one", () => {
    const { mm, add } = kernel();
    add(base, 1024, { hugePageSize: twoMiB });
    expect(mm.mmapLock.writing(() => unmapRange(mm, base, base + page))).toBe(-errno.EINVAL);
    expect(mm.mmapLock.writing(() => mprotect(mm, base + page, base + twoMiB, 1))).toBe(-errno.EINVAL);
  });
});

describe("a stack", () => {
  test("grows to where it is touched, up to its limit", () => {
    const { mm, add } = kernel();
    const vma = add(base, 1, { flags: growing });
    expect(faultIn(mm, base - 5n * page, "store")).toBe(faultAnswer.done);
    expect(vma.vmStart).toBe(base - 5n * page);
    mm.stackLimit = 8 * 4096;
    expect(faultIn(mm, base - 7n * page, "store")).toBe(faultAnswer.done);
    expect(faultIn(mm, base - 8n * page, "store")).toBe(faultAnswer.noMapping);
    expect(expandStack(mm, base - 1n)).toBe(true);
  });

  test("keeps its distance from what lies below, but for guards and other stacks", () => {
    const { mm, add } = kernel();
    add(base - 300n * page, 1);
    add(base, 1, { flags: growing });
    expect(faultIn(mm, base - 40n * page, "store")).toBe(faultAnswer.done);
    expect(faultIn(mm, base - 60n * page, "store")).toBe(faultAnswer.noMapping);
    add(base - 80n * page, 1, { flags: vmFlag.VM_MAYREAD });
    expect(faultIn(mm, base - 60n * page, "store")).toBe(faultAnswer.done);
    expect(expandStack(mm, 0n)).toBe(false);
  });
});

describe("moving pages", () => {
  test("takes them along with what they hold, swap entries and all", () => {
    const { mm, add } = kernel();
    const vma = add(0n, 4);
    mm.mmapLock.writing(() => populate(mm, page, 2n * page));
    const { pfn } = mm.entryFor(page)!;
    add(base, 4);
    expect(mm.mmapLock.writing(() => movePages(vma, 0n, 4n * page, base))).toBe(0);
    expect([mm.entryFor(page)!.isNone, mm.entryFor(base + page)!.pfn]).toEqual([true, pfn]);
  });

  test("moves a huge page as a whole where one may be, and splits it elsewhere", () => {
    const { mm, add } = kernel();
    const vma = add(base, 512, { flags: huge });
    mm.mmapLock.writing(() => populate(mm, base, base + twoMiB));
    const to = base + 4n * twoMiB;
    const moved = add(to, 512, { flags: huge });
    mm.mmapLock.writing(() => movePages(vma, base, base + twoMiB, to));
    expect(mm.entryFor(to, 1)!.isLeaf).toBe(true);
    const odd = base + 8n * twoMiB + page;
    add(odd, 512);
    mm.mmapLock.writing(() => movePages(moved, to, to + twoMiB, odd));
    expect([mm.entryFor(odd)!.isLeaf, mm.entryFor(odd + 511n * page)!.isLeaf]).toEqual([true, true]);
  });

  test("needs memory for tables", () => {
    const { mm, add, memory } = kernel();
    const vma = add(0n, 1);
    mm.mmapLock.writing(() => populate(mm, 0n, page));
    memory.tableLimit = 0;
    expect(mm.mmapLock.writing(() => movePages(vma, 0n, page, 1n << 30n))).toBe(-errno.ENOMEM);
  });
});

describe("collapsing", () => {
  test("makes a huge page of small ones with what they hold", () => {
    const { mm, add, physical, memory } = kernel();
    const vma = add(base, 1024);
    mm.mmapLock.writing(() => populate(mm, base, base + 3n * page));
    mm.mmapLock.writing(() => populate(mm, base + 5n * page, base + 6n * page, "load"));
    physical.store(mm.entryFor(base + page)!.pfn * 4096, 8, 9n);
    const tables = mm.tableCount;
    expect(mm.mmapLock.reading(() => collapse(vma, base, base + twoMiB))).toBe(0);
    const pmd = mm.entryFor(base, 1)!;
    expect([pmd.isLeaf, physical.load(pmd.pfn * 4096 + 4096, 8), mm.tableCount]).toEqual([true, 9n, tables - 1]);
    expect(memory.folioOf(pmd.pfn)!.mapCount).toBe(512);
    // once more changes nothing; where nothing is yet, there is a huge page afterwards
    expect(mm.mmapLock.reading(() => collapse(vma, base, base + 2n * twoMiB))).toBe(0);
    expect(mm.entryFor(base + twoMiB, 1)!.isLeaf).toBe(true);
  });

  test("makes a mapping one that reclaim looks for pages in", () => {
    const { mm, add } = kernel();
    const vma = add(base, 512);
    expect(vma.hasAnon).toBe(false);
    expect(mm.mmapLock.reading(() => collapse(vma, base, base + twoMiB))).toBe(0);
    expect(vma.hasAnon).toBe(true);
  });

  test("fails where no huge page fits in, for pages that others have, and without memory", () => {
    const { mm, add, memory } = kernel();
    const vma = add(base, 512);
    expect(mm.mmapLock.reading(() => collapse(vma, base + page, base + twoMiB))).toBe(0);
    expect(mm.mmapLock.reading(() => collapse(vma, base + page, base + twoMiB - page))).toBe(-errno.EINVAL);
    mm.mmapLock.reading(() => adviseGuardInstall(mm, base + page, base + 2n * page));
    expect(mm.mmapLock.reading(() => collapse(vma, base, base + twoMiB))).toBe(-errno.EINVAL);
    mm.mmapLock.reading(() => adviseGuardRemove(mm, base + page, base + 2n * page));
    mm.mmapLock.writing(() => populate(mm, base, base + page));
    copyMm(mm, new Mm({ name: "child", memory, mode: sv39, asid: 2 }));
    expect(mm.mmapLock.reading(() => collapse(vma, base, base + twoMiB))).toBe(-errno.EAGAIN);
    while (memory.frames.allocate() !== undefined);
    expect(mm.mmapLock.reading(() => collapse(vma, base, base + twoMiB))).toBe(-errno.ENOMEM);
  });
});

describe("huge pages of a pool", () => {
  const flags = readWrite | vmFlag.VM_ACCOUNT;

  test("that were promised are there, and are for others again when the mapping goes", () => {
    const { mm, add, memory } = kernel();
    const pool = memory.hugetlbPool(twoMiB);
    pool.fill(2);
    expect([pool.reserve(3), pool.reserve(2)]).toEqual([false, true]);
    add(base, 1024, { flags, hugePageSize: twoMiB });
    add(base + 4n * twoMiB, 512, { hugePageSize: twoMiB });
    expect(mm.mmapLock.reading(() => handleFault(mm, base + 4n * twoMiB, "store"))).toBe(faultAnswer.noPage);
    expect(mm.mmapLock.reading(() => handleFault(mm, base, "store"))).toBe(faultAnswer.done);
    expect([pool.reservedPages, pool.freePages]).toEqual([1, 1]);
    mm.mmapLock.writing(() => unmapRange(mm, base, base + 2n * twoMiB));
    expect([pool.reservedPages, pool.freePages, pool.pages]).toEqual([0, 2, 2]);
  });

  test("are copied for the one who writes first after fork, or shared if the mapping is", () => {
    const { mm, add, memory, physical } = kernel({ mebibytes: 32 });
    memory.hugetlbPool(twoMiB).fill(4);
    add(base, 512, { hugePageSize: twoMiB });
    const file = new FileMapping("huge", undefined, 512);
    add(base + twoMiB, 512, { hugePageSize: twoMiB, file, flags: shared });
    const child = new Mm({ name: "child", memory, mode: sv39, asid: 2 });
    const fault = (of: Mm, addr: bigint, access: "load" | "store") =>
      of.mmapLock.reading(() => handleFault(of, addr, access));
    fault(mm, base, "store");
    fault(mm, base + twoMiB, "store");
    physical.store(mm.entryFor(base, 1)!.pfn * 4096, 8, 3n);
    copyMm(mm, child);
    expect([fault(child, base, "store"), fault(child, base + twoMiB, "load")]).toEqual([0, 0]);
    expect(physical.load(child.entryFor(base, 1)!.pfn * 4096, 8)).toBe(3n);
    expect(child.entryFor(base, 1)!.pfn).not.toBe(mm.entryFor(base, 1)!.pfn);
    expect(child.entryFor(base + twoMiB, 1)!.pfn).toBe(mm.entryFor(base + twoMiB, 1)!.pfn);
    expect(fault(child, base + twoMiB, "store")).toBe(0);
    // the last one needs no copy
    expect([fault(mm, base, "store"), fault(mm, base, "load")]).toEqual([0, 0]);
    const other = new Mm({ name: "other", memory, mode: sv39, asid: 3 });
    copyMm(mm, other);
    memory.hugetlbPool(twoMiB).take(false);
    expect(fault(other, base, "store")).toBe(faultAnswer.noPage);
  });
});
