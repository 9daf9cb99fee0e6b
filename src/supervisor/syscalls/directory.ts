import { errno } from "../errno.ts";
import { Dentry } from "../files/dentry.ts";
import { encodePath } from "../files/fileName.ts";
import { fileType } from "../files/inode.ts";
import { OpenDirectory } from "../files/openDirectory.ts";
import { tellFile, watchEvent } from "../files/watch.ts";
import type { Task } from "../task.ts";
import { AT_FDCWD, atFlag, directoryType, fileAt, fromDirectory, pathAt, readPath } from "./pathArgument.ts";
import { syscall } from "./syscall.ts";

const headBytes = 19;

/** `struct linux_dirent64`: ino, offset of the next, length, type, name. */
function getdents64(task: Task, fd: number, buffer: number, size: number): number {
  const file = task.files.get(fd);
  if (!(file instanceof OpenDirectory)) return file.isPath ? -errno.EBADF : -errno.ENOTDIR;
  let at = 0;
  for (const { name, ino, type } of file.entries(task)) {
    const bytes = encodePath(name);
    const length = Math.ceil((headBytes + bytes.length + 1) / 8) * 8;
    if (at + length > size) {
      if (at === 0) return -errno.EINVAL;
      break;
    }
    const entry = new Uint8Array(length);
    const view = new DataView(entry.buffer);
    view.setBigUint64(0, BigInt(ino), true);
    view.setBigInt64(8, BigInt(file.position + 1), true);
    view.setUint16(16, length, true);
    view.setUint8(18, directoryType(type));
    entry.set(bytes, headBytes);
    task.memory.write(buffer + at, entry);
    at += length;
    file.position++;
  }
  tellFile(file, watchEvent.IN_ACCESS);
  return at;
}

function mkdirat(task: Task, dirfd: number, path: number, mode: number): number {
  task.system.files.tree.make(task, pathAt(task, dirfd, path), { mode: fileType.S_IFDIR | (mode & 0o1777) });
  return 0;
}

function mknodat(task: Task, dirfd: number, path: number, mode: number, rdev: number): number {
  const type = mode & fileType.S_IFMT;
  if (type === fileType.S_IFDIR) return -errno.EPERM;
  if (type === fileType.S_IFLNK) return -errno.EINVAL;
  const file = { mode: (type === 0 ? fileType.S_IFREG : type) | (mode & 0o7777), rdev };
  task.system.files.tree.make(task, pathAt(task, dirfd, path), file);
  return 0;
}

function unlinkat(task: Task, dirfd: number, path: number, flags: number): number {
  if (flags & ~atFlag.AT_REMOVEDIR) return -errno.EINVAL;
  task.system.files.tree.remove(task, pathAt(task, dirfd, path), flags !== 0);
  return 0;
}

function symlinkat(task: Task, target: number, dirfd: number, path: number): number {
  task.system.files.tree.symlink(task, readPath(task, target), pathAt(task, dirfd, path));
  return 0;
}

function linkat(task: Task, oldDir: number, oldPath: number, newDir: number, newPath: number, flags: number): number {
  if (flags & ~(atFlag.AT_SYMLINK_FOLLOW | atFlag.AT_EMPTY_PATH)) return -errno.EINVAL;
  const noFollow = flags & atFlag.AT_SYMLINK_FOLLOW ? 0 : atFlag.AT_SYMLINK_NOFOLLOW;
  const file = fileAt(task, oldDir, oldPath, (flags & atFlag.AT_EMPTY_PATH) | noFollow);
  const dentry = file instanceof Dentry ? file : file.dentry;
  if (dentry === undefined) return -errno.EXDEV;
  task.system.files.tree.link(task, dentry, pathAt(task, newDir, newPath));
  return 0;
}

function renameat2(
  task: Task,
  oldDir: number,
  oldPath: number,
  newDir: number,
  newPath: number,
  flags: number,
): number {
  task.system.files.tree.rename(task, pathAt(task, oldDir, oldPath), pathAt(task, newDir, newPath), flags);
  return 0;
}

function readlinkat(task: Task, dirfd: number, path: number, buffer: number, size: number): number {
  if (size <= 0) return -errno.EINVAL;
  const name = readPath(task, path);
  // an empty one is the link that O_PATH has opened
  const isOpen = name === "" && dirfd !== AT_FDCWD;
  const inode = isOpen
    ? task.files.get(dirfd).dentry?.inode
    : task.system.files.tree.find(task, fromDirectory(task, dirfd, name), { follow: false }).inode;
  if (!inode?.isLink) return isOpen ? -errno.ENOENT : -errno.EINVAL;
  const target = encodePath(inode.readLink(task)).subarray(0, size);
  task.memory.write(buffer, target);
  return target.length;
}

function getcwd(task: Task, buffer: number, size: number): number {
  const { cwd, root } = task.place;
  if (cwd.isDeleted) return -errno.ENOENT;
  const path = encodePath(`${cwd.pathFrom(root) ?? `(unreachable)${cwd.path}`}\0`);
  if (path.length > size) return -errno.ERANGE;
  task.memory.write(buffer, path);
  return path.length;
}

function chdir(task: Task, path: number): number {
  const dentry = task.system.files.tree.find(task, pathAt(task, AT_FDCWD, path));
  if (!dentry.inode.isDirectory) return -errno.ENOTDIR;
  task.place.cwd = dentry;
  return 0;
}

function fchdir(task: Task, fd: number): number {
  const { dentry } = task.files.get(fd);
  if (!dentry?.inode.isDirectory) return -errno.ENOTDIR;
  task.place.cwd = dentry;
  return 0;
}

function chroot(task: Task, path: number): number {
  const dentry = task.system.files.tree.find(task, fromDirectory(task, AT_FDCWD, readPath(task, path)));
  if (!dentry.inode.isDirectory) return -errno.ENOTDIR;
  task.place.root = dentry;
  return 0;
}

function umask(task: Task, mask: number): number {
  const old = task.place.umask;
  task.place.umask = mask & 0o777;
  return old;
}

/** Names and directories. */
export const directoryCalls = [
  syscall(17, "getcwd(output buffer, size size) size", getcwd),
  syscall(33, "mknodat(dirfd dirfd, path path, mode mode, uint device)", mknodat),
  syscall(34, "mkdirat(dirfd dirfd, path path, mode mode)", mkdirat),
  syscall(35, "unlinkat(dirfd dirfd, path path, atFlags flags)", unlinkat),
  syscall(36, "symlinkat(path target, dirfd dirfd, path path)", symlinkat),
  syscall(37, "linkat(dirfd oldDir, path oldPath, dirfd newDir, path newPath, atFlags flags)", linkat),
  syscall(39, "umount2(path target, flags flags)", () => -errno.EPERM),
  syscall(40, "mount(path source, path target, string type, flags flags, address data)", () => -errno.EPERM),
  syscall(41, "pivot_root(path root, path old)", () => -errno.EPERM),
  syscall(49, "chdir(path path)", chdir),
  syscall(50, "fchdir(fd fd)", fchdir),
  syscall(51, "chroot(path path)", chroot),
  syscall(61, "getdents64(fd fd, address entries, uint size) size", getdents64),
  syscall(78, "readlinkat(dirfd dirfd, path path, output buffer, int size) size", readlinkat),
  syscall(166, "umask(mode mask) mode", umask),
  syscall(276, "renameat2(dirfd oldDir, path oldPath, dirfd newDir, path newPath, renameFlags flags)", renameat2),
];
