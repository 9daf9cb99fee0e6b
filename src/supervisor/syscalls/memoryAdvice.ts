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
import { pageBytes, up } from "../memory/page.ts";
import { populateRange } from "../memory/populate.ts";
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
    (vma, start, end) => {
      const allowed = isPrivateAnonymous(vma) && !has(vma, VM_NOHUGEPAGE) && !vma.vmMm.refusesHugePages;
      return allowed ? collapse(vma, start, end) : invalid;
    },
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
  // one mapping after the other, up to one that is missing or not for such accesses
  for (let at = start; at < end; ) {
    const vma = mm.mm.vmaAt(BigInt(at));
    if (vma === null) return -errno.ENOMEM;
    if (!has(vma, needed)) return invalid;
    const last = Math.min(end, Number(vma.vmEnd));
    const answer = populateRange(mm, at, last, access);
    if (answer === faultAnswer.noMemory) return -errno.ENOMEM;
    if (answer !== faultAnswer.done) return answer === faultAnswer.noPermission ? invalid : -errno.EFAULT;
    at = last;
  }
  return 0;
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

/** What pages are to be, and what they are. */
export const memoryAdviceCalls = [
  syscall(227, "msync(address start, size length, msyncFlags flags)", msync),
  syscall(232, "mincore(address start, size length, address vector)", mincore),
  syscall(233, "madvise(address start, size length, advice advice)", madvise),
];
