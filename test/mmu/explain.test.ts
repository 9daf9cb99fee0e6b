import { describe, expect, test } from "vitest";
import { formatExplanation, formatSize, makePte, sv39, sv57 } from "../../src/mmu/index.ts";
import { bench, page, ramBase, regimeOf, Tables, translate } from "./fixture.ts";

test("a translation is explained entry by entry, down to the physical address", () => {
  const { mmu, tables } = bench();
  const leaf = tables.map(0x1000n, page, "vrwxad");
  const explanation = mmu.explain(0x1abcn, "load", regimeOf(sv39, tables.root, { asid: 7 }));
  expect(explanation).toMatchObject({ outcome: "translated", cause: 0, pa: BigInt(page) * 4096n + 0xabcn, step: "8" });
  expect(explanation.ptes.map(({ level, vpn, kind }) => [level, vpn, kind])).toEqual([
    [2, 0, "table"],
    [1, 0, "table"],
    [0, 1, "leaf"],
  ]);
  expect(explanation.ptes[2]).toMatchObject({ address: BigInt(leaf), value: tables.read(leaf), flags: "DA--XWRV" });
  expect(formatExplanation(explanation).split("\n")).toEqual([
    "load of 0x0000000000001abc in S-mode, Sv39, asid 7, SUM=0 MXR=0, root table at 0x80010000",
    "  level 2: pte[0] at 0x80010000 = 0x0000000020004401 -------V table at 0x80011000",
    "  level 1: pte[0] at 0x80011000 = 0x0000000020004801 -------V table at 0x80012000",
    "  level 0: pte[1] at 0x80012008 = 0x00000000200400cf DA--XWRV leaf",
    "  physical address 0x80100abc, 4 KiB page",
  ]);
});

test("looking changes nothing: no A or D, no entry, no counter", () => {
  const { mmu, tables, memory } = bench();
  tables.map(0x1000n, page, "vrwx");
  mmu.setRegime(regimeOf(sv39, tables.root, { adue: true }));
  translate(mmu, 0x9000n);
  const before = [mmu.pa, mmu.rule, structuredClone(mmu.tlb.counters), memory.read(ramBase, 2 ** 18)];
  const explanation = mmu.explain(0x1000n, "store");
  expect(explanation).toMatchObject({ outcome: "translated", sets: "AD" });
  expect(formatExplanation(explanation)).toContain("the hart sets A and D");
  expect([mmu.pa, mmu.rule, mmu.tlb.counters, memory.read(ramBase, 2 ** 18)]).toEqual(before);
  expect([mmu.tlb.list(), [...mmu.fast.entries()]]).toEqual([[], []]);
});

test("a fault names its step, its rule and its cause", () => {
  const { mmu, tables } = bench();
  tables.map(0x1000n, page, "vrwuad");
  mmu.setRegime(regimeOf(sv39, tables.root));
  const explanation = mmu.explain(0x1000n, "store");
  expect(explanation).toMatchObject({ outcome: "page fault", cause: 15, rule: "userPage", step: "5" });
  expect(formatExplanation(explanation).split("\n").at(-1)).toBe(
    "  store page fault, cause 15 (step 5): U=1: S-mode needs SUM=1 for a page of U-mode",
  );
  expect(mmu.explain(0x5000n, "fetch").ptes.at(-1)).toMatchObject({ kind: "bad", value: 0n });
  expect(mmu.explain(1n << 40n, "load")).toMatchObject({ rule: "nonCanonical", ptes: [] });
});

describe("PMP", () => {
  test("the entry that hid a page table is named", () => {
    const { mmu, tables, pmp } = bench();
    tables.map(0x1000n, page, "vrwxad");
    pmp.writeAddress(0, BigInt(tables.entry(0x1000n, 1)) / 4n + 0x1ffn);
    pmp.writeAddress(1, (1n << 54n) - 1n);
    pmp.writeConfig(0, 0x1f9cn);
    const explanation = mmu.explain(0x1000n, "load", regimeOf(sv39, tables.root));
    expect(explanation).toMatchObject({ outcome: "access fault", cause: 5, rule: "ptePmp", pmp: { entry: 0 } });
    expect(explanation.ptes.map(({ level, kind }) => [level, kind])).toEqual([[2, "table"]]);
    expect(formatExplanation(explanation)).toContain(
      "PMP entry 0 (0x80011000 to 0x80011fff, --X, locked) decides at 0x80011000",
    );
  });

  test("an address that no entry matches is said to be M-mode's", () => {
    const { mmu, pmp } = bench();
    pmp.writeConfig(0, 0n);
    const bareS = { ...regimeOf(sv39, 0), satp: { mode: 0, asid: 0, rootPpn: 0 } };
    const explanation = mmu.explain(BigInt(ramBase), "store", bareS);
    expect(explanation).toMatchObject({ mode: "Bare", cause: 7, rule: "pmp", pa: BigInt(ramBase) });
    expect(formatExplanation(explanation)).toContain("no PMP entry matches 0x80000000");
  });
});

test("a page with nothing behind it is an access fault, and a device is not", () => {
  const { mmu, tables, memory } = bench();
  memory.attach(0x1000_0000, { name: "uart", size: 4096, load: () => 0n, store: () => true });
  tables.map(0x1000n, 0x10000, "vrwad");
  tables.map(0x2000n, 0x10001, "vrwad");
  const regime = regimeOf(sv39, tables.root);
  expect(mmu.explain(0x1000n, "load", regime)).toMatchObject({ cause: 0, pa: 0x1000_0000n });
  expect(mmu.explain(0x2000n, "load", regime)).toMatchObject({ cause: 5, rule: "vacant", pa: 0x1000_1000n });
});

test("an entry of the TLB that memory contradicts is shown, one that agrees is not", () => {
  const { mmu, tables } = bench();
  tables.map(0x1000n, page, "vrad");
  mmu.setRegime(regimeOf(sv39, tables.root));
  translate(mmu, 0x1000n);
  expect(mmu.explain(0x1000n, "load").tlb).toMatchObject({ agrees: true });
  expect(formatExplanation(mmu.explain(0x1000n, "load"))).not.toContain("TLB");
  tables.write(tables.entry(0x1000n), 0n);
  const explanation = mmu.explain(0x1000n, "load");
  expect(explanation).toMatchObject({ cause: 13, rule: "invalid", tlb: { agrees: false, pa: BigInt(page) * 4096n } });
  expect(formatExplanation(explanation).split("\n").at(-1)).toBe(
    "  but the TLB still holds 0x0000000000001000 -> 0x80100000, 4 KiB, R---AD, filled by a load: no fence has removed it",
  );
});

test("a store to an entry with D=0 is answered by memory, so the entry does not contradict it", () => {
  const { mmu, tables } = bench();
  tables.map(0x1000n, page, "vrwa");
  mmu.setRegime(regimeOf(sv39, tables.root));
  translate(mmu, 0x1000n);
  expect(mmu.explain(0x1000n, "store")).toMatchObject({ rule: "dirtyClear", tlb: { agrees: true } });
  tables.map(0x1000n, page + 1, "vrwad");
  expect(mmu.explain(0x1000n, "store")).toMatchObject({ outcome: "translated", tlb: { agrees: true } });
});

test("large pages and 64 KiB pages say their size", () => {
  const { mmu, memory } = bench();
  const tables = new Tables(memory, sv57);
  const regime = regimeOf(sv57, tables.root);
  for (const [level, size] of [
    [1, "2 MiB"],
    [2, "1 GiB"],
    [3, "512 GiB"],
    [4, "256 TiB"],
  ] as const) {
    tables.map(1n << 50n, 0, "vrxad", level);
    expect(formatExplanation(mmu.explain(1n << 50n, "fetch", regime))).toContain(`${size} page`);
    tables.write(tables.entry(1n << 50n, level), 0n);
  }
  for (const va of [0n, 0x5000n]) tables.map(va, 8, "vrad", 0, { n: 1 });
  expect(mmu.explain(0x5000n, "load", regime)).toMatchObject({ pageSize: 65536, pa: 0x5000n });
  expect([1, 4096, 2 ** 48].map(formatSize)).toEqual(["1 B", "4 KiB", "256 TiB"]);
});

test("M-mode and fetches under MPRV are explained as physical addresses", () => {
  const { mmu, tables } = bench();
  tables.map(0x1000n, page, "vrwxad");
  mmu.setRegime({ ...regimeOf(sv39, tables.root), priv: 3 });
  expect(mmu.explain(0x1000n, "load")).toMatchObject({ mode: "Sv39", priv: "S", pa: BigInt(page) * 4096n });
  expect(mmu.explain(BigInt(ramBase), "fetch")).toMatchObject({
    mode: "Bare",
    priv: "M",
    pa: BigInt(ramBase),
    ptes: [],
  });
  expect(mmu.explain(1n << 63n, "fetch")).toMatchObject({ rule: "tooWide", cause: 1 });
  expect(formatExplanation(mmu.explain(1n << 63n, "fetch"))).toBe(
    "fetch of 0x8000000000000000 in M-mode, Bare\n" +
      "  instruction access fault, cause 1: a physical address has 56 bits, and higher bits are set",
  );
});

test("reserved bits in an entry are told from its absence", () => {
  const { mmu, tables } = bench();
  tables.map(0x1000n, page, "vrwad");
  const at = tables.entry(0x1000n);
  const regime = regimeOf(sv39, tables.root);
  const ruleFor = (pte: bigint) => {
    tables.write(at, pte);
    return mmu.explain(0x1000n, "load", regime).rule;
  };
  expect(ruleFor(0n)).toBe("invalid");
  expect(ruleFor(makePte({ v: 1, w: 1 }))).toBe("reservedWrite");
  expect(ruleFor(makePte({ v: 1, r: 1, reserved: 1 }))).toBe("reservedBits");
  expect(ruleFor(makePte({ v: 1 }))).toBe("noLeaf");
});
