import type { Task } from "../task.ts";

/**
 * A file of /proc/PID: `maps`, `status` … Whoever knows the content states it in a list of these; the file tree has
 * them all (`procEntries` in `proc/entries.ts`).
 */
export interface ProcEntry {
  readonly name: string;
  /** Its whole content, made when it is opened or read from the start. `task` is the one that it is about. */
  readonly read?: (task: Task) => string | Uint8Array;
  /** For content that is too much to make as a whole (pagemap): fills an array from an offset. Bytes, or -errno. */
  readonly readAt?: (task: Task, offset: number, into: Uint8Array) => number;
  /** What is written to it at once. Bytes taken, or -errno. */
  readonly write?: (task: Task, bytes: Uint8Array) => number;
  /** What is written to it at an offset, where that matters. Bytes taken, or -errno. */
  readonly writeAt?: (task: Task, offset: number, bytes: Uint8Array) => number;
  /** Its ioctls, of a caller. */
  readonly ioctl?: (task: Task, caller: Task, request: number, argument: number) => number;
  /** A magic link (exe, cwd): where it leads, as readlink says. */
  readonly link?: (task: Task) => string;
}
