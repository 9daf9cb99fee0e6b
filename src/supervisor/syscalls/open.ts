import { errno, LinuxError } from "../errno.ts";
import { type OpenFile, openFlag } from "../files/openFile.ts";
import { resolveFlag } from "../files/pathWalk.ts";
import { pipeWaitsFor } from "../files/pipe.ts";
import type { Task } from "../task.ts";
import { pathAt } from "./pathArgument.ts";
import { syscall } from "./syscall.ts";

/** What openat2 knows; other bits are EINVAL there, and without meaning for openat. */
const knownFlags = Object.values(openFlag).reduce<number>((all, flag) => all | flag, 0);
const knownResolve = Object.values(resolveFlag).reduce<number>((all, flag) => all | flag, 0);

function openat(task: Task, dirfd: number, path: number, flags: number, mode: number): number {
  return open(task, dirfd, path, { flags: flags & knownFlags, mode: mode & 0o7777, resolve: 0 });
}

interface OpenHow {
  readonly flags: number;
  readonly mode: number;
  readonly resolve: number;
}

const howBytes = 24;
const mostHowBytes = 4096;

/** `struct open_how`: flags, mode, resolve, 64 bits each. */
function openat2(task: Task, dirfd: number, path: number, how: number, size: number): number {
  const { memory } = task;
  if (size < howBytes) return -errno.EINVAL;
  if (size > mostHowBytes) return -errno.E2BIG;
  if (memory.read(how + howBytes, size - howBytes).some((byte) => byte !== 0)) return -errno.E2BIG;
  const [flags, mode, resolve] = [memory.u64(how), memory.u64(how + 8), memory.u64(how + 16)].map(Number);
  const makes = flags & (openFlag.O_CREAT | (openFlag.O_TMPFILE & ~openFlag.O_DIRECTORY));
  if (flags > knownFlags || (flags & ~knownFlags) !== 0 || resolve > knownResolve || (resolve & ~knownResolve) !== 0) {
    return -errno.EINVAL;
  }
  if (mode > 0o7777 || (mode !== 0 && !makes)) return -errno.EINVAL;
  const bounds = resolveFlag.RESOLVE_BENEATH | resolveFlag.RESOLVE_IN_ROOT;
  if ((resolve & bounds) === bounds) return -errno.EINVAL;
  const pathFlags = openFlag.O_PATH | openFlag.O_DIRECTORY | openFlag.O_NOFOLLOW | openFlag.O_CLOEXEC;
  if (flags & openFlag.O_PATH && flags & ~pathFlags) return -errno.EINVAL;
  // nothing is cached that would not have to be asked for
  if (resolve & resolveFlag.RESOLVE_CACHED) return -errno.EAGAIN;
  return open(task, dirfd, path, { flags, mode, resolve });
}

function open(task: Task, dirfd: number, path: number, { flags, mode, resolve }: OpenHow): number {
  const call = task.call!;
  const both = openFlag.O_CREAT | openFlag.O_DIRECTORY;
  if ((flags & (both | openFlag.O_PATH)) === both) return -errno.EINVAL;
  let file = call.data as OpenFile | undefined;
  if (file === undefined) {
    const from = pathAt(task, dirfd, path);
    // with RESOLVE_IN_ROOT an absolute path begins at the directory as well
    const start = resolve !== 0 && dirfd >= 0 ? task.files.get(dirfd).dentry : from.start;
    task.files.mustHaveRoom(flags & openFlag.O_PATH ? 0 : 1);
    file = task.system.files.tree.open(task, { ...from, start }, flags, mode, { resolve });
  }
  const queue = pipeWaitsFor(file);
  if (queue !== undefined) {
    const opened = file;
    call.data = opened;
    call.release = () => opened.release();
    return task.block({ on: [queue] });
  }
  try {
    return task.files.add(file, (flags & openFlag.O_CLOEXEC) !== 0);
  } catch (error) {
    if (error instanceof LinuxError) file.release();
    throw error;
  }
}

/** Opening files. */
export const openCalls = [
  syscall(56, "openat(dirfd dirfd, path path, openFlags flags, mode mode) fd", openat),
  syscall(437, "openat2(dirfd dirfd, path path, address how, size size) fd", openat2),
];
