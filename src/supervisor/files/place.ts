/** Where a process is in the file tree (Linux's `fs_struct`); shared between tasks with CLONE_FS. */
export class Place {
  root = "/";
  cwd = "/";
  umask = 0o022;

  /** One for a child that does not share it. */
  copy(): Place {
    return Object.assign(new Place(), this);
  }
}
