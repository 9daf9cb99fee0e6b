import { errno } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import { type DirectoryEntry, type FileStatus, fileType } from "./inode.ts";
import { OpenFile, openFlag, seekFrom } from "./openFile.ts";

/** An open directory: its entries are those of the moment at which it was read from the start. */
export class OpenDirectory extends OpenFile {
  override readonly dentry: Dentry;
  #entries: readonly DirectoryEntry[] | undefined;

  constructor(flags: number, dentry: Dentry) {
    super(flags);
    this.dentry = dentry;
  }

  get path(): string {
    return this.dentry.path;
  }

  override get isSeekable(): boolean {
    return true;
  }

  override read(): number {
    return -errno.EISDIR;
  }

  /** The entries from its position on, `.` and `..` first; whoever takes one moves the position. */
  entries(task: Task): readonly DirectoryEntry[] {
    if (this.position === 0 || this.#entries === undefined) this.#entries = this.#read(task);
    return this.#entries.slice(this.position);
  }

  #read(task: Task): DirectoryEntry[] {
    const { dentry } = this;
    if (dentry.isDeleted) return [];
    const type = fileType.S_IFDIR;
    const all: DirectoryEntry[] = [
      { name: ".", ino: dentry.inode.status().ino, type },
      { name: "..", ino: dentry.up.inode.status().ino, type },
      ...dentry.inode.list(task),
    ];
    for (const { name, mounted } of dentry.mounts()) {
      const entry = { name, ino: mounted!.inode.status().ino, type };
      const index = all.findIndex((other) => other.name === name);
      if (index < 0) all.push(entry);
      else all[index] = entry;
    }
    return all;
  }

  override seek(offset: number, whence: number): number {
    const to = whence === seekFrom.SEEK_SET ? offset : whence === seekFrom.SEEK_CUR ? this.position + offset : -1;
    if (to < 0) return -errno.EINVAL;
    this.position = to;
    return to;
  }

  override status(): FileStatus {
    return this.dentry.inode.status();
  }

  override sync(): number {
    return 0;
  }
}

/** What O_PATH opens: a place in the tree. */
export class OpenPath extends OpenFile {
  override readonly dentry: Dentry;

  constructor(flags: number, dentry: Dentry) {
    super(flags & (openFlag.O_PATH | openFlag.O_DIRECTORY | openFlag.O_NOFOLLOW));
    this.dentry = dentry;
    dentry.inode.opened();
  }

  override release(): void {
    this.dentry.inode.closed();
  }

  get path(): string {
    return this.dentry.path;
  }

  override read(): number {
    return -errno.EBADF;
  }

  override write(): number {
    return -errno.EBADF;
  }

  override ioctl(): number {
    return -errno.EBADF;
  }

  override seek(): number {
    return -errno.EBADF;
  }

  override mapping(): number {
    return -errno.EBADF;
  }
}
