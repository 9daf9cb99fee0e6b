import { describe, expect, test } from "vitest";
import { FileMapping, handleFault, Mm, populate } from "../../../src/kernel/index.ts";
import { sv39 } from "../../../src/mmu/index.ts";
import { errno, guardEntry, makeSoftEntry, rswSoftDirty, swapType, vmFlag } from "../../../src/pagewalk/index.ts";
import {
  adviseCold,
  adviseDontNeed,
  adviseGuardInstall,
  adviseGuardRemove,
  changeProtection,
  cleanMapping,
  clearRefs,
  countPages,
  formatSmaps,
  idlePages,
  markIdle,
  mincore,
  pagemapBit,
  readPagemap,
  readSmaps,
  setMemoryNx,
  setMemoryRo,
  setMemoryRw,
  setMemoryX,
  writeProtectMapping,
} from "../../../src/pagewalk/users/index.ts";
import { kernel, leaf, page, readWrite, twoMiB } from "../fixture.ts";

const shared = readWrite | vmFlag.VM_SHARED;
const huge = readWrite | vmFlag.VM_HUGEPAGE;
const base = 4n * twoMiB;

describe("smaps", () => {
  test("counts resident, dirty, referenced, anonymous, huge, swapped and hugetlb memory", () => {
    const { mm, add, map, memory } = kernel();
    add(base, 512 * 2, { flags: huge });
    add(base + 4n * twoMiB, 512, { hugePageSize: twoMiB });
    memory.hugetlbPool(twoMiB).fill(1);
    handleFault(mm, base, "store");
    handleFault(mm, base + 4n * twoMiB, "store");
    const small = add(0n, 16);
    populate(mm, 0n, 2n * page);
    handleFault(mm, 2n * page, "load");
    map(3n * page, makeSoftEntry({ type: 0, offset: 1 }));
    map(4n * page, makeSoftEntry({ type: swapType.migrationRead, offset: 0x80000 }));
    const entry = mm.entryFor(page)!;
    entry.setFields({ a: 0 });
    mm.mmapLock.lockRead();
    const [first, second, third] = readSmaps(mm);
    expect(first.vma).toBe(small);
    expect([first.size, first.rss, first.privateDirty, first.referenced, first.anonymous, first.swap]).toEqual([
      65536, 12288, 8192, 4096, 8192, 4096,
    ]);
    expect([second.rss, second.anonHugePages, second.pss]).toEqual([2097152, 2097152, 2097152]);
    expect([third.rss, third.privateHugetlb]).toEqual([0, 2097152]);
    expect(mm.entryFor(base, 1)!.isLeaf).toBe(true);
    const text = formatSmaps(first);
    expect(text).toContain("00000000-00010000 rw-p 00000000");
    expect(text).toContain("Rss:                  12 kB");
  });

  test("shares what several mms map", () => {
    const { mm, add, memory } = kernel();
    const file = new FileMapping("f");
    add(0n, 2, { flags: shared, file });
    const other = new Mm({ name: "mm 2", memory, mode: sv39, asid: 2 });
    other.addVma({ start: 0n, end: page, flags: shared, file });
    populate(mm, 0n, 2n * page, "load");
    handleFault(other, 0n, "load");
    mm.mmapLock.lockRead();
    const [smaps] = readSmaps(mm);
    expect([smaps.rss, smaps.pss, smaps.sharedClean, smaps.privateClean]).toEqual([8192, 6144, 4096, 4096]);
  });
});

describe("pagemap", () => {
  test("gives a word a page: frame, present, file, soft-dirty, swap", () => {
    const { mm, add, map } = kernel();
    const file = new FileMapping("f");
    add(0n, 4);
    add(4n * page, 1, { file, flags: shared });
    handleFault(mm, 0n, "store");
    map(page, makeSoftEntry({ type: 2, offset: 9 }));
    handleFault(mm, 4n * page, "load");
    mm.mmapLock.lockRead();
    const words = readPagemap(mm, 0n, 8n * page);
    const frame = (va: bigint) => BigInt(mm.entryFor(va)!.pfn);
    expect([...words]).toEqual([
      pagemapBit.present | pagemapBit.softDirty | pagemapBit.exclusive | frame(0n),
      pagemapBit.swap | (9n << 5n) | 2n,
      0n,
      0n,
      pagemapBit.present | pagemapBit.file | pagemapBit.exclusive | frame(4n * page),
      0n,
      0n,
      0n,
    ]);
  });

  test("gives each page of a huge one its own frame, unsplit", () => {
    const { mm, add, memory } = kernel();
    add(base, 512, { flags: huge });
    handleFault(mm, base, "store");
    add(base + twoMiB, 16, { hugePageSize: 65536n });
    memory.hugetlbPool(65536n).fill(1);
    handleFault(mm, base + twoMiB, "store");
    mm.mmapLock.lockRead();
    const words = readPagemap(mm, base + 5n * page, base + 7n * page);
    const { pfn } = mm.entryFor(base, 1)!;
    expect([...words].map((word) => Number(word & 0xff_ffffn))).toEqual([pfn + 5, pfn + 6]);
    const napot = readPagemap(mm, base + twoMiB, base + twoMiB + 2n * page);
    const first = mm.entryFor(base + twoMiB)!.pfn;
    expect([...napot].map((word) => Number(word & 0xff_ffffn))).toEqual([first, first + 1]);
  });
});

describe("clear_refs and idle tracking", () => {
  test("clears A of all, of anonymous or of file pages, and what reclaim knew", () => {
    const { mm, add } = kernel();
    const file = new FileMapping("f");
    add(0n, 1);
    add(page, 1, { file, flags: shared });
    populate(mm, 0n, page);
    handleFault(mm, page, "load");
    const used = () => [0n, page].map((va) => mm.entryFor(va)!.a);
    mm.mmapLock.lockWrite();
    clearRefs(mm, 3);
    expect(used()).toEqual([true, false]);
    clearRefs(mm, 2);
    expect(used()).toEqual([false, false]);
    mm.entryFor(0n)!.setFields({ a: 1 });
    clearRefs(mm, 1);
    expect(used()).toEqual([false, false]);
  });

  test("soft-dirty bits go, and come back with the next write", () => {
    const { mm, add } = kernel();
    add(0n, 1);
    handleFault(mm, 0n, "store");
    const entry = mm.entryFor(0n)!;
    mm.mmapLock.lockWrite();
    clearRefs(mm, 4);
    expect([entry.rsw & rswSoftDirty, entry.w]).toEqual([0, false]);
    handleFault(mm, 0n, "store");
    expect([entry.rsw & rswSoftDirty, entry.w]).toEqual([rswSoftDirty, true]);
  });

  test("pages that were not used since they were marked are idle, huge ones unsplit", () => {
    const { mm, add } = kernel();
    add(base, 1024, { flags: huge });
    add(0n, 2);
    populate(mm, 0n, 2n * page);
    populate(mm, base, base + 2n * twoMiB);
    mm.mmapLock.lockWrite();
    expect(markIdle(mm, 0n, base + 2n * twoMiB)).toBe(0);
    mm.entryFor(page)!.setFields({ a: 1 });
    mm.entryFor(base, 1)!.setFields({ a: 1 });
    expect(idlePages(mm, 0n, base + 2n * twoMiB)).toEqual([0n, base + twoMiB]);
    expect(mm.memory.pageOf(mm.entryFor(0n)!.pfn)!.folio.young).toBe(true);
  });
});

describe("mincore", () => {
  test("says which pages are in memory, those of the page cache too", () => {
    const { mm, add, map } = kernel();
    const file = new FileMapping("f");
    add(0n, 4);
    add(4n * page, 4, { file, flags: shared, pgoff: 2 });
    handleFault(mm, page, "store");
    map(2n * page, makeSoftEntry({ type: 0, offset: 9 }));
    map(3n * page, makeSoftEntry({ type: swapType.migrationRead, offset: 0x80000 }));
    handleFault(mm, 5n * page, "load");
    file.pages.set(2, file.pages.get(3)!);
    mm.mmapLock.lockRead();
    expect(mincore(mm, 0n, 8n * page)).toEqual(new Uint8Array([0, 1, 0, 1, 1, 1, 0, 0]));
  });

  test("fails where nothing is mapped", () => {
    const { mm, add } = kernel();
    add(0n, 1);
    mm.mmapLock.lockRead();
    expect(mincore(mm, 0n, 2n * page)).toBe(-errno.ENOMEM);
  });
});

describe("madvise", () => {
  test("COLD forgets use, and splits only what it covers in part", () => {
    const { mm, add } = kernel();
    add(base, 1024, { flags: huge });
    populate(mm, base, base + 2n * twoMiB);
    mm.mmapLock.lockRead();
    expect(adviseCold(mm, base, base + twoMiB + page)).toBe(0);
    expect([mm.entryFor(base, 1)!.isLeaf, mm.entryFor(base, 1)!.a]).toEqual([true, false]);
    expect([mm.entryFor(base + twoMiB)!.a, mm.entryFor(base + twoMiB + page)!.a]).toEqual([false, true]);
    expect(adviseCold(mm, 0n, page)).toBe(-errno.ENOMEM);
  });

  test("DONTNEED drops pages and gives them back, huge ones whole or split", () => {
    const { mm, add, memory } = kernel();
    add(base, 1024, { flags: huge });
    const free = memory.frames.freeFrames;
    populate(mm, base, base + twoMiB);
    mm.mmapLock.lockRead();
    expect(adviseDontNeed(mm, base, base + twoMiB)).toBe(0);
    expect(mm.entryFor(base, 1)!.isNone).toBe(true);
    // All but the table of level 1.
    expect(memory.frames.freeFrames).toBe(free - 1);
    populate(mm, base, base + twoMiB);
    expect(adviseDontNeed(mm, base + page, base + twoMiB)).toBe(0);
    expect([mm.entryFor(base)!.isLeaf, mm.entryFor(base + page)!.isNone]).toEqual([true, true]);
    const folio = memory.pageOf(mm.entryFor(base)!.pfn)!.folio;
    expect([folio.mapCount, folio.refCount]).toEqual([1, 1]);
  });

  test("GUARD_INSTALL puts guards over anything, REMOVE takes them away and nothing else", () => {
    const { mm, add } = kernel();
    add(base, 1024, { flags: huge });
    handleFault(mm, base, "store");
    mm.mmapLock.lockRead();
    expect(adviseGuardInstall(mm, base, base + 2n * page)).toBe(0);
    expect(adviseGuardInstall(mm, base, base + page)).toBe(0);
    expect(mm.entryFor(base)!.get()).toBe(guardEntry);
    expect(handleFault(mm, base, "load")).toBe(-errno.EFAULT);
    expect(mm.entryFor(base + 2n * page)!.isLeaf).toBe(true);
    expect(adviseGuardInstall(mm, base + twoMiB, base + twoMiB + page)).toBe(0);
    expect(mm.entryFor(base + twoMiB)!.get()).toBe(guardEntry);
    expect(adviseGuardRemove(mm, base, base + 2n * twoMiB)).toBe(0);
    expect([mm.entryFor(base)!.isNone, mm.entryFor(base + 2n * page)!.isLeaf]).toEqual([true, true]);
    expect(handleFault(mm, base, "store")).toBe(0);
    expect(adviseGuardInstall(mm, 0n, page)).toBe(-errno.ENOMEM);
  });

  test("guards cannot be put into hugetlb, PFN-mapped and locked VMAs", () => {
    const { mm, add } = kernel();
    add(base, 512, { hugePageSize: twoMiB });
    add(0n, 1, { flags: readWrite | vmFlag.VM_PFNMAP });
    add(page, 1, { flags: readWrite | vmFlag.VM_LOCKED });
    mm.mmapLock.lockRead();
    for (const at of [base, 0n, page]) expect(adviseGuardInstall(mm, at, at + page)).toBe(-errno.EINVAL);
  });

  test("GUARD_INSTALL answers -ENOMEM when a table cannot be had", () => {
    const { mm, add, memory } = kernel();
    add(0n, 1);
    memory.tableLimit = 0;
    mm.mmapLock.lockRead();
    expect(adviseGuardInstall(mm, 0n, page)).toBe(-errno.ENOMEM);
  });
});

describe("mprotect", () => {
  test("takes permissions away and gives back what needs no fault, huge ones whole", () => {
    const { mm, add } = kernel();
    const vma = add(base, 512, { flags: huge });
    handleFault(mm, base, "store");
    const entry = mm.entryFor(base, 1)!;
    mm.mmapLock.lockWrite();
    expect(changeProtection(vma, base, base + twoMiB, { r: true, w: false, x: true })).toBe(0);
    expect([entry.r, entry.w, entry.x]).toEqual([true, false, true]);
    changeProtection(vma, base, base + twoMiB, { r: true, w: true, x: false });
    expect([entry.r, entry.w, entry.x]).toEqual([true, true, false]);
    changeProtection(vma, base, base + page, { r: true, w: false, x: false });
    expect([mm.entryFor(base)!.w, mm.entryFor(base + page)!.w]).toEqual([false, true]);
  });

  test("PROT_NONE keeps the page, which nobody can access, and comes back from it", () => {
    const { mm, add } = kernel();
    const vma = add(0n, 1);
    handleFault(mm, 0n, "store");
    const entry = mm.entryFor(0n)!;
    const { pfn } = entry;
    const before = entry.get();
    mm.mmapLock.lockWrite();
    changeProtection(vma, 0n, page, { r: false, w: false, x: false });
    expect([entry.isPresent, entry.isNone]).toEqual([false, false]);
    changeProtection(vma, 0n, page, { r: true, w: true, x: false });
    expect([entry.get() === before, entry.pfn === pfn]).toEqual([true, true]);
  });

  test("does not let a page be written that must be copied first", () => {
    const { mm, add, memory } = kernel();
    const vma = add(0n, 1);
    handleFault(mm, 0n, "load");
    mm.mmapLock.lockWrite();
    changeProtection(vma, 0n, page, { r: true, w: true, x: false });
    expect(mm.entryFor(0n)!.w).toBe(false);
    expect(mm.entryFor(0n)!.pfn).toBe(memory.zeroFolio().pfn);
  });
});

describe("shared mappings of a file", () => {
  function mapped() {
    const made = kernel();
    const file = new FileMapping("f");
    const other = new Mm({ name: "mm 2", memory: made.memory, mode: sv39, asid: 2 });
    made.add(0n, 4, { file, flags: readWrite });
    made.add(0x10000n, 4, { file, flags: shared, pgoff: 0 });
    other.addVma({ start: 0x20000n, end: 0x24000n, flags: shared, file, pgoff: 2 });
    populate(made.mm, 0n, 4n * page, "load");
    populate(made.mm, 0x10000n, 0x12000n, "store");
    populate(other, 0x20000n, 0x21000n, "store");
    file.iMmapLock.lockRead();
    return { ...made, file, other };
  }

  test("are cleaned, and which pages were dirty is known; private mappings are left alone", () => {
    const { mm, file, other } = mapped();
    mm.entryFor(0n)!.setFields({ d: 1 });
    const result = cleanMapping(file, 1, 8);
    if (typeof result === "number") throw new Error(`${result}`);
    expect([[...result.dirty].sort(), result.entries, result.vmas]).toEqual([[1, 2], 2, 2]);
    expect([mm.entryFor(0x10000n)!.d, mm.entryFor(0x11000n)!.d, other.entryFor(0x20000n)!.d]).toEqual([
      true,
      false,
      false,
    ]);
    expect(mm.entryFor(0n)!.d).toBe(true);
    expect(cleanMapping(file, 1, 8)).toMatchObject({ entries: 0, vmas: 0 });
  });

  test("are write-protected in every mm", () => {
    const { mm, file, other } = mapped();
    expect(writeProtectMapping(file, 0, 8)).toMatchObject({ entries: 3, vmas: 2 });
    expect([mm.entryFor(0x10000n)!.w, other.entryFor(0x20000n)!.w]).toEqual([false, false]);
    expect(cleanMapping(file, 0, 0)).toBe(-errno.EINVAL);
  });
});

describe("set_memory", () => {
  const kernelBase = (1n << 64n) - (1n << 30n);
  test("changes whole leaves in place and splits what it covers in part, down to one page", () => {
    const { mm, map } = kernel();
    const whole = map(kernelBase, leaf("vrwadg", 0x80000), 2);
    mm.mmapLock.lockRead();
    expect(setMemoryRo(kernelBase, 2 ** 18, mm)).toBe(0);
    expect([whole.isLeaf, whole.w]).toEqual([true, false]);
    expect(setMemoryX(kernelBase + twoMiB + page, 1, mm)).toBe(0);
    expect([mm.entryFor(kernelBase, 1)!.isLeaf, mm.entryFor(kernelBase, 1)!.x]).toEqual([true, false]);
    expect(mm.entryFor(kernelBase + twoMiB + page)!.get()).toBe(leaf("vrxadg", 0x80201));
    expect(mm.entryFor(kernelBase + twoMiB)!.x).toBe(false);
    expect(setMemoryNx(kernelBase + twoMiB + page, 1, mm)).toBe(0);
    expect(setMemoryRw(kernelBase + twoMiB + page, 1, mm)).toBe(0);
    expect(mm.entryFor(kernelBase + twoMiB + page)!.get()).toBe(leaf("vrwadg", 0x80201));
  });

  test("fails on holes, and without memory for a table", () => {
    const { mm, map, memory } = kernel();
    map(kernelBase, leaf("vrwadg", 0x80000), 2);
    mm.mmapLock.lockRead();
    expect(setMemoryRo(0n, 1, mm)).toBe(-errno.EINVAL);
    memory.tableLimit = 0;
    expect(setMemoryRo(kernelBase, 1, mm)).toBe(-errno.ENOMEM);
    expect(setMemoryRo(kernelBase, 0, mm)).toBe(-errno.EINVAL);
  });
});

test("pages are counted by folio and by node", () => {
  const { mm, add, memory } = kernel();
  add(0n, 4);
  add(base, 512, { flags: huge });
  populate(mm, 0n, 2n * page);
  handleFault(mm, 3n * page, "load");
  handleFault(mm, base, "store");
  mm.mmapLock.lockRead();
  const border = mm.entryFor(base, 1)!.pfn + 100;
  const count = countPages(mm, 0n, base + twoMiB, (pfn) => Number(pfn >= border));
  expect(count.pages).toBe(514);
  expect([...count.byFolio.values()].sort((a, b) => a - b)).toEqual([1, 1, 512]);
  expect([...count.byFolio.keys()][2]).toBe(memory.pageOf(border)!.folio);
  expect([...count.byNode.values()].reduce((sum, pages) => sum + pages)).toBe(514);
});
