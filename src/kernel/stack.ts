import { vmFlag } from "../pagewalk/index.ts";
import type { Mm } from "./mm.ts";

/** What is kept free below a stack: 256 pages, Linux's `stack_guard_gap`. */
const guardGap = 256n << 12n;
const accessible = vmFlag.VM_READ | vmFlag.VM_WRITE | vmFlag.VM_EXEC;

/**
 * `expand_stack`: an access below a VMA that grows down makes it reach there, if the limit of the stack and what lies
 * below allow it. Takes the mmap lock for write. Whether the VMA reaches there now.
 */
export function expandStack(mm: Mm, addr: bigint): boolean {
  const vma = mm.findVma(addr);
  if (vma === null || (vma.vmFlags & vmFlag.VM_GROWSDOWN) === 0) return false;
  const start = addr & -4096n;
  if (start >= vma.vmStart) return true;
  if (Number(vma.vmEnd - start) > mm.stackLimit) return false;
  const below = mm.lastBefore(vma.vmStart);
  if (below !== null) {
    const isGuard = (below.vmFlags & vmFlag.VM_GROWSDOWN) !== 0 || (below.vmFlags & accessible) === 0;
    if (start < below.vmEnd + (isGuard ? 0n : guardGap)) return false;
  }
  mm.mmapLock.writing(() => mm.lowerVma(vma, start));
  return true;
}
