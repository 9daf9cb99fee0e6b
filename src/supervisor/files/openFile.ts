import type { FileMapping } from "../../kernel/index.ts";
import { errno, LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { WaitQueue } from "../waitQueue.ts";
import type { Dentry } from "./dentry.ts";
import type { FileStatus } from "./inode.ts";

/** Status flags of an open file, `asm-generic/fcntl.h`. */
export const openFlag = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_ACCMODE: 3,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_DSYNC: 0o10000,
  O_ASYNC: 0o20000,
  O_DIRECT: 0o40000,
  O_LARGEFILE: 0o100000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_NOATIME: 0o1000000,
  O_CLOEXEC: 0o2000000,
  O_SYNC: 0o4010000,
  O_PATH: 0o10000000,
  O_TMPFILE: 0o20200000,
} as const;

/** What poll says of a file. */
export const pollBit = {
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 16,
  POLLNVAL: 32,
  POLLRDHUP: 0x2000,
} as const;

/** Where lseek counts from. */
export const seekFrom = { SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2, SEEK_DATA: 3, SEEK_HOLE: 4 } as const;

const nothing: FileStatus = {
  dev: 0xe,
  ino: 1,
  mode: 0o600,
  nlink: 1,
  uid: 0,
  gid: 0,
  rdev: 0,
  size: 0,
  blockSize: 4096,
  blocks: 0,
  atime: [0, 0],
  mtime: [0, 0],
  ctime: [0, 0],
};

/**
 * An open file description: what descriptors refer to, and dup and fork share. Each kind of file is a subclass that
 * overrides what it can do; what it cannot do answers as Linux does.
 */
export abstract class OpenFile {
  /** O_ flags: access mode and status. */
  flags: number;
  /** Where the next read or write begins, of what can be sought in. */
  position = 0;
  /** Whom F_SETOWN names: a process, or below 0 a group. Nobody hears of anything by a signal. */
  owner = 0;
  /** Descriptors that refer to it. */
  references = 0;

  constructor(flags: number) {
    this.flags = flags;
  }

  /** For /proc/PID/fd: a path, or `pipe:[123]`. */
  abstract readonly path: string;

  /** The name that it was opened by, and through it the file itself; what has none (an epoll set) is no file of a tree. */
  readonly dentry: Dentry | undefined;

  get isNonBlocking(): boolean {
    return (this.flags & openFlag.O_NONBLOCK) !== 0;
  }

  /** Opened with O_PATH: a place in the tree, and nothing more. */
  get isPath(): boolean {
    return (this.flags & openFlag.O_PATH) !== 0;
  }

  get canRead(): boolean {
    return (this.flags & openFlag.O_ACCMODE) !== openFlag.O_WRONLY && !this.isPath;
  }

  get canWrite(): boolean {
    return (this.flags & openFlag.O_ACCMODE) !== openFlag.O_RDONLY && !this.isPath;
  }

  /** Whether pread, pwrite and lseek make sense: ESPIPE where not. */
  get isSeekable(): boolean {
    return false;
  }

  /** Fills `into` from its position or from `at`. Bytes read, 0 at the end, or -errno; EAGAIN: see {@link readers}. */
  read(_into: Uint8Array, _at?: number): number {
    return -errno.EINVAL;
  }

  /** Writes bytes at its position or at `at`. Bytes written, or -errno; EAGAIN: see {@link writers}. */
  write(_bytes: Uint8Array, _at?: number): number {
    return -errno.EINVAL;
  }

  /**
   * In what units it takes and gives bytes where a program's memory has only the first of them: a pipe has pages, each
   * of which is filled or is not.
   */
  get unit(): number {
    return this.isSeekable ? 1 : Number.POSITIVE_INFINITY;
  }

  /** Whether reading and writing no bytes is something to it, too. */
  get hearsOfNothing(): boolean {
    return false;
  }

  /** The last bytes that were read did not get to the program. What cannot be sought in and does not keep them loses them. */
  putBack(bytes: Uint8Array): void {
    if (this.isSeekable) this.position -= bytes.length;
  }

  /**
   * Whether a task may read or write now, where that depends on the task: 0, -errno, or `blocked`, with which it has been
   * stopped and is to try again.
   */
  admit(_task: Task, _access: "read" | "write"): number {
    return 0;
  }

  /** Woken when a read, or a write, that answered EAGAIN may go on; a file whose calls never do has none. */
  readonly readers: WaitQueue | undefined;
  readonly writers: WaitQueue | undefined;

  /** Nanoseconds after which a read that waits answers 0; undefined: it waits for ever. */
  get readTimeout(): number | undefined {
    return undefined;
  }

  /** And what it answers then. */
  get timeoutAnswer(): number {
    return 0;
  }

  /** All queues that are woken when {@link poll} may say something else. */
  get queues(): readonly WaitQueue[] {
    return [this.readers, this.writers].filter((queue) => queue !== undefined);
  }

  /** Which of `pollBit` hold now. */
  poll(): number {
    return pollBit.POLLIN | pollBit.POLLOUT;
  }

  ioctl(_task: Task, _request: number, _argument: number): number {
    return -errno.ENOTTY;
  }

  /** Moves its position; the new one, or -errno. */
  seek(_offset: number, _whence: number): number {
    return -errno.ESPIPE;
  }

  /** What fstat says. */
  status(): FileStatus {
    return this.dentry?.inode.status() ?? nothing;
  }

  /** The page cache for mmap, or -errno. */
  mapping(): FileMapping | number {
    return -errno.ENODEV;
  }

  /** Whether no shared mapping of it may be written, though it may: seals. */
  get forbidsSharedWrites(): boolean {
    return false;
  }

  /** Opens what it refers to once more, by /proc/PID/fd, where that is in no tree. Throws ENXIO. */
  reopen(_flags: number): OpenFile {
    throw new LinuxError("ENXIO");
  }

  /** Contents reach the medium: fsync. */
  sync(): number {
    return -errno.EINVAL;
  }

  /** Lines of its own in /proc/PID/fdinfo. */
  get info(): string {
    return "";
  }

  /** The last descriptor that referred to it is closed. */
  release(): void {}
}
