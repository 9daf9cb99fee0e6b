import { errno, LinuxError } from "../errno.ts";
import { InotifyFile, watchFlag } from "../files/inotifyFile.ts";
import { openFlag } from "../files/openFile.ts";
import type { Task } from "../task.ts";
import { AT_FDCWD, pathAt } from "./pathArgument.ts";
import { syscall } from "./syscall.ts";

/** Every bit that a mask can have; there must be one of them at least. */
const knownBits = 0xfff | 0x2000 | 0x4000 | 0x8000 | 0x4000_0000;
const knownFlags = Object.values(watchFlag).reduce<number>((all, flag) => all | flag, 0);

function inotifyInit1(task: Task, flags: number): number {
  if (flags & ~(openFlag.O_CLOEXEC | openFlag.O_NONBLOCK)) return -errno.EINVAL;
  task.files.mustHaveRoom(1);
  const file = new InotifyFile(flags & openFlag.O_NONBLOCK, task.system.files.watches);
  return task.files.add(file, (flags & openFlag.O_CLOEXEC) !== 0);
}

function inotifyFile(task: Task, fd: number): InotifyFile {
  const file = task.files.get(fd);
  if (!(file instanceof InotifyFile)) throw new LinuxError("EINVAL");
  return file;
}

function inotifyAddWatch(task: Task, fd: number, path: number, mask: number): number {
  if ((mask & (knownBits | knownFlags)) === 0) return -errno.EINVAL;
  const adds = watchFlag.IN_MASK_ADD | watchFlag.IN_MASK_CREATE;
  task.files.get(fd);
  if ((mask & adds) === adds) return -errno.EINVAL;
  const file = inotifyFile(task, fd);
  const follow = (mask & watchFlag.IN_DONT_FOLLOW) === 0;
  const { inode } = task.system.files.tree.find(task, pathAt(task, AT_FDCWD, path), { follow });
  if ((mask & watchFlag.IN_ONLYDIR) !== 0 && !inode.isDirectory) return -errno.ENOTDIR;
  return file.watch(inode, mask);
}

function inotifyRmWatch(task: Task, fd: number, wd: number): number {
  inotifyFile(task, fd).removeWatch(wd);
  return 0;
}

/** What happens to files, told to those who watch them. */
export const inotifyCalls = [
  syscall(26, "inotify_init1(descriptorFlags flags) fd", inotifyInit1),
  syscall(27, "inotify_add_watch(fd fd, path path, watchMask mask)", inotifyAddWatch),
  syscall(28, "inotify_rm_watch(fd fd, int wd)", inotifyRmWatch),
];
