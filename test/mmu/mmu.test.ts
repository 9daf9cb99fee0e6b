import { describe, expect, test } from "vitest";
import { makePte, Pmp, sv39, sv48 } from "../../src/mmu/index.ts";
import {
  bench,
  filled,
  machineMode,
  page,
  ramBase,
  ramBytes,
  regimeOf,
  supervisorBench,
  translate,
} from "./fixture.ts";

describe("without translation", () => {
  test("M-mode and Bare use the address as it is, and count nothing", () => {
    const { mmu } = bench();
    for (const regime of [machineMode, { ...regimeOf(sv39, 0), satp: { mode: 0, asid: 0, rootPpn: 0 } }]) {
      mmu.setRegime(regime);
      for (const access of ["load", "store", "fetch"] as const) {
        expect(translate(mmu, BigInt(ramBase) + 0x123n, access, 4)).toBe(ramBase + 0x123);
        expect(mmu.cacheable).toBe(true);
      }
    }
    expect(mmu.tlb.counters).toMatchObject({ hits: 0, misses: 0, walks: 0 });
    expect(filled(mmu)).toContain("write 0x80000000");
  });

  test("an address of more than 56 bits is an access fault", () => {
    const { mmu } = bench();
    mmu.setRegime(machineMode);
    for (let bit = 56; bit < 64; bit++) {
      expect(translate(mmu, 1n << BigInt(bit), "fetch")).toBe(-1);
      expect(translate(mmu, (1n << BigInt(bit)) | BigInt(ramBase), "load")).toBe(-5);
      expect(translate(mmu, 1n << BigInt(bit), "store")).toBe(-7);
    }
    expect(translate(mmu, 1n << 55n, "load")).toBe(2 ** 55);
  });

  test("a page that is not all RAM gets no fast entry", () => {
    const { mmu } = bench();
    mmu.setRegime(machineMode);
    for (const pa of [0x1000_0000, ramBase - 4096, ramBase + ramBytes]) {
      expect(translate(mmu, BigInt(pa), "load")).toBe(pa);
      expect(mmu.cacheable).toBe(false);
    }
    expect(filled(mmu)).toEqual([]);
  });

  test("PMP binds S-mode, and its change empties what was filled before", () => {
    const { mmu, pmp } = bench();
    const bareS = { ...regimeOf(sv39, 0), satp: { mode: 0, asid: 0, rootPpn: 0 } };
    mmu.setRegime(bareS);
    expect(translate(mmu, BigInt(ramBase), "store")).toBe(ramBase);
    expect(filled(mmu)).toEqual(["write 0x80000000"]);
    pmp.writeConfig(0, 0x19n);
    expect(filled(mmu)).toEqual([]);
    expect([translate(mmu, BigInt(ramBase), "store"), mmu.rule]).toEqual([-7, "pmp"]);
    expect(translate(mmu, BigInt(ramBase), "load")).toBe(ramBase);
    mmu.setRegime(machineMode);
    expect(translate(mmu, BigInt(ramBase), "store")).toBe(ramBase);
  });

  test("S-mode finds none of the fast entries that M-mode filled", () => {
    const { mmu } = bench({ pmp: new Pmp() });
    mmu.setRegime(machineMode);
    expect(translate(mmu, BigInt(ramBase), "load")).toBe(ramBase);
    const context = mmu.dataContext;
    mmu.setRegime({ ...machineMode, priv: 1, dataPriv: 1, satp: { mode: 0, asid: 0, rootPpn: 0 } });
    expect(mmu.dataContext).not.toBe(context);
    expect(translate(mmu, BigInt(ramBase), "load")).toBe(-5);
  });
});

describe("regimes", () => {
  test("a regime seen before gets its contexts back, unflushed", () => {
    const { mmu, tables } = supervisorBench();
    translate(mmu, 0x1000n);
    const before = [mmu.fetchContext, mmu.dataContext];
    mmu.setRegime(machineMode);
    mmu.setRegime(regimeOf(sv39, tables.root));
    expect([mmu.fetchContext, mmu.dataContext]).toEqual(before);
    expect(filled(mmu)).toEqual(["read 0x1000"]);
  });

  test("privilege, SUM, MXR, ASID and mode each have a data context of their own", () => {
    const { mmu } = bench();
    const contexts = new Set<number>();
    const variants = [{}, { priv: 0 }, { sum: true }, { mxr: true }, { asid: 2 }];
    // Four contexts exist: look at the variants in pairs with the plain one.
    for (const variant of variants.slice(1)) {
      mmu.setRegime(regimeOf(sv39, 0));
      const plain = mmu.dataContext;
      mmu.setRegime(regimeOf(sv39, 0, variant));
      expect(mmu.dataContext).not.toBe(plain);
      contexts.add(mmu.dataContext);
    }
    mmu.setRegime(regimeOf(sv39, 0));
    const plain = mmu.dataContext;
    mmu.setRegime(regimeOf(sv48, 0));
    expect(mmu.dataContext).not.toBe(plain);
  });

  test("SUM and MXR do not matter to fetches, nor SUM to U-mode", () => {
    const { mmu } = bench();
    mmu.setRegime(regimeOf(sv39, 0));
    const { fetchContext } = mmu;
    mmu.setRegime(regimeOf(sv39, 0, { sum: true, mxr: true }));
    expect(mmu.fetchContext).toBe(fetchContext);
    mmu.setRegime(regimeOf(sv39, 0, { priv: 0 }));
    const { dataContext } = mmu;
    mmu.setRegime(regimeOf(sv39, 0, { priv: 0, sum: true }));
    expect(mmu.dataContext).toBe(dataContext);
  });

  test("with MPRV loads and stores of M-mode are translated, and fetches are not", () => {
    const { mmu, tables } = supervisorBench();
    mmu.setRegime({ ...regimeOf(sv39, tables.root), priv: 3 });
    expect(translate(mmu, 0x1000n, "load")).toBe(page * 4096);
    expect(translate(mmu, 0x1000n, "fetch")).toBe(0x1000);
    expect(translate(mmu, BigInt(ramBase), "fetch")).toBe(ramBase);
  });

  test("SUM takes effect at once, on entries in the TLB too", () => {
    const { mmu, tables } = supervisorBench();
    tables.map(0x2000n, page, "vrwuad");
    const go = (sum: boolean) => {
      mmu.setRegime(regimeOf(sv39, tables.root, { sum }));
      return translate(mmu, 0x2000n);
    };
    expect([go(true), go(false), go(true)]).toEqual([page * 4096, -13, page * 4096]);
    expect(mmu.tlb.counters).toMatchObject({ walks: 1, hits: 2, pageFaults: 1 });
  });

  test("a reserved satp.MODE is the caller's mistake", () => {
    const { mmu } = bench();
    const regime = { ...regimeOf(sv39, 0), satp: { mode: 11, asid: 0, rootPpn: 0 } };
    expect(() => mmu.setRegime(regime)).toThrow("satp.MODE 11");
  });
});

describe("the architectural TLB", () => {
  test("a miss walks once, and hits use what it found though memory has changed", () => {
    const { mmu, tables } = supervisorBench();
    expect(translate(mmu, 0x1234n)).toBe(page * 4096 + 0x234);
    tables.map(0x1000n, page + 1, "vr");
    expect(translate(mmu, 0x1234n)).toBe(page * 4096 + 0x234);
    expect(mmu.tlb.counters).toMatchObject({ misses: 1, walks: 1, hits: 1 });
    mmu.fence("va", 0x1000n);
    expect(translate(mmu, 0x1234n)).toBe(-13);
  });

  test("what it allows is what it was filled with, until the fence: stale permissions still fault", () => {
    const { mmu, tables } = supervisorBench();
    tables.map(0x2000n, page, "vrad");
    expect(translate(mmu, 0x2000n)).toBe(page * 4096);
    tables.map(0x2000n, page, "vrwad");
    expect(translate(mmu, 0x2000n, "store")).toBe(-15);
    expect(mmu.explain(0x2000n, "store")).toMatchObject({
      outcome: "translated",
      tlb: { agrees: false, perms: "R--- AD".replace(" ", "") },
    });
    mmu.fence("all");
    expect(translate(mmu, 0x2000n, "store")).toBe(page * 4096);
  });

  test("a fault is never remembered", () => {
    const { mmu, tables } = supervisorBench();
    expect(translate(mmu, 0x5000n)).toBe(-13);
    tables.map(0x5000n, page, "vrad");
    expect(translate(mmu, 0x5000n)).toBe(page * 4096);
  });

  test("a store to an entry with D=0 walks again, and with Svadu sets D in memory and in the entry", () => {
    const { mmu, tables } = supervisorBench({}, { adue: true });
    const at = tables.map(0x2000n, page, "vrwa");
    translate(mmu, 0x2000n);
    expect(filled(mmu)).toEqual(["read 0x2000"]);
    expect(translate(mmu, 0x2000n, "store")).toBe(page * 4096);
    expect(tables.read(at) & 0x80n).toBe(0x80n);
    expect(mmu.tlb.counters).toMatchObject({ misses: 1, hits: 1, walks: 2, evictions: 0 });
    expect(mmu.tlb.list()).toMatchObject([{ perms: "RW--AD", filledBy: "load" }]);
    expect(filled(mmu)).toEqual(["read 0x2000", "write 0x2000"]);
    translate(mmu, 0x2000n, "store");
    expect(mmu.tlb.counters.walks).toBe(2);
  });

  test("without Svadu that store faults, until memory has D=1: no fence is needed then", () => {
    const { mmu, tables } = supervisorBench();
    tables.map(0x2000n, page, "vrwa");
    translate(mmu, 0x2000n);
    expect(translate(mmu, 0x2000n, "store")).toBe(-15);
    tables.map(0x2000n, page, "vrwad");
    expect(translate(mmu, 0x2000n, "store")).toBe(page * 4096);
  });

  test("if memory has another page by then, the entry is replaced, and no fast entry of the old one stays", () => {
    const { mmu, tables } = supervisorBench();
    tables.map(0x2000n, page, "vrwa");
    translate(mmu, 0x2000n);
    tables.map(0x2000n, page + 7, "vrwad");
    expect(translate(mmu, 0x2000n, "store")).toBe((page + 7) * 4096);
    expect(filled(mmu)).toEqual(["write 0x2000"]);
    expect(mmu.tlb.list()).toMatchObject([{ pa: BigInt(page + 7) * 4096n }]);
  });

  test("a replacement that is global answers for every address space at once, as old as what it replaced", () => {
    const { mmu, tables } = supervisorBench();
    const under = (asid: number) => mmu.setRegime(regimeOf(sv39, tables.root, { asid }));
    tables.map(0x2000n, page, "vrwa");
    translate(mmu, 0x2000n);
    tables.map(0x2000n, page + 1, "vrwadg");
    under(2);
    expect(translate(mmu, 0x2000n)).toBe((page + 1) * 4096);
    // Address space 2 has a global entry; now the older one of address space 1 becomes another.
    tables.map(0x2000n, page + 2, "vrwadg");
    under(1);
    expect(translate(mmu, 0x2000n, "store")).toBe((page + 2) * 4096);
    expect(filled(mmu)).toEqual(["write 0x2000"]);
    under(2);
    expect(translate(mmu, 0x2000n)).toBe((page + 2) * 4096);
  });

  test("address spaces do not see each other's entries, but G anywhere on the way makes one for all", () => {
    const { mmu, tables } = supervisorBench();
    tables.map(0x4000_0000n, page, "vrwxad");
    const pointer = tables.entry(0x4000_0000n, 2);
    tables.write(pointer, tables.read(pointer) | makePte({ g: 1 }));
    translate(mmu, 0x1000n);
    translate(mmu, 0x4000_0000n);
    mmu.setRegime(regimeOf(sv39, 0, { asid: 2 }));
    expect(translate(mmu, 0x4000_0000n)).toBe(page * 4096);
    expect(translate(mmu, 0x1000n)).toBe(-5);
    expect(
      mmu.tlb
        .list()
        .map(({ global }) => global)
        .sort(),
    ).toEqual([false, true]);
  });

  test("a satp write flushes nothing: the same ASID with another root keeps its entries", () => {
    const { mmu, tables } = supervisorBench();
    translate(mmu, 0x1000n);
    mmu.setRegime(regimeOf(sv39, 0));
    expect(translate(mmu, 0x1000n)).toBe(page * 4096);
    mmu.setRegime({ ...machineMode });
    mmu.setRegime(regimeOf(sv39, tables.root));
    expect(mmu.tlb.counters.walks).toBe(1);
  });

  test("ASIDs have 16 bits", () => {
    const { mmu, tables } = supervisorBench({}, { asid: 0xffff });
    translate(mmu, 0x1000n);
    expect(mmu.tlb.list()).toMatchObject([{ asid: 0xffff }]);
    mmu.fence("asid", 0n, 0x1_0ffff & 0xfffff);
    expect(mmu.tlb.list()).toEqual([]);
    mmu.setRegime(regimeOf(sv39, tables.root, { asid: 0x1_0003 }));
    translate(mmu, 0x1000n);
    expect(mmu.tlb.list()).toMatchObject([{ asid: 3 }]);
  });

  test("an eviction takes the fast entries with it, of superpages too", () => {
    const { mmu, tables } = supervisorBench({ geometry: { sets: 1, ways: 2 } });
    tables.map(0x20_0000n, 0x80000 + 512 * 2, "vrwxad", 1);
    for (const va of [0x20_0000n, 0x20_5000n, 0x3f_f000n]) translate(mmu, va, "load");
    translate(mmu, 0x1000n);
    expect(filled(mmu)).toEqual(["read 0x1000", "read 0x200000", "read 0x205000", "read 0x3ff000"]);
    tables.map(0x2000n, page, "vrwxad");
    translate(mmu, 0x2000n);
    expect(filled(mmu)).toEqual(["read 0x1000", "read 0x2000"]);
    expect(mmu.tlb.counters.evictions).toBe(1);
  });
});
