import { KernelMemory, Mm, type VmaOptions } from "../../src/kernel/index.ts";
import { PhysicalMemory } from "../../src/memory/physical.ts";
import { type Mode, makePte, type PteField, sv39, sv48, sv57, Tlb } from "../../src/mmu/index.ts";
import type { EntryPtr, MmWalk, MmWalkOps } from "../../src/pagewalk/index.ts";
import { vmFlag } from "../../src/pagewalk/index.ts";

export const ramBase = 0x8000_0000;
export const page = 4096n;
export const twoMiB = 2n << 20n;
export const oneGiB = 1n << 30n;
export const translatingModes: readonly Mode[] = [sv39, sv48, sv57];
export const readWrite = vmFlag.VM_READ | vmFlag.VM_WRITE | vmFlag.VM_MAYREAD | vmFlag.VM_MAYWRITE;

type Fields = Partial<Record<PteField, bigint | number | boolean>>;

/** Letters of a PTE's flags to an entry: `leaf("vrwuad", ppn)`. */
export function leaf(letters: string, ppn: number, more: Fields = {}): bigint {
  return makePte({ ...Object.fromEntries([...letters].map((letter) => [letter, 1])), ppn, ...more });
}

/** A kernel with one mm, on RAM alone. */
export function kernel({
  mode = sv39,
  mebibytes = 16,
  asid = 1,
  swapBytes = 0,
}: {
  mode?: Mode;
  mebibytes?: number;
  asid?: number;
  swapBytes?: number;
} = {}) {
  const hostBase = 65536;
  const bytes = mebibytes * 2 ** 20;
  const wasm = new WebAssembly.Memory({ initial: (hostBase + bytes) / 65536 });
  const physical = new PhysicalMemory(wasm, { base: ramBase, bytes, hostBase });
  const harts = [{ tlb: new Tlb() }, { tlb: new Tlb() }];
  const memory = new KernelMemory({ memory: physical, harts, swapBytes });
  const mm = new Mm({ name: "mm 1", memory, mode, asid });
  const add = (start: bigint, pages: number, options: Partial<VmaOptions> = {}) =>
    mm.addVma({ start, end: start + BigInt(pages) * page, flags: readWrite, ...options });
  /** Sets the entry for an address at a level, making tables; returns its pointer. */
  const map = (va: bigint, value: bigint, level = 0): EntryPtr => {
    const entry = mm.entryFor(va, level)!;
    entry.set(value);
    return entry;
  };
  return { physical, memory, harts, mm, add, map };
}

const hex = (value: bigint) => value.toString(16);

/** Ops that log each call as a line: `pte 1000-2000`, `hole 0-1000 depth 3`. `only` names the callbacks to set. */
export function logged(
  only: readonly ("pgd" | "p4d" | "pud" | "pmd" | "pte" | "hole" | "test" | "pre" | "post" | "hugetlb" | "install")[],
  more: MmWalkOps = {},
): { log: string[]; ops: MmWalkOps } {
  const log: string[] = [];
  const has = new Set<string>(only);
  const entry = (name: string) => (_entry: EntryPtr, addr: bigint, next: bigint) => {
    log.push(`${name} ${hex(addr)}-${hex(next)}`);
    return 0;
  };
  const range = (name: string) => (addr: bigint, next: bigint) => {
    log.push(`${name} ${hex(addr)}-${hex(next)}`);
    return 0;
  };
  const ops: MmWalkOps = {
    ...(has.has("pgd") && { pgdEntry: entry("pgd") }),
    ...(has.has("p4d") && { p4dEntry: entry("p4d") }),
    ...(has.has("pud") && { pudEntry: entry("pud") }),
    ...(has.has("pmd") && { pmdEntry: entry("pmd") }),
    ...(has.has("pte") && { pteEntry: entry("pte") }),
    ...(has.has("hole") && {
      pteHole: (addr: bigint, next: bigint, depth: number, walk: MmWalk) => {
        log.push(`hole ${hex(addr)}-${hex(next)} depth ${depth}${walk.vma === null ? "" : " in vma"}`);
        return 0;
      },
    }),
    ...(has.has("hugetlb") && {
      hugetlbEntry: (_entry: EntryPtr, hmask: bigint, addr: bigint, next: bigint) => {
        log.push(`hugetlb ${hex(addr)}-${hex(next)} mask ${hex(hmask)}`);
        return 0;
      },
    }),
    ...(has.has("test") && { testWalk: range("test") }),
    ...(has.has("pre") && { preVma: range("pre") }),
    ...(has.has("post") && {
      postVma: () => {
        log.push("post");
      },
    }),
    ...(has.has("install") && {
      installPte: (addr: bigint, next: bigint) => {
        log.push(`install ${hex(addr)}-${hex(next)}`);
        return 0;
      },
    }),
    ...more,
  };
  return { log, ops };
}
