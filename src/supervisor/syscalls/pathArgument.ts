import { LinuxError } from "../errno.ts";
import { Dentry } from "../files/dentry.ts";
import { decodePath } from "../files/fileName.ts";
import type { PathFrom } from "../files/fileTree.ts";
import { fileType } from "../files/inode.ts";
import type { OpenFile } from "../files/openFile.ts";
import type { Task } from "../task.ts";

/** In place of a descriptor: the working directory. */
export const AT_FDCWD = -100;

/** Flags of calls that take a path and a directory, `linux/fcntl.h`. */
export const atFlag = {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_REMOVEDIR: 0x200,
  AT_EACCESS: 0x200,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH: 0x1000,
} as const;

/** A path that a program names. Throws ENAMETOOLONG, EFAULT. */
export function readPath(task: Task, address: number): string {
  return decodePath(task.memory.cBytes(address));
}

/** A path and the directory that it begins in. Throws EBADF, ENOTDIR; ENOENT for an empty one, wherever it begins. */
export function pathAt(task: Task, dirfd: number, address: number): PathFrom {
  return fromDirectory(task, dirfd, readPath(task, address));
}

/** The same with the path at hand. */
export function fromDirectory(task: Task, dirfd: number, path: string): PathFrom {
  if (path.startsWith("/") || dirfd === AT_FDCWD) return { path };
  if (path === "") throw new LinuxError("ENOENT");
  const { dentry } = task.files.get(dirfd);
  if (!dentry?.inode.isDirectory) throw new LinuxError("ENOTDIR");
  return { path, start: dentry };
}

/**
 * The file that a call means: that of a path, or with AT_EMPTY_PATH and no path an open one (which need not be in the
 * tree). Links are followed but for AT_SYMLINK_NOFOLLOW.
 */
export function fileAt(task: Task, dirfd: number, address: number, flags: number): Dentry | OpenFile {
  const path = address === 0 && flags & atFlag.AT_EMPTY_PATH ? "" : readPath(task, address);
  if (path === "" && flags & atFlag.AT_EMPTY_PATH) {
    return dirfd === AT_FDCWD ? task.place.cwd : task.files.get(dirfd);
  }
  const follow = (flags & atFlag.AT_SYMLINK_NOFOLLOW) === 0;
  return task.system.files.tree.find(task, fromDirectory(task, dirfd, path), { follow });
}

/** The same for calls that change the file itself: it must be in the tree, and that may be written. */
export function dentryAt(task: Task, dirfd: number, address: number, flags: number): Dentry {
  const file = fileAt(task, dirfd, address, flags);
  return toChange(file instanceof Dentry ? file : file.dentry);
}

/** The file of a descriptor, to be changed. */
export function dentryOf(task: Task, fd: number): Dentry {
  const file = task.files.get(fd);
  if (file.isPath) throw new LinuxError("EBADF");
  return toChange(file.dentry);
}

function toChange(dentry: Dentry | undefined): Dentry {
  if (dentry === undefined) throw new LinuxError("EPERM");
  dentry.inode.mustBeWritable();
  return dentry;
}

/** `d_type` of a kind of file. */
export function directoryType(type: number): number {
  return (type & fileType.S_IFMT) >> 12;
}
