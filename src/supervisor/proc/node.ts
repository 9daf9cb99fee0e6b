import { errno, LinuxError } from "../errno.ts";
import type { Dentry } from "../files/dentry.ts";
import { encodePath } from "../files/fileName.ts";
import {
  type DirectoryEntry,
  type FileStatus,
  type FileSystem,
  type FileTime,
  fileType,
  Inode,
} from "../files/inode.ts";
import { OpenDirectory } from "../files/openDirectory.ts";
import { OpenFile, seekFrom } from "../files/openFile.ts";
import type { Task } from "../task.ts";

const magicOf = { proc: 0x9fa0, sysfs: 0x6265_6572 } as const;

/** The file system of /proc: nothing in it is stored. */
export class ProcFs implements FileSystem {
  readonly dev: number;
  readonly name: string;
  readonly magic: number;
  readonly isReadOnly = false;
  readonly #clock: () => FileTime;
  #nextIno = 1;

  constructor(dev: number, clock: () => FileTime, kind: keyof typeof magicOf = "proc") {
    this.dev = dev;
    this.name = kind;
    this.magic = magicOf[kind];
    this.#clock = clock;
  }

  usage(): { total: number; free: number } {
    return { total: 0, free: 0 };
  }

  nextIno(): number {
    return this.#nextIno++;
  }

  now(): FileTime {
    return this.#clock();
  }
}

/** Anything in /proc. */
abstract class ProcInode extends Inode {
  readonly fs: ProcFs;
  readonly ino: number;
  protected abstract readonly mode: number;

  constructor(fs: ProcFs) {
    super();
    this.fs = fs;
    this.ino = fs.nextIno();
  }

  status(): FileStatus {
    const now = this.fs.now();
    return {
      dev: this.fs.dev,
      ino: this.ino,
      mode: this.type | this.mode,
      nlink: this.isDirectory ? 2 : 1,
      uid: 0,
      gid: 0,
      rdev: 0,
      size: this.isLink ? 64 : 0,
      blockSize: 1024,
      blocks: 0,
      atime: now,
      mtime: now,
      ctime: now,
    };
  }

  /** Opening for writing with O_TRUNC is opening for writing. */
  override truncate(): void {}
}

/** Names with what they lead to, as they are at the moment. */
export interface ProcContent {
  /** Throws ENOENT, or is undefined, where there is none. `make` is only called for a name that was not there before. */
  find(name: string, task: Task | undefined): (() => Inode) | undefined;
  names(task: Task | undefined): Iterable<readonly [name: string, type: number]>;
}

/** A directory whose content is made up: the same names have the same inodes as long as they are there. */
export class ProcDirectory extends ProcInode {
  readonly type = fileType.S_IFDIR;
  protected readonly mode = 0o555;
  readonly #content: ProcContent;
  readonly #made = new Map<string, Inode>();

  constructor(fs: ProcFs, content: ProcContent) {
    super(fs);
    this.#content = content;
  }

  override lookup(name: string, task?: Task): Inode {
    const make = this.#content.find(name, task);
    if (make === undefined) {
      this.#made.delete(name);
      throw new LinuxError("ENOENT");
    }
    let inode = this.#made.get(name);
    if (inode === undefined) {
      inode = make();
      this.#made.set(name, inode);
    }
    return inode;
  }

  override list(task?: Task): DirectoryEntry[] {
    const all = [...this.#content.names(task)];
    const names = new Set(all.map(([name]) => name));
    for (const name of this.#made.keys()) if (!names.has(name)) this.#made.delete(name);
    return all.map(([name, type]) => ({ name, type, ino: (this.lookup(name, task) as ProcInode).ino }));
  }

  override open(_task: Task, flags: number, dentry: Dentry): OpenFile {
    return new OpenDirectory(flags, dentry);
  }
}

/** What a link of /proc leads to: a text to be looked up, or a file itself. */
export interface ProcTarget {
  text(task: Task): string;
  /** A link to a file itself; undefined: its text is looked up. */
  jump?(task: Task): Dentry | undefined;
}

/** A symbolic link, magic or not. */
export class ProcLink extends ProcInode {
  readonly type = fileType.S_IFLNK;
  protected readonly mode = 0o777;
  readonly #target: ProcTarget;

  constructor(fs: ProcFs, target: ProcTarget) {
    super(fs);
    this.#target = target;
  }

  override readLink(task: Task): string {
    return this.#target.text(task);
  }

  override follow(task: Task): Dentry | undefined {
    return this.#target.jump?.(task);
  }

  override open(): OpenFile {
    throw new LinuxError("ELOOP");
  }
}

/** What a file of /proc is read from and written to. */
export interface ProcText {
  read?(): string | Uint8Array;
  readAt?(offset: number, into: Uint8Array): number;
  write?(bytes: Uint8Array): number;
  writeAt?(offset: number, bytes: Uint8Array): number;
  ioctl?(caller: Task, request: number, argument: number): number;
}

/** A file of /proc. */
export class ProcFile extends ProcInode {
  readonly type = fileType.S_IFREG;
  protected readonly mode: number;
  readonly #text: ProcText;

  constructor(fs: ProcFs, text: ProcText) {
    super(fs);
    this.#text = text;
    const reads = text.read !== undefined || text.readAt !== undefined;
    const writes = text.write !== undefined || text.writeAt !== undefined;
    // what has a place for each byte is memory, and nobody else's
    this.mode = text.writeAt !== undefined ? 0o600 : (reads ? 0o444 : 0) | (writes ? 0o200 : 0);
  }

  override open(_task: Task, flags: number, dentry: Dentry): OpenFile {
    const file = new OpenProcFile(this.#text, flags, dentry);
    if (file.canWrite && (this.mode & 0o200) === 0) throw new LinuxError("EACCES");
    return file;
  }
}

/** An open file of /proc: its content is that of the moment at which it is read from the start. */
class OpenProcFile extends OpenFile {
  readonly #text: ProcText;
  override readonly dentry: Dentry;
  #content: Uint8Array | undefined;

  constructor(text: ProcText, flags: number, dentry: Dentry) {
    super(flags);
    this.#text = text;
    this.dentry = dentry;
  }

  get path(): string {
    return this.dentry.path;
  }

  override get isSeekable(): boolean {
    return true;
  }

  override read(into: Uint8Array, at?: number): number {
    const offset = at ?? this.position;
    const count = this.#readAt(offset, into);
    if (at === undefined && count > 0) this.position += count;
    return count;
  }

  #readAt(offset: number, into: Uint8Array): number {
    if (this.#text.readAt !== undefined) return this.#text.readAt(offset, into);
    if (this.#text.read === undefined) return -errno.EINVAL;
    if (offset === 0 || this.#content === undefined) {
      const content = this.#text.read();
      this.#content = typeof content === "string" ? encodePath(content) : content;
    }
    const part = this.#content.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }

  override write(bytes: Uint8Array, at?: number): number {
    if (this.#text.writeAt === undefined) return this.#text.write?.(bytes) ?? -errno.EINVAL;
    const count = this.#text.writeAt(at ?? this.position, bytes);
    if (at === undefined && count > 0) this.position += count;
    return count;
  }

  override ioctl(task: Task, request: number, argument: number): number {
    return this.#text.ioctl?.(task, request, argument) ?? super.ioctl(task, request, argument);
  }

  override seek(offset: number, whence: number): number {
    const to = whence === seekFrom.SEEK_SET ? offset : whence === seekFrom.SEEK_CUR ? this.position + offset : -1;
    if (to < 0) return -errno.EINVAL;
    this.position = to;
    return to;
  }
}
