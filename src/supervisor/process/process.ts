import type { Task } from "../task.ts";
import { WaitQueue } from "../waitQueue.ts";
import { Limits } from "./limits.ts";
import { PendingSignals, SignalActions } from "./signalState.ts";
import { ProcessTimers } from "./timers.ts";
import { Usage } from "./usage.ts";

/** How a process has ended. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: number; readonly core: boolean };

/** A change of state that a parent can wait for, but for the end. */
export type ProcessChange = { readonly kind: "stopped"; readonly signal: number } | { readonly kind: "continued" };

/** Nanoseconds, `PR_SET_TIMERSLACK`. */
export const usualTimerSlack = 50_000;

/** What a process can set by prctl and /proc, and its children have from it. */
export interface Kept {
  readonly noNewPrivileges: boolean;
  readonly keepsCapabilities: boolean;
  readonly isDumpable: boolean;
  readonly timerSlack: number;
  /** `oom_score_adj`: thousandths of all memory that it counts for more when one is chosen to be killed; -1000: never. */
  readonly outOfMemory: number;
}

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
  /** How all its threads are to end, once that was decided: exit_group or a signal. */
  groupExit: Exit | undefined;
  /** The signal that has stopped it, 0: it goes on. */
  stopped = 0;
  /** What has happened since its parent last waited for it. */
  change: ProcessChange | undefined;
  actions = new SignalActions();
  readonly pending: PendingSignals;
  /** What its threads that have ended have used, and its children that were waited for, and theirs. */
  readonly used = new Usage();
  readonly usedByChildren = new Usage();
  /** It has called exec: its parent may not change its process group any more. */
  hasExecuted = false;
  limits = new Limits();
  /** Its interval timers, and those of timer_create. */
  readonly timers: ProcessTimers;
  /** PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER: its descendants whose parents end become its children. */
  parentDeathSignal = 0;
  isSubreaper = false;
  /** What prctl keeps for it and its children. */
  kept: Kept = {
    noNewPrivileges: false,
    keepsCapabilities: false,
    isDumpable: true,
    timerSlack: usualTimerSlack,
    outOfMemory: 0,
  };
  /** Woken when it gets a signal that is not delivered at once: signalfd waits for that. */
  readonly signalled = new WaitQueue();
  /** Woken when it has ended. */
  readonly ended = new WaitQueue();
  /** Woken when a child changes its state. */
  readonly childChanged = new WaitQueue();
  /** What the parent gets when it ends, SIGCHLD but for clone. */
  exitSignal = 17;
  /** When it was made. */
  started = 0;
  /** Its last thread, once that has ended: what /proc says of one that nobody has waited for. */
  remains: Task | undefined;

  constructor(pid: number, parent: Process | undefined) {
    this.pid = pid;
    this.parent = parent;
    this.pending = new PendingSignals(parent?.pending.budget);
    this.timers = new ProcessTimers(this.pending.budget);
    this.pgid = parent?.pgid ?? pid;
    this.sid = parent?.sid ?? pid;
    parent?.children.add(this);
  }
}
