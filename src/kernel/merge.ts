import { vmFlag } from "../pagewalk/index.ts";
import type { Mm } from "./mm.ts";
import type { Vma } from "./vma.ts";

/** Joins VMAs in and around [start, end) that differ in nothing but their range: `vma_merge`. The mmap lock is held. */
export function mergeVmas(mm: Mm, start: bigint, end: bigint): void {
  let vma = (start > 0n ? mm.vmaAt(start - 1n) : null) ?? mm.findVma(start);
  while (vma !== null && vma.vmStart <= end) {
    const next: Vma | null = mm.findVma(vma.vmEnd);
    if (next === null) return;
    if (areAlike(vma, next)) mm.joinVmas(vma, next);
    else vma = next;
  }
}

/** Whether a VMA goes on where another ends. */
function areAlike(vma: Vma, next: Vma): boolean {
  return (
    vma.vmEnd === next.vmStart &&
    ((vma.vmFlags ^ next.vmFlags) & ~vmFlag.VM_SOFTDIRTY) === 0 &&
    vma.vmFile === next.vmFile &&
    vma.anonName === next.anonName &&
    vma.hugetlb === null &&
    next.hugetlb === null &&
    (vma.vmFile === null || vma.vmPgoff + vma.pages === next.vmPgoff)
  );
}
