import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Inode } from "./inode.ts";

/** A name in the tree and the file that has it: Linux's `dentry`. The root of a file system has no parent of its own. */
export class Dentry {
  inode: Inode;
  name: string;
  /** Where it is; itself for the root of the tree, and for what is not in the tree (a pipe). */
  parent: Dentry;
  /** The name has been taken away. */
  isDeleted = false;
  /** The root of what is mounted here. */
  mounted: Dentry | undefined;
  /** For the root of a mounted file system: the directory that it covers. */
  covers: Dentry | undefined;
  readonly #children = new Map<string, Dentry>();

  constructor(inode: Inode, name: string, parent?: Dentry) {
    this.inode = inode;
    this.name = name;
    this.parent = parent ?? this;
  }

  /** The entry of a name in this directory; what is mounted there. Throws ENOENT. */
  child(name: string, task?: Task): Dentry {
    const known = this.#children.get(name);
    if (known?.mounted !== undefined) return known.mounted;
    let inode: Inode;
    try {
      inode = this.inode.lookup(name, task);
    } catch (error) {
      if (known !== undefined) this.forget(name);
      throw error;
    }
    if (known?.inode === inode) return known;
    return this.adopt(name, inode);
  }

  /** A file has a name here from now on. */
  adopt(name: string, inode: Inode): Dentry {
    this.forget(name);
    const child = new Dentry(inode, name, this);
    this.#children.set(name, child);
    return child;
  }

  /** A name is gone. */
  forget(name: string): void {
    const child = this.#children.get(name);
    if (child === undefined) return;
    child.isDeleted = true;
    this.#children.delete(name);
  }

  /** It is somewhere else now, and what was there is gone. */
  moveTo(parent: Dentry, name: string): void {
    parent.forget(name);
    this.parent.#children.delete(this.name);
    this.parent = parent;
    this.name = name;
    parent.#children.set(name, this);
  }

  /** Two entries have changed places. */
  exchange(other: Dentry): void {
    const { parent, name } = this;
    other.parent.#children.set(other.name, this);
    parent.#children.set(name, other);
    this.parent = other.parent;
    this.name = other.name;
    other.parent = parent;
    other.name = name;
  }

  /** Names that something is mounted on: they exist though the directory itself may not have them. */
  *mounts(): Generator<Dentry> {
    for (const child of this.#children.values()) if (child.mounted !== undefined) yield child;
  }

  /** Another file system's root covers this directory. */
  mount(inode: Inode): Dentry {
    if (!this.inode.isDirectory) throw new LinuxError("ENOTDIR");
    const root = new Dentry(inode, this.name, this.parent);
    root.covers = this;
    this.mounted = root;
    return root;
  }

  /** Where `..` leads. */
  get up(): Dentry {
    return (this.covers ?? this).parent;
  }

  /** Whether it is, or lies below, another. */
  isWithin(other: Dentry): boolean {
    for (let at: Dentry = this; ; at = at.up) {
      if (at === other) return true;
      if (at.up === at) return false;
    }
  }

  /** Its path as seen from a root; undefined: it does not lie below that. */
  pathFrom(root: Dentry): string | undefined {
    const names: string[] = [];
    for (let at: Dentry = this; at !== root; at = at.up) {
      if (at.up === at) return undefined;
      names.unshift(at.name);
    }
    return `/${names.join("/")}`;
  }

  /** For /proc and getcwd: a path from the tree's root; `pipe:[7]` for what is not in the tree. */
  get path(): string {
    const names: string[] = [];
    let isDeleted = false;
    let at: Dentry = this;
    for (; at.up !== at; at = at.up) {
      names.unshift(at.name);
      isDeleted ||= at.isDeleted;
    }
    const path = at.name === "" ? `/${names.join("/")}` : at.name;
    return isDeleted ? `${path} (deleted)` : path;
  }
}
