import type { PhysicalMemory } from "../memory/physical.ts";
import { pagesOfLevel } from "../mmu/modes.ts";
import { pbmtOf, ppnOf, pteA, pteD, pteN, ptePbmt, pteR, pteReserved, pteU, pteV, pteW, pteX } from "../mmu/pte.ts";
import { offsetIn } from "../mmu/walk.ts";

/**
 * What an entry is to the walk: `none`, all 64 bits zero; `nonPresent`, V=0 with other bits set; `leaf`; `table`; or
 * `bad`, present and neither: reserved bits, a table outside RAM, a misaligned superpage.
 */
export type EntryKind = "none" | "nonPresent" | "table" | "leaf" | "bad";

const leafBits = pteR | pteW | pteX;
const napotPages = 16;
const napotMark = 8;

/** Whether an entry of level 0 is one of the sixteen of a 64 KiB leaf. */
export function isNapotLeaf(lo: number, hi: number): boolean {
  return (
    (hi & pteN) !== 0 && (lo & pteV) !== 0 && (lo & leafBits) !== 0 && (ppnOf(lo, hi) & (napotPages - 1)) === napotMark
  );
}

/** What an entry at a level is, from its halves. */
export function entryKind(lo: number, hi: number, level: number, memory: Pick<PhysicalMemory, "isRam">): EntryKind {
  if ((lo & pteV) === 0) return (lo | hi) === 0 ? "none" : "nonPresent";
  if ((hi & pteReserved) !== 0 || (lo & (pteR | pteW)) === pteW) return "bad";
  if ((lo & leafBits) === 0) {
    if (level === 0 || (lo & (pteD | pteA | pteU)) !== 0 || (hi & (pteN | ptePbmt)) !== 0) return "bad";
    return memory.isRam(ppnOf(lo, hi) * 4096, 4096) ? "table" : "bad";
  }
  if (pbmtOf(hi) === 3) return "bad";
  if ((hi & pteN) !== 0) return level === 0 && isNapotLeaf(lo, hi) ? "leaf" : "bad";
  return level === 0 || offsetIn(ppnOf(lo, hi), pagesOfLevel[level]) === 0 ? "leaf" : "bad";
}
