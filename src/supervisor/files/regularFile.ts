import { FileMapping } from "../../kernel/index.ts";
import { errno, LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import { type FileStatus, fileType, Inode, type ProgramFile } from "./inode.ts";
import { OpenFile, openFlag, seekFrom } from "./openFile.ts";
import type { Seals } from "./seals.ts";

/** As long as a file may get: more than any host's, and exact as a number. */
export const mostFileBytes = 2 ** 52;
const fionread = 0x541b;
const pageBytes = 4096;

/**
 * A file with contents. A subclass keeps them; pages of it that are mapped lie in the programs' memory as well, and reads
 * and writes go there, too: a program sees the same bytes either way.
 */
export abstract class RegularInode extends Inode {
  readonly type = fileType.S_IFREG;
  #mapping: FileMapping | undefined;
  /** Pages that calls have read or written: Linux has them in its page cache, where only what is mapped is here. */
  readonly #used = new Set<number>();
  /** Why what was written through a mapping could not be stored. */
  #failed: LinuxError | undefined;

  /** What may not be done to it any more; undefined: it is of no kind that has seals. */
  readonly seals: Seals | undefined;

  abstract readonly size: number;

  /** Fills an array from an offset of the contents as they are stored. How many bytes there were. Throws EIO. */
  abstract load(offset: number, into: Uint8Array): number;

  /** Stores bytes; the file grows as needed. How many it took. Throws ENOSPC, EFBIG, EIO, EBADF. */
  abstract store(offset: number, bytes: Uint8Array): number;

  /** Changes the size as it is stored. */
  protected abstract resize(size: number): void;

  /** The contents are safe. */
  sync(): void {}

  /** Its page cache. */
  get mapping(): FileMapping {
    this.#mapping ??= this.#makeMapping();
    return this.#mapping;
  }

  /** Whether a program's memory has any of it. */
  get isMapped(): boolean {
    return this.#mapping?.isMapped ?? false;
  }

  #makeMapping(): FileMapping {
    const inode = this;
    const mapping = new FileMapping("", {
      get size() {
        return inode.size;
      },
      read: (offset, into) => inode.load(offset, into),
      write: (offset, bytes) => {
        // what is mapped behind the end of a file does not make it longer
        const room = Math.min(bytes.length, inode.size - offset);
        return room <= 0 || inode.#storeMapped(offset, bytes.subarray(0, room));
      },
      holds: (index) => inode.#used.has(index),
      forgets: (first, end) => inode.#forget(first, end),
    });
    const { dev, ino } = this.status();
    mapping.identity = { major: Math.floor(dev / 256), minor: dev % 256, inode: ino };
    return mapping;
  }

  /** Stores what was written through a mapping; where that cannot be, the next fsync says why. */
  #storeMapped(offset: number, bytes: Uint8Array): boolean {
    try {
      return this.store(offset, bytes) === bytes.length;
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
      this.#failed = error;
      return false;
    }
  }

  /** Something else than this supervisor has changed the contents: no page of them is of use any more. */
  protected forgetPages(): void {
    this.#used.clear();
    if (!this.isMapped) this.#mapping?.truncate(0);
  }

  /** Calls have used some bytes. */
  #use(offset: number, count: number): void {
    for (let index = Math.floor(offset / pageBytes); index * pageBytes < offset + count; index++) this.#used.add(index);
  }

  #forget(first: number, end: number): void {
    if (end - first < this.#used.size) for (let index = first; index < end; index++) this.#used.delete(index);
    else for (const index of this.#used) if (index >= first && index < end) this.#used.delete(index);
  }

  /** What was written through mappings is stored. Throws what has kept an earlier try from it. */
  writeBack(): void {
    this.#mapping?.writeBack();
    const failed = this.#failed;
    this.#failed = undefined;
    if (failed !== undefined) throw failed;
  }

  /** Its pages in memory, if there are any: what was written through mappings is there first. */
  get #cached(): FileMapping | undefined {
    return this.#mapping !== undefined && this.#mapping.pages.size > 0 ? this.#mapping : undefined;
  }

  /** Fills an array from an offset. How many bytes there were. */
  read(offset: number, into: Uint8Array): number {
    const count = this.#cached?.read(offset, into) ?? this.load(offset, into);
    this.#use(offset, count);
    return count;
  }

  /** Writes bytes; the file grows as needed. How many. */
  write(offset: number, bytes: Uint8Array): number {
    if (offset + bytes.length > mostFileBytes) throw new LinuxError("EFBIG");
    const { size } = this;
    if (offset > size) this.#cached?.clearBehind(size);
    const count = this.store(offset, bytes);
    this.#use(offset, count);
    this.#cached?.wrote(offset, bytes.subarray(0, count));
    return count;
  }

  override truncate(size: number): void {
    if (size < 0) throw new LinuxError("EINVAL");
    if (size > mostFileBytes) throw new LinuxError("EFBIG");
    const old = this.size;
    if (size > old) this.#cached?.clearBehind(old);
    this.resize(size);
    if (size >= old) return;
    this.#forget(Math.ceil(size / pageBytes), Math.ceil(old / pageBytes));
    this.#mapping?.truncate(size);
  }

  /** It as exec has it. */
  program(path: string): ProgramFile {
    const inode = this;
    return {
      path,
      get size() {
        return inode.size;
      },
      mapping: this.#named(path),
      read: (offset, into) => inode.read(offset, into),
    };
  }

  #named(path: string): FileMapping {
    this.mapping.name = path;
    return this.mapping;
  }

  override open(_task: Task, flags: number, dentry: Dentry): OpenFile {
    return new OpenRegular(this, flags, dentry);
  }
}

/** An open regular file. */
export class OpenRegular extends OpenFile {
  readonly inode: RegularInode;
  override readonly dentry: Dentry;

  constructor(inode: RegularInode, flags: number, dentry: Dentry) {
    super(flags);
    this.inode = inode;
    this.dentry = dentry;
    inode.opened();
  }

  get path(): string {
    return this.dentry.path;
  }

  override get isSeekable(): boolean {
    return true;
  }

  override read(into: Uint8Array, at?: number): number {
    const count = this.inode.read(at ?? this.position, into);
    if (at === undefined) this.position += count;
    return count;
  }

  override write(bytes: Uint8Array, at?: number): number {
    const append = (this.flags & openFlag.O_APPEND) !== 0;
    // as in Linux, O_APPEND wins over pwrite's offset
    const offset = append ? this.inode.size : (at ?? this.position);
    const count = this.inode.write(offset, bytes);
    if (at === undefined) this.position = offset + count;
    return count;
  }

  override seek(offset: number, whence: number): number {
    const { size } = this.inode;
    let to: number;
    if (whence === seekFrom.SEEK_SET) to = offset;
    else if (whence === seekFrom.SEEK_CUR) to = this.position + offset;
    else if (whence === seekFrom.SEEK_END) to = size + offset;
    else if (whence === seekFrom.SEEK_DATA || whence === seekFrom.SEEK_HOLE) {
      if (offset < 0 || offset >= size) return -errno.ENXIO;
      // no holes are known of: all is data, but for the end
      to = whence === seekFrom.SEEK_DATA ? offset : size;
    } else return -errno.EINVAL;
    if (to < 0 || to > Number.MAX_SAFE_INTEGER) return -errno.EINVAL;
    this.position = to;
    return to;
  }

  override status(): FileStatus {
    return this.inode.status();
  }

  override ioctl(task: Task, request: number, argument: number): number {
    if (request !== fionread) return -errno.ENOTTY;
    task.memory.setU32(argument, this.inode.size - this.position);
    return 0;
  }

  override get forbidsSharedWrites(): boolean {
    return this.inode.seals?.forbidsMapping ?? false;
  }

  override mapping(): FileMapping | number {
    const { mapping } = this.inode;
    mapping.name = this.path;
    return mapping;
  }

  override sync(): number {
    this.inode.writeBack();
    this.inode.sync();
    return 0;
  }

  override release(): void {
    this.inode.closed();
  }
}
