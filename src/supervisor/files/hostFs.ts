import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import { HostNodeRoom, HostNodes } from "./hostNodes.ts";
import { type HostName, HostPlace, hostPermissions, ownerStays } from "./hostPlace.ts";
import { createForNow, HostRegular } from "./hostRegular.ts";
import type { HostDirectory, HostStatus, HostTree } from "./hostTree.ts";
import {
  type DirectoryEntry,
  type FileStatus,
  type FileSystem,
  type FileTime,
  fileType,
  Inode,
  type NewFile,
} from "./inode.ts";
import type { MemoryFsOptions } from "./memoryFs.ts";
import { OpenDirectory } from "./openDirectory.ts";
import type { OpenFile } from "./openFile.ts";
import { SpecialInode } from "./specialInode.ts";

/** Files that nobody has open keep the host's descriptor for a while: for their pages, and for the next open. */
const mostIdle = 64;

/** A folder of the host's as a file system: `--root`. */
export class HostFs implements FileSystem {
  readonly dev: number;
  readonly name = "hostfs";
  readonly magic = 0x00c0_ffee;
  readonly tree: HostTree;
  readonly root: Inode;
  /** For what programs make here and the host shall not have. */
  readonly nodes: HostNodeRoom;
  readonly #clock: (() => FileTime) | undefined;
  readonly #inodes = new Map<string, HostInode>();
  readonly #idle = new Set<HostRegular>();

  /** `hasOwnTime`: the programs' clock is not the host's, and what they change has been changed by theirs. */
  constructor(dev: number, tree: HostTree, options: Pick<MemoryFsOptions, "budget" | "clock">, hasOwnTime: boolean) {
    this.dev = dev;
    this.tree = tree;
    this.nodes = new HostNodeRoom(this, options);
    this.#clock = hasOwnTime ? options.clock : undefined;
    const status = tree.root.status();
    const root = new HostDirectoryInode(this, status, { parent: undefined, name: "" }, tree.root);
    this.#inodes.set(status.key, root);
    this.root = root;
  }

  get isReadOnly(): boolean {
    return this.tree.isReadOnly;
  }

  usage(): { total: number; free: number } {
    return this.tree.usage();
  }

  /** When something is changed now; undefined: the host knows. */
  get changeTime(): FileTime | undefined {
    return this.#clock?.();
  }

  /** The inode of a file that a directory has: always the same one for the same file. */
  inode(status: HostStatus, parent: HostDirectoryInode, name: string): HostInode {
    const known = this.#inodes.get(status.key);
    if (known !== undefined && known.type === (status.mode & fileType.S_IFMT)) {
      known.seen(status, { parent, name });
      return known;
    }
    const inode = this.#make(status, { parent, name });
    this.#inodes.set(status.key, inode);
    return inode;
  }

  #make(status: HostStatus, at: HostName): HostInode {
    const type = status.mode & fileType.S_IFMT;
    if (type === fileType.S_IFREG) return new HostRegular(this, status, at);
    if (type === fileType.S_IFDIR) return new HostDirectoryInode(this, status, at);
    return new HostSpecial(this, status, at, type);
  }

  /** A file that had no name has one now. */
  named(inode: HostRegular): void {
    this.#inodes.set(inode.place.key, inode);
  }

  /** Its last name is gone: its number may become another file's. */
  forget(key: string): void {
    this.#inodes.delete(key);
  }

  /** Nobody has it open any more, but its pages may be in use: descriptors of the host's are given back in time. */
  idle(inode: HostRegular): void {
    this.#idle.delete(inode);
    this.#idle.add(inode);
    if (this.#idle.size <= mostIdle) return;
    for (const other of this.#idle) {
      if (this.#idle.size <= mostIdle) break;
      if (other !== inode && !other.isMapped) other.closeHost();
    }
  }

  notIdle(inode: HostRegular): void {
    this.#idle.delete(inode);
  }
}

type HostInode = HostRegular | HostDirectoryInode | HostSpecial;

/** A link; or a device, a socket, a pipe of the host's, which cannot be opened. */
class HostSpecial extends Inode {
  readonly fs: HostFs;
  readonly type: number;
  readonly place: HostPlace;
  /** What it was last, once it has no name any more. */
  #gone: FileStatus | undefined;

  constructor(fs: HostFs, status: HostStatus, at: HostName, type: number) {
    super();
    this.fs = fs;
    this.type = type;
    this.place = new HostPlace(fs, status.key, at);
  }

  seen(_status: HostStatus, at: HostName): void {
    this.place.at = at;
  }

  status(): FileStatus {
    return this.#gone ?? this.place.asStatus(this.place.status());
  }

  /** Its last name is gone. */
  remember(): void {
    this.#gone = { ...this.status(), nlink: 0 };
  }

  override readLink(): string {
    if (!this.isLink) throw new LinuxError("EINVAL");
    return this.place.host.readLink(this.place.at.name);
  }

  override setOwner(uid: number, gid: number): void {
    ownerStays(this, uid, gid);
  }

  override setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.place.setTimes(atime, mtime);
  }

  override open(): OpenFile {
    throw new LinuxError("ENXIO");
  }
}

/** A directory of the host's. */
export class HostDirectoryInode extends Inode {
  readonly fs: HostFs;
  readonly type = fileType.S_IFDIR;
  readonly place: HostPlace;
  /** Pipes, sockets' names and devices that programs have made in it. */
  readonly nodes: HostNodes;
  #host: HostDirectory | undefined;
  /** What it was last, once it has been removed. */
  #gone: FileStatus | undefined;
  /** When a name in it was changed last, if the host has not been told. */
  #changed: FileTime | undefined;

  constructor(fs: HostFs, status: HostStatus, at: HostName, host?: HostDirectory) {
    super();
    this.fs = fs;
    this.nodes = new HostNodes(fs.nodes);
    this.place = new HostPlace(fs, status.key, at);
    this.#host = host;
  }

  seen(_status: HostStatus, at: HostName): void {
    const { at: old } = this.place;
    this.place.at = at;
    if (old.parent !== at.parent || old.name !== at.name) this.#host?.moved(at.parent!.host, at.name);
  }

  get host(): HostDirectory {
    const { at, key } = this.place;
    this.#host ??= at.parent!.host.directory(at.name, key);
    return this.#host;
  }

  #change(): void {
    // the root's own place is nowhere
    if (this.place.at.parent !== undefined) this.#changed = this.fs.changeTime;
  }

  status(): FileStatus {
    if (this.#gone !== undefined) return this.#gone;
    const mtime = this.#changed;
    this.#changed = undefined;
    if (mtime !== undefined) this.place.setTimes(undefined, mtime);
    return this.place.asStatus(this.host.status());
  }

  override lookup(name: string): Inode {
    return this.nodes.find(name) ?? this.fs.inode(this.host.lookup(name), this, name);
  }

  override list(): readonly DirectoryEntry[] {
    const all = this.host.list();
    return this.nodes.isEmpty
      ? all
      : [...all.filter(({ name }) => this.nodes.find(name) === undefined), ...this.nodes.list()];
  }

  override create(name: string, file: NewFile): Inode {
    const { mode } = file;
    const type = mode & fileType.S_IFMT;
    if (type === fileType.S_IFDIR) this.host.makeDirectory(name, mode & hostPermissions);
    else if (type === fileType.S_IFREG || type === 0) this.host.create(name, mode & hostPermissions);
    else return this.nodes.create(name, file);
    return this.#made(name);
  }

  /** It has a name of the host's as long as nothing else can happen. */
  override createUnnamed(mode: number): Inode {
    const name = createForNow(this.host);
    const inode = this.lookup(name);
    if (!(inode instanceof HostRegular)) throw new LinuxError("ENOENT");
    try {
      inode.openForWriting();
    } finally {
      this.host.unlink(name);
      this.fs.forget(inode.place.key);
    }
    inode.setMode(mode);
    inode.changed();
    return inode;
  }

  override symlink(name: string, target: string): Inode {
    this.host.symlink(name, target);
    return this.#made(name);
  }

  #made(name: string): Inode {
    const inode = this.lookup(name);
    const time = this.fs.changeTime;
    this.#change();
    if (inode instanceof HostRegular) inode.changed();
    else if (time !== undefined) inode.setTimes(time, time);
    return inode;
  }

  override link(name: string, inode: Inode): void {
    if (inode instanceof SpecialInode) {
      this.nodes.add(name, inode);
      return;
    }
    const file = inode as HostInode;
    if (file instanceof HostRegular && file.isLinkable) {
      file.giveName(this, name);
      this.#change();
      return;
    }
    const { host, at } = file.place;
    if (host.lookup(at.name).key !== file.place.key) throw new LinuxError("ENOENT");
    host.link(at.name, this.host, name);
    file.place.at = { parent: this, name };
    this.#change();
  }

  override unlink(name: string, inode: Inode): void {
    if (inode instanceof SpecialInode) {
      this.nodes.remove(name);
      return;
    }
    const file = inode as HostInode;
    const isLast = file.status().nlink <= 1;
    if (isLast) keepOf(file);
    this.host.unlink(name);
    this.#change();
    if (isLast) this.fs.forget(file.place.key);
    else file.place.lost({ parent: this, name });
  }

  override rmdir(name: string, inode: Inode): void {
    mustBeEmpty(inode);
    const status = inode.status();
    this.host.removeDirectory(name);
    (inode as HostDirectoryInode).#gone = { ...status, nlink: 0 };
    this.#change();
    this.fs.forget((inode as HostInode).place.key);
  }

  override rename(name: string, inode: Inode, to: Inode, toName: string, replaced: Inode | undefined): void {
    const target = to as HostDirectoryInode;
    if (inode instanceof SpecialInode) {
      if (replaced !== undefined) target.unlink(toName, replaced);
      this.nodes.move(name, target.nodes, toName);
      return;
    }
    if (replaced instanceof SpecialInode) {
      target.unlink(toName, replaced);
      replaced = undefined;
    }
    mustBeEmpty(replaced);
    const isLast = replaced !== undefined && (replaced.isDirectory || replaced.status().nlink <= 1);
    const status = replaced?.isDirectory ? replaced.status() : undefined;
    if (isLast && replaced !== undefined) keepOf(replaced as HostInode);
    this.host.rename(name, target.host, toName);
    if (status !== undefined) (replaced as HostDirectoryInode).#gone = { ...status, nlink: 0 };
    this.#change();
    target.#change();
    if (isLast) this.fs.forget((replaced as HostInode).place.key);
    else if (replaced !== undefined) (replaced as HostInode).place.lost({ parent: target, name: toName });
    (inode as HostInode).seen(target.host.lookup(toName), { parent: target, name: toName });
  }

  override exchange(name: string, inode: Inode, other: Inode, otherName: string, otherInode: Inode): void {
    const target = other as HostDirectoryInode;
    if (inode instanceof SpecialInode || otherInode instanceof SpecialInode) {
      this.#exchangeNode(name, inode, target, otherName, otherInode);
      return;
    }
    this.host.exchange(name, target.host, otherName);
    (inode as HostInode).seen(target.host.lookup(otherName), { parent: target, name: otherName });
    (otherInode as HostInode).seen(this.host.lookup(name), { parent: this, name });
  }

  /** One of two names, or both, are of nodes, of which the host knows nothing. */
  #exchangeNode(name: string, inode: Inode, target: HostDirectoryInode, otherName: string, otherInode: Inode): void {
    const isNode = inode instanceof SpecialInode;
    const isOtherNode = otherInode instanceof SpecialInode;
    if (!isOtherNode) target.rename(otherName, otherInode, this, name, undefined);
    else if (!isNode) this.rename(name, inode, target, otherName, undefined);
    const [node, otherNode] = [this.nodes, target.nodes];
    if (isNode && isOtherNode) node.exchange(name, otherNode, otherName);
    else if (isNode) node.move(name, otherNode, otherName);
    else otherNode.move(otherName, node, name);
  }

  override setMode(mode: number): void {
    this.place.setMode(mode);
  }

  override setOwner(uid: number, gid: number): void {
    ownerStays(this, uid, gid);
  }

  override setTimes(atime: FileTime | undefined, mtime: FileTime | undefined): void {
    this.place.setTimes(atime, mtime);
  }

  override open(_task: Task, flags: number, dentry: Dentry): OpenFile {
    return new OpenDirectory(flags, dentry);
  }
}

/** The last name of a file that is no directory is about to go: whoever has it open still needs it. */
function keepOf(file: HostInode): void {
  if (file instanceof HostRegular) file.keep();
  else if (file instanceof HostSpecial) file.remember();
}

/** What programs have made in a directory would go with it. */
function mustBeEmpty(directory: Inode | undefined): void {
  if (directory instanceof HostDirectoryInode && !directory.nodes.isEmpty) throw new LinuxError("ENOTEMPTY");
}
