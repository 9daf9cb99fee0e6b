import { describe, expect, test } from "vitest";
import { type Access, makePte, type Regime, sv39, sv48, sv57 } from "../../src/mmu/index.ts";
import { bench, flags, page, ramBase, regimeOf, Tables, translate } from "./fixture.ts";

const pageFault = { load: -13, store: -15, fetch: -12 } as const;
const accessFault = { load: -5, store: -7, fetch: -1 } as const;
const accesses: readonly Access[] = ["load", "store", "fetch"];

/** A bench in Sv39 with tables, and translations under a regime that a test varies. */
function sv39Bench(features?: { svnapot: boolean; svpbmt: boolean; svadu: boolean }) {
  const made = bench(features === undefined ? {} : { features });
  const { mmu, tables } = made;
  const go = (va: bigint, access: Access = "load", changes: Partial<Omit<Regime, "satp">> = {}) => {
    mmu.fence("all");
    mmu.setRegime(regimeOf(sv39, tables.root, changes));
    return translate(mmu, va, access);
  };
  return { ...made, go };
}

describe.each([sv39, sv48, sv57])("$name", (mode) => {
  const top = BigInt.asUintN(64, -(1n << BigInt(mode.vaBits - 1)));

  test("pages of every level are found, in both halves of the address space", () => {
    const { mmu, memory } = bench();
    for (const half of [0n, top]) {
      for (let level = 0; level < mode.levels; level++) {
        const tables = new Tables(memory, mode);
        const size = 1n << BigInt(12 + 9 * level);
        const ppn = Number(BigInt(page) % (size / 4096n)) === 0 ? page : 0;
        tables.map(half + size * 3n, ppn, "vrwxad", level);
        mmu.setRegime(regimeOf(mode, tables.root));
        mmu.fence("all");
        const offset = size - 0x123n;
        expect(translate(mmu, half + size * 3n + offset, "load")).toBe(ppn * 4096 + Number(offset));
        expect(mmu.explain(half + size * 3n, "load").pageSize).toBe(Number(size));
        expect(translate(mmu, half + size * 4n, "load")).toBe(-13);
      }
    }
  });

  test("a superpage whose PPN is not a multiple of its size is misaligned", () => {
    for (let level = 1; level < mode.levels; level++) {
      const { mmu, memory } = bench();
      const tables = new Tables(memory, mode);
      for (let bit = 0; bit < 9 * level; bit++) {
        tables.map(0n, 0, "vrwxad", level, { ppn: 1n << BigInt(bit) });
        mmu.setRegime(regimeOf(mode, tables.root));
        for (const access of accesses) expect(translate(mmu, 0n, access)).toBe(pageFault[access]);
        expect(mmu.rule).toBe("misaligned");
      }
    }
  });

  test("an address that is not canonical page-faults, however good its table entry", () => {
    const { mmu, memory } = bench();
    const tables = new Tables(memory, mode);
    tables.map(0n, page, "vrwxad");
    mmu.setRegime(regimeOf(mode, tables.root));
    expect(translate(mmu, 0n, "load")).toBe(page * 4096);
    for (let bit = mode.vaBits - 1; bit < 64; bit++) {
      for (const access of accesses) expect(translate(mmu, 1n << BigInt(bit), access)).toBe(pageFault[access]);
      expect(mmu.rule).toBe("nonCanonical");
    }
  });

  test("a pointer at level 0 has nowhere to lead", () => {
    const { mmu, memory } = bench();
    const tables = new Tables(memory, mode);
    tables.map(0n, page, "v");
    mmu.setRegime(regimeOf(mode, tables.root));
    expect(translate(mmu, 0n)).toBe(-13);
    expect(mmu.rule).toBe("noLeaf");
  });
});

test("with V=0 nothing else of an entry matters", () => {
  const { tables, go } = sv39Bench();
  const at = tables.map(0n, page, "rwxad");
  for (const pte of [0n, tables.read(at), (1n << 64n) - 2n]) {
    tables.write(at, pte);
    for (const access of accesses) expect(go(0n, access)).toBe(pageFault[access]);
  }
});

test("writable but not readable is reserved, with and without X", () => {
  const { tables, go, mmu } = sv39Bench();
  for (const letters of ["vwad", "vwxad"]) {
    tables.map(0n, page, letters);
    for (const access of accesses) expect(go(0n, access)).toBe(pageFault[access]);
    expect(mmu.rule).toBe("reservedWrite");
  }
});

test("each of bits 60 to 54 is reserved, in leaves and in pointers", () => {
  const { tables, go, mmu } = sv39Bench();
  for (let bit = 0; bit < 7; bit++) {
    const leaf = tables.map(0x1000n, page, "vrwxad", 0, { reserved: 1 << bit });
    expect(go(0x1000n)).toBe(-13);
    expect(mmu.rule).toBe("reservedBits");
    tables.write(leaf, makePte({ ...flags("vrwxad"), ppn: page }));
    const pointer = tables.entry(0x1000n, 1);
    const good = tables.read(pointer);
    tables.write(pointer, good | (1n << BigInt(54 + bit)));
    expect(go(0x1000n)).toBe(-13);
    tables.write(pointer, good);
    expect(go(0x1000n)).toBe(page * 4096);
  }
});

test("D, A, U, PBMT and N are reserved in a pointer, G and RSW are not", () => {
  const { tables, go, mmu } = sv39Bench();
  tables.map(0x1000n, page, "vrwxad");
  const pointer = tables.entry(0x1000n, 1);
  const good = tables.read(pointer);
  for (const field of [{ d: 1 }, { a: 1 }, { u: 1 }, { pbmt: 1 }, { pbmt: 2 }, { pbmt: 3 }, { n: 1 }]) {
    tables.write(pointer, good | makePte(field));
    expect(go(0x1000n, "load", { pbmte: true })).toBe(-13);
    expect(mmu.rule).toBe("reservedPointer");
  }
  tables.write(pointer, good | makePte({ g: 1, rsw: 3 }));
  expect(go(0x1000n)).toBe(page * 4096);
});

test("PBMT needs menvcfg.PBMTE and Svpbmt, and 3 is reserved", () => {
  for (const svpbmt of [true, false]) {
    const { tables, go, mmu } = sv39Bench({ svnapot: true, svpbmt, svadu: true });
    for (const pbmt of [1, 2, 3]) {
      tables.map(0n, page, "vrwxad", 0, { pbmt });
      expect(go(0n, "load", { pbmte: false })).toBe(-13);
      expect(mmu.rule).toBe("reservedPbmt");
      expect(go(0n, "load", { pbmte: true })).toBe(svpbmt && pbmt !== 3 ? page * 4096 : -13);
    }
  }
});

test("a 64 KiB page of Svnapot maps sixteen pages with one entry's value", () => {
  const { tables, go, mmu } = sv39Bench();
  for (let i = 0; i < 16; i++) tables.map(0x10000n + BigInt(i) * 4096n, page, "vrwxad", 0, { n: 1, ppn: page + 8 });
  for (let i = 0; i < 16; i++) expect(go(0x10000n + BigInt(i) * 4096n + 5n)).toBe((page + i) * 4096 + 5);
  expect(mmu.tlb.list()[0]).toMatchObject({ va: 0x10000n, pa: BigInt(page) * 4096n, pageSize: 65536 });
});

test("N is reserved without Svnapot, in superpages, and with any other low PPN bits than 1000", () => {
  const { tables, go, mmu } = sv39Bench();
  for (let low = 0; low < 16; low++) {
    tables.map(0n, page, "vrwxad", 0, { n: 1, ppn: page + low });
    expect(go(0n)).toBe(low === 8 ? page * 4096 : -13);
    if (low !== 8) expect(mmu.rule).toBe("reservedNapot");
  }
  for (const ppn of [0, 8, 512]) {
    tables.map(1n << 30n, ppn, "vrwxad", 1, { n: 1 });
    expect(go(1n << 30n)).toBe(-13);
  }
  const without = sv39Bench({ svnapot: false, svpbmt: true, svadu: true });
  without.tables.map(0n, page, "vrwxad", 0, { n: 1, ppn: page + 8 });
  expect(without.go(0n)).toBe(-13);
});

test("each access needs its own permission, and execute-only pages are readable with MXR", () => {
  const { tables, go, mmu } = sv39Bench();
  const allowed = (letters: string, mxr = false) => {
    tables.map(0n, page, `${letters}vad`);
    return accesses.filter((access) => go(0n, access, { mxr }) > 0);
  };
  expect(allowed("r")).toEqual(["load"]);
  expect(mmu.rule).toBe("notExecutable");
  expect(allowed("rw")).toEqual(["load", "store"]);
  expect(allowed("x")).toEqual(["fetch"]);
  expect(allowed("x", true)).toEqual(["load", "fetch"]);
  expect(allowed("rx")).toEqual(["load", "fetch"]);
  expect(allowed("rwx")).toEqual(["load", "store", "fetch"]);
  expect(allowed("r", true)).toEqual(["load"]);
});

test("U-mode uses only pages with U=1", () => {
  const { tables, go, mmu } = sv39Bench();
  tables.map(0n, page, "vrwxad");
  tables.map(0x1000n, page, "vrwxuad");
  for (const access of accesses) {
    expect(go(0n, access, { priv: 0, sum: true })).toBe(pageFault[access]);
    expect(mmu.rule).toBe("supervisorPage");
    expect(go(0x1000n, access, { priv: 0 })).toBe(page * 4096);
  }
});

test("S-mode reads and writes pages with U=1 only with SUM=1, and never executes them", () => {
  const { tables, go, mmu } = sv39Bench();
  tables.map(0x1000n, page, "vrwxuad");
  for (const sum of [false, true]) {
    expect(go(0x1000n, "load", { sum })).toBe(sum ? page * 4096 : -13);
    expect(go(0x1000n, "store", { sum })).toBe(sum ? page * 4096 : -15);
    expect(go(0x1000n, "fetch", { sum })).toBe(-12);
    expect(mmu.rule).toBe("userCode");
  }
});

describe("A and D", () => {
  test("without Svadu, A=0 faults on every access and D=0 on stores, and memory is left alone", () => {
    const { tables, go, mmu } = sv39Bench();
    const clear = tables.map(0n, page, "vrwxd");
    for (const access of accesses) expect(go(0n, access)).toBe(pageFault[access]);
    expect(mmu.rule).toBe("accessedClear");
    const clean = tables.map(0x1000n, page, "vrwxa");
    expect(accesses.map((access) => go(0x1000n, access))).toEqual([page * 4096, -15, page * 4096]);
    expect(go(0x1000n, "store")).toBe(-15);
    expect(mmu.rule).toBe("dirtyClear");
    expect([tables.read(clear) & 0xc0n, tables.read(clean) & 0xc0n]).toEqual([0x80n, 0x40n]);
  });

  test("with Svadu the walk sets A, and for stores D, in the leaf's entry alone", () => {
    const { tables, go } = sv39Bench();
    for (const access of accesses) {
      const leaf = tables.map(0n, page, "vrwx");
      const pointers = [tables.entry(0n, 2), tables.entry(0n, 1)].map((at) => [at, tables.read(at)] as const);
      const before = tables.read(leaf);
      expect(go(0n, access, { adue: true })).toBe(page * 4096);
      expect(tables.read(leaf)).toBe(before | (access === "store" ? 0xc0n : 0x40n));
      for (const [at, pte] of pointers) expect(tables.read(at)).toBe(pte);
    }
  });

  test("menvcfg.ADUE means nothing on a hart without Svadu", () => {
    const { tables, go } = sv39Bench({ svnapot: true, svpbmt: true, svadu: false });
    tables.map(0n, page, "vrwx");
    expect(go(0n, "load", { adue: true })).toBe(-13);
  });

  test("an access that is denied sets nothing", () => {
    const { tables, go } = sv39Bench();
    const at = tables.map(0n, page, "vr");
    expect(go(0n, "store", { adue: true })).toBe(-15);
    expect(tables.read(at) & 0xc0n).toBe(0n);
  });

  test("where PMP lets entries be read but not written, the update is an access fault of the access's own kind", () => {
    const { tables, go, mmu, pmp } = sv39Bench();
    const at = tables.map(0n, page, "vrwx");
    pmp.writeAddress(0, BigInt(at - (at % 4096)) / 4n + 0x1ffn);
    pmp.writeAddress(1, (1n << 54n) - 1n);
    pmp.writeConfig(0, 0x1f19n);
    for (const access of accesses) {
      expect(go(0n, access, { adue: true })).toBe(accessFault[access]);
      expect(mmu.rule).toBe("updatePmp");
      expect(go(0n, access, { adue: false })).toBe(pageFault[access]);
    }
    expect(tables.read(at) & 0xc0n).toBe(0n);
  });
});

describe("reading entries", () => {
  test("an entry outside RAM is an access fault of the access's own kind", () => {
    const { mmu, memory, tables } = bench();
    memory.attach(0x1000_0000, { name: "uart", size: 4096, load: () => 0n, store: () => true });
    for (const root of [0, 0x10000, ramBase / 4096 - 1, 2 ** 44 - 1]) {
      mmu.setRegime(regimeOf(sv39, root));
      for (const access of accesses) expect(translate(mmu, 0n, access)).toBe(accessFault[access]);
      expect(mmu.rule).toBe("pteNotRam");
    }
    tables.write(tables.entry(0n, 2), makePte({ v: 1, ppn: 2 ** 44 - 1 }));
    mmu.setRegime(regimeOf(sv39, tables.root));
    expect(translate(mmu, 0n, "store")).toBe(-7);
  });

  test("an entry that PMP does not let S-mode read is an access fault, on every level", () => {
    for (const level of [2, 1, 0]) {
      const { tables, go, mmu, pmp } = sv39Bench();
      tables.map(0n, page, "vrwxad");
      pmp.writeAddress(0, BigInt(tables.entry(0n, level)) / 4n);
      pmp.writeAddress(1, (1n << 54n) - 1n);
      // NA4: four bytes of the entry are enough.
      pmp.writeConfig(0, 0x1f16n & ~7n);
      for (const access of accesses) {
        expect(go(0n, access)).toBe(accessFault[access]);
        expect(mmu.rule).toBe("ptePmp");
      }
      expect(mmu.explain(0n, "load").pmp).toMatchObject({ entry: 0, partial: true });
    }
  });

  test("PMP looks at a walk as S-mode does, whoever makes the access", () => {
    const { tables, go, pmp } = sv39Bench();
    tables.map(0n, page, "vrwxuad");
    expect(go(0n, "load", { priv: 0 })).toBe(page * 4096);
    pmp.writeConfig(0, 0n);
    expect(go(0n, "load", { priv: 0 })).toBe(-5);
    // With MPRV, loads of M-mode walk for U-mode.
    expect(go(0n, "load", { priv: 3, dataPriv: 0 })).toBe(-5);
    expect(go(BigInt(page) * 4096n, "load", { priv: 3, dataPriv: 3 })).toBe(page * 4096);
  });
});

test("the physical page of a leaf may be any of 2^44, and is exact", () => {
  const { tables, go, mmu } = sv39Bench();
  tables.map(0n, 0, "vrwxad", 0, { ppn: 0xfff_ffff_fff7 });
  expect(go(0xabcn)).toBeGreaterThan(2 ** 55);
  expect(mmu.ppn).toBe(0xfff_ffff_fff7);
  expect(mmu.explain(0xabcn, "load")).toMatchObject({ pa: 0xff_ffff_ffff_7abcn, rule: "vacant", cause: 5 });
  tables.map(0x1000n, 0, "vrwxad", 0, { ppn: 0xff_ffff_ffff });
  expect(go(0x1fffn)).toBe(2 ** 52 - 1);
});
