import {
  ACTION_CONTINUE,
  type EntryPtr,
  isSwap,
  type MmWalk,
  softEntryAt,
  walkPageRangeVma,
} from "../pagewalk/index.ts";
import { handleFault } from "./fault.ts";
import type { Vma } from "./vma.ts";

/** Frames that reading ahead leaves free. */
const reserve = 64;

/**
 * `madvise(MADV_WILLNEED)` for a part of a VMA: pages of its file are read into the page cache, those in swap space come
 * back, as long as there is room. 0.
 */
export function readAhead(vma: Vma, start: bigint, end: bigint): number {
  const { vmMm: mm, vmFile: file } = vma;
  const { memory } = mm;
  if (file?.source !== undefined && vma.hugetlb === null) {
    const last = Math.min(vma.pgoffOf(end), file.pageCount);
    for (let index = vma.pgoffOf(start); index < last && memory.frames.freeFrames > reserve; index++) {
      file.folioAt(index, memory);
    }
    return 0;
  }
  const swapped: bigint[] = [];
  const pteEntry = (pte: EntryPtr, addr: bigint) => {
    if (isSwap(softEntryAt(pte))) swapped.push(addr);
    return 0;
  };
  walkPageRangeVma(vma, start, end, { pmdEntry: passHuge, pudEntry: passHuge, pteEntry });
  for (const addr of swapped) {
    if (memory.frames.freeFrames <= reserve) break;
    handleFault(mm, addr, "load");
  }
  return 0;
}

const passHuge = (entry: EntryPtr, _addr: bigint, _next: bigint, walk: MmWalk): number => {
  if (!entry.isTable) walk.action = ACTION_CONTINUE;
  return 0;
};
