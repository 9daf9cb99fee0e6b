import { changeVmaFlags, faultAnswer, type Mm, mergeVmas, type Vma } from "../../kernel/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import { errno } from "../errno.ts";
import { lockedBytes, lockLimit } from "../memory/lockLimit.ts";
import { down, up } from "../memory/page.ts";
import { accessOf, populateRange } from "../memory/populate.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

const invalid = -errno.EINVAL;
const lockOnFault = 1;
const lockFlags = vmFlag.VM_LOCKED | vmFlag.VM_LOCKONFAULT;

function mlock2(task: Task, start: number, length: number, flags: number): number {
  if ((flags & ~lockOnFault) !== 0) return invalid;
  if (!mayLock(task, start, length)) return lockLimit(task) === 0 ? -errno.EPERM : -errno.ENOMEM;
  const result = changeLock(task, start, length, vmFlag.VM_LOCKED | (flags ? vmFlag.VM_LOCKONFAULT : 0));
  if (result !== 0) return result;
  const from = down(start);
  const end = from + up(length + start - from);
  for (let at = from; at < end; ) {
    const vma = task.mm.mm.findVma(BigInt(at))!;
    const last = Math.min(end, Number(vma.vmEnd));
    // pages that may not be accessed at all cannot be there
    const answer =
      accessOf(vma.vmFlags) === undefined && flags === 0 ? faultAnswer.noPermission : populateRange(task.mm, at, last);
    if (answer !== faultAnswer.done) return answer === faultAnswer.noMemory ? -errno.EAGAIN : -errno.ENOMEM;
    at = last;
  }
  return 0;
}

/** Whether RLIMIT_MEMLOCK allows it; what is locked there already counts once. */
function mayLock(task: Task, start: number, length: number): boolean {
  const limit = lockLimit(task);
  if (limit === Number.POSITIVE_INFINITY) return true;
  if (limit === 0) return false;
  const from = down(start);
  const bytes = up(length + start - from);
  return bytes + lockedBytes(task.mm) - lockedBytes(task.mm, from, from + bytes) <= limit;
}

/** Changes the locks of [start, start + length) up to the first gap. A length that wraps to 0 is nothing, as in Linux. */
function changeLock({ mm }: Task, start: number, length: number, set: number): number {
  const from = down(start);
  const bytes = up(length + start - from);
  if (bytes < 0 || (start < 0 && from + bytes >= 0)) return invalid;
  if (bytes === 0) return 0;
  if (start < 0) return -errno.ENOMEM;
  return mm.mm.mmapLock.writing(() => {
    for (let at = from; at < from + bytes; ) {
      const vma = at < mm.limit ? mm.mm.vmaAt(BigInt(at)) : null;
      if (vma === null) return -errno.ENOMEM;
      const last = Math.min(from + bytes, Number(vma.vmEnd));
      lockVma(vma, BigInt(at), BigInt(last), set);
      at = last;
    }
    return 0;
  });
}

function lockVma(vma: Vma, start: bigint, end: bigint, set: number): void {
  // hugetlb pages never go anyway
  if (vma.hugetlb === null) changeVmaFlags(vma.vmMm, start, end, set, lockFlags);
}

const lockAll = { current: 1, future: 2, onFault: 4 } as const;

function mlockall(task: Task, flags: number): number {
  if (flags === 0 || (flags & ~7) !== 0 || flags === lockAll.onFault) return invalid;
  const { mm } = task;
  const limit = lockLimit(task);
  if (limit === 0) return -errno.EPERM;
  if ((flags & lockAll.current) !== 0 && mm.mappedBytes > limit) return -errno.ENOMEM;
  const set = vmFlag.VM_LOCKED | ((flags & lockAll.onFault) !== 0 ? vmFlag.VM_LOCKONFAULT : 0);
  mm.futureLock = (flags & lockAll.future) !== 0 ? set : 0;
  if ((flags & lockAll.current) === 0) return 0;
  lockEverything(mm.mm, set);
  // what cannot be there is left out
  for (const { vmStart, vmEnd } of [...mm.mm.vmas]) populateRange(mm, Number(vmStart), Number(vmEnd));
  return 0;
}

function lockEverything(mm: Mm, set: number): void {
  mm.mmapLock.writing(() => {
    for (const vma of [...mm.vmas]) if (vma.hugetlb === null) vma.vmFlags = (vma.vmFlags & ~lockFlags) | set;
    mergeVmas(mm, 0n, 2n ** 64n);
  });
}

function munlockall(task: Task): number {
  task.mm.futureLock = 0;
  lockEverything(task.mm.mm, 0);
  return 0;
}

/** What is not to leave memory. */
export const memoryLockCalls = [
  syscall(228, "mlock(address start, size length)", (task, start, length) => mlock2(task, start, length, 0)),
  syscall(229, "munlock(address start, size length)", (task, start, length) => changeLock(task, start, length, 0)),
  syscall(230, "mlockall(mlockFlags flags)", mlockall),
  syscall(231, "munlockall()", munlockall),
  syscall(284, "mlock2(address start, size length, flags flags)", mlock2),
];
