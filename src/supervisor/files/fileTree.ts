import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import { Dentry } from "./dentry.ts";
import { fileType, type Inode, type NewFile, type ProgramFile } from "./inode.ts";
import { OpenPath } from "./openDirectory.ts";
import { type OpenFile, openFlag } from "./openFile.ts";
import { type PathEnd, PathWalk, type PathWalkOptions } from "./pathWalk.ts";
import { RegularInode } from "./regularFile.ts";
import { tellDentry, tellIfGone, tellInode, watchEvent } from "./watch.ts";

/** A path and where it begins: a directory, or the working directory of the task (undefined). */
export interface PathFrom {
  readonly path: string;
  readonly start?: Dentry | undefined;
}

const executable = 0o111;
const renameFlag = { noReplace: 1, exchange: 2 } as const;

/** The one tree that all programs have their files in, and what can be done to names in it. All throws LinuxErrors. */
export class FileTree {
  readonly root: Dentry;
  /** Moves so far: what joins the two events of each. */
  #moves = 0;

  constructor(root: Inode) {
    this.root = new Dentry(root, "");
  }

  /** Where a path ends, whether there is anything or not. */
  end(task: Task, { path, start }: PathFrom, options: PathWalkOptions = {}): PathEnd {
    return new PathWalk(task, start ?? task.place.cwd, options).end(path, options.follow ?? true);
  }

  /** What a path leads to. Throws ENOENT. */
  find(task: Task, from: PathFrom, options: PathWalkOptions = {}): Dentry {
    const { dentry, needsDirectory } = this.end(task, from, options);
    if (dentry === undefined) throw new LinuxError("ENOENT");
    if (needsDirectory && !dentry.inode.isDirectory) throw new LinuxError("ENOTDIR");
    return dentry;
  }

  /** The file of a program, for exec. Throws EACCES for what may not be executed. */
  program(task: Task, from: PathFrom, options: PathWalkOptions = {}): ProgramFile {
    return programOf(this.find(task, from, options));
  }

  /** Opens what a path leads to, or makes it. */
  open(task: Task, from: PathFrom, flags: number, mode: number, options: PathWalkOptions = {}): OpenFile {
    if ((flags & openFlag.O_TMPFILE) === openFlag.O_TMPFILE) return this.#openUnnamed(task, from, flags, mode, options);
    const has = (name: "O_CREAT" | "O_EXCL" | "O_NOFOLLOW" | "O_PATH" | "O_DIRECTORY") =>
      (flags & openFlag[name]) !== 0;
    const creates = has("O_CREAT") && !has("O_PATH");
    if (creates && has("O_DIRECTORY")) throw new LinuxError("EINVAL");
    const follow = !has("O_NOFOLLOW") && !(creates && has("O_EXCL"));
    const end = this.end(task, from, { ...options, follow, creates });
    if (end.dentry === undefined) {
      if (!creates) throw new LinuxError("ENOENT");
      const made = this.#make(task, end, { mode: fileType.S_IFREG | (mode & 0o7777) });
      return this.#opened(task, made, flags & ~openFlag.O_TRUNC);
    }
    if (creates && has("O_EXCL")) throw new LinuxError("EEXIST");
    if ((has("O_DIRECTORY") || end.needsDirectory) && !end.dentry.inode.isDirectory) {
      throw new LinuxError(end.dentry.inode.isLink && !has("O_DIRECTORY") ? "ELOOP" : "ENOTDIR");
    }
    if (creates && end.dentry.inode.isDirectory) throw new LinuxError("EISDIR");
    return this.#opened(task, end.dentry, flags);
  }

  #opened(task: Task, dentry: Dentry, flags: number): OpenFile {
    if (flags & openFlag.O_PATH) return new OpenPath(flags, dentry);
    const { inode } = dentry;
    if (inode.isLink) throw new LinuxError("ELOOP");
    const writes = (flags & openFlag.O_ACCMODE) !== openFlag.O_RDONLY;
    const truncates = (flags & openFlag.O_TRUNC) !== 0;
    if (inode.isDirectory && (writes || truncates)) throw new LinuxError("EISDIR");
    if ((writes || truncates) && inode.type === fileType.S_IFREG) inode.mustBeWritable();
    const file = inode.open(
      task,
      flags & ~(openFlag.O_CREAT | openFlag.O_EXCL | openFlag.O_TRUNC | openFlag.O_CLOEXEC),
      dentry,
    );
    tellDentry(dentry, watchEvent.IN_OPEN);
    if (truncates && inode.type === fileType.S_IFREG) {
      inode.truncate(0);
      tellDentry(dentry, watchEvent.IN_MODIFY);
    }
    return file;
  }

  /** O_TMPFILE: a file without a name in the file system of a directory. */
  #openUnnamed(task: Task, from: PathFrom, flags: number, mode: number, options: PathWalkOptions): OpenFile {
    const directory = this.find(task, from, options);
    if (!directory.inode.isDirectory) throw new LinuxError("ENOTDIR");
    if ((flags & openFlag.O_ACCMODE) === openFlag.O_RDONLY) throw new LinuxError("EINVAL");
    if (directory.isDeleted) throw new LinuxError("ENOENT");
    directory.inode.mustBeWritable();
    const inode = directory.inode.createUnnamed(mode & 0o7777 & ~task.place.umask);
    inode.isLinkable = (flags & openFlag.O_EXCL) === 0;
    const dentry = new Dentry(inode, `#${inode.status().ino}`, directory);
    dentry.isDeleted = true;
    return inode.open(task, flags & ~(openFlag.O_TMPFILE | openFlag.O_EXCL | openFlag.O_CLOEXEC), dentry);
  }

  #make(task: Task, end: PathEnd, file: NewFile): Dentry {
    const { inode } = end.parent;
    mustBeFree(end);
    inode.mustBeWritable();
    const made = inode.create(end.name, { ...file, mode: file.mode & ~task.place.umask });
    return named(end, made);
  }

  /** mkdir, mknod. */
  make(task: Task, from: PathFrom, file: NewFile): void {
    const end = this.end(task, from, { asItIs: true });
    const isDirectory = (file.mode & fileType.S_IFMT) === fileType.S_IFDIR;
    if (end.dentry === undefined && end.needsDirectory && !isDirectory) throw new LinuxError("ENOENT");
    this.#make(task, end, file);
  }

  symlink(task: Task, target: string, from: PathFrom): void {
    if (target === "") throw new LinuxError("ENOENT");
    const end = this.end(task, from, { asItIs: true });
    if (end.dentry === undefined && end.needsDirectory) throw new LinuxError("ENOENT");
    mustBeFree(end);
    const { inode } = end.parent;
    inode.mustBeWritable();
    named(end, inode.symlink(end.name, target));
  }

  link(task: Task, file: Dentry, from: PathFrom): void {
    const end = this.end(task, from, { asItIs: true });
    mustBeFree(end);
    if (end.needsDirectory) throw new LinuxError("ENOENT");
    const { inode } = end.parent;
    if (file.inode.fs !== inode.fs) throw new LinuxError("EXDEV");
    if (file.inode.isDirectory) throw new LinuxError("EPERM");
    inode.mustBeWritable();
    if (!file.inode.isLinkable && file.inode.status().nlink === 0) throw new LinuxError("ENOENT");
    inode.link(end.name, file.inode);
    file.inode.isLinkable = false;
    file.inode.hasNoName = false;
    tellInode(file.inode, { event: watchEvent.IN_ATTRIB });
    named(end, file.inode);
  }

  /** unlink, rmdir. */
  remove(task: Task, from: PathFrom, isDirectory: boolean): void {
    const { parent, name, dentry, needsDirectory } = this.end(task, from, { asItIs: true });
    if (name === ".") {
      if (!isDirectory) throw new LinuxError("EISDIR");
      throw new LinuxError(lastOf(from.path) === "." ? "EINVAL" : lastOf(from.path) === ".." ? "ENOTEMPTY" : "EBUSY");
    }
    if (dentry === undefined) throw new LinuxError("ENOENT");
    const { inode } = dentry;
    if (isDirectory && !inode.isDirectory) throw new LinuxError("ENOTDIR");
    if (!isDirectory && inode.isDirectory) throw new LinuxError("EISDIR");
    if (!isDirectory && needsDirectory) throw new LinuxError("ENOTDIR");
    if (dentry.covers !== undefined) throw new LinuxError("EBUSY");
    parent.inode.mustBeWritable();
    const isLast = isDirectory || isLastName(inode);
    if (isDirectory) {
      for (const _ of dentry.mounts()) throw new LinuxError("EBUSY");
      parent.inode.rmdir(name, inode);
    } else parent.inode.unlink(name, inode);
    parent.forget(name);
    if (!isDirectory) tellInode(inode, { event: watchEvent.IN_ATTRIB });
    tellInode(parent.inode, { event: watchEvent.IN_DELETE, name }, isDirectory);
    inode.hasNoName = isLast;
    tellIfGone(inode);
  }

  /** renameat2 with RENAME_NOREPLACE (1) and RENAME_EXCHANGE (2). */
  rename(task: Task, from: PathFrom, to: PathFrom, flags: number): void {
    const { noReplace, exchange } = renameFlag;
    if ((flags & ~(noReplace | exchange)) !== 0 || flags === (noReplace | exchange)) throw new LinuxError("EINVAL");
    const source = this.end(task, from, { asItIs: true });
    const target = this.end(task, to, { asItIs: true });
    if (source.name === ".") throw new LinuxError("EBUSY");
    if (target.name === ".") throw new LinuxError(flags & noReplace ? "EEXIST" : "EBUSY");
    const moved = source.dentry;
    if (moved === undefined) throw new LinuxError("ENOENT");
    if (target.dentry !== undefined && (flags & noReplace) !== 0) throw new LinuxError("EEXIST");
    if (source.parent.inode.fs !== target.parent.inode.fs) throw new LinuxError("EXDEV");
    if (moved.covers !== undefined || target.dentry?.covers !== undefined) throw new LinuxError("EBUSY");
    if (target.dentry === undefined && (flags & exchange) !== 0) throw new LinuxError("ENOENT");
    // a slash is behind what is a directory, or becomes one
    const comes = (flags & exchange) !== 0 ? target.dentry : moved;
    const isMisplaced = ({ needsDirectory }: PathEnd, of?: Dentry) => needsDirectory && of?.inode.isDirectory === false;
    if (isMisplaced(source, moved) || isMisplaced(target, comes)) throw new LinuxError("ENOTDIR");
    if (moved.inode.isDirectory && target.parent.isWithin(moved)) throw new LinuxError("EINVAL");
    if (target.dentry !== undefined && source.parent.isWithin(target.dentry)) {
      throw new LinuxError((flags & exchange) !== 0 ? "EINVAL" : "ENOTEMPTY");
    }
    source.parent.inode.mustBeWritable();
    if ((flags & exchange) !== 0) exchangeNames(source, target, () => ++this.#moves);
    else moveName(source, moved, target, () => ++this.#moves);
  }

  /** Puts a file system over a directory, which need not exist. */
  mount(path: string, root: Inode): Dentry {
    let at = this.root;
    const names = path.split("/").filter((name) => name !== "");
    names.forEach((name, index) => {
      at = directoryFor(at, name, root, index === names.length - 1);
    });
    return at.mount(root);
  }
}

/** A directory of the tree; the last one need not exist: it is there as long as something is mounted on it. */
function directoryFor(parent: Dentry, name: string, root: Inode, isLast: boolean): Dentry {
  try {
    const child = parent.child(name);
    if (child.inode.isDirectory) return child;
  } catch (error) {
    if (!(error instanceof LinuxError) || error.message !== "ENOENT") throw error;
  }
  if (!isLast) throw new LinuxError("ENOENT");
  return parent.adopt(name, root);
}

/** A file has a new name. */
function named({ parent, name }: PathEnd, inode: Inode): Dentry {
  const dentry = parent.adopt(name, inode);
  tellInode(parent.inode, { event: watchEvent.IN_CREATE, name }, inode.isDirectory);
  return dentry;
}

/** Whether a file has no other name; of one that nobody watches, nobody wants to know. */
function isLastName(inode: Inode): boolean {
  return inode.watches !== undefined && inode.status().nlink <= 1;
}

/** A file has gone from one name to another. */
function tellMove(from: PathEnd, inode: Inode, to: PathEnd, cookie: number): void {
  const { IN_MOVED_FROM, IN_MOVED_TO } = watchEvent;
  tellInode(from.parent.inode, { event: IN_MOVED_FROM, name: from.name, cookie }, inode.isDirectory);
  tellInode(to.parent.inode, { event: IN_MOVED_TO, name: to.name, cookie }, inode.isDirectory);
}

/** A name moves to another, over what has that. */
function moveName(source: PathEnd, moved: Dentry, target: PathEnd, nextMove: () => number): void {
  const { inode } = moved;
  const replaced = target.dentry?.inode;
  if (replaced === inode) return;
  if (replaced !== undefined && inode.isDirectory !== replaced.isDirectory) {
    throw new LinuxError(inode.isDirectory ? "ENOTDIR" : "EISDIR");
  }
  const wasLast = replaced !== undefined && (replaced.isDirectory || isLastName(replaced));
  source.parent.inode.rename(source.name, inode, target.parent.inode, target.name, replaced);
  moved.moveTo(target.parent, target.name);
  tellMove(source, inode, target, nextMove());
  if (replaced !== undefined) tellInode(replaced, { event: watchEvent.IN_ATTRIB });
  tellInode(inode, { event: watchEvent.IN_MOVE_SELF });
  if (replaced === undefined) return;
  replaced.hasNoName = wasLast;
  tellIfGone(replaced);
}

/** Two names change places. */
function exchangeNames(source: PathEnd, target: PathEnd, nextMove: () => number): void {
  const [one, other] = [source.dentry, target.dentry];
  if (one === undefined || other === undefined) throw new LinuxError("ENOENT");
  if (one.inode === other.inode) return;
  source.parent.inode.exchange(source.name, one.inode, target.parent.inode, target.name, other.inode);
  one.exchange(other);
  for (const [from, inode, to] of [[source, one.inode, target] as const, [target, other.inode, source] as const]) {
    tellMove(from, inode, to, nextMove());
    tellInode(inode, { event: watchEvent.IN_MOVE_SELF });
  }
}

function mustBeFree({ dentry, name, parent }: PathEnd): void {
  if (dentry !== undefined || name === ".") throw new LinuxError("EEXIST");
  if (parent.isDeleted) throw new LinuxError("ENOENT");
}

function lastOf(path: string): string {
  return (
    path
      .split("/")
      .filter((name) => name !== "")
      .at(-1) ?? ""
  );
}

/** A file as exec needs it. Throws EACCES. */
export function programOf(dentry: Dentry): ProgramFile {
  const { inode, path } = dentry;
  if (!(inode instanceof RegularInode) || (inode.status().mode & executable) === 0) throw new LinuxError("EACCES");
  return { ...inode.program(path), dentry };
}
