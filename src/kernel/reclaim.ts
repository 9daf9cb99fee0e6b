import type { KernelMemory } from "./kernelMemory.ts";
import { pageOutSome } from "./pageOut.ts";

/**
 * Frames for those who need some: first pages of files that nothing maps, then of all address spaces pages that were
 * not used lately, then any that can be read again from a file or from swap space. Returns how many frames are free now
 * that were not.
 */
export function reclaim(memory: KernelMemory, want: number): number {
  const before = memory.frames.freeFrames;
  const freed = () => memory.frames.freeFrames - before;
  dropUnmapped(memory, want);
  for (const sparesUsed of [true, false]) {
    for (const mm of memory.mms) {
      if (freed() < want) pageOutSome(mm, sparesUsed, want - freed());
    }
  }
  return freed();
}

/** Forgets pages of files that nothing maps. */
function dropUnmapped(memory: KernelMemory, want: number): void {
  let dropped = 0;
  for (const mapping of memory.mappings) {
    if (mapping.source === undefined) continue;
    if (mapping.source.write !== undefined) mapping.writeBack();
    for (const folio of new Set(mapping.pages.values())) {
      if (dropped >= want) return;
      if (folio.refCount !== 1 || folio.dirty || folio.fromPool !== null) continue;
      mapping.remove(folio);
      dropped++;
    }
  }
}
