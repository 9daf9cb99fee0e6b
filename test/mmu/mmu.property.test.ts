import { expect, test } from "vitest";
import {
  type Access,
  accessCode,
  fastEntry,
  fastKind,
  type Mmu,
  modes,
  type Regime,
  sv39,
  sv48,
  type TlbGeometry,
} from "../../src/mmu/index.ts";
import { denial } from "../../src/mmu/walk.ts";
import { bench, halves, openPmp, ramBase, random, regimeOf, Tables, testLayout, translate } from "./fixture.ts";

type Random = ReturnType<typeof random>;
type Bench = ReturnType<typeof randomBench>;

/** Pages that share entries of the fast arrays and sets of small TLBs, and some inside superpages. */
const low = [0, 1, 2, 64, 65, 128, 512, 513, 576, 1024, 1040, 1041, 1055].map((vpn) => BigInt(vpn) * 4096n);
const vas = [...low, ...[-1n, -64n, -512n, -1024n].map((vpn) => BigInt.asUintN(64, vpn * 4096n))];
const frames = ramBase / 4096 + 1024;

/** A machine with two sets of tables. Those made from equal arguments are equal. */
function randomBench(geometry: TlbGeometry) {
  const pmp = openPmp();
  const made = bench({ geometry, pmp });
  const tables = [new Tables(made.memory, sv39), new Tables(made.memory, sv48, ramBase / 4096 + 200)];
  return { ...made, tables };
}

/** Changes one entry of the tables: a page, a superpage, a 64 KiB page, or nothing. */
function remap(b: Bench, r: Random): void {
  const tables = r.pick(b.tables);
  const va = r.pick(vas);
  const rights = r.pick(["vrwxad", "vrwxad", "vrwxa", "vrad", "vrwxuad", "vrwxadg", "vrwxag", "vxad", "vrw", ""]);
  const kind = r.below(10);
  const superpage = va - (va % 0x20_0000n);
  if (kind === 0) {
    tables.map(superpage, frames + 512 * r.below(3), rights, 1);
  } else {
    const entry = tables.entry(superpage, 1);
    if ((tables.read(entry) & 0xen) !== 0n) tables.write(entry, 0n);
    if (kind === 1) tables.map(va, frames + 16 * r.below(8) + 8, rights, 0, { n: 1 });
    else tables.map(va, frames + r.below(2048), rights);
  }
}

function randomRegime(b: Bench, r: Random): Regime {
  const { mode, root } = r.pick(b.tables);
  const priv = r.pick([0, 1, 1, 1, 3]);
  const changes = { asid: r.below(3), sum: r.chance(0.5), mxr: r.chance(0.3), adue: r.chance(0.6) };
  return { ...regimeOf(mode, root, { ...changes, priv }), dataPriv: r.chance(0.2) ? 1 : priv };
}

/** What generated code does: probe the array; where that misses, ask the Mmu. */
function throughArrays(b: Bench, va: bigint, access: Access): number {
  const { mmu } = b;
  const [context, start, entries] = {
    load: [mmu.dataContext, testLayout.read, testLayout.dataEntries],
    store: [mmu.dataContext, testLayout.write, testLayout.dataEntries],
    fetch: [mmu.fetchContext, testLayout.fetch, testLayout.fetchEntries],
  }[access];
  const at = context + start + (Number(va >> 12n) & (entries - 1)) * fastEntry.bytes;
  if (b.memory.view.getBigUint64(at, true) === (va & ~0xfffn)) {
    const addend = b.memory.view.getInt32(at + fastEntry.addend, true);
    const host = (Number(BigInt.asUintN(32, va)) + addend) >>> 0;
    return host - b.memory.hostBase + ramBase;
  }
  const result = translate(mmu, va, access);
  if (access === "fetch" && result >= 0 && mmu.cacheable) {
    const addend = b.memory.hostOf(mmu.ppn * 4096) - Number(BigInt.asUintN(32, va & ~0xfffn));
    mmu.fast.fill(mmu.fetchContext, fastKind.fetch, ...halves(va), addend);
  }
  return result;
}

/** Every fast entry for a translated address is what the architectural TLB would answer. */
function expectSubset(mmu: Mmu, hostToPa: (host: number) => number): void {
  const names = ["load", "store", "fetch"] as const;
  for (const { key, asid, kind, va, addend } of mmu.fast.entries()) {
    if (asid < 0) continue;
    const mode = modes[key & 3];
    const at = halves(va);
    const slot = mmu.tlb.find(mode.index, asid, ...at);
    expect(slot).toBeGreaterThanOrEqual(0);
    expect(mmu.tlb.ppnAt(slot, ...at) * 4096).toBe(hostToPa((Number(BigInt.asUintN(32, va)) + addend) >>> 0));
    const bit = (n: number) => ((key >> n) & 1) !== 0;
    const regime = { mode, rootPpn: 0, priv: bit(18) ? 1 : 0, sum: bit(19), mxr: bit(20), adue: false, pbmte: false };
    const flags = mmu.tlb.flagsOf(slot);
    expect(denial(flags, accessCode[names[kind]], regime)).toBeUndefined();
    if (kind === fastKind.write) expect(flags & 0x80).toBe(0x80);
  }
}

function step(b: Bench, r: Random, access: (b: Bench, va: bigint, access: Access) => number): unknown {
  const kind = r.below(100);
  if (kind < 8) return remap(b, r);
  if (kind < 18) return b.mmu.setRegime(randomRegime(b, r));
  if (kind < 22) {
    const fence = r.pick(["all", "asid", "va", "va", "va+asid"] as const);
    return b.mmu.fence(fence, r.pick(vas), r.below(3));
  }
  if (kind === 22) return b.pmp.writeConfig(0, r.pick([0x1fn, 0x1fn, 0x1bn]));
  return access(b, r.pick(vas) + BigInt(r.below(4096)), r.pick<Access>(["load", "store", "fetch"]));
}

for (const geometry of [
  { sets: 1, ways: 1 },
  { sets: 1, ways: 4 },
  { sets: 4, ways: 2 },
  { sets: 64, ways: 4 },
]) {
  const name = `${geometry.sets}x${geometry.ways}`;
  test(`a TLB of ${name}: fast arrays change no address, fault, entry or count, and hold only what it holds`, () => {
    const [withArrays, without] = [randomBench(geometry), randomBench(geometry)];
    const [r1, r2] = [random(geometry.sets * 10 + geometry.ways), random(geometry.sets * 10 + geometry.ways)];
    for (let n = 0; n < 40; n++) {
      remap(withArrays, r1);
      remap(without, r2);
    }
    let shortcuts = 0;
    for (let n = 0; n < 6000; n++) {
      const seen = withArrays.mmu.tlb.counters.hits;
      const got = step(withArrays, r1, throughArrays);
      const expected = step(without, r2, (b, va, access) => translate(b.mmu, va, access));
      expect(got).toBe(expected);
      if (seen === withArrays.mmu.tlb.counters.hits) shortcuts++;
      if (n % 40 !== 0) continue;
      expect(withArrays.mmu.tlb.list()).toEqual(without.mmu.tlb.list());
      expectSubset(withArrays.mmu, (host) => host - withArrays.memory.hostBase + ramBase);
    }
    const [{ hits: someHits, ...counted }, { hits, ...expected }] = [
      withArrays.mmu.tlb.counters,
      without.mmu.tlb.counters,
    ];
    expect(counted).toEqual(expected);
    expect(someHits).toBeLessThanOrEqual(hits);
    expect(shortcuts).toBeGreaterThan(100);
    const pages = (b: Bench) => b.memory.read(ramBase, 2 ** 21);
    expect(Buffer.compare(pages(withArrays), pages(without))).toBe(0);
  });
}
