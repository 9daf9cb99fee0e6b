import type { FileTime } from "./inode.ts";

/** What the host says of a file. */
export interface HostStatus {
  /** The same for two names of the same file, and for nothing else. */
  readonly key: string;
  readonly ino: number;
  /** Type and permissions. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly blocks: number;
  readonly atime: FileTime;
  readonly mtime: FileTime;
  readonly ctime: FileTime;
}

/**
 * A directory of the host's, and what can be done to the names in it. A name is a single component: no slash, neither `.`
 * nor `..`; whoever implements this refuses others, and never follows a symbolic link. Everything throws LinuxErrors.
 * Without the permission to write, all that would is EROFS.
 */
export interface HostDirectory {
  status(): HostStatus;
  lookup(name: string): HostStatus;
  /** Names with S_IF types (0: unknown) and inode numbers as far as the host tells. */
  list(): readonly { readonly name: string; readonly ino: number; readonly type: number }[];
  readLink(name: string): string;
  /** The directory of a name; `key` is what {@link lookup} said. Throws ENOENT if something else is there now. */
  directory(name: string, key: string): HostDirectory;
  /** Opens a regular file for reading, and for writing if wanted. Throws ENOENT if something else is there now. */
  open(name: string, key: string, writes: boolean): HostFile;
  /** Makes a regular file, which must not exist. */
  create(name: string, mode: number): void;
  makeDirectory(name: string, mode: number): void;
  symlink(name: string, target: string): void;
  link(name: string, to: HostDirectory, toName: string): void;
  unlink(name: string): void;
  removeDirectory(name: string): void;
  rename(name: string, to: HostDirectory, toName: string): void;
  /** Two names change places. */
  exchange(name: string, to: HostDirectory, toName: string): void;
  setMode(name: string, key: string, mode: number): void;
  setTimes(name: string, key: string, atime: FileTime | undefined, mtime: FileTime | undefined): void;
  /** It has been renamed: it is there from now on. */
  moved(parent: HostDirectory, name: string): void;
}

/** An open regular file of the host's. */
export interface HostFile {
  readonly writes: boolean;
  /** The same file once more, whether it has a name or not. */
  reopen(writes: boolean): HostFile;
  status(): HostStatus;
  read(offset: number, into: Uint8Array): number;
  write(offset: number, bytes: Uint8Array): number;
  truncate(size: number): void;
  setMode(mode: number): void;
  setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void;
  sync(): void;
  close(): void;
}

/** A folder of the host's that programs may see, and nothing outside of it. */
export interface HostTree {
  readonly root: HostDirectory;
  readonly isReadOnly: boolean;
  usage(): { readonly total: number; readonly free: number };
}
