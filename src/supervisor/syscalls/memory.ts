import { mprotect as protect, unmapRange } from "../../kernel/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import { adviseDontNeed } from "../../pagewalk/users/index.ts";
import { errno } from "../errno.ts";
import { vmFlagsOf } from "../memory/userMm.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

const pageBytes = 4096;
const up = (address: number) => Math.ceil(address / pageBytes) * pageBytes;

/** MAP_ flags, `asm-generic/mman.h`. */
export const mapFlag = {
  MAP_SHARED: 0x01,
  MAP_PRIVATE: 0x02,
  MAP_SHARED_VALIDATE: 0x03,
  MAP_TYPE: 0x0f,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_GROWSDOWN: 0x100,
  MAP_LOCKED: 0x2000,
  MAP_NORESERVE: 0x4000,
  MAP_POPULATE: 0x8000,
  MAP_STACK: 0x20000,
  MAP_HUGETLB: 0x40000,
  MAP_FIXED_NOREPLACE: 0x100000,
} as const;

function brk(task: Task, to: number): number {
  const { mm } = task;
  if (to < mm.startBrk || to > mm.mmapBase) return mm.brk;
  const end = up(mm.brk);
  const newEnd = up(to);
  if (newEnd > end) {
    const next = mm.mm.findVma(BigInt(end));
    if (next !== null && Number(next.vmStart) < newEnd) return mm.brk;
    mm.map({ start: end, end: newEnd, flags: vmFlagsOf(3) });
  } else if (newEnd < end) {
    mm.mm.mmapLock.writing(() => unmapRange(mm.mm, BigInt(newEnd), BigInt(end)));
  }
  mm.brk = to;
  return to;
}

function mmap(
  task: Task,
  hint: number,
  length: number,
  prot: number,
  flags: number,
  fd: number,
  offset: number,
): number {
  const { mm } = task;
  if (length <= 0 || offset % pageBytes !== 0 || offset < 0) return -errno.EINVAL;
  const bytes = up(length);
  if (bytes > mm.limit) return -errno.ENOMEM;
  let file = null;
  if ((flags & mapFlag.MAP_ANONYMOUS) === 0) {
    const mapping = task.files.get(fd).mapping();
    if (typeof mapping === "number") return mapping;
    file = mapping;
  }
  const isFixed = (flags & (mapFlag.MAP_FIXED | mapFlag.MAP_FIXED_NOREPLACE)) !== 0;
  const start = isFixed ? hint : (mm.findGap(bytes) ?? -1);
  if (isFixed && start % pageBytes !== 0) return -errno.EINVAL;
  if (start < 0 || start + bytes > mm.limit) return -errno.ENOMEM;
  if (isFixed) {
    if (flags & mapFlag.MAP_FIXED_NOREPLACE) {
      const next = mm.mm.findVma(BigInt(start));
      if (next !== null && Number(next.vmStart) < start + bytes) return -errno.EEXIST;
    } else mm.mm.mmapLock.writing(() => unmapRange(mm.mm, BigInt(start), BigInt(start + bytes)));
  }
  const shared = (flags & mapFlag.MAP_TYPE) === mapFlag.MAP_PRIVATE ? 0 : vmFlag.VM_SHARED;
  mm.map({ start, end: start + bytes, flags: vmFlagsOf(prot) | shared, file, pgoff: offset / pageBytes });
  return start;
}

function munmap(task: Task, start: number, length: number): number {
  const { mm } = task.mm;
  if (start % pageBytes !== 0 || length <= 0 || start < 0 || start + length > task.mm.limit) return -errno.EINVAL;
  return mm.mmapLock.writing(() => unmapRange(mm, BigInt(start), BigInt(start + up(length))));
}

function mprotect(task: Task, start: number, length: number, prot: number): number {
  const { mm } = task.mm;
  if (start % pageBytes !== 0 || start < 0 || length < 0) return -errno.EINVAL;
  if (length === 0) return 0;
  return mm.mmapLock.writing(() => protect(mm, BigInt(start), BigInt(start + up(length)), prot & 7));
}

function madvise(task: Task, start: number, length: number, advice: number): number {
  const { mm } = task.mm;
  if (start % pageBytes !== 0 || start < 0 || length < 0) return -errno.EINVAL;
  const dontNeed = 4;
  if (advice !== dontNeed || length === 0) return 0;
  return mm.mmapLock.reading(() => adviseDontNeed(mm, BigInt(start), BigInt(start + up(length))));
}

/** Address spaces. */
export const memoryCalls = [
  syscall(214, "brk(address brk) address", brk),
  syscall(215, "munmap(address start, size length)", munmap),
  syscall(222, "mmap(address hint, size length, prot prot, mapFlags flags, fd fd, offset offset) address", mmap),
  syscall(226, "mprotect(address start, size length, prot prot)", mprotect),
  syscall(233, "madvise(address start, size length, int advice)", madvise),
];
