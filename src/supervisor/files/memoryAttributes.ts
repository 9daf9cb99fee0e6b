import type { FileStatus, FileTime } from "./inode.ts";
import type { MemoryFs } from "./memoryFs.ts";

const blockBytes = 4096;

/** What the files of `MemoryFs` have in common. */
export class MemoryAttributes {
  static readonly permissions = 0o7777;
  readonly ino: number;
  readonly #fs: MemoryFs;
  mode: number;
  nlink = 1;
  uid = 0;
  gid = 0;
  rdev = 0;
  atime: FileTime;
  mtime: FileTime;
  ctime: FileTime;

  constructor(fs: MemoryFs, mode: number) {
    this.#fs = fs;
    this.ino = fs.nextIno();
    this.mode = mode & MemoryAttributes.permissions;
    this.atime = this.mtime = this.ctime = fs.clock();
  }

  modified(): void {
    this.mtime = this.ctime = this.#fs.clock();
  }

  changed(): void {
    this.ctime = this.#fs.clock();
  }

  status(type: number, size: number, blocks = Math.ceil(size / 512)): FileStatus {
    const { ino, nlink, uid, gid, rdev, atime, mtime, ctime } = this;
    const mode = type | this.mode;
    return {
      dev: this.#fs.dev,
      ino,
      mode,
      nlink,
      uid,
      gid,
      rdev,
      size,
      blockSize: blockBytes,
      blocks,
      atime,
      mtime,
      ctime,
    };
  }

  setOwner(uid: number, gid: number): void {
    if (uid !== -1) this.uid = uid;
    if (gid !== -1) this.gid = gid;
    this.changed();
  }

  setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.atime = atime ?? this.atime;
    this.mtime = mtime ?? this.mtime;
    this.changed();
  }
}
