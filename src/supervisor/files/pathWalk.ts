import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import { encodePath } from "./fileName.ts";

/** What openat2 can forbid, `linux/openat2.h`. */
export const resolveFlag = {
  RESOLVE_NO_XDEV: 0x01,
  RESOLVE_NO_MAGICLINKS: 0x02,
  RESOLVE_NO_SYMLINKS: 0x04,
  RESOLVE_BENEATH: 0x08,
  RESOLVE_IN_ROOT: 0x10,
  RESOLVE_CACHED: 0x20,
} as const;

/** How a path is to be looked up. */
export interface PathWalkOptions {
  /** A symbolic link at the end is followed (the default). */
  readonly follow?: boolean;
  /** What the last component names is meant itself, also with a slash behind it: a name to be made or taken away. */
  readonly asItIs?: boolean;
  /** A file is to be made of the name, if there is none: that has no slash behind it. */
  readonly creates?: boolean;
  /** RESOLVE_ flags. */
  readonly resolve?: number;
}

/** Where a path leads: a directory, and a name in it that a file may have. */
export interface PathEnd {
  readonly parent: Dentry;
  /** The last component; `.` where the path ends in a directory that has no name to be changed (`/`, `..`). */
  readonly name: string;
  /** What has the name; undefined: nothing. */
  readonly dentry: Dentry | undefined;
  /** A slash stood behind it: it has to be a directory. */
  readonly needsDirectory: boolean;
}

const mostLinks = 40;
const mostPath = 4096;
const mostName = 255;

/** Bytes of a name; most are short. */
function bytesOf(text: string): number {
  return text.length * 3 <= mostName ? text.length : encodePath(text).length;
}

/**
 * Looks a path up, a component at a time: symbolic links, `..` and mounts are followed here, in the tree as the program's
 * root shows it, and never by the host, which is only asked for single names.
 */
export class PathWalk {
  readonly #task: Task;
  readonly #resolve: number;
  readonly #asItIs: boolean;
  readonly #creates: boolean;
  /** It goes through a directory, and is not at the end. */
  #isOnTheWay = false;
  #root: Dentry;
  #at: Dentry;
  readonly #start: Dentry;
  #links = 0;

  /** `start` is where a relative path begins. */
  constructor(task: Task, start: Dentry, { resolve = 0, asItIs = false, creates = false }: PathWalkOptions = {}) {
    this.#asItIs = asItIs;
    this.#creates = creates;
    this.#task = task;
    this.#resolve = resolve;
    this.#root = this.#has("RESOLVE_IN_ROOT") ? start : task.place.root;
    this.#start = start;
    this.#at = start;
  }

  #has(flag: keyof typeof resolveFlag): boolean {
    return (this.#resolve & resolveFlag[flag]) !== 0;
  }

  /** Where a path ends. Throws ENOENT (also for an empty one), ENOTDIR, ELOOP, ENAMETOOLONG; EXDEV as openat2 says. */
  end(path: string, follow: boolean): PathEnd {
    if (path === "") throw new LinuxError("ENOENT");
    if (path.length >= mostPath) throw new LinuxError("ENAMETOOLONG");
    return this.#walk(path, follow, this.#asItIs);
  }

  #walk(path: string, follow: boolean, asItIs = false): PathEnd {
    if (path.startsWith("/")) this.#toRoot();
    const names = path.split("/").filter((name) => name !== "");
    const needsDirectory = path.endsWith("/") || names.at(-1) === "." || names.at(-1) === "..";
    const last = names.pop() ?? ".";
    for (const name of names) this.#step(name);
    if (asItIs) return { ...this.#last(last, false, false), needsDirectory: needsDirectory || last === "." };
    return this.#last(last, follow || needsDirectory, needsDirectory);
  }

  #toRoot(): void {
    if (this.#has("RESOLVE_BENEATH")) throw new LinuxError("EXDEV");
    this.#move(this.#root);
  }

  /** Goes through a directory. */
  #step(name: string): void {
    const wasOnTheWay = this.#isOnTheWay;
    this.#isOnTheWay = true;
    const { dentry } = this.#last(name, true, true);
    this.#isOnTheWay = wasOnTheWay;
    if (dentry === undefined) throw new LinuxError("ENOENT");
    // a link at the end has been followed: where it led to is the directory
    if (!dentry.inode.isDirectory) throw new LinuxError("ENOTDIR");
    this.#at = dentry;
  }

  /** The last component of a path, or of a link in it. */
  #last(name: string, follow: boolean, needsDirectory: boolean): PathEnd {
    const parent = this.#at;
    if (!parent.inode.isDirectory) throw new LinuxError("ENOTDIR");
    if (name === "." || name === "..") {
      if (name === "..") this.#up();
      return { parent: this.#at, name: ".", dentry: this.#at, needsDirectory: true };
    }
    if (needsDirectory && this.#creates && !this.#isOnTheWay) throw new LinuxError("EISDIR");
    if (bytesOf(name) > mostName) throw new LinuxError("ENAMETOOLONG");
    const dentry = this.#find(parent, name);
    if (dentry?.inode.isLink && follow) return this.#follow(dentry, needsDirectory);
    if (dentry !== undefined) {
      this.#mustMount(parent, dentry);
      if (needsDirectory && !dentry.inode.isDirectory && !dentry.inode.isLink) throw new LinuxError("ENOTDIR");
    }
    return { parent, name, dentry, needsDirectory };
  }

  #find(parent: Dentry, name: string): Dentry | undefined {
    if (parent.isDeleted) return undefined;
    try {
      return parent.child(name, this.#task);
    } catch (error) {
      if (error instanceof LinuxError && error.message === "ENOENT") return undefined;
      throw error;
    }
  }

  #up(): void {
    if (this.#at === this.#root) return;
    if (this.#has("RESOLVE_BENEATH") && this.#at === this.#start) throw new LinuxError("EXDEV");
    this.#move(this.#at.up);
  }

  #move(to: Dentry): void {
    this.#mustMount(this.#at, to);
    this.#at = to;
  }

  #mustMount(from: Dentry, to: Dentry): void {
    if (this.#has("RESOLVE_NO_XDEV") && from.inode.fs !== to.inode.fs) throw new LinuxError("EXDEV");
  }

  /** A symbolic link: its text is walked in its place, from where it is. */
  #follow(link: Dentry, needsDirectory: boolean): PathEnd {
    if (this.#has("RESOLVE_NO_SYMLINKS") || ++this.#links > mostLinks) throw new LinuxError("ELOOP");
    const target = link.inode.follow(this.#task);
    if (target !== undefined) return this.#jump(target, needsDirectory);
    const text = link.inode.readLink(this.#task);
    if (text === "") throw new LinuxError("ENOENT");
    this.#at = link.parent;
    const end = this.#walk(text, true);
    if (needsDirectory && end.dentry !== undefined && !end.dentry.inode.isDirectory) throw new LinuxError("ENOTDIR");
    return { ...end, needsDirectory: end.needsDirectory || needsDirectory };
  }

  /** A magic link leads to a file itself. */
  #jump(target: Dentry, needsDirectory: boolean): PathEnd {
    if (this.#has("RESOLVE_NO_MAGICLINKS")) throw new LinuxError("ELOOP");
    if (this.#has("RESOLVE_BENEATH") || this.#has("RESOLVE_IN_ROOT")) throw new LinuxError("EXDEV");
    this.#move(target);
    if (needsDirectory && !target.inode.isDirectory) throw new LinuxError("ENOTDIR");
    return { parent: target.up, name: ".", dentry: target, needsDirectory };
  }
}
