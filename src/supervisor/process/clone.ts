import { LinuxError } from "../errno.ts";
import { ProcessFile } from "../files/processFile.ts";
import { forkMm } from "../memory/forkMm.ts";
import type { UserMm } from "../memory/userMm.ts";
import { reg } from "../registers.ts";
import { Task } from "../task.ts";
import { Process } from "./process.ts";
import { noAlternateStack } from "./signalState.ts";

/** CLONE_ flags, `linux/sched.h`. */
export const cloneFlag = {
  /** Only of clone3: for clone it is a part of the exit signal. */
  CLONE_NEWTIME: 0x80,
  CLONE_VM: 0x100,
  CLONE_FS: 0x200,
  CLONE_FILES: 0x400,
  CLONE_SIGHAND: 0x800,
  CLONE_PIDFD: 0x1000,
  CLONE_PTRACE: 0x2000,
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_THREAD: 0x10000,
  CLONE_NEWNS: 0x20000,
  CLONE_SYSVSEM: 0x40000,
  CLONE_SETTLS: 0x80000,
  CLONE_PARENT_SETTID: 0x100000,
  CLONE_CHILD_CLEARTID: 0x200000,
  CLONE_DETACHED: 0x400000,
  CLONE_UNTRACED: 0x800000,
  CLONE_CHILD_SETTID: 0x1000000,
  CLONE_NEWCGROUP: 0x2000000,
  CLONE_NEWUTS: 0x4000000,
  CLONE_NEWIPC: 0x8000000,
  CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_NEWNET: 0x40000000,
  CLONE_IO: 0x80000000,
  CLONE_CLEAR_SIGHAND: 0x1_0000_0000,
} as const;

const f = cloneFlag;
const namespaces =
  f.CLONE_NEWTIME |
  f.CLONE_NEWNS |
  f.CLONE_NEWCGROUP |
  f.CLONE_NEWUTS |
  f.CLONE_NEWIPC |
  f.CLONE_NEWUSER |
  f.CLONE_NEWPID |
  f.CLONE_NEWNET;

/** What a new task is to be. */
export interface CloneRequest {
  /** Bits of {@link cloneFlag}, without the exit signal. */
  readonly flags: number;
  readonly exitSignal: number;
  /** Stack pointer, 0: as the parent's. */
  readonly stack: number;
  readonly tls: number;
  readonly parentTid: number;
  readonly childTid: number;
  /** Where CLONE_PIDFD wants the descriptor. */
  readonly pidfd: number;
}

/**
 * Makes a task: a thread, a process, or what is between. It is ready to run with 0 in a0. Throws a LinuxError: EINVAL for
 * flags that do not go together, EPERM for namespaces, EAGAIN for more tasks than there may be, ENOMEM.
 */
export function cloneTask(parent: Task, request: CloneRequest): Task {
  const { system } = parent;
  const has = (flag: number) => hasFlag(request.flags, flag);
  if (has(f.CLONE_SIGHAND) && !has(f.CLONE_VM)) throw new LinuxError("EINVAL");
  if (has(f.CLONE_THREAD) && !has(f.CLONE_SIGHAND)) throw new LinuxError("EINVAL");
  if (has(f.CLONE_PIDFD) && (has(f.CLONE_THREAD) || has(f.CLONE_DETACHED))) throw new LinuxError("EINVAL");
  if (has(f.CLONE_NEWNS) && has(f.CLONE_FS)) throw new LinuxError("EINVAL");
  if (request.flags & namespaces) throw new LinuxError("EPERM");
  system.admitTask();
  const tid = system.allocatePid();
  const mm = has(f.CLONE_VM) ? share(parent.mm) : forkMm(system, parent.mm, tid);
  const process = has(f.CLONE_THREAD) ? parent.process : makeProcess(parent, tid, request);
  const child = new Task(system, {
    tid,
    process,
    mm,
    files: has(f.CLONE_FILES) ? share(parent.files) : parent.files.copy(),
    place: has(f.CLONE_FS) ? parent.place : parent.place.copy(),
  });
  inherit(child, parent, request);
  if (has(f.CLONE_PIDFD)) parent.memory.setU32(request.pidfd, parent.files.add(new ProcessFile(process, 0), true));
  if (has(f.CLONE_PARENT_SETTID)) parent.memory.setU32(request.parentTid, tid);
  if (has(f.CLONE_CHILD_SETTID)) child.memory.setU32(request.childTid, tid);
  system.addTask(child);
  return child;
}

function hasFlag(flags: number, flag: number): boolean {
  return Math.floor(flags / flag) % 2 === 1;
}

function share<T extends UserMm | Task["files"]>(shared: T): T {
  shared.users++;
  return shared;
}

function makeProcess(parent: Task, pid: number, { flags, exitSignal }: CloneRequest): Process {
  const isSibling = hasFlag(flags, f.CLONE_PARENT);
  const process = new Process(pid, isSibling ? parent.process.parent : parent.process);
  process.pgid = parent.process.pgid;
  process.sid = parent.process.sid;
  process.exitSignal = isSibling ? parent.process.exitSignal : exitSignal;
  process.limits = parent.process.limits.copy();
  process.kept = parent.process.kept;
  process.started = parent.system.now();
  const { actions } = parent.process;
  if (hasFlag(flags, f.CLONE_SIGHAND)) process.actions = actions;
  else process.actions = hasFlag(flags, f.CLONE_CLEAR_SIGHAND) ? actions.afterExec() : actions.copy();
  return process;
}

function inherit(child: Task, parent: Task, { flags, stack, tls, childTid }: CloneRequest): void {
  const { regs, signals } = child;
  regs.copy(parent.regs);
  regs.setX(reg.a0, 0);
  if (stack !== 0) regs.setX(reg.sp, stack);
  if (hasFlag(flags, f.CLONE_SETTLS)) regs.setX(reg.tp, tls);
  child.comm = parent.comm;
  child.affinity = parent.affinity;
  child.policy = parent.policy;
  child.capabilities = parent.capabilities;
  signals.blocked = parent.signals.blocked;
  const ownStack = hasFlag(flags, f.CLONE_VM) && !hasFlag(flags, f.CLONE_VFORK);
  signals.stack = ownStack ? noAlternateStack : parent.signals.stack;
  if (hasFlag(flags, f.CLONE_CHILD_CLEARTID)) child.clearChildTid = childTid;
}
