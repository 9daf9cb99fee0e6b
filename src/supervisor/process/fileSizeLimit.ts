import { LinuxError } from "../errno.ts";
import { type OpenFile, openFlag } from "../files/openFile.ts";
import { OpenRegular } from "../files/regularFile.ts";
import type { Task } from "../task.ts";
import { resource, unlimited } from "./limits.ts";
import { sendToTask } from "./send.ts";
import { signalCode } from "./signalInfo.ts";
import { signal } from "./signalNumber.ts";

/** RLIMIT_FSIZE: Infinity where there is none. */
function limitOf({ process }: Task): number {
  const { soft } = process.limits.get(resource.RLIMIT_FSIZE);
  return soft === unlimited ? Number.POSITIVE_INFINITY : soft;
}

function refuse(task: Task): never {
  sendToTask(task, { signal: signal.SIGXFSZ, code: signalCode.SI_USER, pid: task.process.pid });
  throw new LinuxError("EFBIG");
}

/** How many bytes a file takes from a task that wants to write there. Throws EFBIG, with SIGXFSZ, where it takes none. */
export function roomBelowLimit(task: Task, file: OpenFile, at: number | undefined): number {
  if (!(file instanceof OpenRegular)) return Number.POSITIVE_INFINITY;
  const limit = limitOf(task);
  if (limit === Number.POSITIVE_INFINITY) return limit;
  const offset = (file.flags & openFlag.O_APPEND) !== 0 ? file.inode.size : (at ?? file.position);
  if (offset >= limit) refuse(task);
  return limit - offset;
}

/** Throws EFBIG, with SIGXFSZ, for a file that is to become longer than a task may make it. */
export function mayGrow(task: Task, from: number, to: number): void {
  if (to > from && to > limitOf(task)) refuse(task);
}
