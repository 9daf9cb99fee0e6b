import { LinuxError } from "../errno.ts";
import { type DirectoryEntry, type FileSystem, fileType, type NewFile } from "./inode.ts";
import { MemoryAttributes } from "./memoryAttributes.ts";
import { MemoryFs, type MemoryFsOptions, nameBytes } from "./memoryFs.ts";
import { SpecialInode } from "./specialInode.ts";

/** No inode of the host's has a number like these. */
const firstIno = 2 ** 48;
const { S_IFCHR, S_IFIFO, S_IFSOCK } = fileType;

/** Room for pipes, sockets' names and devices that programs make in a folder of the host's, which never sees them. */
export class HostNodeRoom {
  readonly fs: FileSystem;
  readonly #memory: MemoryFs;

  constructor(fs: FileSystem, options: Pick<MemoryFsOptions, "budget" | "clock">) {
    this.fs = fs;
    this.#memory = new MemoryFs({ ...options, dev: fs.dev, firstIno });
  }

  /** Throws EPERM for what there is no such file of. */
  make({ mode, rdev = 0 }: NewFile): SpecialInode {
    const type = mode & fileType.S_IFMT;
    if (type !== S_IFCHR && type !== S_IFIFO && type !== S_IFSOCK) throw new LinuxError("EPERM");
    const node = new SpecialInode(this.fs, type, new MemoryAttributes(this.#memory, mode));
    node.attributes.nlink = 0;
    node.attributes.rdev = rdev;
    return node;
  }

  /** A node has one name more, or less. */
  named(node: SpecialInode, names: 1 | -1): void {
    this.#memory.charge(names * nameBytes);
    node.attributes.nlink += names;
    node.attributes.changed();
    if (node.attributes.nlink === 0) this.#memory.freeInode();
  }
}

/** Those of one directory, by their names. */
export class HostNodes {
  readonly #room: HostNodeRoom;
  readonly #nodes = new Map<string, SpecialInode>();

  constructor(room: HostNodeRoom) {
    this.#room = room;
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0;
  }

  find(name: string): SpecialInode | undefined {
    return this.#nodes.get(name);
  }

  list(): DirectoryEntry[] {
    return [...this.#nodes].map(([name, { type, attributes }]) => ({ name, ino: attributes.ino, type }));
  }

  create(name: string, file: NewFile): SpecialInode {
    return this.add(name, this.#room.make(file));
  }

  add(name: string, node: SpecialInode): SpecialInode {
    this.#room.named(node, 1);
    this.#nodes.set(name, node);
    return node;
  }

  /** Takes a name away, if it is one of a node. */
  remove(name: string): void {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    this.#nodes.delete(name);
    this.#room.named(node, -1);
  }

  /** A node moves to a name here or in another directory. */
  move(name: string, to: HostNodes, toName: string): void {
    const node = this.#nodes.get(name)!;
    this.#nodes.delete(name);
    to.#nodes.set(toName, node);
  }

  /** Two nodes change places. */
  exchange(name: string, other: HostNodes, otherName: string): void {
    const [one, two] = [this.#nodes.get(name)!, other.#nodes.get(otherName)!];
    this.#nodes.set(name, two);
    other.#nodes.set(otherName, one);
  }
}
