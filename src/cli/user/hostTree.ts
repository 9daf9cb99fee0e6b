import {
  type BigIntStats,
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  constants as node,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import {
  decodePath,
  encodePath,
  type FileTime,
  fileType,
  type HostDirectory,
  type HostFile,
  type HostStatus,
  type HostTree,
  LinuxError,
} from "../../supervisor/index.ts";
import { asLinux } from "./hostError.ts";

/** O_PATH, which Node does not name: a descriptor of whatever has the name, opened neither for reading nor for writing. */
const openPath = 0o10000000;
/** Directories that are kept open. */
const mostOpen = 64;
const billion = 1_000_000_000n;

/**
 * A folder of the host's for programs: nothing outside of it can be reached through this, whatever others do to the folder
 * at the same time. A directory is held by a descriptor, and a name in it is looked up through `/proc/self/fd/N/name`, as
 * `openat` would, without following links; what was found is opened by the descriptor that found it.
 */
export class HostFolder implements HostTree {
  readonly root: Directory;
  readonly isReadOnly: boolean;
  readonly #path: string;
  /** Directories with an open descriptor, the least recently used first. */
  readonly #open = new Set<Directory>();

  /** Throws the host's error where the folder cannot be opened. */
  constructor(path: string, isReadOnly: boolean) {
    if (!existsSync("/proc/self/fd")) throw new Error("the host has no /proc/self/fd, which --root needs");
    this.#path = path;
    this.isReadOnly = isReadOnly;
    this.root = new Directory(this, undefined, "", openSync(path, node.O_RDONLY | node.O_DIRECTORY));
  }

  usage(): { total: number; free: number } {
    const { blocks, bavail, bsize } = statfsSync(this.#path);
    return { total: blocks * bsize, free: bavail * bsize };
  }

  /** A directory was used: of those that have a descriptor, the last one gives it back. */
  used(directory: Directory): void {
    this.#open.delete(directory);
    this.#open.add(directory);
    if (this.#open.size <= mostOpen) return;
    for (const other of this.#open) {
      other.close();
      this.#open.delete(other);
      return;
    }
  }

  /** Throws EROFS without the permission to write. */
  mustBeWritable(): void {
    if (this.isReadOnly) throw new LinuxError("EROFS");
  }
}

/** A directory in a {@link HostFolder}. */
class Directory implements HostDirectory {
  readonly #folder: HostFolder;
  readonly #key: string;
  #parent: Directory | undefined;
  #name: string;
  #fd: number | undefined;

  constructor(folder: HostFolder, parent: Directory | undefined, name: string, fd: number) {
    this.#folder = folder;
    this.#parent = parent;
    this.#name = name;
    this.#fd = fd;
    this.#key = statusOf(fstatSync(fd, { bigint: true })).key;
    if (parent !== undefined) folder.used(this);
  }

  /** Its descriptor, opened anew where it was given back: it must still be where it was. */
  get #descriptor(): number {
    if (this.#fd === undefined) {
      const parent = this.#parent as Directory;
      const fd = parent.#openDirectory(this.#name, this.#key);
      this.#fd = fd;
    }
    if (this.#parent !== undefined) this.#folder.used(this);
    return this.#fd;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Where the host finds a name of this directory: by its descriptor, not by any path. */
  #at(name: string): Buffer {
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) throw new LinuxError("EINVAL");
    return bytesOf(`/proc/self/fd/${this.#descriptor}/${name}`);
  }

  /** As {@link #at}, to change something. */
  #toChange(name: string): Buffer {
    this.#folder.mustBeWritable();
    return this.#at(name);
  }

  /** Calls `use` with a descriptor (O_PATH) of what has a name, if it is the file that it was. */
  #holding<T>(name: string, key: string, use: (fd: number, status: HostStatus) => T): T {
    return asLinux(() => {
      const fd = openSync(this.#at(name), openPath | node.O_NOFOLLOW);
      try {
        const status = statusOf(fstatSync(fd, { bigint: true }));
        if (status.key !== key) throw new LinuxError("ENOENT");
        return use(fd, status);
      } finally {
        closeSync(fd);
      }
    });
  }

  #openDirectory(name: string, key: string): number {
    return this.#holding(name, key, (fd, { mode }) => {
      if ((mode & fileType.S_IFMT) !== fileType.S_IFDIR) throw new LinuxError("ENOTDIR");
      return openSync(`/proc/self/fd/${fd}`, node.O_RDONLY | node.O_DIRECTORY);
    });
  }

  status(): HostStatus {
    return asLinux(() => statusOf(fstatSync(this.#descriptor, { bigint: true })));
  }

  lookup(name: string): HostStatus {
    return asLinux(() => {
      const status = lstatSync(this.#at(name), { bigint: true, throwIfNoEntry: false });
      if (status === undefined) throw new LinuxError("ENOENT");
      return statusOf(status);
    });
  }

  list(): { name: string; ino: number; type: number }[] {
    const names = asLinux(() => readdirSync(`/proc/self/fd/${this.#descriptor}`, { encoding: "buffer" }));
    return names.map(decodePath).flatMap((name) => {
      // it may be gone since
      const status = lstatSync(this.#at(name), { bigint: true, throwIfNoEntry: false });
      return status === undefined ? [] : [{ name, ino: inoOf(status), type: Number(status.mode) & fileType.S_IFMT }];
    });
  }

  readLink(name: string): string {
    return asLinux(() => decodePath(readlinkSync(this.#at(name), { encoding: "buffer" })));
  }

  directory(name: string, key: string): Directory {
    return new Directory(this.#folder, this, name, this.#openDirectory(name, key));
  }

  open(name: string, key: string, writes: boolean): HostFile {
    if (writes) this.#folder.mustBeWritable();
    return this.#holding(name, key, (fd, { mode }) => {
      if ((mode & fileType.S_IFMT) !== fileType.S_IFREG) throw new LinuxError("ENXIO");
      return openAgain(fd, writes, this.#folder);
    });
  }

  create(name: string, mode: number): void {
    asLinux(() => {
      const flags = node.O_CREAT | node.O_EXCL | node.O_WRONLY | node.O_NOFOLLOW;
      const fd = openSync(this.#toChange(name), flags, mode);
      // whatever the host's umask is: the program's own has been applied
      fchmodSync(fd, mode);
      closeSync(fd);
    });
  }

  makeDirectory(name: string, mode: number): void {
    asLinux(() => mkdirSync(this.#toChange(name), mode));
    this.setMode(name, this.lookup(name).key, mode);
  }

  symlink(name: string, target: string): void {
    asLinux(() => symlinkSync(bytesOf(target), this.#toChange(name)));
  }

  link(name: string, to: HostDirectory, toName: string): void {
    asLinux(() => linkSync(this.#toChange(name), (to as Directory).#toChange(toName)));
  }

  unlink(name: string): void {
    asLinux(() => unlinkSync(this.#toChange(name)));
  }

  removeDirectory(name: string): void {
    asLinux(() => rmdirSync(this.#toChange(name)));
  }

  rename(name: string, to: HostDirectory, toName: string): void {
    asLinux(() => renameSync(this.#toChange(name), (to as Directory).#toChange(toName)));
  }

  /** In three steps by way of a third name, as the host's call for it cannot be made from here. */
  exchange(name: string, to: HostDirectory, toName: string): void {
    let between = ".exchange";
    while (asLinux(() => lstatSync(this.#toChange(between), { throwIfNoEntry: false })) !== undefined) between += "-";
    this.rename(name, this, between);
    to.rename(toName, this, name);
    this.rename(between, to, toName);
  }

  setMode(name: string, key: string, mode: number): void {
    this.#folder.mustBeWritable();
    this.#holding(name, key, (fd, status) => {
      if ((status.mode & fileType.S_IFMT) === fileType.S_IFLNK) throw new LinuxError("EOPNOTSUPP");
      // through the descriptor: a name could lead elsewhere by now
      chmodSync(`/proc/self/fd/${fd}`, mode);
    });
  }

  setTimes(name: string, key: string, atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.#folder.mustBeWritable();
    this.#holding(name, key, (fd, status) => {
      const times = [secondsOf(atime ?? status.atime), secondsOf(mtime ?? status.mtime)] as const;
      if ((status.mode & fileType.S_IFMT) === fileType.S_IFLNK) lutimesSync(this.#at(name), ...times);
      else utimesSync(`/proc/self/fd/${fd}`, ...times);
    });
  }

  moved(parent: HostDirectory, name: string): void {
    this.#parent = parent as Directory;
    this.#name = name;
  }
}

/** An open file. */
class File implements HostFile {
  readonly writes: boolean;
  readonly #fd: number;
  readonly #folder: HostFolder;

  constructor(fd: number, writes: boolean, folder: HostFolder) {
    this.#fd = fd;
    this.writes = writes;
    this.#folder = folder;
  }

  reopen(writes: boolean): HostFile {
    if (writes) this.#folder.mustBeWritable();
    return asLinux(() => openAgain(this.#fd, writes, this.#folder));
  }

  status(): HostStatus {
    return asLinux(() => statusOf(fstatSync(this.#fd, { bigint: true })));
  }

  read(offset: number, into: Uint8Array): number {
    return asLinux(() => {
      let done = 0;
      while (done < into.length) {
        const count = readSync(this.#fd, into, done, into.length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    });
  }

  write(offset: number, bytes: Uint8Array): number {
    return asLinux(() => writeSync(this.#fd, bytes, 0, bytes.length, offset));
  }

  truncate(size: number): void {
    asLinux(() => ftruncateSync(this.#fd, size));
  }

  setMode(mode: number): void {
    this.#folder.mustBeWritable();
    asLinux(() => fchmodSync(this.#fd, mode));
  }

  setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.#folder.mustBeWritable();
    asLinux(() => {
      const status = statusOf(fstatSync(this.#fd, { bigint: true }));
      futimesSync(this.#fd, secondsOf(atime ?? status.atime), secondsOf(mtime ?? status.mtime));
    });
  }

  sync(): void {
    asLinux(() => fsyncSync(this.#fd));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The file that a descriptor has, whatever its name leads to by now. */
function openAgain(fd: number, writes: boolean, folder: HostFolder): File {
  return new File(openSync(`/proc/self/fd/${fd}`, writes ? node.O_RDWR : node.O_RDONLY), writes, folder);
}

const ownUid = BigInt(process.getuid?.() ?? 0);
const ownGid = BigInt(process.getgid?.() ?? 0);

function bytesOf(name: string): Buffer {
  return Buffer.from(encodePath(name));
}

function inoOf({ ino }: BigIntStats): number {
  return Number(BigInt.asUintN(53, ino));
}

function timeOf(nanoseconds: bigint): FileTime {
  const seconds = nanoseconds >= 0n ? nanoseconds / billion : (nanoseconds - billion + 1n) / billion;
  return [Number(seconds), Number(nanoseconds - seconds * billion)];
}

/** Node takes seconds as a number: exact to a microsecond or so. */
function secondsOf([seconds, nanoseconds]: FileTime): number {
  return seconds + nanoseconds / 1e9;
}

/** What the host says, as programs see it: they are root, and so is whoever runs them. */
function statusOf(status: BigIntStats): HostStatus {
  return {
    key: `${status.dev}:${status.ino}`,
    ino: inoOf(status),
    mode: Number(status.mode),
    nlink: Number(status.nlink),
    uid: status.uid === ownUid ? 0 : Number(status.uid),
    gid: status.gid === ownGid ? 0 : Number(status.gid),
    size: Number(status.size),
    blocks: Number(status.blocks),
    atime: timeOf(status.atimeNs),
    mtime: timeOf(status.mtimeNs),
    ctime: timeOf(status.ctimeNs),
  };
}
