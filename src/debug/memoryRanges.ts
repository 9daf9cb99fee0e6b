import type { Translation } from "../machine/inspect.ts";
import type { PhysicalMemory } from "../memory/physical.ts";
import { pteField } from "../mmu/index.ts";

/** Neighbouring pages of one kind. */
export interface MemoryRange {
  readonly va: bigint;
  readonly pa: bigint;
  bytes: bigint;
  /** `rwxugad` with `-` for each that is clear. */
  readonly attributes: string;
}

const entries = 512;
const indexBits = 9n;
const pageBits = 12n;
const attributeNames = ["r", "w", "x", "u", "g", "a", "d"] as const;

/** As many tables as map 10 GiB of small pages. */
const mostTables = 5_000;

/**
 * What a tree of page tables maps, in address order: pages that are neighbours in both address spaces and have the same
 * attributes are one range, as in QEMU's `info mem`. Addresses are canonical: bits above the highest translated one are
 * copies of it. Nothing is changed, and what is not RAM is not read.
 *
 * @param most so many ranges at most, and no more than 5,000 tables are read: one can name itself 512 times a level
 */
export function memoryRanges(memory: PhysicalMemory, { mode, root }: Translation, most = 100_000): MemoryRange[] {
  const ranges: MemoryRange[] = [];
  const add = (va: bigint, pa: bigint, bytes: bigint, pte: bigint) => {
    const attributes = attributeNames.map((name) => (pteField(pte, name) === 0n ? "-" : name)).join("");
    const last = ranges.at(-1);
    va = BigInt.asUintN(64, BigInt.asIntN(mode.vaBits, va));
    const joins = last !== undefined && last.va + last.bytes === va && last.pa + last.bytes === pa;
    if (joins && last.attributes === attributes) last.bytes += bytes;
    else ranges.push({ va, pa, bytes, attributes });
  };
  let tables = 0;
  const visit = (table: bigint, level: number, from: bigint) => {
    if (++tables > mostTables) return;
    const shift = pageBits + indexBits * BigInt(level);
    for (let index = 0; index < entries && ranges.length < most; index++) {
      const at = Number(table) + 8 * index;
      if (!memory.isRam(at, 8)) return;
      const pte = memory.load(at, 8) as bigint;
      if ((pte & 1n) === 0n) continue;
      const va = from | (BigInt(index) << shift);
      const pa = pteField(pte, "ppn") << pageBits;
      if ((pte & 0xen) !== 0n) add(va, pa, 1n << shift, pte);
      else if (level > 0) visit(pa, level - 1, va);
    }
  };
  if (mode.levels > 0) visit(root, mode.levels - 1, 0n);
  return ranges;
}
