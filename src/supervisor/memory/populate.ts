import { type FaultAccess, type FaultAnswer, faultAnswer, faultIn } from "../../kernel/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import { pageBytes } from "./page.ts";
import type { UserMm } from "./userMm.ts";

/** How `__mm_populate` touches the pages of a VMA: as they would be used, a private one so that it is there to write. */
export function accessOf(vmFlags: number): FaultAccess | undefined {
  const isShared = (vmFlags & vmFlag.VM_SHARED) !== 0;
  if ((vmFlags & vmFlag.VM_WRITE) !== 0 && !isShared) return "store";
  if ((vmFlags & (vmFlag.VM_READ | vmFlag.VM_WRITE)) !== 0) return "load";
  return (vmFlags & vmFlag.VM_EXEC) !== 0 ? "fetch" : undefined;
}

/**
 * Makes the pages of [start, end) present where something is mapped that may be accessed. Ends with the first page that
 * cannot be, whose answer this returns.
 */
export function populateRange(mm: UserMm, start: number, end: number, access?: FaultAccess): FaultAnswer {
  const { mm: kernelMm } = mm;
  for (let at = start; at < end; ) {
    const vma = kernelMm.findVma(BigInt(at));
    if (vma === null || Number(vma.vmStart) >= end) return faultAnswer.done;
    at = Math.max(at, Number(vma.vmStart));
    const last = Math.min(end, Number(vma.vmEnd));
    const how = access ?? accessOf(vma.vmFlags);
    if (how === undefined || (access === undefined && (vma.vmFlags & vmFlag.VM_LOCKONFAULT) !== 0)) {
      at = last;
      continue;
    }
    while (at < last) {
      const answer = faultIn(kernelMm, BigInt(at), how);
      if (answer !== faultAnswer.done) return answer;
      const { level } = kernelMm.seekLowest(at / pageBytes);
      const size = pageBytes * 512 ** level;
      at += size - (at % size);
    }
  }
  return faultAnswer.done;
}
