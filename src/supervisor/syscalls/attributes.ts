import { errno, LinuxError } from "../errno.ts";
import { Dentry } from "../files/dentry.ts";
import type { FileStatus, FileSystem, FileTime } from "../files/inode.ts";
import type { OpenFile } from "../files/openFile.ts";
import { OpenRegular, RegularInode } from "../files/regularFile.ts";
import { tellDentry, watchEvent } from "../files/watch.ts";
import { mayGrow } from "../process/fileSizeLimit.ts";
import type { Task } from "../task.ts";
import { AT_FDCWD, atFlag, dentryAt, dentryOf, fileAt, pathAt } from "./pathArgument.ts";
import { type Handler, syscall } from "./syscall.ts";

function statusOf(file: Dentry | OpenFile): FileStatus {
  return file instanceof Dentry ? file.inode.status() : file.status();
}

const statBytes = 128;

/** `struct stat` (`asm-generic/stat.h`). */
function writeStat({ memory }: Task, at: number, status: FileStatus): number {
  memory.clear(at, statBytes);
  const long = (offset: number, value: number) => memory.setLong(at + offset, value);
  const word = (offset: number, value: number) => memory.setU32(at + offset, value);
  long(0, status.dev);
  long(8, status.ino);
  word(16, status.mode);
  word(20, status.nlink);
  word(24, status.uid);
  word(28, status.gid);
  long(32, status.rdev);
  long(48, status.size);
  word(56, status.blockSize);
  long(64, status.blocks);
  [status.atime, status.mtime, status.ctime].forEach(([seconds, nanoseconds], index) => {
    long(72 + 16 * index, seconds);
    long(80 + 16 * index, nanoseconds);
  });
  return 0;
}

function fstat(task: Task, fd: number, into: number): number {
  return writeStat(task, into, task.files.get(fd).status());
}

const statFlags = atFlag.AT_SYMLINK_NOFOLLOW | atFlag.AT_EMPTY_PATH | atFlag.AT_NO_AUTOMOUNT;

function newfstatat(task: Task, dirfd: number, path: number, into: number, flags: number): number {
  if (flags & ~statFlags) return -errno.EINVAL;
  return writeStat(task, into, statusOf(fileAt(task, dirfd, path, flags)));
}

const statxBytes = 256;
const statxSyncFlags = 0x6000;
const statxBasic = 0x7ff;
const statxReserved = 0x8000_0000;

function statx(task: Task, dirfd: number, path: number, flags: number, mask: number, at: number): number {
  if (flags & ~(statFlags | statxSyncFlags) || mask & statxReserved) return -errno.EINVAL;
  const status = statusOf(fileAt(task, dirfd, path, flags));
  const { memory } = task;
  memory.clear(at, statxBytes);
  const words: readonly (readonly [number, number])[] = [
    [0, statxBasic],
    [4, status.blockSize],
    [16, status.nlink],
    [20, status.uid],
    [24, status.gid],
    [28, status.mode],
    [128, Math.floor(status.rdev / 256)],
    [132, status.rdev % 256],
    [136, Math.floor(status.dev / 256)],
    [140, status.dev % 256],
  ];
  for (const [offset, value] of words) memory.setU32(at + offset, value);
  memory.setLong(at + 32, status.ino);
  memory.setLong(at + 40, status.size);
  memory.setLong(at + 48, status.blocks);
  const times: readonly (readonly [number, FileTime])[] = [
    [64, status.atime],
    [96, status.ctime],
    [112, status.mtime],
  ];
  for (const [offset, [seconds, nanoseconds]] of times) {
    memory.setLong(at + offset, seconds);
    memory.setU32(at + offset + 8, nanoseconds);
  }
  return 0;
}

const statfsBytes = 120;
const statfsFlag = { ST_RDONLY: 1, ST_VALID: 0x20 } as const;

function writeStatfs({ memory }: Task, at: number, fs: FileSystem): number {
  const { total, free } = fs.usage();
  const block = 4096;
  memory.clear(at, statfsBytes);
  const freeBlocks = Math.floor(free / block);
  const values = [
    fs.magic,
    block,
    Math.floor(total / block),
    freeBlocks,
    freeBlocks,
    1 << 20,
    1 << 19,
    fs.dev,
    255,
    block,
  ];
  values.forEach((value, index) => {
    memory.setLong(at + 8 * index, value);
  });
  memory.setLong(at + 80, statfsFlag.ST_VALID | (fs.isReadOnly ? statfsFlag.ST_RDONLY : 0));
  return 0;
}

function statfs(task: Task, path: number, into: number): number {
  return writeStatfs(task, into, task.system.files.tree.find(task, pathAt(task, AT_FDCWD, path)).inode.fs);
}

function fstatfs(task: Task, fd: number, into: number): number {
  const { dentry } = task.files.get(fd);
  return writeStatfs(task, into, dentry?.inode.fs ?? task.system.files.unnamed);
}

const accessMode = { X_OK: 1, W_OK: 2, R_OK: 4 } as const;

function faccessat2(task: Task, dirfd: number, path: number, mode: number, flags: number): number {
  if (mode & ~7 || flags & ~(atFlag.AT_EACCESS | atFlag.AT_SYMLINK_NOFOLLOW | atFlag.AT_EMPTY_PATH)) {
    return -errno.EINVAL;
  }
  const file = fileAt(task, dirfd, path, flags);
  const status = statusOf(file);
  const inode = file instanceof Dentry ? file.inode : file.dentry?.inode;
  // as root: everything but executing what nobody may, and writing where nothing can be written
  if (mode & accessMode.W_OK && inode?.fs.isReadOnly) return -errno.EROFS;
  const isExecutable = inode?.isDirectory || (status.mode & 0o111) !== 0;
  return mode & accessMode.X_OK && !isExecutable ? -errno.EACCES : 0;
}

function fchmod(task: Task, fd: number, mode: number): number {
  return changeMode(dentryOf(task, fd), mode);
}

function changeMode(dentry: Dentry, mode: number): number {
  dentry.inode.setMode(mode & 0o7777);
  tellDentry(dentry, watchEvent.IN_ATTRIB);
  return 0;
}

function fchmodat(task: Task, dirfd: number, path: number, mode: number, flags: number): number {
  if (flags & ~(atFlag.AT_SYMLINK_NOFOLLOW | atFlag.AT_EMPTY_PATH)) return -errno.EINVAL;
  const dentry = dentryAt(task, dirfd, path, flags);
  return dentry.inode.isLink ? -errno.EOPNOTSUPP : changeMode(dentry, mode);
}

function fchown(task: Task, fd: number, uid: number, gid: number): number {
  return changeOwner(dentryOf(task, fd), uid, gid);
}

function changeOwner(dentry: Dentry, uid: number, gid: number): number {
  dentry.inode.setOwner(uid, gid);
  if (uid !== -1 || gid !== -1) tellDentry(dentry, watchEvent.IN_ATTRIB);
  return 0;
}

function fchownat(task: Task, dirfd: number, path: number, uid: number, gid: number, flags: number): number {
  if (flags & ~(atFlag.AT_SYMLINK_NOFOLLOW | atFlag.AT_EMPTY_PATH)) return -errno.EINVAL;
  return changeOwner(dentryAt(task, dirfd, path, flags), uid, gid);
}

const utime = { UTIME_NOW: 0x3fff_ffff, UTIME_OMIT: 0x3fff_fffe } as const;

function utimensat(task: Task, dirfd: number, path: number, times: number, flags: number): number {
  if (flags & ~(atFlag.AT_SYMLINK_NOFOLLOW | atFlag.AT_EMPTY_PATH)) return -errno.EINVAL;
  const now = task.system.files.time();
  const read = (at: number): FileTime | undefined => {
    const nanoseconds = task.memory.long(at + 8);
    if (nanoseconds === utime.UTIME_NOW) return now;
    if (nanoseconds === utime.UTIME_OMIT) return undefined;
    if (nanoseconds < 0 || nanoseconds >= 1e9) throw new LinuxError("EINVAL");
    return [task.memory.long(at), nanoseconds];
  };
  const [atime, mtime] = times === 0 ? [now, now] : [read(times), read(times + 16)];
  // with nothing to change, not even the path is looked at
  if (atime === undefined && mtime === undefined) return 0;
  const dentry = path === 0 ? dentryOf(task, dirfd) : dentryAt(task, dirfd, path, flags);
  dentry.inode.setTimes(atime, mtime);
  const { IN_ACCESS, IN_ATTRIB, IN_MODIFY } = watchEvent;
  tellDentry(dentry, mtime === undefined ? IN_ACCESS : atime === undefined ? IN_MODIFY : IN_ATTRIB);
  return 0;
}

function truncateFile(task: Task, dentry: Dentry, size: number): number {
  if (size < 0) return -errno.EINVAL;
  const { inode } = dentry;
  if (inode.isDirectory) return -errno.EISDIR;
  if (!(inode instanceof RegularInode)) return -errno.EINVAL;
  inode.mustBeWritable();
  mayGrow(task, inode.size, size);
  inode.truncate(size);
  tellDentry(dentry, watchEvent.IN_MODIFY);
  return 0;
}

function truncate(task: Task, path: number, size: number): number {
  return truncateFile(task, task.system.files.tree.find(task, pathAt(task, AT_FDCWD, path)), size);
}

function ftruncate(task: Task, fd: number, size: number): number {
  if (size < 0) return -errno.EINVAL;
  const file = task.files.get(fd);
  if (file.isPath) return -errno.EBADF;
  if (!file.canWrite || !(file instanceof OpenRegular)) return -errno.EINVAL;
  return truncateFile(task, file.dentry, size);
}

/** There are no extended attributes: the list of them is empty, there is none to read or to remove, and none can be set. */
function attributesOf(answer: number, follow = true, changes = false): Handler {
  return (task, path) => {
    const { inode } = task.system.files.tree.find(task, pathAt(task, AT_FDCWD, path), { follow });
    if (changes) inode.mustBeWritable();
    return answer;
  };
}

function attributesOfFile(answer: number, changes = false): Handler {
  return (task, fd) => {
    const { isPath, dentry } = task.files.get(fd);
    if (isPath) return -errno.EBADF;
    if (changes) dentry?.inode.mustBeWritable();
    return answer;
  };
}

const none = -errno.EOPNOTSUPP;

/** What files are: status, permissions, times, sizes. */
export const attributeCalls = [
  syscall(5, "setxattr(path path, string name, address value, size size, flags flags)", attributesOf(none, true, true)),
  syscall(
    6,
    "lsetxattr(path path, string name, address value, size size, flags flags)",
    attributesOf(none, false, true),
  ),
  syscall(7, "fsetxattr(fd fd, string name, address value, size size, flags flags)", attributesOfFile(none, true)),
  syscall(8, "getxattr(path path, string name, address value, size size) size", attributesOf(none)),
  syscall(9, "lgetxattr(path path, string name, address value, size size) size", attributesOf(none, false)),
  syscall(10, "fgetxattr(fd fd, string name, address value, size size) size", attributesOfFile(none)),
  syscall(11, "listxattr(path path, address list, size size) size", attributesOf(0)),
  syscall(12, "llistxattr(path path, address list, size size) size", attributesOf(0, false)),
  syscall(13, "flistxattr(fd fd, address list, size size) size", attributesOfFile(0)),
  syscall(14, "removexattr(path path, string name)", attributesOf(none, true, true)),
  syscall(15, "lremovexattr(path path, string name)", attributesOf(none, false, true)),
  syscall(16, "fremovexattr(fd fd, string name)", attributesOfFile(none, true)),
  syscall(43, "statfs(path path, address into)", statfs),
  syscall(44, "fstatfs(fd fd, address into)", fstatfs),
  syscall(45, "truncate(path path, size size)", truncate),
  syscall(46, "ftruncate(fd fd, size size)", ftruncate),
  syscall(48, "faccessat(dirfd dirfd, path path, accessMode mode)", (task, dirfd, path, mode) =>
    faccessat2(task, dirfd, path, mode, 0),
  ),
  syscall(52, "fchmod(fd fd, mode mode)", fchmod),
  syscall(53, "fchmodat(dirfd dirfd, path path, mode mode)", (task, dirfd, path, mode) =>
    fchmodat(task, dirfd, path, mode, 0),
  ),
  syscall(54, "fchownat(dirfd dirfd, path path, int uid, int gid, atFlags flags)", fchownat),
  syscall(55, "fchown(fd fd, int uid, int gid)", fchown),
  syscall(79, "newfstatat(dirfd dirfd, path path, statOut stat, atFlags flags)", newfstatat),
  syscall(80, "fstat(fd fd, statOut stat)", fstat),
  syscall(88, "utimensat(dirfd dirfd, path path, address times, atFlags flags)", utimensat),
  syscall(291, "statx(dirfd dirfd, path path, atFlags flags, statxMask mask, address into)", statx),
  syscall(439, "faccessat2(dirfd dirfd, path path, accessMode mode, atFlags flags)", faccessat2),
  syscall(452, "fchmodat2(dirfd dirfd, path path, mode mode, atFlags flags)", fchmodat),
];
