import type { Dentry } from "./dentry.ts";
import type { ProgramFile } from "./inode.ts";
import { tellDentry, tellIfGone, watchEvent } from "./watch.ts";

/**
 * The files that exec has opened for an address space, and those that are copies of it: whoever watches them hears that
 * they were opened and read, and that they are closed once no memory is made of them any more.
 */
export class ProgramUse {
  readonly #open = new Set<Dentry>();
  #users = 1;

  opened(file: ProgramFile): ProgramFile {
    const { dentry } = file;
    if (dentry !== undefined && !this.#open.has(dentry)) {
      this.#open.add(dentry);
      dentry.inode.openFiles++;
      tellDentry(dentry, watchEvent.IN_OPEN);
      tellDentry(dentry, watchEvent.IN_ACCESS);
    }
    return file;
  }

  /** Scripts are read and closed: what is left is the program that they are for. */
  closeScripts(program: ProgramFile): void {
    for (const dentry of this.#open) if (dentry !== program.dentry) this.#close(dentry);
  }

  /** One more address space has them. */
  share(): this {
    this.#users++;
    return this;
  }

  /** An address space does not have them any more. */
  release(): void {
    if (--this.#users === 0) for (const dentry of this.#open) this.#close(dentry);
  }

  #close(dentry: Dentry): void {
    this.#open.delete(dentry);
    dentry.inode.openFiles--;
    tellDentry(dentry, watchEvent.IN_CLOSE_NOWRITE);
    tellIfGone(dentry.inode);
  }
}
