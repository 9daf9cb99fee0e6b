import type { KernelMemory } from "./kernelMemory.ts";
import { pageOutOnward } from "./pageOut.ts";

/**
 * Frames for those who need some: first pages of files that nothing maps, then pages of address spaces that were not used
 * since a hand last came by. The hand goes round all address spaces and stays where it was, so that taking a page costs
 * the same however many there are. A page that was used gets a second chance, one that always is a third. Returns how many
 * frames are free now that were not.
 */
export function reclaim(memory: KernelMemory, want: number): number {
  const { frames, events, mms } = memory;
  const before = frames.freeFrames;
  const left = () => want - (frames.freeFrames - before);
  dropUnmapped(memory, want);
  // three rounds: it may be that everything was used all the time
  for (let turns = 3 * mms.size + 1; turns > 0 && left() > 0; turns--) {
    const [mm] = mms;
    if (mm === undefined || !pageOutOnward(mm, left())) continue;
    mms.delete(mm);
    mms.add(mm);
  }
  events.pgsteal += frames.freeFrames - before;
  return frames.freeFrames - before;
}

/** Forgets pages of files that nothing maps, those first that have been so for longest. */
function dropUnmapped({ unmapped, events }: KernelMemory, want: number): void {
  let dropped = 0;
  for (const folio of unmapped) {
    if (dropped >= want) return;
    unmapped.delete(folio);
    events.pgscan++;
    const mapping = folio.mapping!;
    if (folio.refCount !== 1 || folio.fromPool !== null) continue;
    if (folio.dirty && mapping.writeBack(folio.index, folio.index + 1) === 0) continue;
    mapping.remove(folio);
    dropped++;
  }
}
