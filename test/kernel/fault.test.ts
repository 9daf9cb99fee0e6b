import { describe, expect, test } from "vitest";
import {
  exitMm,
  FileMapping,
  faultAnswer,
  handleFault,
  Mm,
  mprotect,
  populate,
  unmapRange,
} from "../../src/kernel/index.ts";
import { sv39 } from "../../src/mmu/index.ts";
import { errno, makeSoftEntry, vmFlag } from "../../src/pagewalk/index.ts";
import { mincore, readSmaps } from "../../src/pagewalk/users/index.ts";
import { kernel, leaf, page, readWrite, twoMiB } from "../pagewalk/fixture.ts";

const shared = readWrite | vmFlag.VM_SHARED;
const huge = readWrite | vmFlag.VM_HUGEPAGE;
const base = 4n * twoMiB;

describe("a page fault", () => {
  test("outside VMAs, and against their permissions, is a SIGSEGV", () => {
    const { mm, add } = kernel();
    add(0n, 1, { flags: vmFlag.VM_READ });
    expect(handleFault(mm, page, "load")).toBe(faultAnswer.noMapping);
    expect(handleFault(mm, 0n, "store")).toBe(faultAnswer.noPermission);
    expect(handleFault(mm, 0n, "fetch")).toBe(faultAnswer.noPermission);
    expect(handleFault(mm, 0n, "load")).toBe(0);
  });

  test("maps the zero page for a load, and a page of its own with the first store", () => {
    const { mm, add, memory } = kernel();
    add(0n, 1);
    handleFault(mm, 0n, "load");
    const entry = mm.entryFor(0n)!;
    expect([entry.pfn, entry.w]).toEqual([memory.zeroFolio().pfn, false]);
    handleFault(mm, 0n, "store");
    expect(entry.pfn).not.toBe(memory.zeroFolio().pfn);
    expect([entry.w, entry.d, entry.u]).toEqual([true, true, true]);
  });

  test("maps huge pages where the VMA wants them and has room", () => {
    const { mm, add, memory } = kernel();
    add(base + page, 1023, { flags: huge });
    handleFault(mm, base + page, "store");
    handleFault(mm, base + twoMiB + 5n * page, "store");
    expect(mm.entryFor(base + page)!.isLeaf).toBe(true);
    expect(mm.entryFor(base + twoMiB, 1)!.isLeaf).toBe(true);
    expect(memory.pageOf(mm.entryFor(base + twoMiB, 1)!.pfn)!.folio.mapCount).toBe(512);
  });

  test("splits the huge zero page for a store, and copies one page", () => {
    const { mm, add, memory } = kernel();
    add(base, 512, { flags: huge });
    handleFault(mm, base, "load");
    expect(mm.entryFor(base, 1)!.pfn).toBe(memory.hugeZeroFolio().pfn);
    expect(handleFault(mm, base + page, "store")).toBe(0);
    expect([mm.entryFor(base)!.w, mm.entryFor(base + page)!.w]).toEqual([false, true]);
  });

  test("keeps the huge zero page when a part of it goes, and counts none of it", () => {
    const { mm, add, memory } = kernel();
    add(base, 512, { flags: huge });
    handleFault(mm, base, "load");
    handleFault(mm, base + page, "store");
    const { refCount, mapCount } = memory.hugeZeroFolio();
    mm.mmapLock.lockWrite();
    expect(readSmaps(mm)[0]).toMatchObject({ rss: 4096, anonymous: 4096, privateDirty: 4096, sharedClean: 0 });
    expect(unmapRange(mm, base + 8n * page, base + 16n * page)).toBe(0);
    expect(memory.hugeZeroFolio()).toMatchObject({ refCount, mapCount });
  });

  test("shares the pages of a file, and copies those of a private mapping with the first store", () => {
    const { mm, add, memory, physical } = kernel();
    const file = new FileMapping("f");
    add(0n, 2, { file, flags: shared });
    add(0x10000n, 2, { file });
    handleFault(mm, 0n, "store");
    physical.store(mm.entryFor(0n)!.pfn * 4096, 8, 77n);
    handleFault(mm, 0x10000n, "load");
    expect(mm.entryFor(0x10000n)!.pfn).toBe(mm.entryFor(0n)!.pfn);
    const folio = file.pages.get(0)!;
    expect([folio.mapCount, folio.refCount, folio.dirty]).toEqual([2, 3, true]);
    handleFault(mm, 0x10000n, "store");
    const copy = mm.entryFor(0x10000n)!;
    expect([copy.pfn === folio.pfn, physical.load(copy.pfn * 4096, 8), folio.mapCount]).toEqual([false, 77n, 1]);
    handleFault(mm, 0x11000n, "store");
    expect(memory.pageOf(mm.entryFor(0x11000n)!.pfn)!.folio.isAnon).toBe(true);
    expect(file.pages.get(1)!.mapCount).toBe(0);
  });

  test("copies an anonymous page that another mm maps as well, and reuses it when it is the last", () => {
    const { mm, add, memory } = kernel();
    add(0n, 1);
    handleFault(mm, 0n, "store");
    const entry = mm.entryFor(0n)!;
    const { folio } = memory.pageOf(entry.pfn)!;
    entry.setFields({ w: 0 });
    folio.mapCount++;
    folio.refCount++;
    handleFault(mm, 0n, "store");
    expect(mm.entryFor(0n)!.pfn).not.toBe(folio.pfn);
    expect([folio.mapCount, folio.refCount]).toEqual([1, 1]);
    entry.setFields({ w: 0 });
    const { pfn } = entry;
    handleFault(mm, 0n, "store");
    expect([entry.pfn, entry.w]).toEqual([pfn, true]);
  });

  test("sets A and D where harts do not", () => {
    const { mm, add } = kernel();
    add(0n, 1);
    handleFault(mm, 0n, "store");
    const entry = mm.entryFor(0n)!;
    entry.setFields({ a: 0, d: 0 });
    handleFault(mm, 0n, "load");
    expect([entry.a, entry.d]).toEqual([true, false]);
    handleFault(mm, 0n, "store");
    expect(entry.d).toBe(true);
  });

  test.each([65536n, twoMiB])("takes hugetlb pages of %i bytes from their pool, and gives them back", (size) => {
    const { mm, add, memory } = kernel();
    add(base, Number((size * 2n) / page), { hugePageSize: size });
    const pool = memory.hugetlbPool(size);
    expect(pool.fill(1)).toBe(1);
    expect(handleFault(mm, base + page, "store")).toBe(0);
    expect(handleFault(mm, base + size, "store")).toBe(faultAnswer.noPage);
    expect(pool.freePages).toBe(0);
    mm.mmapLock.lockWrite();
    expect(unmapRange(mm, base, base + 2n * size)).toBe(0);
    expect(pool.freePages).toBe(1);
  });

  test("of memory that is exhausted, or an entry that is busy, is an error", () => {
    const { mm, add, map, memory } = kernel();
    add(0n, 4);
    map(page, makeSoftEntry({ type: 23, offset: 5 }));
    expect(handleFault(mm, page, "load")).toBe(-errno.EBUSY);
    memory.tableLimit = 0;
    const other = mm.addVma({ start: base, end: base + page, flags: readWrite });
    expect(handleFault(mm, other.vmStart, "store")).toBe(-errno.ENOMEM);
    while (memory.frames.allocate() !== undefined);
    expect(handleFault(mm, 0n, "store")).toBe(-errno.ENOMEM);
  });
});

describe("unmapping", () => {
  test("splits VMAs, gives pages back and frees tables that are not needed", () => {
    const { mm, add, memory } = kernel();
    const file = new FileMapping("f");
    add(0n, 8, { file, flags: shared });
    mm.mmapLock.lockWrite();
    populate(mm, 0n, 8n * page, "load");
    expect(unmapRange(mm, 2n * page, 4n * page)).toBe(0);
    expect([...mm.vmas].map((vma) => [vma.vmStart, vma.vmEnd, vma.vmPgoff])).toEqual([
      [0n, 2n * page, 0],
      [4n * page, 8n * page, 4],
    ]);
    expect([...file.vmasMapping(2, 3)]).toEqual([]);
    expect([file.pages.get(2)!.mapCount, file.pages.get(4)!.mapCount]).toEqual([0, 1]);
    const free = memory.frames.freeFrames;
    expect(unmapRange(mm, 0n, 8n * page)).toBe(0);
    // The tables of levels 0 and 1.
    expect(memory.frames.freeFrames).toBe(free + 2);
    expect(unmapRange(mm, 1n, page)).toBe(-errno.EINVAL);
  });

  test("keeps tables that a neighbour needs", () => {
    const { mm, add, map } = kernel();
    add(0n, 1);
    add(twoMiB, 1);
    map(0n, leaf("vruad", 0x10000));
    map(twoMiB, leaf("vruad", 0x10000));
    mm.mmapLock.lockWrite();
    unmapRange(mm, 0n, page);
    expect(mm.entryFor(0n, 1)!.isNone).toBe(true);
    expect(mm.entryFor(twoMiB)!.isLeaf).toBe(true);
  });

  test("an mm that exits leaves nothing but its root", () => {
    const { mm, add, memory } = kernel();
    const free = memory.frames.freeFrames;
    add(0n, 4);
    add(base, 1024, { flags: huge });
    mm.mmapLock.lockWrite();
    populate(mm, 0n, 4n * page);
    populate(mm, base, base + 2n * twoMiB);
    handleFault(mm, base, "store");
    exitMm(mm);
    expect(memory.frames.freeFrames).toBe(free);
    expect(mm.vmas.size).toBe(0);
  });
});

describe("mprotect", () => {
  test("changes VMAs and entries, and refuses what is not mapped", () => {
    const { mm, add } = kernel();
    add(0n, 4);
    populate(mm, 0n, 4n * page);
    mm.mmapLock.lockWrite();
    expect(mprotect(mm, page, 2n * page, vmFlag.VM_READ)).toBe(0);
    expect([...mm.vmas].map((vma) => (vma.vmFlags & vmFlag.VM_WRITE) !== 0)).toEqual([true, false, true]);
    expect([mm.entryFor(0n)!.w, mm.entryFor(page)!.w, mm.entryFor(2n * page)!.w]).toEqual([true, false, true]);
    expect(handleFault(mm, page, "store")).toBe(faultAnswer.noPermission);
    // what lies before the hole has changed
    expect(mprotect(mm, 0n, 5n * page, 1)).toBe(-errno.ENOMEM);
    expect([mm.entryFor(0n)!.w, mm.entryFor(3n * page)!.w]).toEqual([false, false]);
    expect(mprotect(mm, page, page, 1)).toBe(-errno.EINVAL);
  });

  test("to nothing and back again keeps the page, and unmapping gives it back", () => {
    const { mm, add, memory } = kernel();
    const free = memory.frames.freeFrames;
    add(0n, 1);
    handleFault(mm, 0n, "store");
    const { pfn } = mm.entryFor(0n)!;
    mm.mmapLock.lockWrite();
    mprotect(mm, 0n, page, 0);
    expect(handleFault(mm, 0n, "load")).toBe(faultAnswer.noPermission);
    mprotect(mm, 0n, page, vmFlag.VM_READ | vmFlag.VM_WRITE);
    expect([mm.entryFor(0n)!.pfn, mm.entryFor(0n)!.w]).toEqual([pfn, true]);
    mprotect(mm, 0n, page, 0);
    mm.mmapLock.downgrade();
    expect(mincore(mm, 0n, page)).toEqual(new Uint8Array([1]));
    mm.mmapLock.unlockRead();
    mm.mmapLock.lockWrite();
    unmapRange(mm, 0n, page);
    expect(memory.frames.freeFrames).toBe(free);
  });
});

test("satp names the root, the mode and the ASID", () => {
  const { memory } = kernel();
  const mm = new Mm({ name: "m", memory, mode: sv39, asid: 7 });
  expect(mm.satp).toBe((8n << 60n) | (7n << 44n) | BigInt(mm.tables.root / 4096));
});
