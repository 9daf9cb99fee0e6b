import type { FileMapping } from "../../kernel/index.ts";
import { isolate, movePages, mprotect as protect, FileMapping as SharedMemory } from "../../kernel/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import { errno, LinuxError } from "../errno.ts";
import { lockLimit, mayLockMore } from "../memory/lockLimit.ts";
import { down, pageBytes, up } from "../memory/page.ts";
import { populateRange } from "../memory/populate.ts";
import { type UserMm, vmFlagsOf } from "../memory/userMm.ts";
import { resource, unlimited } from "../process/limits.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

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
  MAP_NONBLOCK: 0x10000,
  MAP_STACK: 0x20000,
  MAP_HUGETLB: 0x40000,
  MAP_SYNC: 0x80000,
  MAP_FIXED_NOREPLACE: 0x100000,
} as const;

/** Where the logarithm of a huge page's size is in the flags; 0 there means the default, 2 MiB. */
const hugeSizeAt = 26;
const hugeSizeMask = 63;
const defaultHugeBits = 21;
const hugePageBits: readonly number[] = [16, 21, 30];
const thpBytes = 2 << 20;
/** No file is longer. */
const mostFileBytes = 2 ** 63;
/** Linux's `vm.max_map_count`. */
const mostVmas = 65530;
const prot = { read: 1, write: 2, all: 7, growsDown: 0x100_0000, growsUp: 0x200_0000 } as const;

const dataFlags = vmFlag.VM_WRITE | vmFlag.VM_SHARED | vmFlag.VM_GROWSDOWN;
const isData = (flags: number) => (flags & dataFlags) === vmFlag.VM_WRITE;

/** Whether bytes more with these flags are beyond RLIMIT_AS, RLIMIT_DATA, or what there is of memory to be promised. */
function isTooMuch({ mm, process: { limits } }: Task, bytes: number, flags: number, isCommitted = true): boolean {
  const all = limits.get(resource.RLIMIT_AS).soft;
  if (all !== unlimited && mm.mappedBytes + bytes > all) return true;
  const data = limits.get(resource.RLIMIT_DATA).soft;
  if (data !== unlimited && isData(flags) && dataBytes(mm) + bytes > data) return true;
  return isCommitted && !mm.mayCommit(bytes);
}

/** Bytes of private mappings that may be written, but for stacks (`data_vm`). */
function dataBytes({ mm }: UserMm): number {
  let pages = 0;
  for (const vma of mm.vmas) if (isData(vma.vmFlags)) pages += vma.pages;
  return pages * pageBytes;
}

/** Whether memory of [start, end) that becomes writable makes more of it data than RLIMIT_DATA allows. */
function isTooMuchData({ mm, process: { limits } }: Task, start: number, end: number): boolean {
  const data = limits.get(resource.RLIMIT_DATA).soft;
  if (data === unlimited) return false;
  let bytes = 0;
  for (const { vmStart, vmEnd, vmFlags } of mm.mm.vmas) {
    const part = Math.min(end, Number(vmEnd)) - Math.max(start, Number(vmStart));
    if (part > 0 && !isData(vmFlags) && isData(vmFlags | vmFlag.VM_WRITE)) bytes += part;
  }
  return bytes > 0 && dataBytes(mm) + bytes > data;
}

function brk(task: Task, to: number): number {
  const { mm } = task;
  if (to < mm.startBrk || to > mm.mmapBase) return mm.brk;
  const end = up(mm.brk);
  const newEnd = up(to);
  if (newEnd > end) {
    const next = mm.mm.findVma(BigInt(end));
    const flags = vmFlagsOf(3) | mm.futureLock;
    const isFree = next === null || Number(next.vmStart) >= newEnd;
    if (!isFree || isTooMuch(task, newEnd - end, flags) || !mayLockMore(task, newEnd - end, flags)) return mm.brk;
    mm.mapMerged({ start: end, end: newEnd, flags });
    if (mm.futureLock !== 0) populateRange(mm, end, newEnd);
  } else if (newEnd < end) mm.unmap(newEnd, end);
  mm.brk = to;
  return to;
}

/** What mmap is to map, as far as its arguments say. */
interface Request {
  readonly bytes: number;
  readonly flags: number;
  readonly prot: number;
  readonly file: FileMapping | null;
  readonly vmFlags: number;
  /** Bytes of a hugetlb page; 0: small pages. */
  readonly hugeBytes: number;
}

function mmap(
  task: Task,
  hint: number,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
): number {
  const { mm } = task;
  const request = readRequest(task, length, protection, flags, fd, offset);
  const { bytes, file, vmFlags, hugeBytes } = request;
  const start = placeFor(mm, hint, request);
  if (start < 0) return start;
  if ((flags & mapFlag.MAP_LOCKED) !== 0 && lockLimit(task) === 0) return -errno.EPERM;
  if (!mayLockMore(task, bytes, vmFlags)) return -errno.EAGAIN;
  const isPrivateWritable = (vmFlags & (vmFlag.VM_SHARED | vmFlag.VM_WRITE | vmFlag.VM_NORESERVE)) === vmFlag.VM_WRITE;
  if (isTooMuch(task, bytes, vmFlags, isPrivateWritable && hugeBytes === 0)) return -errno.ENOMEM;
  if (mm.mm.vmas.size >= mostVmas) return -errno.ENOMEM;
  if ((vmFlags & vmFlag.VM_ACCOUNT) !== 0) {
    const pool = task.system.memory.hugetlbPool(BigInt(hugeBytes));
    if (!pool.reserve(bytes / hugeBytes)) return -errno.ENOMEM;
  }
  if ((flags & mapFlag.MAP_FIXED) !== 0 && mm.unmap(start, start + bytes) !== 0) return -errno.EINVAL;
  const isSharedMemory = file === null && (vmFlags & vmFlag.VM_SHARED) !== 0;
  const shared = isSharedMemory ? new SharedMemory("/dev/zero (deleted)", undefined, bytes / pageBytes) : file;
  const pgoff = file === null ? 0 : offset / pageBytes;
  mm.mapMerged({ start, end: start + bytes, flags: vmFlags, file: shared, pgoff, hugeBytes });
  const populates = (flags & (mapFlag.MAP_POPULATE | mapFlag.MAP_NONBLOCK)) === mapFlag.MAP_POPULATE;
  if (populates || (vmFlags & vmFlag.VM_LOCKED) !== 0) populateRange(mm, start, start + bytes);
  return start;
}

/** Throws a LinuxError for what mmap may not map. */
function readRequest(
  task: Task,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
): Request {
  if (length === 0 || offset % pageBytes !== 0) throw new LinuxError("EINVAL");
  const type = flags & mapFlag.MAP_TYPE;
  if (type === 0 || type > mapFlag.MAP_SHARED_VALIDATE) throw new LinuxError("EINVAL");
  if (length < 0 || length > task.mm.limit) throw new LinuxError("ENOMEM");
  if (type === mapFlag.MAP_SHARED_VALIDATE && (flags & mapFlag.MAP_SYNC) !== 0) throw new LinuxError("EOPNOTSUPP");
  if (offset < 0) throw new LinuxError("EOVERFLOW");
  const isShared = type !== mapFlag.MAP_PRIVATE;
  let vmFlags = vmFlagsOf(protection & prot.all) | (isShared ? vmFlag.VM_SHARED | vmFlag.VM_MAYSHARE : 0);
  let file: FileMapping | null = null;
  if ((flags & mapFlag.MAP_ANONYMOUS) === 0) {
    const open = task.files.get(fd);
    if (open.isPath) throw new LinuxError("EBADF");
    if ((flags & mapFlag.MAP_HUGETLB) !== 0) throw new LinuxError("EINVAL");
    if (offset + length >= mostFileBytes) throw new LinuxError("EOVERFLOW");
    if (!open.canRead) throw new LinuxError("EACCES");
    if (isShared && !open.canWrite) {
      if ((protection & prot.write) !== 0) throw new LinuxError("EACCES");
      vmFlags &= ~vmFlag.VM_MAYWRITE;
    }
    if (isShared && open.forbidsSharedWrites) {
      if ((protection & prot.write) !== 0) throw new LinuxError("EPERM");
      vmFlags &= ~vmFlag.VM_MAYWRITE;
    }
    const mapping = open.mapping();
    if (typeof mapping === "number") throw new LinuxError("ENODEV");
    file = mapping;
  } else if ((flags & mapFlag.MAP_GROWSDOWN) !== 0) {
    if (isShared) throw new LinuxError("EINVAL");
    vmFlags |= vmFlag.VM_GROWSDOWN;
  }
  if ((flags & mapFlag.MAP_NORESERVE) !== 0) vmFlags |= vmFlag.VM_NORESERVE;
  if ((flags & mapFlag.MAP_LOCKED) !== 0) vmFlags |= vmFlag.VM_LOCKED;
  if ((flags & mapFlag.MAP_STACK) !== 0) vmFlags |= vmFlag.VM_NOHUGEPAGE;
  vmFlags |= task.mm.futureLock;
  const hugeBytes = (flags & mapFlag.MAP_HUGETLB) === 0 ? 0 : hugeBytesOf(flags);
  if (hugeBytes > 0) {
    vmFlags |= vmFlag.VM_DONTEXPAND;
    if ((flags & mapFlag.MAP_NORESERVE) === 0) vmFlags |= vmFlag.VM_ACCOUNT;
  }
  return { bytes: up(length, hugeBytes || pageBytes), flags, prot: protection, file, vmFlags, hugeBytes };
}

function hugeBytesOf(flags: number): number {
  const bits = (flags >>> hugeSizeAt) & hugeSizeMask || defaultHugeBits;
  if (!hugePageBits.includes(bits)) throw new LinuxError("EINVAL");
  return 2 ** bits;
}

/** The address for a mapping, or -errno. */
function placeFor(mm: UserMm, hint: number, { bytes, flags, file, vmFlags, hugeBytes }: Request): number {
  const isFixed = (flags & (mapFlag.MAP_FIXED | mapFlag.MAP_FIXED_NOREPLACE)) !== 0;
  const align = hugeBytes || pageBytes;
  if (isFixed) {
    if (hint % align !== 0) return -errno.EINVAL;
    if (hint < 0 || hint + bytes > mm.limit) return -errno.ENOMEM;
    const keeps = (flags & mapFlag.MAP_FIXED_NOREPLACE) !== 0;
    return keeps && !mm.isFree(hint, hint + bytes) ? -errno.EEXIST : hint;
  }
  const wanted = hint < 0 ? 0 : down(hint, align);
  if (wanted >= pageBytes * 16 && wanted + bytes <= mm.mmapBase && mm.isFree(wanted, wanted + bytes)) return wanted;
  const isAnonymous = file === null && (vmFlags & vmFlag.VM_SHARED) === 0;
  const isForHuge = isAnonymous && bytes >= thpBytes && bytes % thpBytes === 0;
  const aligned = isForHuge ? mm.findGap(bytes, thpBytes) : undefined;
  return aligned ?? mm.findGap(bytes, align) ?? -errno.ENOMEM;
}

function munmap(task: Task, start: number, length: number): number {
  const { limit } = task.mm;
  if (start % pageBytes !== 0 || length <= 0 || start < 0 || length > limit || start + length > limit) {
    return -errno.EINVAL;
  }
  return task.mm.unmap(start, start + up(length));
}

/** Parts of [start, end) that are private and locked and cannot be written: once they can, their copies are to be there. */
function lockedReadOnly({ mm }: UserMm, start: number, end: number): { start: number; end: number }[] {
  const { VM_WRITE, VM_SHARED, VM_LOCKED } = vmFlag;
  return [...mm.vmas]
    .filter(({ vmFlags }) => (vmFlags & (VM_WRITE | VM_SHARED | VM_LOCKED)) === VM_LOCKED)
    .map((vma) => ({ start: Math.max(start, Number(vma.vmStart)), end: Math.min(end, Number(vma.vmEnd)) }))
    .filter((part) => part.start < part.end);
}

function mprotect(task: Task, start: number, length: number, protection: number): number {
  const { mm, limit } = task.mm;
  if (start % pageBytes !== 0) return -errno.EINVAL;
  if ((protection & ~(prot.all | prot.growsDown | prot.growsUp)) !== 0) return -errno.EINVAL;
  const grows = protection & (prot.growsDown | prot.growsUp);
  if (grows === (prot.growsDown | prot.growsUp)) return -errno.EINVAL;
  if (length === 0) return 0;
  if (start < 0 || length < 0 || start + length > limit) return -errno.ENOMEM;
  // no mapping grows up here
  if (grows === prot.growsUp) return mm.vmaAt(BigInt(start)) === null ? -errno.ENOMEM : -errno.EINVAL;
  let from = start;
  if ((protection & prot.growsDown) !== 0) {
    const vma = mm.vmaAt(BigInt(start));
    if (vma === null || (vma.vmFlags & vmFlag.VM_GROWSDOWN) === 0) return -errno.EINVAL;
    from = Number(vma.vmStart);
  }
  if ((protection & prot.write) !== 0 && isTooMuchData(task, from, start + up(length))) return -errno.ENOMEM;
  const toCopy = (protection & prot.write) === 0 ? [] : lockedReadOnly(task.mm, from, start + up(length));
  const result = mm.mmapLock.writing(() =>
    protect(mm, BigInt(from), BigInt(start + up(length)), protection & prot.all),
  );
  if (result === 0) for (const range of toCopy) populateRange(task.mm, range.start, range.end);
  return result === -errno.EPERM ? -errno.EACCES : result;
}

const remap = { mayMove: 1, fixed: 2, dontUnmap: 4 } as const;

function mremap(task: Task, start: number, oldSize: number, newSize: number, flags: number, to: number): number {
  const { mm } = task;
  const vma = mm.mm.vmaAt(BigInt(start));
  const align = Number(vma?.hugetlb?.pageSize ?? pageBytes);
  const oldBytes = up(oldSize, align);
  const newBytes = up(newSize, align);
  const moves = (flags & remap.mayMove) !== 0;
  if (start % pageBytes !== 0 || (flags & ~7) !== 0 || newBytes === 0 || oldSize < 0) return -errno.EINVAL;
  if ((flags & (remap.fixed | remap.dontUnmap)) !== 0 && !moves) return -errno.EINVAL;
  if ((flags & remap.dontUnmap) !== 0 && (oldBytes !== newBytes || to < 0 || to % pageBytes !== 0))
    return -errno.EINVAL;
  if (newSize < 0 || newBytes > mm.limit) return -errno.ENOMEM;
  if (vma === null) return -errno.EFAULT;
  if (vma.hugetlb !== null && mayNotRemap(start, oldBytes, newBytes, flags, to, align)) return -errno.EINVAL;
  if (start + oldBytes > Number(vma.vmEnd)) return -errno.EFAULT;
  const isCopy = oldBytes === 0;
  if (isCopy && (!moves || (vma.vmFlags & vmFlag.VM_SHARED) === 0)) return -errno.EINVAL;
  if ((flags & remap.fixed) !== 0) {
    const overlaps = to < start + oldBytes && start < to + newBytes;
    if (to % pageBytes !== 0 || to < 0 || to + newBytes > mm.limit || overlaps) return -errno.EINVAL;
    if (mm.unmap(to, to + newBytes) !== 0) return -errno.EINVAL;
    return moveMapping(task, start, oldBytes, newBytes, to, flags);
  }
  if ((flags & remap.dontUnmap) === 0 && !isCopy) {
    if (newBytes <= oldBytes) {
      if (newBytes < oldBytes) mm.unmap(start + newBytes, start + oldBytes);
      return start;
    }
    if (start + oldBytes === Number(vma.vmEnd) && mm.isFree(start + oldBytes, start + newBytes)) {
      return growMapping(task, start, oldBytes, newBytes);
    }
  }
  if (!moves) return -errno.ENOMEM;
  const isHint = (flags & remap.dontUnmap) !== 0 && to !== 0 && to + newBytes <= mm.mmapBase;
  const place = isHint && mm.isFree(to, to + newBytes) ? to : mm.findGap(newBytes, align);
  return place === undefined ? -errno.ENOMEM : moveMapping(task, start, oldBytes, newBytes, place, flags);
}

/** hugetlb mappings are made of whole huge pages, do not grow, and leave nothing behind. */
function mayNotRemap(start: number, old: number, next: number, flags: number, to: number, align: number): boolean {
  const isPlaced = (flags & remap.fixed) === 0 || to % align === 0;
  return start % align !== 0 || next > old || !isPlaced || (flags & remap.dontUnmap) !== 0;
}

function growMapping(task: Task, start: number, oldBytes: number, newBytes: number): number {
  const { mm } = task;
  const vma = mm.mm.vmaAt(BigInt(start))!;
  if (!mayLockMore(task, newBytes - oldBytes, vma.vmFlags)) return -errno.EAGAIN;
  if (isTooMuch(task, newBytes - oldBytes, vma.vmFlags)) return -errno.ENOMEM;
  mm.mm.mmapLock.writing(() => mm.mm.resizeVma(vma, BigInt(start + newBytes)));
  vma.vmFlags |= vmFlag.VM_SOFTDIRTY;
  mm.merge(start, start + newBytes);
  if ((vma.vmFlags & vmFlag.VM_LOCKED) !== 0) populateRange(mm, start + oldBytes, start + newBytes);
  return start;
}

/** Maps what is at `start` at `to` instead, where nothing is. */
function moveMapping(task: Task, start: number, oldBytes: number, newBytes: number, to: number, flags: number): number {
  const { mm } = task;
  const vma = mm.mm.vmaAt(BigInt(start));
  if (vma === null) return -errno.EFAULT;
  if (newBytes > oldBytes) {
    if (!mayLockMore(task, newBytes - oldBytes, vma.vmFlags)) return -errno.EAGAIN;
    if (isTooMuch(task, newBytes - oldBytes, vma.vmFlags)) return -errno.ENOMEM;
  }
  const { options, vmFlags } = vma;
  const kept = Math.min(oldBytes, newBytes);
  const end = start + oldBytes;
  const result = mm.mm.mmapLock.writing(() => {
    const pgoff = vma.vmFile === null ? 0 : vma.pgoffOf(BigInt(start));
    const moved = mm.mm.addVma({ ...options, start: BigInt(to), end: BigInt(to + newBytes), pgoff });
    if (newBytes > oldBytes) moved.vmFlags |= vmFlag.VM_SOFTDIRTY;
    moved.hasAnon = vma.hasAnon;
    moved.hasLazyFree = vma.hasLazyFree;
    const answer = kept === 0 ? 0 : movePages(vma, BigInt(start), BigInt(start + kept), BigInt(to));
    // huge pages that were promised to the old place are now to the new one
    if (vma.hugetlb !== null) {
      for (const part of isolate(mm.mm, BigInt(start), BigInt(start + kept))) part.vmFlags &= ~vmFlag.VM_ACCOUNT;
    }
    return answer;
  });
  if (result !== 0) return result;
  // the mapping that is left has nothing to be locked, as a whole
  if ((flags & remap.dontUnmap) !== 0) vma.vmFlags &= ~(vmFlag.VM_LOCKED | vmFlag.VM_LOCKONFAULT);
  else if (oldBytes > 0) mm.unmap(start, end);
  mm.merge(to, to + newBytes);
  if ((vmFlags & vmFlag.VM_LOCKED) !== 0) populateRange(mm, to + oldBytes, to + newBytes);
  return to;
}

/** Address spaces. */
export const memoryCalls = [
  syscall(214, "brk(address brk) address", brk),
  syscall(215, "munmap(address start, size length)", munmap),
  syscall(216, "mremap(address old, size oldSize, size newSize, mremapFlags flags, address new) address", mremap),
  syscall(222, "mmap(address hint, size length, prot prot, mapFlags flags, fd fd, offset offset) address", mmap),
  syscall(226, "mprotect(address start, size length, prot prot)", mprotect),
];
