import { PhysicalMemory } from "../../src/memory/physical.ts";
import {
  type Access,
  accessCode,
  fastLayoutOf,
  Mmu,
  type MmuFeatures,
  type MmuOptions,
  type Mode,
  makePte,
  Pmp,
  type PteField,
  type Regime,
  sv39,
  vpnField,
} from "../../src/mmu/index.ts";

export const ramBase = 0x8000_0000;
export const ramBytes = 16 * 2 ** 20;

/** Small fast arrays, so that tests see conflicts. */
export const testLayout = fastLayoutOf({ dataEntries: 64, fetchEntries: 16, contexts: 4 });
const fastBase = 4096;
const hostBase = 2 ** 20;

/** A machine's memory, PMP that allows everything, and an MMU over them. */
export function bench(
  options: Partial<Omit<MmuOptions, "memory" | "pmp" | "fast">> & { pmp?: Pmp; features?: MmuFeatures } = {},
) {
  const wasm = new WebAssembly.Memory({ initial: (hostBase + ramBytes) / 65536 });
  const memory = new PhysicalMemory(wasm, { base: ramBase, bytes: ramBytes, hostBase });
  const { pmp = openPmp(), ...rest } = options;
  const mmu = new Mmu({ memory, pmp, fast: { base: fastBase, layout: testLayout }, ...rest });
  return { memory, pmp, mmu, tables: new Tables(memory, sv39) };
}

/** A PMP whose first entry allows everything to everybody. */
export function openPmp(entries = 16): Pmp {
  const pmp = new Pmp(entries);
  pmp.writeAddress(0, (1n << 54n) - 1n);
  pmp.writeConfig(0, 0x1fn);
  return pmp;
}

/** The halves of an address as hot paths take them. */
export const halves = (va: bigint): [number, number] => [
  Number(BigInt.asIntN(32, va)),
  Number(BigInt.asIntN(32, va >> 32n)),
];

/** A regime of S-mode, with what the test wants otherwise. */
export function regimeOf(mode: Mode, rootPpn: number, changes: Partial<Omit<Regime, "satp">> & { asid?: number } = {}) {
  const { asid = 1, ...rest } = changes;
  const priv = changes.priv ?? 1;
  return {
    priv,
    dataPriv: priv,
    satp: { mode: mode.satpMode, asid, rootPpn },
    sum: false,
    mxr: false,
    adue: false,
    pbmte: false,
    ...rest,
  } satisfies Regime;
}

type Fields = Partial<Record<PteField, bigint | number | boolean>>;

/** Letters of a PTE's flags to fields: `flags("vrwad")`. */
export const flags = (letters: string): Fields => Object.fromEntries([...letters].map((letter) => [letter, 1]));

/** Page tables in RAM, made entry by entry. */
export class Tables {
  readonly memory: PhysicalMemory;
  readonly mode: Mode;
  readonly root: number;
  #next: number;

  constructor(memory: PhysicalMemory, mode: Mode, firstPpn = ramBase / 4096 + 16) {
    this.memory = memory;
    this.mode = mode;
    this.#next = firstPpn;
    this.root = this.page();
  }

  /** The ppn of a fresh page. */
  page(): number {
    return this.#next++;
  }

  /** Address of the entry for an address at a level; makes the tables on the way. */
  entry(va: bigint, level = 0): number {
    let table = this.root;
    for (let at = this.mode.levels - 1; at > level; at--) {
      const address = table * 4096 + vpnField(...halves(va), at) * 8;
      const pte = this.read(address);
      if (pte === 0n) {
        table = this.page();
        this.write(address, makePte({ v: 1, ppn: table }));
      } else {
        table = Number((pte >> 10n) & 0xfff_ffff_ffffn);
      }
    }
    return table * 4096 + vpnField(...halves(va), level) * 8;
  }

  /** Maps a page: its entry gets the letters' flags, the physical page and other fields. Returns its address. */
  map(va: bigint, ppn: number, letters: string, level = 0, more: Fields = {}): number {
    const address = this.entry(va, level);
    this.write(address, makePte({ ...flags(letters), ppn, ...more }));
    return address;
  }

  read(address: number): bigint {
    return this.memory.load(address, 8) ?? 0n;
  }

  write(address: number, pte: bigint): void {
    this.memory.store(address, 8, pte);
  }
}

/** Translates as the hart does: the physical address, or the cause as `-cause`. */
export function translate(mmu: Mmu, va: bigint, access: Access = "load", size = 1): number {
  const cause = mmu.translate(...halves(va), accessCode[access], size);
  return cause === 0 ? mmu.pa : -cause;
}

/** A small generator of random numbers that gives the same ones in every run. */
export function random(seed: number) {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  return {
    below: (n: number) => next() % n,
    chance: (probability: number) => next() < probability * 2 ** 32,
    pick: <T>(of: readonly T[]): T => of[next() % of.length],
    bits: (n: number) => BigInt.asUintN(n, (BigInt(next()) << 32n) | BigInt(next())),
  };
}

/** The physical page that tests map. */
export const page = ramBase / 4096 + 256;

export const machineMode = { ...regimeOf(sv39, 0), priv: 3, dataPriv: 3 } satisfies Regime;

/** Entries that generated code would find in the arrays, as `read 0x1000`. */
export const filled = (mmu: Mmu) =>
  [...mmu.fast.entries()].map(({ kind, va }) => `${["read", "write", "fetch"][kind]} 0x${va.toString(16)}`).sort();

/** A bench under Sv39 in S-mode, with {@link page} for everything at 0x1000. */
export function supervisorBench(
  options: Parameters<typeof bench>[0] = {},
  changes: Parameters<typeof regimeOf>[2] = {},
) {
  const made = bench(options);
  made.tables.map(0x1000n, page, "vrwxad");
  made.mmu.setRegime(regimeOf(sv39, made.tables.root, changes));
  return made;
}
