import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import {
  type DirectoryEntry,
  type FileStatus,
  type FileSystem,
  type FileTime,
  fileType,
  Inode,
  type NewFile,
} from "./inode.ts";
import { MemoryAttributes } from "./memoryAttributes.ts";
import { OpenDirectory } from "./openDirectory.ts";
import type { OpenFile } from "./openFile.ts";
import { RegularInode } from "./regularFile.ts";
import { Seals } from "./seals.ts";
import { SpecialInode } from "./specialInode.ts";

const blockBytes = 4096;
/** What an inode counts for, so that a program cannot fill the host's memory with empty files. */
const inodeBytes = 1024;
/** And what each of its names does. */
export const nameBytes = 512;

/** Bytes that all file systems in memory may have together. */
export class MemoryBudget {
  readonly limit: number;
  used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }
}

/** What a file system in memory is made of. */
export interface MemoryFsOptions {
  readonly dev: number;
  /** Its files share it with those of other file systems. */
  readonly budget: MemoryBudget;
  /** What time it is. */
  readonly clock: () => FileTime;
  readonly name?: string;
  /** Number of its first inode. */
  readonly firstIno?: number;
}

/** A file system that is nowhere but in memory: tmpfs. */
export class MemoryFs implements FileSystem {
  readonly dev: number;
  readonly name: string;
  readonly magic = 0x0102_1994;
  readonly isReadOnly = false;
  readonly clock: () => FileTime;
  readonly root: MemoryDirectory;
  readonly #budget: MemoryBudget;
  readonly #orphans = new Set<MemoryFile>();
  #nextIno: number;

  constructor(options: MemoryFsOptions) {
    this.dev = options.dev;
    this.name = options.name ?? "tmpfs";
    this.clock = options.clock;
    this.#budget = options.budget;
    this.#nextIno = options.firstIno ?? 1;
    this.root = new MemoryDirectory(this, 0o755);
  }

  usage(): { total: number; free: number } {
    const { limit, used } = this.#budget;
    return { total: limit, free: Math.max(0, limit - used) };
  }

  /** Bytes are needed, or given back (below 0). Throws ENOSPC. */
  charge(bytes: number): void {
    const budget = this.#budget;
    if (budget.used + bytes > budget.limit) for (const file of this.#orphans) file.dropIfUnused();
    if (bytes > 0 && budget.used + bytes > budget.limit) throw new LinuxError("ENOSPC");
    budget.used += bytes;
  }

  nextIno(): number {
    this.charge(inodeBytes);
    return this.#nextIno++;
  }

  /** The last name and the last use of a file are gone. */
  freeInode(): void {
    this.charge(-inodeBytes);
  }

  /** No name and no descriptor leads to a file any more, but it is mapped: its room is free once it is not. */
  orphan(file: MemoryFile, isOrphan: boolean): void {
    if (isOrphan) this.#orphans.add(file);
    else this.#orphans.delete(file);
  }

  /** A regular file without a name: memfd_create, O_TMPFILE. */
  unnamed(mode: number): MemoryFile {
    const file = new MemoryFile(this, mode);
    file.attributes.nlink = 0;
    return file;
  }
}

/** A file of {@link MemoryFs} with contents, in blocks; what has never been written takes no room. */
export class MemoryFile extends RegularInode {
  readonly fs: MemoryFs;
  readonly attributes: MemoryAttributes;
  override readonly seals = new Seals();
  readonly #blocks = new Map<number, Uint8Array>();
  #size = 0;
  #users = 0;

  constructor(fs: MemoryFs, mode: number) {
    super();
    this.fs = fs;
    this.attributes = new MemoryAttributes(fs, mode);
  }

  get size(): number {
    return this.#size;
  }

  load(offset: number, into: Uint8Array): number {
    const count = Math.max(0, Math.min(into.length, this.#size - offset));
    for (let done = 0; done < count; ) {
      const at = (offset + done) % blockBytes;
      const part = Math.min(blockBytes - at, count - done);
      const block = this.#blocks.get(Math.floor((offset + done) / blockBytes));
      if (block === undefined) into.fill(0, done, done + part);
      else into.set(block.subarray(at, at + part), done);
      done += part;
    }
    return count;
  }

  store(offset: number, bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const at = (offset + done) % blockBytes;
      const part = Math.min(blockBytes - at, bytes.length - done);
      const index = Math.floor((offset + done) / blockBytes);
      let block = this.#blocks.get(index);
      if (block === undefined) {
        if (this.fs.usage().free < blockBytes && done > 0) break;
        this.fs.charge(blockBytes);
        block = new Uint8Array(blockBytes);
        this.#blocks.set(index, block);
      }
      block.set(bytes.subarray(done, done + part), at);
      done += part;
    }
    this.#size = Math.max(this.#size, offset + done);
    this.attributes.modified();
    return done;
  }

  override write(offset: number, bytes: Uint8Array): number {
    const room = this.seals.room(this.#size, offset, bytes.length);
    return super.write(offset, room < bytes.length ? bytes.subarray(0, room) : bytes);
  }

  override truncate(size: number): void {
    this.seals.mayResize(this.#size, size);
    super.truncate(size);
  }

  protected resize(size: number): void {
    if (size < this.#size) this.#cut(size);
    this.#size = size;
    this.attributes.modified();
  }

  #cut(size: number): void {
    for (const index of this.#blocks.keys()) {
      if (index * blockBytes < size) continue;
      this.#blocks.delete(index);
      this.fs.charge(-blockBytes);
    }
    this.#blocks.get(Math.floor(size / blockBytes))?.fill(0, size % blockBytes);
  }

  override opened(): void {
    this.#users++;
  }

  override closed(): void {
    this.#users--;
    this.dropIfUnused();
  }

  /** A name has been taken away, or an open file closed: without either, its room is free again. */
  dropIfUnused(): void {
    if (this.attributes.nlink > 0 || this.#users > 0) return;
    this.fs.orphan(this, this.isMapped);
    if (this.isMapped) return;
    super.truncate(0);
    this.fs.freeInode();
  }

  status(): FileStatus {
    return this.attributes.status(this.type, this.#size, (this.#blocks.size * blockBytes) / 512);
  }

  override setMode(mode: number): void {
    this.attributes.mode = mode & MemoryAttributes.permissions;
    this.attributes.changed();
  }

  override setOwner(uid: number, gid: number): void {
    this.attributes.setOwner(uid, gid);
  }

  override setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.attributes.setTimes(atime, mtime);
  }
}

type MemoryInode = MemoryFile | SpecialInode | MemoryDirectory;

/** A directory of {@link MemoryFs}. */
export class MemoryDirectory extends Inode {
  readonly fs: MemoryFs;
  readonly type = fileType.S_IFDIR;
  readonly attributes: MemoryAttributes;
  readonly #entries = new Map<string, MemoryInode>();

  constructor(fs: MemoryFs, mode: number) {
    super();
    this.fs = fs;
    this.attributes = new MemoryAttributes(fs, mode);
    this.attributes.nlink = 2;
  }

  status(): FileStatus {
    return this.attributes.status(this.type, 4096, 8);
  }

  override lookup(name: string): Inode {
    const inode = this.#entries.get(name);
    if (inode === undefined) throw new LinuxError("ENOENT");
    return inode;
  }

  override list(): DirectoryEntry[] {
    return [...this.#entries].map(([name, inode]) => ({ name, ino: inode.attributes.ino, type: inode.type }));
  }

  override create(name: string, { mode, rdev = 0 }: NewFile): Inode {
    const type = mode & fileType.S_IFMT;
    if (type === fileType.S_IFDIR) {
      const directory = new MemoryDirectory(this.fs, mode);
      this.attributes.nlink++;
      return this.#put(name, directory);
    }
    if (type === fileType.S_IFREG || type === 0) return this.#put(name, new MemoryFile(this.fs, mode));
    if (type === fileType.S_IFBLK) throw new LinuxError("EPERM");
    const special = new SpecialInode(this.fs, type, new MemoryAttributes(this.fs, mode));
    special.attributes.rdev = rdev;
    return this.#put(name, special);
  }

  override createUnnamed(mode: number): Inode {
    return this.fs.unnamed(mode);
  }

  #put(name: string, inode: MemoryInode): MemoryInode {
    if (!this.#entries.has(name)) this.fs.charge(nameBytes);
    this.#entries.set(name, inode);
    this.attributes.modified();
    return inode;
  }

  override symlink(name: string, target: string): Inode {
    return this.#put(name, new SpecialInode(this.fs, fileType.S_IFLNK, new MemoryAttributes(this.fs, 0o777), target));
  }

  override link(name: string, inode: Inode): void {
    const file = inode as MemoryInode;
    file.attributes.nlink++;
    file.attributes.changed();
    this.#put(name, file);
  }

  #remove(name: string): void {
    if (this.#entries.delete(name)) this.fs.charge(-nameBytes);
  }

  override unlink(name: string, inode: Inode): void {
    this.#remove(name);
    this.attributes.modified();
    this.#drop(inode as MemoryInode);
  }

  #drop(inode: MemoryInode): void {
    inode.attributes.nlink -= inode.isDirectory ? 2 : 1;
    inode.attributes.changed();
    if (inode instanceof MemoryFile) inode.dropIfUnused();
    else if (inode.attributes.nlink === 0) this.fs.freeInode();
    if (inode.isDirectory) this.attributes.nlink--;
  }

  override rmdir(name: string, inode: Inode): void {
    if ((inode as MemoryDirectory).#entries.size > 0) throw new LinuxError("ENOTEMPTY");
    this.unlink(name, inode);
  }

  override rename(name: string, inode: Inode, to: Inode, toName: string, replaced: Inode | undefined): void {
    const target = to as MemoryDirectory;
    if (replaced?.isDirectory && (replaced as MemoryDirectory).#entries.size > 0) throw new LinuxError("ENOTEMPTY");
    if (replaced !== undefined) target.unlink(toName, replaced);
    this.#remove(name);
    this.attributes.modified();
    target.#put(toName, inode as MemoryInode);
    if (!inode.isDirectory) return;
    this.attributes.nlink--;
    target.attributes.nlink++;
  }

  override exchange(name: string, inode: Inode, other: Inode, otherName: string, otherInode: Inode): void {
    const target = other as MemoryDirectory;
    this.#put(name, otherInode as MemoryInode);
    target.#put(otherName, inode as MemoryInode);
    const difference = (otherInode.isDirectory ? 1 : 0) - (inode.isDirectory ? 1 : 0);
    this.attributes.nlink += difference;
    target.attributes.nlink -= difference;
  }

  override setMode(mode: number): void {
    this.attributes.mode = mode & MemoryAttributes.permissions;
    this.attributes.changed();
  }

  override setOwner(uid: number, gid: number): void {
    this.attributes.setOwner(uid, gid);
  }

  override setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.attributes.setTimes(atime, mtime);
  }

  override open(_task: Task, flags: number, dentry: Dentry): OpenFile {
    return new OpenDirectory(flags, dentry);
  }
}
