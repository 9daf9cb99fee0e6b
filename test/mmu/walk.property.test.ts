import { expect, test } from "vitest";
import { type Access, type Mode, makePte, sv39, sv48, sv57 } from "../../src/mmu/index.ts";
import { bench, ramBase, random, regimeOf, translate } from "./fixture.ts";
import { type ReferenceRegime, referenceWalk } from "./referenceWalk.ts";

type Random = ReturnType<typeof random>;

const tablePages = 6;
const firstTable = ramBase / 4096 + 16;
/** Few indices, so that random addresses meet the entries that were made. */
const indices = [0, 1, 8, 9, 255, 256, 511];

/** An entry of a kind that walks should meet: tables, leaves, and all that is wrong with them. */
function randomPte(r: Random, level: number): bigint {
  if (r.chance(0.05)) return r.bits(64);
  const table = firstTable + r.below(tablePages);
  const ppn = r.chance(0.6) ? BigInt(table) : (r.bits(44) >> BigInt(9 * level)) << BigInt(9 * level);
  const isTable = r.chance(0.45);
  let pte = makePte({ v: 1, ppn, g: r.chance(0.1), rsw: r.below(4) });
  if (!isTable) {
    pte |= r.pick([0x2n, 0x6n, 0x8n, 0xan, 0xen, 0x4n, 0xcn]);
    pte |= makePte({ u: r.chance(0.4), a: r.chance(0.8), d: r.chance(0.6) });
    if (r.chance(0.2)) pte |= makePte({ pbmt: r.below(4) });
    if (r.chance(0.3)) pte = (pte & ~(15n << 10n)) | makePte({ n: 1, ppn: 8 });
  }
  if (r.chance(0.08)) pte ^= 1n << BigInt(r.pick([0, 1, 2, 3, 4, 6, 7, 54, 57, 60, 61, 62, 63]));
  return pte;
}

function randomVa(r: Random, mode: Mode): bigint {
  let va = r.bits(12);
  for (let level = 0; level < mode.levels; level++) va |= BigInt(r.pick(indices)) << BigInt(12 + 9 * level);
  va = BigInt.asUintN(64, BigInt.asIntN(mode.vaBits, va));
  return r.chance(0.03) ? va ^ (1n << BigInt(mode.vaBits + r.below(64 - mode.vaBits))) : va;
}

for (const mode of [sv39, sv48, sv57]) {
  test(`${mode.name}: random tables translate as the naive walk says, with the same A and D afterwards`, () => {
    const r = random(mode.vaBits);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 40; round++) {
      const features = { svnapot: r.chance(0.8), svpbmt: r.chance(0.8), svadu: true };
      const { mmu, memory, tables, pmp } = bench({ features, geometry: { sets: 4, ways: 2 } });
      for (let table = 0; table < tablePages; table++) {
        for (const index of indices) tables.write((firstTable + table) * 4096 + index * 8, randomPte(r, r.below(3)));
      }
      const expectedMemory = memory.read(firstTable * 4096, tablePages * 4096);
      // One page of tables that PMP hides from S-mode in some rounds, and one that may only be read.
      if (r.chance(0.3)) {
        pmp.writeAddress(0, BigInt((firstTable + 4) * 1024) | 0x1ffn);
        pmp.writeAddress(1, BigInt((firstTable + 5) * 1024) | 0x1ffn);
        pmp.writeAddress(2, (1n << 54n) - 1n);
        pmp.writeConfig(0, 0x1f1918n);
      }
      const regime = regimeOf(mode, firstTable, {
        priv: r.below(2),
        sum: r.chance(0.5),
        mxr: r.chance(0.5),
        adue: r.chance(0.7),
        pbmte: r.chance(0.7),
      });
      const reference: ReferenceRegime = {
        levels: mode.levels,
        root: BigInt(firstTable),
        user: regime.priv === 0,
        sum: regime.sum,
        mxr: regime.mxr,
        adue: regime.adue,
        pbmte: regime.pbmte && features.svpbmt,
        svnapot: features.svnapot,
      };
      mmu.setRegime(regime);
      for (let n = 0; n < 120; n++) {
        const va = randomVa(r, mode);
        const access = r.pick<Access>(["load", "store", "fetch"]);
        mmu.fence("all");
        const machine = {
          read: (at: bigint) => (memory.isRam(Number(at), 8) ? memory.load(Number(at), 8) : undefined),
          write: (at: bigint, pte: bigint) =>
            new DataView(expectedMemory.buffer).setBigUint64(Number(at) - firstTable * 4096, pte, true),
          pmp: (at: bigint, what: "read" | "write") => pmp.check(Number(at), 8, what === "read" ? 0 : 1, 1),
        };
        const expected = referenceWalk(machine, reference, va, access);
        const explained = mmu.explain(va, access, regime);
        expect(mmu.tlb.list().length).toBe(0);
        const got = translate(mmu, va, access);
        outcomes.set(mmu.rule, (outcomes.get(mmu.rule) ?? 0) + 1);
        const pageFault = { load: -13, store: -15, fetch: -12 }[access];
        const accessFault = { load: -5, store: -7, fetch: -1 }[access];
        if (typeof expected === "bigint") {
          const allowed = pmp.check(Number(expected), 1, ({ load: 0, store: 1, fetch: 2 } as const)[access], 1);
          expect(got).toBe(allowed ? Number(expected) : accessFault);
          expect(explained.pa).toBe(expected);
        } else {
          expect(got).toBe(expected === "page" ? pageFault : accessFault);
          expect(explained.cause).toBe(-got);
        }
      }
      expect(Buffer.compare(memory.read(firstTable * 4096, tablePages * 4096), expectedMemory)).toBe(0);
    }
    // The tables are such that nearly every rule gets its turn.
    expect(outcomes.size).toBeGreaterThan(15);
  });
}
