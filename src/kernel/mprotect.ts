import { errno, vmFlag } from "../pagewalk/index.ts";
import { changeProtection } from "../pagewalk/users/index.ts";
import { mergeVmas } from "./merge.ts";
import type { Mm } from "./mm.ts";
import { isolate, splitsHugePage } from "./unmap.ts";
import { accountedFlags, type Vma } from "./vma.ts";

const permissions = vmFlag.VM_READ | vmFlag.VM_WRITE | vmFlag.VM_EXEC;

/**
 * `mprotect(2)`: gives [start, end) the permissions VM_READ, VM_WRITE, VM_EXEC of `flags`. The mmap write lock must be
 * held. 0, -EINVAL, -ENOMEM where nothing is mapped, or -EPERM where a VMA may never have them: what lies before has
 * them then.
 */
export function mprotect(mm: Mm, start: bigint, end: bigint, flags: number): number {
  if (start >= end || ((start | end) & 4095n) !== 0n) return -errno.EINVAL;
  const refused = findRefusal(mm, start, end, flags & permissions);
  if (refused?.at === start) return refused.error;
  if (refused !== undefined) return mprotect(mm, start, refused.at, flags) || refused.error;
  if (splitsHugePage(mm, start) || splitsHugePage(mm, end)) return -errno.EINVAL;
  const to = {
    r: (flags & vmFlag.VM_READ) !== 0,
    w: (flags & vmFlag.VM_WRITE) !== 0,
    x: (flags & vmFlag.VM_EXEC) !== 0,
  };
  for (const vma of isolate(mm, start, end)) {
    vma.vmLock.startWrite();
    vma.vmFlags = (vma.vmFlags & ~permissions) | (flags & permissions);
    if (vma.hugetlb === null) account(vma);
    const result = changeProtection(vma, vma.vmStart, vma.vmEnd, to);
    if (result !== 0) return result;
  }
  mergeVmas(mm, start, end);
  return 0;
}

/** Memory is promised to what may be written now, and no more to what has no pages of its own yet. */
function account(vma: Vma): void {
  if ((vma.vmFlags & vmFlag.VM_WRITE) !== 0) vma.vmFlags = accountedFlags(vma.vmFlags);
  else if (vma.vmFile === null && !vma.hasAnon) vma.vmFlags &= ~vmFlag.VM_ACCOUNT;
}

/** Where in [start, end) permissions cannot be given first, if anywhere, and why. */
function findRefusal(mm: Mm, start: bigint, end: bigint, wanted: number): { at: bigint; error: number } | undefined {
  for (let at = start; at < end; ) {
    const vma = mm.vmaAt(at);
    if (vma === null) return { at, error: -errno.ENOMEM };
    // VM_MAYREAD … are VM_READ … four bits up; a VMA with none of them was made without regard to them
    const may = (vma.vmFlags >> 4) & permissions;
    if (may !== 0 && (wanted & ~may) !== 0) return { at, error: -errno.EPERM };
    at = vma.vmEnd;
  }
  return undefined;
}
