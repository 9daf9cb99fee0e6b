import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import { deviceFile } from "./device.ts";
import { encodePath } from "./fileName.ts";
import { type FileStatus, type FileSystem, type FileTime, fileType, Inode } from "./inode.ts";
import { MemoryAttributes } from "./memoryAttributes.ts";
import type { OpenFile } from "./openFile.ts";
import { openPipe, Pipe } from "./pipe.ts";

/** A link, a pipe, a device, a socket's name that is nowhere but in memory. */
export class SpecialInode extends Inode {
  readonly fs: FileSystem;
  readonly type: number;
  readonly attributes: MemoryAttributes;
  readonly #target: string;
  #pipe: Pipe | undefined;

  constructor(fs: FileSystem, type: number, attributes: MemoryAttributes, target = "") {
    super();
    this.fs = fs;
    this.type = type;
    this.attributes = attributes;
    this.#target = target;
  }

  override readLink(): string {
    if (!this.isLink) throw new LinuxError("EINVAL");
    return this.#target;
  }

  status(): FileStatus {
    return this.attributes.status(this.type, encodePath(this.#target).length, 0);
  }

  override setMode(mode: number): void {
    if (this.isLink) throw new LinuxError("EOPNOTSUPP");
    this.attributes.mode = mode & MemoryAttributes.permissions;
    this.attributes.changed();
  }

  override setOwner(uid: number, gid: number): void {
    this.attributes.setOwner(uid, gid);
  }

  override setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.attributes.setTimes(atime, mtime);
  }

  override open(task: Task, flags: number, dentry: Dentry): OpenFile {
    if (this.type === fileType.S_IFCHR) return deviceFile(task, this.attributes.rdev, flags, dentry);
    if (this.type !== fileType.S_IFIFO) throw new LinuxError("ENXIO");
    // one that nobody has open any more begins anew
    if (this.#pipe === undefined || this.#pipe.readerCount + this.#pipe.writerCount === 0) this.#pipe = new Pipe();
    return openPipe(this.#pipe, flags, dentry);
  }
}
