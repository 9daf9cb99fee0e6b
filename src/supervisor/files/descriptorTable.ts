import { LinuxError } from "../errno.ts";
import type { OpenFile } from "./openFile.ts";

interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** The file descriptors of a process (Linux's `files_struct`); shared between tasks with CLONE_FILES. */
export class DescriptorTable {
  readonly #descriptors: (Descriptor | undefined)[] = [];
  /** Tasks that have it as theirs. */
  users = 1;
  /** One more than the greatest descriptor there may be: RLIMIT_NOFILE. */
  limit: number;

  constructor(limit = 1024) {
    this.limit = limit;
  }

  /** The file of a descriptor. Throws EBADF. */
  get(fd: number): OpenFile {
    const file = this.#descriptors[fd]?.file;
    if (file === undefined) throw new LinuxError("EBADF");
    return file;
  }

  /** The lowest free descriptor from `least` on refers to a file from now on. Throws EMFILE. */
  add(file: OpenFile, closeOnExec = false, least = 0): number {
    let fd = least;
    while (this.#descriptors[fd] !== undefined) fd++;
    if (fd >= this.limit) throw new LinuxError("EMFILE");
    this.#descriptors[fd] = { file, closeOnExec };
    file.references++;
    return fd;
  }

  /** A certain descriptor refers to a file from now on; what it referred to is closed. */
  set(fd: number, file: OpenFile, closeOnExec = false): void {
    if (fd < 0 || fd >= this.limit) throw new LinuxError("EBADF");
    file.references++;
    if (this.#descriptors[fd] !== undefined) this.close(fd);
    this.#descriptors[fd] = { file, closeOnExec };
  }

  /** Throws EBADF. */
  close(fd: number): void {
    const file = this.get(fd);
    this.#descriptors[fd] = undefined;
    if (--file.references === 0) file.release();
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
    const copy = new DescriptorTable(this.limit);
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
