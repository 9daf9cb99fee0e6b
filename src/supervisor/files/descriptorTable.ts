import { LinuxError } from "../errno.ts";
import type { OpenFile } from "./openFile.ts";
import { tellFile, tellIfGone, watchEvent } from "./watch.ts";

/** How many files all processes together may have open (Linux's `fs.file-max`), and how many they have. */
export class OpenFileLimit {
  readonly most: number;
  count = 0;
  /** Closes what nobody can come to any more, before a file is refused. */
  collect: () => void = () => {};

  constructor(most = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  /** Throws ENFILE where `more` files are too many. */
  mustHaveRoom(more: number): void {
    if (this.count + more > this.most) this.collect();
    if (this.count + more > this.most) throw new LinuxError("ENFILE");
  }
}

interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** The file descriptors of a process (Linux's `files_struct`); shared between tasks with CLONE_FILES. */
export class DescriptorTable {
  readonly #descriptors: (Descriptor | undefined)[] = [];
  /** Tasks that have it as theirs. */
  users = 1;
  #limit: number;

  readonly #system: OpenFileLimit;

  constructor(limit = 1024, system = new OpenFileLimit()) {
    this.#system = system;
    this.#limit = Math.min(limit, system.most);
  }

  /** One more than the greatest descriptor there may be: RLIMIT_NOFILE, but no more than all may have together. */
  get limit(): number {
    return this.#limit;
  }

  /** -1: as many as there may be. */
  set limit(limit: number) {
    this.#limit = limit < 0 ? this.#system.most : Math.min(limit, this.#system.most);
  }

  /** Before files are made that are to be added: there must be room for so many. Throws EMFILE, ENFILE. */
  mustHaveRoom(more: number): void {
    this.#system.mustHaveRoom(more);
    let fd = 0;
    for (let free = 0; free < more; fd++) {
      if (fd >= this.limit) throw new LinuxError("EMFILE");
      if (this.#descriptors[fd] === undefined) free++;
    }
  }

  /** The file of a descriptor, undefined: there is none. */
  find(fd: number): OpenFile | undefined {
    return this.#descriptors[fd]?.file;
  }

  /** The file of a descriptor. Throws EBADF. */
  get(fd: number): OpenFile {
    const file = this.#descriptors[fd]?.file;
    if (file === undefined) throw new LinuxError("EBADF");
    return file;
  }

  /** The lowest free descriptor from `least` on refers to a file from now on. Throws EMFILE, ENFILE. */
  add(file: OpenFile, closeOnExec = false, least = 0): number {
    let fd = least;
    while (this.#descriptors[fd] !== undefined) fd++;
    if (fd >= this.limit) throw new LinuxError("EMFILE");
    this.#refer(file);
    this.#descriptors[fd] = { file, closeOnExec };
    return fd;
  }

  /** A certain descriptor refers to a file from now on; what it referred to is closed. */
  set(fd: number, file: OpenFile, closeOnExec = false): void {
    if (fd < 0 || fd >= this.limit) throw new LinuxError("EBADF");
    this.#refer(file);
    if (this.#descriptors[fd] !== undefined) this.close(fd);
    this.#descriptors[fd] = { file, closeOnExec };
  }

  #refer(file: OpenFile): void {
    if (file.references === 0) {
      this.#system.mustHaveRoom(1);
      this.#system.count++;
      if (file.dentry !== undefined) file.dentry.inode.openFiles++;
    }
    file.references++;
  }

  /** Throws EBADF. */
  close(fd: number): void {
    const file = this.get(fd);
    this.#descriptors[fd] = undefined;
    // whichever descriptor of the file it was: the process's locks of it are gone
    file.dentry?.inode.locks?.clearAll(this);
    this.discard(file);
  }

  /** A file has one reference less: with the last one it is closed. */
  discard(file: OpenFile): void {
    if (--file.references > 0) return;
    this.#system.count--;
    tellFile(file, file.canWrite ? watchEvent.IN_CLOSE_WRITE : watchEvent.IN_CLOSE_NOWRITE);
    file.release();
    if (file.dentry === undefined) return;
    file.dentry.inode.locks?.clearAll(file);
    file.dentry.inode.openFiles--;
    tellIfGone(file.dentry.inode);
  }

  getCloseOnExec(fd: number): boolean {
    this.get(fd);
    return this.#descriptors[fd]!.closeOnExec;
  }

  setCloseOnExec(fd: number, closeOnExec: boolean): void {
    this.get(fd);
    this.#descriptors[fd]!.closeOnExec = closeOnExec;
  }

  /** The descriptors in use, in order. */
  *[Symbol.iterator](): Generator<number> {
    for (const [fd, descriptor] of this.#descriptors.entries()) if (descriptor !== undefined) yield fd;
  }

  /** One for a child that does not share it. */
  copy(): DescriptorTable {
    const copy = new DescriptorTable(this.limit, this.#system);
    for (const fd of this) copy.set(fd, this.get(fd), this.getCloseOnExec(fd));
    return copy;
  }

  /** Exec closes what is marked so. */
  closeForExec(): void {
    for (const fd of this) if (this.getCloseOnExec(fd)) this.close(fd);
  }

  closeAll(): void {
    for (const fd of this) this.close(fd);
  }
}
