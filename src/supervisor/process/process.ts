import type { Task } from "../task.ts";
import { WaitQueue } from "../waitQueue.ts";

/** How a process has ended. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: number; readonly core: boolean };

/** A thread group with what all its threads have in common: Linux's `signal_struct`. */
export class Process {
  readonly pid: number;
  parent: Process | undefined;
  readonly children = new Set<Process>();
  readonly threads = new Set<Task>();
  /** Process group and session. */
  pgid: number;
  sid: number;
  /** Set once it has ended; it stays among its parent's children until waited for. */
  exit: Exit | undefined;
  /** Woken when a child changes its state. */
  readonly childChanged = new WaitQueue();
  /** What the parent gets when it ends, SIGCHLD but for clone. */
  exitSignal = 17;

  constructor(pid: number, parent: Process | undefined) {
    this.pid = pid;
    this.parent = parent;
    this.pgid = parent?.pgid ?? pid;
    this.sid = parent?.sid ?? pid;
    parent?.children.add(this);
  }
}
