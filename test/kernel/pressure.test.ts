import { describe, expect, test } from "vitest";
import {
  adviseFree,
  advisePageOut,
  copyMm,
  exitMm,
  FileMapping,
  faultAnswer,
  faultIn,
  handleFault,
  Mm,
  mprotect,
  readAhead,
  reclaim,
  SwapSpace,
} from "../../src/kernel/index.ts";
import { sv39 } from "../../src/mmu/index.ts";
import { errno, isSwap, softEntryAt, vmFlag } from "../../src/pagewalk/index.ts";
import { adviseGuardInstall } from "../../src/pagewalk/users/index.ts";
import { kernel, page, readWrite, twoMiB } from "../pagewalk/fixture.ts";

const shared = readWrite | vmFlag.VM_SHARED | vmFlag.VM_MAYWRITE;
const huge = readWrite | vmFlag.VM_HUGEPAGE;
const base = 4n * twoMiB;

/** A kernel with swap space, and what the first word of pages is. */
function swapping(slots = 1024, mebibytes = 16) {
  const made = kernel({ mebibytes, swapBytes: slots * 4096 });
  const { mm, physical } = made;
  const put = (addr: bigint, value: bigint) => {
    expect(faultIn(mm, addr, "store")).toBe(faultAnswer.done);
    physical.store(mm.lowestEntry(mm.tables.vpnOf(addr)).pfn * 4096, 8, value);
  };
  const get = (addr: bigint, of = mm) => {
    expect(faultIn(of, addr, "load")).toBe(faultAnswer.done);
    return physical.load(of.lowestEntry(of.tables.vpnOf(addr)).pfn * 4096, 8);
  };
  const pageOut = (start: bigint, end: bigint) => mm.mmapLock.reading(() => advisePageOut(mm, start, end));
  const isOut = (addr: bigint) => isSwap(softEntryAt(mm.entryFor(addr)!));
  return { ...made, put, get, pageOut, isOut };
}

/** A file of bytes, whose pages can be written back unless it is only to be read. */
function fileOf(bytes: Uint8Array, readOnly = false) {
  const source = {
    get size() {
      return bytes.length;
    },
    read: (offset: number, into: Uint8Array) => {
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
    ...(readOnly ? {} : { write: (offset: number, from: Uint8Array) => bytes.set(from, offset) }),
  };
  return new FileMapping("f", source);
}

describe("swap space", () => {
  test("keeps a page as long as anybody names its slot, which is never 0", () => {
    const swap = new SwapSpace(2 * 4096 + 1);
    const one = swap.store(new Uint8Array(4096).fill(1))!;
    const two = swap.store(new Uint8Array(4096).fill(2))!;
    expect([one > 0, two > 0, swap.isFull, swap.store(new Uint8Array(4096))]).toEqual([true, true, true, undefined]);
    swap.share(one);
    swap.release(one);
    const into = new Uint8Array(4096);
    swap.load(one, into);
    expect([into[7], swap.usedSlots]).toEqual([1, 2]);
    swap.release(one);
    expect([swap.usedSlots, swap.store(into)]).toEqual([1, one]);
    expect(() => swap.load(99, into)).toThrow(/slot 99/);
  });

  test("takes a page, gives its frame back, and the next access brings it again", () => {
    const { add, put, get, pageOut, isOut, memory } = swapping();
    add(0n, 4);
    put(0n, 7n);
    const free = memory.frames.freeFrames;
    expect(pageOut(0n, 4n * page)).toBe(0);
    expect([isOut(0n), memory.frames.freeFrames, memory.swap.usedSlots]).toEqual([true, free + 1, 1]);
    expect([get(0n), memory.swap.usedSlots, memory.events.pgmajfault]).toEqual([7n, 0, 1]);
  });

  test("is shared by fork, and given back when nothing names it", () => {
    const { mm, add, put, get, pageOut, memory } = swapping();
    add(0n, 2);
    put(0n, 5n);
    put(page, 6n);
    pageOut(0n, 2n * page);
    const child = new Mm({ name: "child", memory, mode: sv39, asid: 2 });
    copyMm(mm, child);
    expect([get(0n, child), get(0n), memory.swap.usedSlots]).toEqual([5n, 5n, 1]);
    mm.mmapLock.writing(() => adviseFree(mm.vmaAt(page)!, page, 2n * page));
    expect([memory.swap.usedSlots, get(page), get(page, child)]).toEqual([1, 0n, 6n]);
    expect(memory.swap.usedSlots).toBe(0);
  });

  test("and all else is given back by an mm that exits", () => {
    const { mm, add, put, pageOut, memory } = swapping();
    mm.entryFor(0n);
    const free = memory.frames.freeFrames;
    add(0n, 8);
    const text = fileOf(new Uint8Array(4 * 4096));
    add(8n * page, 4, { file: text, flags: shared });
    for (let at = 0n; at < 12n * page; at += page) put(at, 1n);
    pageOut(0n, 2n * page);
    mm.mmapLock.writing(() => mprotect(mm, 2n * page, 3n * page, 0));
    mm.mmapLock.reading(() => adviseGuardInstall(mm, 3n * page, 4n * page));
    add(base, 512, { flags: huge });
    put(base, 1n);
    expect(memory.swap.usedSlots).toBe(2);
    mm.mmapLock.writing(() => exitMm(mm));
    expect([memory.swap.usedSlots, mm.residentPages, mm.tableCount, mm.vmas.size]).toEqual([0, 0, 1, 0]);
    expect([text.pages.size, memory.unmapped.size]).toEqual([4, 4]);
    expect(reclaim(memory, 4)).toBe(4);
    // tables of the first gigabyte that were there before are free as well
    expect(memory.frames.freeFrames).toBe(free + 2);
  });

  test("has a page once that several processes had, and who has not given it up yet shares it", () => {
    const { mm, add, put, get, pageOut, isOut, memory } = swapping();
    add(0n, 1);
    put(0n, 5n);
    const children = [2, 3].map((asid) => {
      const child = new Mm({ name: `child ${asid}`, memory, mode: sv39, asid });
      copyMm(mm, child);
      return child;
    });
    const [one, two] = children;
    const out = (of: Mm) => of.mmapLock.reading(() => advisePageOut(of, 0n, page));
    const free = memory.frames.freeFrames;
    out(one);
    expect([memory.swap.usedSlots, memory.frames.freeFrames]).toEqual([1, free]);
    // it comes back to the page that others have, which is no major fault
    expect([get(0n, one), memory.events.pgmajfault, memory.frames.freeFrames]).toEqual([5n, 0, free]);
    expect([one.entryFor(0n)!.pfn, memory.swap.usedSlots]).toEqual([mm.entryFor(0n)!.pfn, 0]);
    out(one);
    expect(faultIn(one, 0n, "store")).toBe(faultAnswer.done);
    expect(one.entryFor(0n)!.pfn).not.toBe(mm.entryFor(0n)!.pfn);
    copyMm(mm, new Mm({ name: "child 5", memory, mode: sv39, asid: 5 }));
    const stored = memory.events.pswpout;
    out(two);
    out([...memory.mms].at(-1)!);
    expect([memory.swap.usedSlots, memory.events.pswpout - stored]).toEqual([1, 1]);
    // who has it alone may write, and that is not what is in swap space
    put(0n, 6n);
    expect([get(0n), get(0n, two), get(0n, one), memory.swap.usedSlots]).toEqual([6n, 5n, 5n, 1]);
    const last = new Mm({ name: "child 4", memory, mode: sv39, asid: 4 });
    copyMm(mm, last);
    pageOut(0n, page);
    out(last);
    expect([isOut(0n), get(0n, last), get(0n), memory.swap.usedSlots]).toEqual([true, 6n, 6n, 1]);
  });

  test("takes a huge page apart, and leaves one alone that another process has, or where there is no room", () => {
    const { mm, add, put, get, pageOut, isOut, memory } = swapping();
    add(base, 512, { flags: huge });
    put(base, 1n);
    pageOut(base, base + 512n * page);
    expect([isOut(base), isOut(base + page), memory.swap.usedSlots]).toEqual([true, true, 512]);
    expect(get(base)).toBe(1n);
    add(base + twoMiB, 512, { flags: huge });
    put(base + twoMiB, 1n);
    const child = new Mm({ name: "child", memory, mode: sv39, asid: 2 });
    copyMm(mm, child);
    pageOut(base + twoMiB, base + 2n * twoMiB);
    expect(mm.entryFor(base + twoMiB, 1)!.isLeaf).toBe(true);
    expect(pageOut(base + 4n * twoMiB, base + 5n * twoMiB)).toBe(-errno.ENOMEM);
  });

  test("is not for locked memory, and without any nothing goes", () => {
    const { add, put, pageOut, isOut } = swapping(0);
    add(0n, 1);
    put(0n, 1n);
    expect([pageOut(0n, page), isOut(0n)]).toEqual([0, false]);
    add(page, 1, { flags: readWrite | vmFlag.VM_LOCKED });
    expect(pageOut(page, 2n * page)).toBe(-errno.EINVAL);
  });

  test("is read ahead where somebody will want it", () => {
    const { mm, add, put, pageOut, isOut } = swapping();
    const vma = add(0n, 3);
    put(0n, 1n);
    pageOut(0n, page);
    expect(mm.mmapLock.reading(() => readAhead(vma, 0n, 3n * page))).toBe(0);
    expect(isOut(0n)).toBe(false);
  });
});

describe("pages of files", () => {
  test("go when they are paged out, what was written to the file first", () => {
    const bytes = new Uint8Array(2 * 4096);
    const { add, put, get, pageOut, physical, mm } = swapping(0);
    const file = fileOf(bytes);
    add(0n, 2, { file, flags: shared });
    put(0n, 0x41n);
    physical.store(mm.entryFor(0n)!.pfn * 4096, 1, 0x42n);
    expect(pageOut(0n, 2n * page)).toBe(0);
    expect([file.hasPage(0), bytes[0], get(0n)]).toEqual([false, 0x42, 0x42n]);
  });

  test("stay if they were written and cannot be written back, or are memory without a file", () => {
    const { add, put, pageOut } = swapping(0);
    const [readOnly, memory] = [fileOf(new Uint8Array(4096), true), new FileMapping("shm")];
    add(0n, 1, { file: readOnly, flags: shared });
    add(page, 1, { file: memory, flags: shared });
    put(0n, 1n);
    put(page, 1n);
    pageOut(0n, 2n * page);
    expect([readOnly.hasPage(0), memory.hasPage(0)]).toEqual([true, true]);
  });

  test("are read ahead up to the end of the file", () => {
    const { mm, add } = swapping();
    const file = fileOf(new Uint8Array(5000));
    const vma = add(0n, 4, { file });
    mm.mmapLock.reading(() => readAhead(vma, 0n, 4n * page));
    expect([file.hasPage(0), file.hasPage(1), file.hasPage(2)]).toEqual([true, true, false]);
  });
});

describe("MADV_FREE", () => {
  test("lets pages go without swap space, unless they were written to since", () => {
    const { mm, add, put, get, pageOut } = swapping(0);
    const vma = add(0n, 2);
    put(0n, 1n);
    put(page, 2n);
    mm.mmapLock.reading(() => adviseFree(vma, 0n, 2n * page));
    expect([get(0n), get(page)]).toEqual([1n, 2n]);
    expect(faultIn(mm, page, "store")).toBe(faultAnswer.done);
    pageOut(0n, 2n * page);
    expect([get(0n), get(page)]).toEqual([0n, 2n]);
  });

  test("of a whole huge page leaves it huge", () => {
    const { mm, add, put } = swapping();
    const vma = add(base, 512, { flags: huge });
    put(base, 1n);
    mm.mmapLock.reading(() => adviseFree(vma, base, base + twoMiB));
    expect([mm.entryFor(base, 1)!.isLeaf, mm.entryFor(base, 1)!.d]).toEqual([true, false]);
    mm.mmapLock.reading(() => adviseFree(vma, base, base + page));
    expect(mm.entryFor(base, 1)!.isLeaf).toBe(false);
  });
});

describe("memory that is short", () => {
  test("comes from files that nothing maps, then from pages that were not used lately", () => {
    const { add, put, memory, mm, isOut } = swapping();
    const file = fileOf(new Uint8Array(3 * 4096));
    for (const index of [0, 1, 2]) file.folioAt(index, memory);
    expect(reclaim(memory, 3)).toBe(3);
    expect([file.pages.size, memory.mappings.has(file)]).toEqual([0, false]);
    add(0n, 4);
    for (const at of [0n, page, 2n * page]) put(at, 1n);
    mm.entryFor(page)!.setFields({ a: 0 });
    expect(reclaim(memory, 1)).toBe(1);
    expect([isOut(0n), isOut(page), isOut(2n * page)]).toEqual([false, true, false]);
    // all of them are used, or none: then any
    expect(reclaim(memory, 8)).toBe(2);
  });

  test("is found by a fault: programs may have more than there is memory, as long as there is swap space", () => {
    const { add, put, get, memory } = swapping(4096, 1);
    const pages = 600;
    add(0n, pages);
    for (let i = 0; i < pages; i++) put(BigInt(i) * page, BigInt(i + 1));
    for (let i = 0; i < pages; i++) expect(get(BigInt(i) * page)).toBe(BigInt(i + 1));
    expect([memory.swap.usedSlots > 300, memory.events.pgmajfault > 300]).toEqual([true, true]);
  });

  test("costs a few looks for a page, where a program goes round more pages than there is memory for", () => {
    const { mm, add, put, get, memory } = swapping(8192, 4);
    const pages = memory.frames.frames + 100;
    add(0n, pages);
    for (let i = 0; i < pages; i++) put(BigInt(i) * page, BigInt(i + 1));
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < pages; i++) expect(get(BigInt(i) * page)).toBe(BigInt(i + 1));
    }
    const { pgscan, pgsteal, pswpin, pswpout } = memory.events;
    expect(pgsteal).toBeGreaterThan(pages);
    expect([pswpout, pgscan < 3 * pgsteal]).toEqual([pgsteal, true]);
    expect(mm.memory.swap.usedSlots).toBe(pswpout - pswpin);
  });

  test("leaves pages alone that are used again and again", () => {
    const { add, put, get, memory } = swapping(8192, 4);
    const { frames } = memory.frames;
    const [hot, cold] = [frames / 4, frames * 4];
    add(0n, hot);
    add(base, cold);
    for (let i = 0; i < hot; i++) put(BigInt(i) * page, BigInt(i));
    let learned = 0;
    for (let i = 0; i < cold; i++) {
      if (i === 2 * frames) learned = memory.events.pgmajfault;
      put(base + BigInt(i) * page, 1n);
      for (let j = 0; j < 8; j++) get(BigInt((i * 8 + j) % hot) * page);
    }
    const { pgscan, pgsteal, pgmajfault } = memory.events;
    expect(pgsteal).toBeGreaterThan(2 * frames);
    expect([learned < hot, pgmajfault - learned, pgscan < 3 * pgsteal]).toEqual([true, 0, true]);
  });

  test("is not looked for in memory that cannot go, and a program keeps what it takes to run", () => {
    const { mm, add, memory } = swapping(0, 4);
    const file = fileOf(new Uint8Array(400 * 4096), true);
    add(0n, 2000);
    const text = add(base, 400, { file, flags: vmFlag.VM_READ | vmFlag.VM_EXEC });
    const fetch = () => {
      for (let at = text.vmStart; at < text.vmEnd; at += page) {
        expect(faultIn(mm, at, "fetch")).toBe(faultAnswer.done);
      }
    };
    fetch();
    let answer: number = faultAnswer.done;
    let pages = 0;
    for (; answer === faultAnswer.done; pages++) answer = faultIn(mm, BigInt(pages) * page, "store");
    expect([answer, pages > 900, file.pages.size]).toEqual([faultAnswer.noMemory, true, memory.cachedAlways]);
    expect(memory.events.pgscan).toBeLessThan(4 * 400);
    // whoever is killed, its pages are looked at no more
    expect([reclaim(memory, 32), memory.events.pgsteal]).toEqual([0, 400 - memory.cachedAlways]);
  });

  test("is found in what was given up with MADV_FREE, without swap space", () => {
    const { mm, add, put, memory } = swapping(0, 4);
    const vma = add(0n, 500);
    add(base, 2000);
    for (let i = 0; i < 500; i++) put(BigInt(i) * page, 1n);
    mm.mmapLock.reading(() => adviseFree(vma, 0n, 500n * page));
    let pages = 0;
    while (faultIn(mm, base + BigInt(pages) * page, "store") === faultAnswer.done) pages++;
    expect([pages > 900, mm.entryFor(0n)!.isNone]).toEqual([true, true]);
    expect(memory.frames.freeFrames).toBe(0);
  });

  test("and cannot be found is an answer of its own", () => {
    const { mm, add } = swapping(0, 1);
    add(0n, 600);
    let answer: number = faultAnswer.done;
    for (let i = 0; i < 600 && answer === 0; i++) answer = faultIn(mm, BigInt(i) * page, "store");
    expect(answer).toBe(faultAnswer.noMemory);
    expect(mm.mmapLock.isLocked).toBe(false);
  });

  test("is an answer where not even a zero page can be had, and small pages do where there is no huge one", () => {
    const { mm, add, memory } = swapping(0, 1);
    add(base, 512, { flags: huge });
    expect(faultIn(mm, base, "load")).toBe(faultAnswer.done);
    expect([mm.entryFor(base)!.pfn, mm.entryFor(base)!.w]).toEqual([memory.zeroFolio().pfn, false]);
    const other = swapping(0, 1);
    other.add(0n, 1);
    other.mm.entryFor(0n);
    while (other.memory.frames.allocate() !== undefined);
    expect(faultIn(other.mm, 0n, "load")).toBe(faultAnswer.noMemory);
  });

  test("is an answer for each kind of page", () => {
    const { mm, add, put, pageOut, memory } = swapping();
    add(0n, 4);
    add(base, 512, { flags: huge });
    add(16n * page, 1, { file: fileOf(new Uint8Array(4096)) });
    put(0n, 1n);
    put(page, 1n);
    pageOut(0n, page);
    mm.mmapLock.reading(() => handleFault(mm, base, "load"));
    while (memory.frames.allocate() !== undefined);
    for (const [addr, access] of [
      [0n, "load"],
      [2n * page, "store"],
      [16n * page, "load"],
      [base, "store"],
    ] as const) {
      expect(mm.mmapLock.reading(() => handleFault(mm, addr, access))).toBe(faultAnswer.noMemory);
    }
  });
});
