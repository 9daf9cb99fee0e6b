import type { FileMapping } from "../../kernel/index.ts";
import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import type { FileLocks } from "./fileLock.ts";
import type { OpenFile } from "./openFile.ts";
import type { Watch } from "./watch.ts";

/** A regular file as exec and mmap need it. */
export interface ProgramFile {
  readonly path: string;
  /** Its name in the tree, if it was found there. */
  readonly dentry?: Dentry;
  readonly size: number;
  /** Its page cache. */
  readonly mapping: FileMapping;
  /** Fills an array from an offset; how many bytes there were. */
  read(offset: number, into: Uint8Array): number;
}

/** Kinds of files: the upper bits of `st_mode`. */
export const fileType = {
  S_IFMT: 0o170000,
  S_IFIFO: 0o010000,
  S_IFCHR: 0o020000,
  S_IFDIR: 0o040000,
  S_IFBLK: 0o060000,
  S_IFREG: 0o100000,
  S_IFLNK: 0o120000,
  S_IFSOCK: 0o140000,
} as const;

/** A moment: seconds since 1970, and nanoseconds. */
export type FileTime = readonly [seconds: number, nanoseconds: number];

/** What stat says of a file. */
export interface FileStatus {
  readonly dev: number;
  readonly ino: number;
  /** Type and permissions. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  readonly blockSize: number;
  /** Of 512 bytes. */
  readonly blocks: number;
  readonly atime: FileTime;
  readonly mtime: FileTime;
  readonly ctime: FileTime;
}

/** What a file system is to those who ask about it. */
export interface FileSystem {
  /** Device number, for stat. */
  readonly dev: number;
  readonly name: string;
  /** `f_type` of statfs. */
  readonly magic: number;
  readonly isReadOnly: boolean;
  /** Bytes altogether, and free. */
  usage(): { readonly total: number; readonly free: number };
}

/** An entry of a directory: its name, and `d_ino` and S_IF type as far as they are known without a look at the file. */
export interface DirectoryEntry {
  readonly name: string;
  readonly ino: number;
  readonly type: number;
}

/** What mknod and its likes make. */
export interface NewFile {
  /** Type and permissions. */
  readonly mode: number;
  readonly rdev?: number;
}

/**
 * A file itself, whatever its names and whoever has it open. Each file system has its own kinds, which override what
 * they can; what they cannot fails as in Linux. All of it throws {@link LinuxError}s. What changes a directory does not
 * ask whether the file system may be written: the caller does ({@link Inode.mustBeWritable}).
 */
export abstract class Inode {
  abstract readonly fs: FileSystem;
  /** S_IF type. */
  abstract readonly type: number;
  /** Locks of fcntl and flock, once somebody has set one. */
  locks: FileLocks | undefined;
  /** Who wants to know what happens to it, if anybody. */
  watches: Set<Watch> | undefined;
  /** How many open files of it there are. */
  openFiles = 0;
  /** It was made without a name, and may be given one: O_TMPFILE. */
  isLinkable = false;
  /** Its last name has been taken away. */
  hasNoName = false;

  abstract status(): FileStatus;

  get isDirectory(): boolean {
    return this.type === fileType.S_IFDIR;
  }

  get isLink(): boolean {
    return this.type === fileType.S_IFLNK;
  }

  /** Throws EROFS on a file system that is only to be read. */
  mustBeWritable(): void {
    if (this.fs.isReadOnly) throw new LinuxError("EROFS");
  }

  /** The file of a name in this directory. Throws ENOENT. */
  lookup(_name: string, _task?: Task): Inode {
    throw new LinuxError("ENOTDIR");
  }

  /** All names but `.` and `..`. */
  list(_task?: Task): readonly DirectoryEntry[] {
    throw new LinuxError("ENOTDIR");
  }

  /** Makes a file, a directory, a pipe. The name is free. */
  create(_name: string, _file: NewFile): Inode {
    throw new LinuxError("EPERM");
  }

  /** Makes a regular file without a name, in the file system of this directory: O_TMPFILE. */
  createUnnamed(_mode: number): Inode {
    throw new LinuxError("EOPNOTSUPP");
  }

  symlink(_name: string, _target: string): Inode {
    throw new LinuxError("EPERM");
  }

  /** Gives a file of the same file system one more name. */
  link(_name: string, _inode: Inode): void {
    throw new LinuxError("EPERM");
  }

  /** Takes a name away. */
  unlink(_name: string, _inode: Inode): void {
    throw new LinuxError("EPERM");
  }

  /** Throws ENOTEMPTY. */
  rmdir(_name: string, _inode: Inode): void {
    throw new LinuxError("EPERM");
  }

  /** Moves a name of this directory to another of the same file system, over what has that name there. */
  rename(_name: string, _inode: Inode, _to: Inode, _toName: string, _replaced: Inode | undefined): void {
    throw new LinuxError("EPERM");
  }

  /** Two names of directories of the same file system change places. */
  exchange(_name: string, _inode: Inode, _other: Inode, _otherName: string, _otherInode: Inode): void {
    throw new LinuxError("EINVAL");
  }

  /** Where a symbolic link leads. */
  readLink(_task: Task): string {
    throw new LinuxError("EINVAL");
  }

  /** A link that leads to a file itself, not to a name (/proc/PID/fd/3); undefined: an ordinary one. */
  follow(_task: Task): Dentry | undefined {
    return undefined;
  }

  setMode(_mode: number): void {
    throw new LinuxError("EPERM");
  }

  /** -1: as it is. */
  setOwner(_uid: number, _gid: number): void {
    throw new LinuxError("EPERM");
  }

  /** undefined: as it is. */
  setTimes(_atime: FileTime | undefined, _mtime: FileTime | undefined): void {
    throw new LinuxError("EPERM");
  }

  truncate(_size: number): void {
    throw new LinuxError(this.isDirectory ? "EISDIR" : "EINVAL");
  }

  /** An open file of it begins or ends, if only one of O_PATH: what it has is not to go before. */
  opened(): void {}
  closed(): void {}

  /** An open file of it; `flags` have been checked against what it is. */
  abstract open(task: Task, flags: number, dentry: Dentry): OpenFile;
}
