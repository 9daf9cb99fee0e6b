import { errno, LinuxError } from "../errno.ts";
import { Dentry } from "../files/dentry.ts";
import { EventFile } from "../files/eventFile.ts";
import { type FileLock, FileLocks } from "../files/fileLock.ts";
import { decodePath } from "../files/fileName.ts";
import { type OpenFile, openFlag } from "../files/openFile.ts";
import { makePipe, PipeEnd } from "../files/pipe.ts";
import { OpenRegular, type RegularInode } from "../files/regularFile.ts";
import { seal } from "../files/seals.ts";
import { tellFile, watchEvent } from "../files/watch.ts";
import { mayGrow } from "../process/fileSizeLimit.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

function dup(task: Task, fd: number): number {
  return task.files.add(task.files.get(fd));
}

function dup3(task: Task, from: number, to: number, flags: number): number {
  if (flags & ~openFlag.O_CLOEXEC || from === to) return -errno.EINVAL;
  task.files.set(to, task.files.get(from), flags !== 0);
  return to;
}

const closeRangeFlag = { unshare: 2, closeOnExec: 4 } as const;

function closeRange(task: Task, first: number, last: number, flags: number): number {
  if (first > last || flags & ~(closeRangeFlag.unshare | closeRangeFlag.closeOnExec)) return -errno.EINVAL;
  if (flags & closeRangeFlag.unshare && task.files.users > 1) {
    task.files.users--;
    task.files = task.files.copy();
  }
  for (const fd of [...task.files]) {
    if (fd < first || fd > last) continue;
    if (flags & closeRangeFlag.closeOnExec) task.files.setCloseOnExec(fd, true);
    else task.files.close(fd);
  }
  return 0;
}

function pipe2(task: Task, into: number, flags: number): number {
  const known = openFlag.O_CLOEXEC | openFlag.O_NONBLOCK | openFlag.O_DIRECT;
  if (flags & ~known) return -errno.EINVAL;
  task.files.mustHaveRoom(2);
  const closeOnExec = (flags & openFlag.O_CLOEXEC) !== 0;
  const ends = makePipe(flags & openFlag.O_NONBLOCK);
  const [reader, writer] = ends.map((end) => task.files.add(end, closeOnExec));
  task.memory.setU32(into, reader);
  task.memory.setU32(into + 4, writer);
  return 0;
}

function eventfd2(task: Task, count: number, flags: number): number {
  const semaphore = 1;
  if (flags & ~(semaphore | openFlag.O_CLOEXEC | openFlag.O_NONBLOCK)) return -errno.EINVAL;
  const file = new EventFile(count, (flags & semaphore) !== 0, flags & openFlag.O_NONBLOCK);
  return task.files.add(file, (flags & openFlag.O_CLOEXEC) !== 0);
}

const memfdFlag = { MFD_CLOEXEC: 1, MFD_ALLOW_SEALING: 2, MFD_NOEXEC_SEAL: 8, MFD_EXEC: 16 } as const;

function memfdCreate(task: Task, name: number, flags: number): number {
  if (flags & ~(memfdFlag.MFD_CLOEXEC | memfdFlag.MFD_ALLOW_SEALING | memfdFlag.MFD_NOEXEC_SEAL | memfdFlag.MFD_EXEC)) {
    return -errno.EINVAL;
  }
  const bytes = task.memory.cBytes(name);
  if (bytes.length > 249) return -errno.EINVAL;
  task.files.mustHaveRoom(1);
  const inode = task.system.files.unnamed.unnamed(0o777);
  const dentry = new Dentry(inode, `/memfd:${decodePath(bytes)} (deleted)`);
  if (flags & (memfdFlag.MFD_ALLOW_SEALING | memfdFlag.MFD_NOEXEC_SEAL)) inode.seals.set = 0;
  if (flags & memfdFlag.MFD_NOEXEC_SEAL) {
    inode.setMode(0o666);
    inode.seals.set = seal.F_SEAL_EXEC;
  }
  const file = inode.open(task, openFlag.O_RDWR | openFlag.O_LARGEFILE, dentry);
  return task.files.add(file, (flags & memfdFlag.MFD_CLOEXEC) !== 0);
}

/** fcntl's commands, `asm-generic/fcntl.h` and `linux/fcntl.h`. */
const command = {
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_GETLK: 5,
  F_SETLK: 6,
  F_SETLKW: 7,
  F_SETOWN: 8,
  F_GETOWN: 9,
  F_OFD_GETLK: 36,
  F_OFD_SETLK: 37,
  F_OFD_SETLKW: 38,
  F_DUPFD_QUERY: 1027,
  F_DUPFD_CLOEXEC: 1030,
  F_SETPIPE_SZ: 1031,
  F_GETPIPE_SZ: 1032,
  F_ADD_SEALS: 1033,
  F_GET_SEALS: 1034,
} as const;

/** What F_SETFL can change. */
const settable = openFlag.O_APPEND | openFlag.O_NONBLOCK | openFlag.O_ASYNC | openFlag.O_DIRECT | openFlag.O_NOATIME;

function fcntl(task: Task, fd: number, what: number, argument: number): number {
  const { files } = task;
  const file = files.get(fd);
  switch (what) {
    case command.F_DUPFD:
    case command.F_DUPFD_CLOEXEC:
      if (argument < 0 || argument >= files.limit) return -errno.EINVAL;
      return files.add(file, what === command.F_DUPFD_CLOEXEC, argument);
    case command.F_GETFD:
      return files.getCloseOnExec(fd) ? 1 : 0;
    case command.F_SETFD:
      files.setCloseOnExec(fd, (argument & 1) !== 0);
      return 0;
    case command.F_GETFL:
      return file.flags;
    case command.F_DUPFD_QUERY:
      return files.get(argument) === file ? 1 : 0;
  }
  if (file.isPath) return -errno.EBADF;
  return fcntlOfFile(task, file, what, argument);
}

function fcntlOfFile(task: Task, file: OpenFile, what: number, argument: number): number {
  switch (what) {
    case command.F_SETFL:
      file.flags = (file.flags & ~settable) | (argument & settable);
      return 0;
    case command.F_GETLK:
    case command.F_OFD_GETLK:
      return getLock(task, file, argument, what === command.F_OFD_GETLK);
    case command.F_SETLK:
    case command.F_SETLKW:
      return setLock(task, file, argument, { isOpenFile: false, waits: what === command.F_SETLKW });
    case command.F_OFD_SETLK:
    case command.F_OFD_SETLKW:
      return setLock(task, file, argument, { isOpenFile: true, waits: what === command.F_OFD_SETLKW });
    case command.F_SETOWN:
      file.owner = argument;
      return 0;
    case command.F_GETOWN:
      return file.owner;
    case command.F_GETPIPE_SZ:
      return file instanceof PipeEnd ? file.pipe.capacity : -errno.EBADF;
    case command.F_SETPIPE_SZ:
      return file instanceof PipeEnd ? file.pipe.setCapacity(argument >>> 0, task.system.files.pipes) : -errno.EBADF;
    case command.F_GET_SEALS:
      return sealsOf(file).seals!.set;
    case command.F_ADD_SEALS: {
      const inode = sealsOf(file);
      if (!file.canWrite) return -errno.EPERM;
      inode.seals!.add(argument, inode);
      return 0;
    }
    default:
      return -errno.EINVAL;
  }
}

/** A file that has seals. Throws EINVAL for others. */
function sealsOf(file: OpenFile): RegularInode {
  if (!(file instanceof OpenRegular) || file.inode.seals === undefined) throw new LinuxError("EINVAL");
  return file.inode;
}

/** `l_type` of a `struct flock`. */
const lockType = { F_RDLCK: 0, F_WRLCK: 1, F_UNLCK: 2 } as const;

interface LockRequest {
  readonly type: number;
  readonly lock: FileLock;
}

/** `struct flock`: type and whence (16 bits each), start, length, pid. */
function readLock(task: Task, file: OpenFile, at: number, isOpenFile: boolean): LockRequest {
  const { memory } = task;
  const type = memory.u16(at);
  const whence = memory.u16(at + 2);
  if (type > lockType.F_UNLCK || whence > 2) throw new LinuxError("EINVAL");
  if (isOpenFile && memory.u32(at + 24) !== 0) throw new LinuxError("EINVAL");
  const base = whence === 0 ? 0 : whence === 1 ? file.position : file.status().size;
  const length = memory.long(at + 16);
  let start = base + memory.long(at + 8);
  let end = length === 0 ? Number.POSITIVE_INFINITY : start + length;
  if (length < 0) [start, end] = [end, start];
  if (start < 0) throw new LinuxError("EINVAL");
  const owner = isOpenFile ? file : task.files;
  const pid = isOpenFile ? -1 : task.process.pid;
  return { type, lock: { owner, kind: "range", pid, isExclusive: type === lockType.F_WRLCK, start, end } };
}

function getLock(task: Task, file: OpenFile, at: number, isOpenFile: boolean): number {
  const { type, lock } = readLock(task, file, at, isOpenFile);
  if (type === lockType.F_UNLCK) return -errno.EINVAL;
  const other = file.dentry?.inode.locks?.conflict(lock);
  const { memory } = task;
  if (other === undefined) {
    memory.setU16(at, lockType.F_UNLCK);
    return 0;
  }
  memory.setU16(at, other.isExclusive ? lockType.F_WRLCK : lockType.F_RDLCK);
  memory.setU16(at + 2, 0);
  memory.setLong(at + 8, other.start);
  memory.setLong(at + 16, other.end === Number.POSITIVE_INFINITY ? 0 : other.end - other.start);
  memory.setU32(at + 24, other.pid);
  return 0;
}

function setLock(task: Task, file: OpenFile, at: number, how: { isOpenFile: boolean; waits: boolean }): number {
  const { type, lock } = readLock(task, file, at, how.isOpenFile);
  if (type === lockType.F_RDLCK && !file.canRead) return -errno.EBADF;
  if (type === lockType.F_WRLCK && !file.canWrite) return -errno.EBADF;
  return applyLock(task, file, type === lockType.F_UNLCK ? undefined : lock, { ...how, range: lock });
}

interface LockMode {
  readonly waits: boolean;
  readonly range: FileLock;
}

/** Takes a lock, or gives a range back (undefined); waits where another is in the way, if it is to. */
function applyLock(task: Task, file: OpenFile, lock: FileLock | undefined, { waits, range }: LockMode): number {
  const inode = file.dentry?.inode;
  if (inode === undefined) return -errno.EINVAL;
  inode.locks ??= new FileLocks();
  if (lock === undefined) inode.locks.clear(range);
  else if (inode.locks.conflict(lock) === undefined) inode.locks.set(lock);
  else return waits ? task.block({ on: [inode.locks.waiters] }) : -errno.EAGAIN;
  return 0;
}

const flockFlag = { LOCK_SH: 1, LOCK_EX: 2, LOCK_NB: 4, LOCK_UN: 8 } as const;

function flock(task: Task, fd: number, operation: number): number {
  const file = task.files.get(fd);
  if (file.isPath) return -errno.EBADF;
  const kind = operation & ~flockFlag.LOCK_NB;
  if (kind !== flockFlag.LOCK_SH && kind !== flockFlag.LOCK_EX && kind !== flockFlag.LOCK_UN) return -errno.EINVAL;
  const isExclusive = kind === flockFlag.LOCK_EX;
  const end = Number.POSITIVE_INFINITY;
  const range: FileLock = { owner: file, kind: "flock", pid: task.process.pid, isExclusive, start: 0, end };
  const waits = (operation & flockFlag.LOCK_NB) === 0;
  return applyLock(task, file, kind === flockFlag.LOCK_UN ? undefined : range, { waits, range });
}

function fallocate(task: Task, fd: number, mode: number, offset: number, length: number): number {
  const file = task.files.get(fd);
  if (!file.canWrite) return -errno.EBADF;
  if (offset < 0 || length <= 0) return -errno.EINVAL;
  if (!(file instanceof OpenRegular)) return file instanceof PipeEnd ? -errno.ESPIPE : -errno.ENODEV;
  const keepSize = 1;
  if (mode & ~keepSize) return -errno.EOPNOTSUPP;
  if (mode === 0) mayGrow(task, file.inode.size, offset + length);
  if (mode === 0 && offset + length > file.inode.size) file.inode.truncate(offset + length);
  tellFile(file, watchEvent.IN_MODIFY);
  return 0;
}

/** Descriptors. */
export const descriptorCalls = [
  syscall(19, "eventfd2(uint count, eventFlags flags) fd", eventfd2),
  syscall(23, "dup(fd fd) fd", dup),
  syscall(24, "dup3(fd from, fd to, descriptorFlags flags) fd", dup3),
  syscall(25, "fcntl(fd fd, fcntlOp command, long argument)", fcntl),
  syscall(32, "flock(fd fd, lockOp operation)", flock),
  syscall(47, "fallocate(fd fd, fallocateMode mode, offset offset, size length)", fallocate),
  syscall(59, "pipe2(pairOut fds, descriptorFlags flags)", pipe2),
  syscall(279, "memfd_create(string name, memfdFlags flags) fd", memfdCreate),
  syscall(436, "close_range(uint first, uint last, closeFlags flags)", closeRange),
];
