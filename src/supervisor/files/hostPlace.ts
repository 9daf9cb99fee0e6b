import { LinuxError } from "../errno.ts";
import type { HostDirectoryInode, HostFs } from "./hostFs.ts";
import type { HostDirectory, HostFile, HostStatus } from "./hostTree.ts";
import type { FileStatus, FileTime, Inode } from "./inode.ts";

/** Neither set-user-id nor set-group-id: a program of the host's must not come to more than it has by a guest's doing. */
export const hostPermissions = 0o1777;

/** Where a file was seen last. */
export interface HostName {
  readonly parent: HostDirectoryInode | undefined;
  readonly name: string;
}

const isSame = (one: HostName, other: HostName): boolean => one.parent === other.parent && one.name === other.name;

/** Of a file with many, as many are remembered. */
const mostNames = 8;
const microsecond = 1000;

/** A time as it was given, if what the host has kept of it is no further away than rounding takes it. */
function exactly(kept: FileTime, given: FileTime | undefined): FileTime {
  if (given === undefined) return kept;
  const difference = (kept[0] - given[0]) * 1e9 + kept[1] - given[1];
  return Math.abs(difference) <= 2 * microsecond ? given : kept;
}

/** Where a file of the host's is, to be asked about and changed. */
export class HostPlace {
  readonly fs: HostFs;
  key: string;
  #at: HostName;
  /** Where it was seen before: other names of it, if they are still its own. */
  #before: readonly HostName[] = [];

  constructor(fs: HostFs, key: string, at: HostName) {
    this.fs = fs;
    this.key = key;
    this.#at = at;
  }

  /** Where it was seen last. */
  get at(): HostName {
    return this.#at;
  }

  set at(at: HostName) {
    if (isSame(at, this.#at)) return;
    this.#before = [this.#at, ...this.#before.filter((other) => !isSame(other, at))].slice(0, mostNames);
    this.#at = at;
  }

  /** A name has been taken away, and was not its last: it is at another, if one was seen. */
  lost(gone: HostName): void {
    if (!isSame(gone, this.#at)) return;
    for (const other of this.#before) {
      if (!this.#isAt(other)) continue;
      this.#at = other;
      return;
    }
  }

  #isAt({ parent, name }: HostName): boolean {
    try {
      return parent?.host.lookup(name).key === this.key;
    } catch (error) {
      if (error instanceof LinuxError) return false;
      throw error;
    }
  }

  /** What the host says now. Throws ENOENT where the name is another file's. */
  status(): HostStatus {
    const { parent, name } = this.at;
    if (parent === undefined) return this.fs.tree.root.status();
    const status = parent.host.lookup(name);
    if (status.key !== this.key) throw new LinuxError("ENOENT");
    return status;
  }

  get host(): HostDirectory {
    if (this.at.parent === undefined) throw new LinuxError("EPERM");
    return this.at.parent.host;
  }

  /** By its name, or if it has none by an open file. */
  setMode(mode: number, file?: HostFile): void {
    if (file !== undefined) file.setMode(mode & hostPermissions);
    else this.host.setMode(this.at.name, this.key, mode & hostPermissions);
  }

  /** The host may keep less of a time than it was given; as long as it is that time, programs find all of it. */
  #exact: { atime?: FileTime | undefined; mtime?: FileTime | undefined } = {};

  setTimes(atime: FileTime | undefined, mtime: FileTime | undefined, file?: HostFile): void {
    if (file !== undefined) file.setTimes(atime, mtime);
    else this.host.setTimes(this.at.name, this.key, atime, mtime);
    this.#exact = { atime, mtime };
  }

  /** What stat says, by what the host says. */
  asStatus(host: HostStatus): FileStatus {
    const { atime, mtime } = this.#exact;
    const times = { atime: exactly(host.atime, atime), mtime: exactly(host.mtime, mtime) };
    return { ...host, ...times, dev: this.fs.dev, rdev: 0, blockSize: 4096 };
  }
}

/** As root of its own tree a program may give files to anybody; the host's owner stays. */
export function ownerStays(inode: Inode, uid: number, gid: number): void {
  const status = inode.status();
  if ((uid !== -1 && uid !== status.uid) || (gid !== -1 && gid !== status.gid)) throw new LinuxError("EPERM");
}
