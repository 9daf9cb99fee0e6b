import { describe, expect, test } from "vitest";
import {
  copyMm,
  exitMm,
  FileMapping,
  handleFault,
  Mm,
  mprotect,
  populate,
  unmapRange,
} from "../../src/kernel/index.ts";
import { sv39 } from "../../src/mmu/index.ts";
import { errno, guardEntry, splitEntry, vmFlag } from "../../src/pagewalk/index.ts";
import { kernel, page, readWrite, twoMiB } from "../pagewalk/fixture.ts";

const base = 4n * twoMiB;

/** A kernel with a second, empty address space, and what a word at an address is in one of them. */
function parentAndChild() {
  const made = kernel();
  const child = new Mm({ name: "mm 2", memory: made.memory, mode: sv39, asid: 2 });
  const at = (mm: Mm, addr: bigint) => {
    const entry = mm.lowestEntry(mm.tables.vpnOf(addr));
    return (entry.pfn + Number((addr >> 12n) & BigInt(512 ** entry.level - 1))) * 4096;
  };
  const write = (mm: Mm, addr: bigint, value: bigint) => {
    expect(mm.mmapLock.reading(() => handleFault(mm, addr, "store"))).toBe(0);
    made.physical.store(at(mm, addr), 8, value);
  };
  const read = (mm: Mm, addr: bigint) => {
    expect(mm.mmapLock.reading(() => handleFault(mm, addr, "load"))).toBe(0);
    return made.physical.load(at(mm, addr), 8);
  };
  return { ...made, parent: made.mm, child, write, read };
}

describe("fork", () => {
  test("gives both the same pages until one writes", () => {
    const { parent, child, add, write, read, memory } = parentAndChild();
    add(0n, 4);
    write(parent, 0n, 1n);
    write(parent, page, 2n);
    expect(copyMm(parent, child)).toBe(0);
    const shared = parent.entryFor(0n)!.pfn;
    expect([child.entryFor(0n)!.pfn, child.entryFor(0n)!.w, parent.entryFor(0n)!.w]).toEqual([shared, false, false]);
    write(child, 0n, 3n);
    expect([read(parent, 0n), read(child, 0n), read(child, page)]).toEqual([1n, 3n, 2n]);
    write(parent, 0n, 4n);
    // the last one needs no copy
    expect([parent.entryFor(0n)!.pfn, read(child, 0n)]).toEqual([shared, 3n]);
    expect(memory.pageOf(shared)!.folio.mapCount).toBe(1);
  });

  test("gives everything back when both end", () => {
    const { parent, child, add, write, memory } = parentAndChild();
    const free = memory.frames.freeFrames;
    add(0n, 4);
    add(base, 512, { flags: readWrite | vmFlag.VM_HUGEPAGE });
    write(parent, 0n, 1n);
    write(parent, base, 1n);
    copyMm(parent, child);
    write(child, 0n, 2n);
    write(child, base + page, 2n);
    for (const mm of [parent, child]) mm.mmapLock.writing(() => exitMm(mm));
    expect(memory.frames.freeFrames).toBe(free);
  });

  test("shares a huge page as a whole; a write splits it and copies one page", () => {
    const { parent, child, add, write, read } = parentAndChild();
    add(base, 512, { flags: readWrite | vmFlag.VM_HUGEPAGE });
    write(parent, base + page, 7n);
    copyMm(parent, child);
    expect(child.entryFor(base, 1)!.isLeaf).toBe(true);
    write(child, base + page, 8n);
    expect([read(parent, base + page), read(child, base + page)]).toEqual([7n, 8n]);
    expect(child.entryFor(base)!.pfn).toBe(parent.entryFor(base, 1)!.pfn);
  });

  test("never lets two write a part of a huge page, whatever parts each of them has unmapped", () => {
    const { parent, child, add, write, read } = parentAndChild();
    add(base, 512, { flags: readWrite | vmFlag.VM_HUGEPAGE });
    write(parent, base, 1n);
    copyMm(parent, child);
    for (const mm of [parent, child]) {
      splitEntry(mm, mm.entryFor(base, 1)!);
      mm.mmapLock.writing(() => unmapRange(mm, base + 256n * page, base + 512n * page));
    }
    write(child, base, 2n);
    expect([read(parent, base), read(child, base)]).toEqual([1n, 2n]);
  });

  test("leaves shared memory shared, in pages that are found again by faults", () => {
    const { parent, child, add, write, read } = parentAndChild();
    add(0n, 1, { file: new FileMapping("shared"), flags: readWrite | vmFlag.VM_SHARED });
    write(parent, 0n, 5n);
    copyMm(parent, child);
    expect(read(child, 0n)).toBe(5n);
    write(child, 0n, 6n);
    expect(read(parent, 0n)).toBe(6n);
  });

  test("keeps pages without permission, guards and the soft-dirty bit", () => {
    const { parent, child, add, map, write } = parentAndChild();
    add(0n, 3);
    write(parent, 0n, 1n);
    parent.mmapLock.writing(() => mprotect(parent, 0n, page, 0));
    map(page, guardEntry);
    copyMm(parent, child);
    expect([child.entryFor(0n)!.isPresent, child.entryFor(0n)!.pfn]).toEqual([false, parent.entryFor(0n)!.pfn]);
    expect(child.entryFor(page)!.get()).toBe(guardEntry);
    expect(child.entryFor(0n)!.rsw).toBe(parent.entryFor(0n)!.rsw);
  });

  test("leaves out what is not to be copied, wipes what is to be wiped, and inherits no locks", () => {
    const { parent, child, add, write, read } = parentAndChild();
    add(0n, 1, { flags: readWrite | vmFlag.VM_DONTCOPY });
    add(2n * page, 1, { flags: readWrite | vmFlag.VM_WIPEONFORK });
    add(4n * page, 1, { flags: readWrite | vmFlag.VM_LOCKED });
    write(parent, 2n * page, 9n);
    copyMm(parent, child);
    expect([...child.vmas].map(({ vmStart }) => vmStart)).toEqual([2n * page, 4n * page]);
    expect(read(child, 2n * page)).toBe(0n);
    expect(child.vmaAt(4n * page)!.vmFlags & vmFlag.VM_LOCKED).toBe(0);
  });

  test("without memory for tables is -ENOMEM, and what was made can be taken apart", () => {
    const { parent, child, add, memory } = parentAndChild();
    add(0n, 1);
    add(1n << 30n, 1);
    populate(parent, 0n, page);
    populate(parent, 1n << 30n, (1n << 30n) + page);
    const free = memory.frames.freeFrames;
    memory.tableLimit = 3;
    expect(copyMm(parent, child)).toBe(-errno.ENOMEM);
    child.mmapLock.writing(() => exitMm(child));
    expect(memory.frames.freeFrames).toBe(free);
  });
});
