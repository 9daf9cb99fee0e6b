import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import type { HostDirectoryInode, HostFs } from "./hostFs.ts";
import { type HostName, HostPlace, hostPermissions, ownerStays } from "./hostPlace.ts";
import type { HostDirectory, HostFile, HostStatus } from "./hostTree.ts";
import type { FileStatus, FileTime } from "./inode.ts";
import type { OpenFile } from "./openFile.ts";
import { RegularInode } from "./regularFile.ts";

/** A regular file of the host's. */
export class HostRegular extends RegularInode {
  readonly fs: HostFs;
  readonly place: HostPlace;
  #file: HostFile | undefined;
  #users = 0;
  #version = "";
  /** When it was changed last, if the host has not been told. */
  #changed: FileTime | undefined;

  constructor(fs: HostFs, status: HostStatus, at: HostName) {
    super();
    this.fs = fs;
    this.place = new HostPlace(fs, status.key, at);
    this.#version = versionOf(status);
  }

  /** It was found by a name: what others have changed since shows, if nobody here was at it. */
  seen(status: HostStatus, at: HostName): void {
    this.place.at = at;
    if (this.#users > 0 || this.#version === versionOf(status)) return;
    this.#version = versionOf(status);
    this.forgetPages();
  }

  #host(writes = false): HostFile {
    if (this.#file !== undefined && (this.#file.writes || !writes)) return this.#file;
    const { at, key } = this.place;
    const file = this.#file?.reopen(writes) ?? this.place.host.open(at.name, key, writes);
    this.#file?.close();
    this.#file = file;
    if (this.#users === 0) this.fs.idle(this);
    return file;
  }

  get size(): number {
    return this.#host().status().size;
  }

  load(offset: number, into: Uint8Array): number {
    return this.#host().read(offset, into);
  }

  store(offset: number, bytes: Uint8Array): number {
    this.changed();
    return this.#host(true).write(offset, bytes);
  }

  protected resize(size: number): void {
    this.changed();
    this.#host(true).truncate(size);
  }

  /** Its contents are new. */
  changed(): void {
    this.#changed = this.fs.changeTime;
  }

  /** The host is told when that was. */
  #tellTime(): void {
    const mtime = this.#changed;
    this.#changed = undefined;
    if (mtime !== undefined) this.place.setTimes(undefined, mtime, this.#file);
  }

  override sync(): void {
    if (this.#file?.writes) this.#file.sync();
  }

  override opened(): void {
    this.#users++;
    this.fs.notIdle(this);
  }

  override closed(): void {
    if (--this.#users > 0) return;
    if (this.#file !== undefined) {
      this.#tellTime();
      this.#version = versionOf(this.#file.status());
      this.fs.idle(this);
    }
  }

  /** No name will lead to it: whoever has it open or mapped still needs it. */
  keep(): void {
    if (this.#users > 0 || this.isMapped) this.#host();
  }

  /** The host's descriptor is one to write with from now on. */
  openForWriting(): void {
    this.#host(true);
  }

  /**
   * It was made without a name, and gets its first. The host cannot name what has none: the file becomes one with the same
   * content, which the host sees when it is complete.
   */
  giveName(parent: HostDirectoryInode, name: string): void {
    this.writeBack();
    this.#tellTime();
    const { host } = parent;
    const temporary = createForNow(host);
    let copy: HostFile | undefined;
    try {
      const { key } = host.lookup(temporary);
      copy = host.open(temporary, key, true);
      copyContent(this.#host(true), copy);
      host.link(temporary, host, name);
      this.#file?.close();
      this.#file = copy;
      this.place.key = key;
    } catch (error) {
      copy?.close();
      throw error;
    } finally {
      host.unlink(temporary);
    }
    this.place.at = { parent, name };
    this.fs.named(this);
  }

  /** Gives the host's descriptor back. */
  closeHost(): void {
    if (this.#file !== undefined) this.#tellTime();
    this.#file?.close();
    this.#file = undefined;
    this.fs.notIdle(this);
  }

  status(): FileStatus {
    this.#tellTime();
    return this.place.asStatus(this.#file?.status() ?? this.place.status());
  }

  override setMode(mode: number): void {
    this.place.setMode(mode, this.#file);
  }

  override setOwner(uid: number, gid: number): void {
    ownerStays(this, uid, gid);
  }

  override setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.#changed = undefined;
    this.place.setTimes(atime, mtime, this.#file);
  }

  override open(task: Task, flags: number, dentry: Dentry): OpenFile {
    // now, so that what cannot be opened fails here and not at the first write
    this.#host((flags & 3) !== 0);
    return super.open(task, flags, dentry);
  }
}

/** Makes a file for a moment, under a name that no other has. Its name. */
export function createForNow(host: HostDirectory): string {
  for (let number = 0; ; number++) {
    const name = `.unnamed-${number}`;
    try {
      host.create(name, 0o600);
      return name;
    } catch (error) {
      if (!(error instanceof LinuxError) || error.message !== "EEXIST") throw error;
    }
  }
}

const chunkBytes = 1 << 20;

/** All of a file goes to an empty one, with its permissions and times. */
function copyContent(from: HostFile, to: HostFile): void {
  const chunk = new Uint8Array(chunkBytes);
  for (let at = 0; ; ) {
    const count = from.read(at, chunk);
    if (count === 0) break;
    for (let done = 0; done < count; ) done += to.write(at + done, chunk.subarray(done, count));
    at += count;
  }
  const { mode, atime, mtime } = from.status();
  to.setMode(mode & hostPermissions);
  to.setTimes(atime, mtime);
}

function versionOf({ size, mtime }: HostStatus): string {
  return `${size} ${mtime[0]} ${mtime[1]}`;
}
