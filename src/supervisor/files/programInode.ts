import type { FileMapping } from "../../kernel/index.ts";
import { LinuxError } from "../errno.ts";
import type { FileStatus, FileSystem, FileTime, ProgramFile } from "./inode.ts";
import { RegularInode } from "./regularFile.ts";

const fs: FileSystem = {
  dev: 0x11,
  name: "program",
  magic: 0x0102_1994,
  isReadOnly: true,
  usage: () => ({ total: 0, free: 0 }),
};

/** The first program where the tree does not have it: a file of its own, only to be read. */
export class ProgramInode extends RegularInode {
  readonly fs = fs;
  readonly #file: ProgramFile;
  readonly #time: FileTime;

  constructor(file: ProgramFile, time: FileTime) {
    super();
    this.#file = file;
    this.#time = time;
  }

  get size(): number {
    return this.#file.size;
  }

  override get mapping(): FileMapping {
    return this.#file.mapping;
  }

  load(offset: number, into: Uint8Array): number {
    return this.#file.read(offset, into);
  }

  store(): number {
    throw new LinuxError("EROFS");
  }

  protected resize(): void {
    throw new LinuxError("EROFS");
  }

  status(): FileStatus {
    const { size } = this.#file;
    const times = { atime: this.#time, mtime: this.#time, ctime: this.#time };
    const owner = { uid: 0, gid: 0, rdev: 0 };
    return {
      dev: fs.dev,
      ino: 1,
      mode: 0o100755,
      nlink: 1,
      ...owner,
      size,
      blockSize: 4096,
      blocks: Math.ceil(size / 512),
      ...times,
    };
  }
}
