import { describe, expect, test } from "vitest";
import { makePte, sv39, sv48, sv57, Tlb } from "../../src/mmu/index.ts";
import {
  depthOfLevel,
  hugeSize,
  isMigration,
  isSwap,
  makeSoftEntry,
  PageTables,
  type PmdPtr,
  type PtePtr,
  p4dOffset,
  pgdOffset,
  pmdOffset,
  pteOffset,
  pudOffset,
  softEntryOf,
  swapType,
  walkPageRange,
} from "../../src/pagewalk/index.ts";
import { kernel, leaf, page, translatingModes, twoMiB } from "./fixture.ts";

describe("an entry pointer", () => {
  test("names fields and predicates as the specification does", () => {
    const { map } = kernel();
    const entry = map(0x5000n, leaf("vrxugad", 0x12345, { rsw: 2, pbmt: 1 }));
    expect([entry.v, entry.r, entry.w, entry.x, entry.u, entry.g, entry.a, entry.d]).toEqual([
      true,
      true,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect([entry.rsw, entry.ppn, entry.pbmt, entry.n, entry.field("ppn")]).toEqual([2, 0x12345, 1, false, 0x12345n]);
    expect([entry.isNone, entry.isPresent, entry.isLeaf, entry.isTable, entry.isBad]).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect([entry.va, entry.index, entry.vpn]).toEqual([0x5000n, 5, 5]);
  });

  test("tells none from non-present, and tables and bad entries from leaves", () => {
    const { map, mm } = kernel();
    const entry = map(twoMiB, 0n, 1);
    expect([entry.kind, entry.isNone]).toEqual(["none", true]);
    entry.set(makeSoftEntry({ type: 0, offset: 1 }));
    expect([entry.kind, entry.isNone, entry.isPresent]).toEqual(["nonPresent", false, false]);
    entry.set(makePte({ v: 1, ppn: mm.allocateTable()! / 4096 }));
    expect([entry.kind, entry.isTable, entry.table === entry.ppn * 4096]).toEqual(["table", true, true]);
    for (const bad of [
      makePte({ v: 1, ppn: 5 }),
      leaf("vr", 0x80201),
      leaf("vw", 0x80200),
      leaf("vr", 0x80200, { reserved: 1 }),
      leaf("vr", 0x80200, { pbmt: 3 }),
      leaf("vr", 0x80208, { n: 1 }),
    ]) {
      entry.set(bad);
      expect([entry.kind, entry.isBad, entry.table], bad.toString(16)).toEqual(["bad", true, -1]);
    }
    const pte = map(0n, makePte({ v: 1, ppn: 0x80005 }));
    expect(pte.kind).toBe("bad");
    pte.set(leaf("vr", 0x80018, { n: 1 }));
    expect([pte.kind, pte.pfn]).toEqual(["leaf", 0x80010]);
    pte.set(leaf("vr", 0x80019, { n: 1 }));
    expect(pte.kind).toBe("bad");
  });

  test("writes 64 bits, fields, and halves; and clears", () => {
    const { map, physical } = kernel();
    const entry = map(0n, 0n);
    entry.set(leaf("vrwu", 0x80005));
    expect(physical.load(entry.pa, 8)).toBe(leaf("vrwu", 0x80005));
    entry.setFields({ w: 0, a: true, ppn: 0x80006n });
    expect(entry.get()).toBe(leaf("vrua", 0x80006));
    expect(entry.changeFlags(128, 64)).toBe(64);
    expect(entry.get()).toBe(leaf("vrud", 0x80006));
    expect(entry.clear()).toBe(leaf("vrud", 0x80006));
    expect(entry.isNone).toBe(true);
    expect(() => entry.set(1 as never)).toThrow(/a page-table entry is a bigint, not number/);
  });

  test("of a walk is moved on, and a copy stays", () => {
    const { mm, add, map } = kernel();
    add(0n, 4);
    for (let i = 0; i < 4; i++) map(BigInt(i) * page, leaf("vru", 0x80000 + i));
    mm.mmapLock.lockRead();
    const kept: PtePtr[] = [];
    const copies: PtePtr[] = [];
    const uppers: PmdPtr[] = [];
    walkPageRange(mm, 0n, 4n * page, {
      pmdEntry: (pmd) => {
        uppers.push(pmd.copy());
        return 0;
      },
      pteEntry: (pte) => {
        kept.push(pte);
        copies.push(pte.copy());
        return 0;
      },
    });
    expect(new Set(kept).size).toBe(1);
    expect(copies.map((copy) => copy.pfn - 0x80000)).toEqual([0, 1, 2, 3]);
    expect(copies.map((copy) => copy.va)).toEqual([0n, page, 2n * page, 3n * page]);
    expect(uppers[0].table).toBe(copies[0].pa);
  });

  test.each(translatingModes)("is found from the one above it in $name, folded ones at the same place", (mode) => {
    const { mm, map } = kernel({ mode });
    for (const va of [0x5000n, (1n << 64n) - twoMiB - page]) {
      const expected = map(va, leaf("vr", 0x80005));
      const pgd = pgdOffset(mm.tables, va);
      const p4d = p4dOffset(pgd, va)!;
      const pud = pudOffset(p4d, va)!;
      const pmd = pmdOffset(pud, va)!;
      const pte = pteOffset(pmd, va)!;
      expect([pte.pa, pte.va]).toEqual([expected.pa, va]);
      expect(p4d.pa === pgd.pa).toBe(mode !== sv57);
      expect(pud.pa === p4d.pa).toBe(mode === sv39);
      expect(pteOffset(pmdOffset(pud, va + twoMiB)!, va + twoMiB)).toBeNull();
    }
  });

  test("of a page of a 64 KiB leaf that changes alone unfolds the sixteen, with A and D of any", () => {
    const { map, physical, mm } = kernel();
    const napot = leaf("vrwu", 0x80018, { n: 1 });
    for (let i = 0; i < 16; i++) map(0x10000n + BigInt(i) * page, napot);
    physical.store(mm.entryFor(0x14000n)!.pa, 8, napot | 0xc0n);
    const entry = mm.entryFor(0x13000n)!;
    entry.setFields({ w: 0 });
    expect(entry.get()).toBe(leaf("vru", 0x80013));
    expect(mm.entryFor(0x10000n)!.get()).toBe(leaf("vrwuad", 0x80010));
    expect(mm.entryFor(0x1f000n)!.get()).toBe(leaf("vrwuad", 0x8001f));
  });
});

describe("levels, sizes and software's entries", () => {
  test("one function converts levels to depths", () => {
    expect([2, 1].map((level) => depthOfLevel(sv39, level))).toEqual([0, 3]);
    expect([3, 2, 1].map((level) => depthOfLevel(sv48, level))).toEqual([0, 2, 3]);
    expect([4, 3, 2, 1].map((level) => depthOfLevel(sv57, level))).toEqual([0, 1, 2, 3]);
    expect(depthOfLevel(sv57, 0)).toBe(-1);
  });

  test("hugetlb pages have three sizes", () => {
    expect(hugeSize(65536n)).toMatchObject({ level: 0, count: 16 });
    expect(hugeSize(twoMiB)).toMatchObject({ level: 1, count: 1 });
    expect(hugeSize(1n << 30n)).toMatchObject({ level: 2, count: 1 });
    expect(() => hugeSize(4096n)).toThrow(/4096 bytes are no hugetlb page/);
  });

  test("swap and migration entries say their type and offset, with V=0", () => {
    const swap = makeSoftEntry({ type: 3, offset: 2 ** 40 });
    expect(softEntryOf(swap)).toEqual({ type: 3, offset: 2 ** 40 });
    expect([swap & 1n, isSwap(softEntryOf(swap)), isMigration(softEntryOf(swap))]).toEqual([0n, true, false]);
    const moving = softEntryOf(makeSoftEntry({ type: swapType.migrationRead, offset: 5 }));
    expect([isSwap(moving), isMigration(moving)]).toEqual([false, true]);
    expect([softEntryOf(0n), softEntryOf(1n), softEntryOf(0x20n)]).toEqual([null, null, null]);
  });
});

describe("page tables", () => {
  test("need a mode that translates and a root in RAM", () => {
    const { physical } = kernel();
    const options = { memory: physical, mode: sv39, root: 0x1000 };
    expect(() => new PageTables(options)).toThrow(/0x1000/);
    expect(() => new PageTables({ ...options, root: 0x8000_0008 })).toThrow(RangeError);
    const bare = { name: "Bare", satpMode: 0, levels: 0, vaBits: 64, index: 0 } as const;
    expect(() => new PageTables({ ...options, mode: bare })).toThrow(/a mode that translates/);
  });

  test("sign-extend addresses", () => {
    for (const mode of translatingModes) {
      const { tables } = kernel({ mode }).mm;
      for (const va of [0n, page, (1n << BigInt(mode.vaBits - 1)) - page, (1n << 64n) - page]) {
        expect(tables.addressOf(tables.vpnOf(va))).toBe(va);
      }
    }
  });
});

test("a TLB drops the leaves that overlap a range, of one address space and of any size", () => {
  const tlb = new Tlb({ sets: 16, ways: 4 });
  const insert = (vpn: number, pageClass: number, asid: number, global = false) =>
    tlb.insert(1, pageClass, asid, global, (vpn * 4096) | 0, Math.floor(vpn / 2 ** 20), 0x80000, 0xdf, 0, 0);
  insert(511, 0, 1);
  insert(512, 0, 1);
  insert(1023, 0, 1);
  insert(1024, 0, 1);
  insert(600, 0, 2);
  insert(700, 0, 1, true);
  insert(0, 3, 1);
  const dropped: number[] = [];
  tlb.onDrop = (slot) => dropped.push(tlb.vpnOf(slot));
  tlb.dropRange(512, 512, 1);
  expect(dropped.sort((a, b) => a - b)).toEqual([0, 512, 1023]);
  tlb.dropRange(512, 512);
  expect(tlb.list().map((entry) => Number(entry.va / page))).toEqual(expect.arrayContaining([511, 1024]));
  expect(tlb.list()).toHaveLength(2);
});
