import { describe, expect, test } from "vitest";
import { type Access, fastKind, sv39 } from "../../src/mmu/index.ts";
import { filled, halves, openPmp, page, regimeOf, supervisorBench, translate } from "./fixture.ts";

describe("fast entries", () => {
  test("a load fills the read array and a store the write array, with the page's place in memory", () => {
    const { mmu, memory } = supervisorBench();
    for (const access of ["load", "store", "fetch"] as const) translate(mmu, 0x1abcn, access);
    expect(filled(mmu)).toEqual(["read 0x1000", "write 0x1000"]);
    for (const { va, addend } of mmu.fast.entries()) {
      expect((Number(va) + addend) | 0).toBe(memory.hostOf(page * 4096) | 0);
    }
    mmu.fast.fill(mmu.fetchContext, fastKind.fetch, ...halves(0x1abcn), 0x1234_0000);
    expect(filled(mmu)).toContain("fetch 0x1000");
  });

  test("a page of code gets no write entry, and loses the one it has when it becomes code", () => {
    const code = new Set<number>();
    const { mmu, memory } = supervisorBench({ isCodePage: (ppn) => code.has(ppn) });
    translate(mmu, 0x1000n, "store");
    translate(mmu, 0x1000n, "load");
    code.add(page);
    mmu.fast.dropWrites(memory.hostOf(page * 4096));
    expect(filled(mmu)).toEqual(["read 0x1000"]);
    expect(translate(mmu, 0x1000n, "store")).toBe(page * 4096);
    expect(filled(mmu)).toEqual(["read 0x1000"]);
  });

  test("the engine may veto fast entries for a page", () => {
    const { mmu } = supervisorBench({ canCache: (ppn) => ppn !== page });
    expect(translate(mmu, 0x1000n)).toBe(page * 4096);
    expect([mmu.cacheable, filled(mmu)]).toEqual([false, []]);
  });

  test("a page on which PMP is not of one mind gets none, and each access is checked", () => {
    const pmp = openPmp();
    const { mmu } = supervisorBench({ pmp });
    // Entry 0: four bytes that may only be read. Entry 1: everything.
    pmp.writeAddress(0, BigInt(page) * 1024n + 4n);
    pmp.writeAddress(1, (1n << 54n) - 1n);
    pmp.writeConfig(0, 0x1f11n);
    expect(translate(mmu, 0x1010n, "store", 4)).toBe(-7);
    expect(translate(mmu, 0x1014n, "store", 4)).toBe(page * 4096 + 0x14);
    expect(translate(mmu, 0x100cn, "load", 8)).toBe(-5);
    expect(translate(mmu, 0x1010n, "load", 4)).toBe(page * 4096 + 0x10);
    expect(filled(mmu)).toEqual([]);
    expect(mmu.tlb.counters).toMatchObject({ walks: 1, accessFaults: 2 });
  });

  test("what PMP forbids after a good translation is an access fault, of each kind its own", () => {
    const pmp = openPmp();
    const { mmu, tables } = supervisorBench({ pmp });
    pmp.writeAddress(0, BigInt(page) * 1024n + 0x1ffn);
    pmp.writeAddress(1, (1n << 54n) - 1n);
    pmp.writeConfig(0, 0x1f18n);
    const causes = (["load", "store", "fetch"] as Access[]).map((access) => translate(mmu, 0x1000n, access));
    expect(causes).toEqual([-5, -7, -1]);
    // A and D were set before: the translation itself succeeded.
    const at = tables.map(0x2000n, page, "vrw");
    mmu.setRegime(regimeOf(sv39, tables.root, { adue: true }));
    expect(translate(mmu, 0x2000n, "store")).toBe(-7);
    expect(tables.read(at) & 0xc0n).toBe(0xc0n);
  });

  test("halves of addresses may be signed or unsigned", () => {
    const { mmu, tables } = supervisorBench();
    const va = 0xffff_ffff_c000_1000n;
    tables.map(va, page, "vrwxad");
    expect(mmu.translate(0xc000_1008 | 0, -1, 0, 8)).toBe(0);
    expect(mmu.translate(0xc000_1008, 0xffff_ffff, 0, 8)).toBe(0);
    expect(mmu.pa).toBe(page * 4096 + 8);
    expect(mmu.tlb.counters).toMatchObject({ misses: 1, hits: 1 });
    expect(filled(mmu)).toEqual([`read 0x${va.toString(16)}`]);
  });
});
