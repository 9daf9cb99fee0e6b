import { mergeVmas } from "./merge.ts";
import type { Mm } from "./mm.ts";
import { isolate } from "./unmap.ts";

/** Sets and clears flags of the VMAs in [start, end), which are split and joined as needed. The mmap write lock is held. */
export function changeVmaFlags(mm: Mm, start: bigint, end: bigint, set: number, clear: number): void {
  for (const vma of isolate(mm, start, end)) {
    vma.vmLock.startWrite();
    vma.vmFlags = (vma.vmFlags & ~clear) | set;
  }
  mergeVmas(mm, start, end);
}
