import { errno, vmFlag } from "../pagewalk/index.ts";
import { changeProtection } from "../pagewalk/users/index.ts";
import type { Mm } from "./mm.ts";
import { isolate } from "./unmap.ts";

const permissions = vmFlag.VM_READ | vmFlag.VM_WRITE | vmFlag.VM_EXEC;

/**
 * `mprotect(2)`: gives [start, end) the permissions VM_READ, VM_WRITE, VM_EXEC of `flags`. The mmap write lock must be
 * held. 0, -EINVAL, or -ENOMEM where nothing is mapped.
 */
export function mprotect(mm: Mm, start: bigint, end: bigint, flags: number): number {
  if (start >= end || ((start | end) & 4095n) !== 0n) return -errno.EINVAL;
  for (let addr = start; addr < end; ) {
    const vma = mm.vmaAt(addr);
    if (vma === null) return -errno.ENOMEM;
    addr = vma.vmEnd;
  }
  const to = {
    r: (flags & vmFlag.VM_READ) !== 0,
    w: (flags & vmFlag.VM_WRITE) !== 0,
    x: (flags & vmFlag.VM_EXEC) !== 0,
  };
  for (const vma of isolate(mm, start, end)) {
    vma.vmLock.startWrite();
    vma.vmFlags = (vma.vmFlags & ~permissions) | (flags & permissions);
    const result = changeProtection(vma, vma.vmStart, vma.vmEnd, to);
    if (result !== 0) return result;
  }
  return 0;
}
