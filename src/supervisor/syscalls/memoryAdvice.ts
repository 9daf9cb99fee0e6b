import {
  adviseFree,
  advisePageOut,
  changeVmaFlags,
  collapse,
  type FaultAccess,
  faultAnswer,
  type Mm,
  readAhead,
  splitsHugePage,
  type Vma,
} from "../../kernel/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import {
  adviseCold,
  adviseGuardInstall,
  adviseGuardRemove,
  discardRange,
  mincore as residence,
} from "../../pagewalk/users/index.ts";
import { errno } from "../errno.ts";
import { down, pageBytes, up } from "../memory/page.ts";
import { accessOf, populateRange } from "../memory/populate.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

/** MADV_ numbers, `asm-generic/mman-common.h`. */
export const advice = {
  NORMAL: 0,
  RANDOM: 1,
  SEQUENTIAL: 2,
  WILLNEED: 3,
  DONTNEED: 4,
  FREE: 8,
  REMOVE: 9,
  DONTFORK: 10,
  DOFORK: 11,
  HUGEPAGE: 14,
  NOHUGEPAGE: 15,
  DONTDUMP: 16,
  DODUMP: 17,
  WIPEONFORK: 18,
  KEEPONFORK: 19,
  COLD: 20,
  PAGEOUT: 21,
  POPULATE_READ: 22,
  POPULATE_WRITE: 23,
  DONTNEED_LOCKED: 24,
  COLLAPSE: 25,
  GUARD_INSTALL: 102,
  GUARD_REMOVE: 103,
} as const;

/** Carries an advice out for a part of a VMA. 0 or -errno. */
type Advise = (vma: Vma, start: bigint, end: bigint) => number;

const {
  VM_SHARED,
  VM_WRITE,
  VM_LOCKED,
  VM_PFNMAP,
  VM_HUGETLB,
  VM_HUGEPAGE,
  VM_NOHUGEPAGE,
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_WIPEONFORK,
  VM_SEQ_READ,
  VM_RAND_READ,
} = vmFlag;
const invalid = -errno.EINVAL;
const has = (vma: Vma, flags: number) => (vma.vmFlags & flags) !== 0;
const isPrivateAnonymous = (vma: Vma) => vma.vmFile === null && !has(vma, VM_SHARED | VM_HUGETLB);

/** Advice that is a flag of the VMA, which there is no other use for, or which later calls and faults look at. */
const flagAdvice = new Map<number, { set: number; clear: number; allows?: (vma: Vma) => boolean }>([
  [advice.NORMAL, { set: 0, clear: VM_SEQ_READ | VM_RAND_READ }],
  [advice.RANDOM, { set: VM_RAND_READ, clear: VM_SEQ_READ }],
  [advice.SEQUENTIAL, { set: VM_SEQ_READ, clear: VM_RAND_READ }],
  [advice.DONTFORK, { set: VM_DONTCOPY, clear: 0 }],
  [advice.DOFORK, { set: 0, clear: VM_DONTCOPY }],
  [advice.DONTDUMP, { set: VM_DONTDUMP, clear: 0 }],
  [advice.DODUMP, { set: 0, clear: VM_DONTDUMP }],
  [advice.WIPEONFORK, { set: VM_WIPEONFORK, clear: 0, allows: isPrivateAnonymous }],
  [advice.KEEPONFORK, { set: 0, clear: VM_WIPEONFORK }],
  [advice.HUGEPAGE, { set: VM_HUGEPAGE, clear: VM_NOHUGEPAGE }],
  [advice.NOHUGEPAGE, { set: VM_NOHUGEPAGE, clear: VM_HUGEPAGE }],
]);

const dontNeed =
  (refused: number): Advise =>
  (vma, start, end) => {
    if (has(vma, refused)) return invalid;
    if (vma.hugetlb === null) return discardRange(vma, start, end);
    // whole huge pages only: the end is rounded down
    const { pageSize } = vma.hugetlb;
    const last = end - (end % pageSize);
    if (start % pageSize !== 0n) return invalid;
    return start < last ? discardRange(vma, start, last) : 0;
  };

/** Advice about what the pages are to be, with the mmap lock held for read. */
const pageAdvice = new Map<number, Advise>([
  [advice.WILLNEED, (vma, start, end) => readAhead(vma, start, end)],
  [advice.DONTNEED, dontNeed(VM_LOCKED | VM_PFNMAP)],
  [advice.DONTNEED_LOCKED, dontNeed(VM_PFNMAP)],
  [
    advice.FREE,
    (vma, start, end) => (isPrivateAnonymous(vma) && !has(vma, VM_LOCKED) ? adviseFree(vma, start, end) : invalid),
  ],
  [advice.REMOVE, remove],
  [advice.COLD, (vma, start, end) => adviseCold(vma.vmMm, start, end)],
  [advice.PAGEOUT, (vma, start, end) => advisePageOut(vma.vmMm, start, end)],
  [
    advice.COLLAPSE,
    (vma, start, end) => (isPrivateAnonymous(vma) && !has(vma, VM_NOHUGEPAGE) ? collapse(vma, start, end) : invalid),
  ],
  [advice.GUARD_INSTALL, (vma, start, end) => adviseGuardInstall(vma.vmMm, start, end)],
  [advice.GUARD_REMOVE, (vma, start, end) => adviseGuardRemove(vma.vmMm, start, end)],
]);

/** A hole in a file that is shared: its pages go, and read as zeros from now on. */
function remove(vma: Vma, start: bigint, end: bigint): number {
  const { vmFile: file, hugetlb } = vma;
  if (has(vma, VM_LOCKED) || file === null) return invalid;
  if (!has(vma, VM_SHARED) || !has(vma, vmFlag.VM_MAYWRITE)) return -errno.EACCES;
  if (hugetlb === null) file.punch(vma.pgoffOf(start), vma.pgoffOf(end));
  else {
    const { pageSize } = hugetlb;
    const pool = vma.vmMm.memory.hugetlbPool(pageSize);
    const before = pool.freePages;
    // only what is whole goes, and stays promised
    const [first, last] = [(start + pageSize - 1n) & -pageSize, end & -pageSize];
    if (first < last) file.punch(vma.pgoffOf(first), vma.pgoffOf(last));
    if (has(vma, vmFlag.VM_ACCOUNT)) pool.reserve(pool.freePages - before);
  }
  return 0;
}

function madvise(task: Task, start: number, length: number, what: number): number {
  const flags = flagAdvice.get(what);
  const pages = pageAdvice.get(what);
  const populates = what === advice.POPULATE_READ || what === advice.POPULATE_WRITE;
  if (flags === undefined && pages === undefined && !populates) return invalid;
  const end = start + up(length);
  if (start % pageBytes !== 0 || start < 0 || length < 0 || end > task.mm.limit) return invalid;
  if (end === start) return 0;
  if (populates) return populate(task, start, end, what === advice.POPULATE_READ ? "load" : "store");
  const { mm } = task.mm;
  if (flags !== undefined) {
    const { set, clear, allows = () => true } = flags;
    return mm.mmapLock.writing(() =>
      onVmas(mm, BigInt(start), BigInt(end), (vma, from, to) => {
        if (!allows(vma) || splitsHugePage(mm, from) || splitsHugePage(mm, to)) return invalid;
        changeVmaFlags(mm, from, to, set, clear);
        return 0;
      }),
    );
  }
  return mm.mmapLock.reading(() => onVmas(mm, BigInt(start), BigInt(end), pages!));
}

/** Does something with each VMA's part of [start, end); -ENOMEM in the end where there was a gap. */
function onVmas(mm: Mm, start: bigint, end: bigint, advise: Advise): number {
  let hasGap = false;
  for (let addr = start; addr < end; ) {
    const vma = mm.findVma(addr);
    if (vma === null || vma.vmStart >= end) return -errno.ENOMEM;
    if (vma.vmStart > addr) hasGap = true;
    const from = vma.vmStart > addr ? vma.vmStart : addr;
    const to = vma.vmEnd < end ? vma.vmEnd : end;
    const result = advise(vma, from, to);
    if (result !== 0) return result;
    addr = to;
  }
  return hasGap ? -errno.ENOMEM : 0;
}

function populate({ mm }: Task, start: number, end: number, access: FaultAccess): number {
  const needed = access === "store" ? VM_WRITE : vmFlag.VM_READ;
  // up to the first mapping that is not for such accesses
  let last = end;
  const isCovered =
    mm.mm.mmapLock.reading(() =>
      onVmas(mm.mm, BigInt(start), BigInt(end), (vma, from) => {
        if (!has(vma, needed)) last = Math.min(last, Number(from));
        return 0;
      }),
    ) === 0;
  const answer = populateRange(mm, start, last, access);
  if (answer === faultAnswer.done && last < end) return invalid;
  if (answer === faultAnswer.noPermission) return invalid;
  if (answer === faultAnswer.noPage || answer === faultAnswer.noMapping) return -errno.EFAULT;
  return answer === faultAnswer.noMemory || !isCovered ? -errno.ENOMEM : 0;
}

function mincore(task: Task, start: number, length: number, into: number): number {
  const { mm, limit } = task.mm;
  if (start % pageBytes !== 0) return invalid;
  if (start < 0 || length < 0 || start + length > limit) return -errno.ENOMEM;
  if (length === 0) return 0;
  const vector = mm.mmapLock.reading(() => residence(mm, BigInt(start), BigInt(start + up(length))));
  if (typeof vector === "number") return vector;
  task.memory.write(into, vector);
  return 0;
}

const sync = { async: 1, invalidate: 2, sync: 4 } as const;

function msync(task: Task, start: number, length: number, flags: number): number {
  const { mm, limit } = task.mm;
  const isBoth = (flags & sync.async) !== 0 && (flags & sync.sync) !== 0;
  if ((flags & ~7) !== 0 || start % pageBytes !== 0 || isBoth) return invalid;
  const bytes = up(length);
  if (start < 0 || bytes < 0 || start + bytes > limit) return -errno.ENOMEM;
  if (bytes === 0) return 0;
  return mm.mmapLock.reading(() =>
    onVmas(mm, BigInt(start), BigInt(start + bytes), (vma, from, to) => {
      if ((flags & sync.invalidate) !== 0 && has(vma, VM_LOCKED)) return -errno.EBUSY;
      if ((flags & sync.sync) !== 0 && has(vma, VM_SHARED)) vma.vmFile?.writeBack(vma.pgoffOf(from), vma.pgoffOf(to));
      return 0;
    }),
  );
}

const lockOnFault = 1;
const lockFlags = vmFlag.VM_LOCKED | vmFlag.VM_LOCKONFAULT;

function mlock2(task: Task, start: number, length: number, flags: number): number {
  if ((flags & ~lockOnFault) !== 0) return invalid;
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
  const set = vmFlag.VM_LOCKED | ((flags & lockAll.onFault) !== 0 ? vmFlag.VM_LOCKONFAULT : 0);
  mm.futureLock = (flags & lockAll.future) !== 0 ? set : 0;
  if ((flags & lockAll.current) === 0) return 0;
  lockEverything(mm.mm, set);
  populateRange(mm, 0, mm.limit);
  return 0;
}

function lockEverything(mm: Mm, set: number): void {
  mm.mmapLock.writing(() => {
    for (const vma of [...mm.vmas]) if (vma.hugetlb === null) vma.vmFlags = (vma.vmFlags & ~lockFlags) | set;
  });
}

function munlockall(task: Task): number {
  task.mm.futureLock = 0;
  lockEverything(task.mm.mm, 0);
  return 0;
}

/** What pages are to be, and what they are. */
export const memoryAdviceCalls = [
  syscall(227, "msync(address start, size length, msyncFlags flags)", msync),
  syscall(228, "mlock(address start, size length)", (task, start, length) => mlock2(task, start, length, 0)),
  syscall(229, "munlock(address start, size length)", (task, start, length) => changeLock(task, start, length, 0)),
  syscall(230, "mlockall(mlockFlags flags)", mlockall),
  syscall(231, "munlockall()", munlockall),
  syscall(232, "mincore(address start, size length, address vector)", mincore),
  syscall(233, "madvise(address start, size length, advice advice)", madvise),
  syscall(284, "mlock2(address start, size length, flags flags)", mlock2),
];
