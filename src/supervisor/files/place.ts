import type { Dentry } from "./dentry.ts";

/** Where a process is in the file tree (Linux's `fs_struct`); shared between tasks with CLONE_FS. */
export class Place {
  root: Dentry;
  cwd: Dentry;
  umask = 0o022;

  constructor(root: Dentry) {
    this.root = root;
    this.cwd = root;
  }

  /** One for a child that does not share it. */
  copy(): Place {
    return Object.assign(new Place(this.root), this);
  }
}
