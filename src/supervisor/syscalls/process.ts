import { errno, LinuxError } from "../errno.ts";
import { Dentry } from "../files/dentry.ts";
import { programOf } from "../files/fileTree.ts";
import { ProcessFile } from "../files/processFile.ts";
import { type CloneRequest, cloneFlag, cloneTask } from "../process/clone.ts";
import { execute, readStrings, start } from "../process/execute.ts";
import { endProcess, endTask, reap } from "../process/exit.ts";
import type { Process } from "../process/process.ts";
import { signalCode } from "../process/signalInfo.ts";
import { signal } from "../process/signalNumber.ts";
import { findChild, statusOf, type WaitedChild, waitFlag } from "../process/wait.ts";
import { done, type Task } from "../task.ts";
import { WaitQueue } from "../waitQueue.ts";
import { AT_FDCWD, atFlag, fileAt, readPath } from "./pathArgument.ts";
import { syscall } from "./syscall.ts";
import { withChildren, writeUsage } from "./usage.ts";

function exit(task: Task, code: number): number {
  endTask(task, { kind: "exited", code: code & 0xff });
  return done;
}

function exitGroup(task: Task, code: number): number {
  endProcess(task.process, { kind: "exited", code: code & 0xff });
  return done;
}

const execFlags = atFlag.AT_EMPTY_PATH | atFlag.AT_SYMLINK_NOFOLLOW;

function execveat(task: Task, dirfd: number, path: number, argv: number, envp: number, flags: number): number {
  if (flags & ~execFlags) return -errno.EINVAL;
  const found = fileAt(task, dirfd, path, flags);
  const dentry = found instanceof Dentry ? found : found.dentry;
  if (dentry === undefined) return -errno.EACCES;
  if (dentry.inode.isLink) return -errno.ELOOP;
  const text = readPath(task, path);
  const isPlain = dirfd === AT_FDCWD || text.startsWith("/");
  const name = isPlain ? text : `/dev/fd/${dirfd}${text === "" ? "" : `/${text}`}`;
  const program = programOf(dentry);
  return start(task, program, name, readStrings(task, argv), readStrings(task, envp));
}

function setTidAddress(task: Task, address: number): number {
  task.clearChildTid = address;
  return task.tid;
}

const robustHeadBytes = 24;

function setRobustList(task: Task, head: number, length: number): number {
  if (length !== robustHeadBytes) return -errno.EINVAL;
  task.robustList = head;
  return 0;
}

function getRobustList(task: Task, tid: number, head: number, length: number): number {
  const of = tid === 0 ? task : task.system.tasks.get(tid);
  if (of === undefined) return -errno.ESRCH;
  task.memory.setLong(head, of.robustList);
  task.memory.setLong(length, robustHeadBytes);
  return 0;
}

const exitSignalMask = 0xff;

function clone(task: Task, flags: number, stack: number, parentTid: number, tls: number, childTid: number): number {
  const exitSignal = flags & exitSignalMask;
  return spawn(task, { flags: flags - exitSignal, exitSignal, stack, tls, parentTid, childTid, pidfd: parentTid });
}

/** A vfork's wait for its child to leave the memory that they share. */
class VforkWait {
  readonly tid: number;
  readonly released = new WaitQueue();
  isOver = false;

  constructor(tid: number) {
    this.tid = tid;
  }
}

function spawn(task: Task, request: CloneRequest): number {
  const call = task.call!;
  if (!(call.data instanceof VforkWait)) {
    const child = cloneTask(task, request);
    if ((request.flags & cloneFlag.CLONE_VFORK) === 0) return child.tid;
    const wait = new VforkWait(child.tid);
    call.data = wait;
    child.onRelease = () => {
      wait.isOver = true;
      wait.released.wake();
    };
  }
  const wait = call.data as VforkWait;
  return wait.isOver ? wait.tid : task.block({ on: [wait.released], signal: "never" });
}

/** Of what tasks share only files and place can be given up, as memory and signals are those of threads. */
function unshare(task: Task, flags: number): number {
  const { CLONE_FS, CLONE_FILES, CLONE_SYSVSEM } = cloneFlag;
  if (flags & ~(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)) return -errno.EPERM;
  if (flags & CLONE_FS) task.place = task.place.copy();
  if (flags & CLONE_FILES && task.files.users > 1) {
    task.files.users--;
    task.files = task.files.copy();
  }
  return 0;
}

/** `CLONE_ARGS_SIZE_VER0`; no caller's are larger than a page. */
const cloneArgsBytes = 64;
const mostArgsBytes = 4096;
/** Bytes that have a meaning (`CLONE_ARGS_SIZE_VER2`); what lies behind is zero. */
const knownArgsBytes = 88;

/** Whether clone3 knows these flags: no exit signal is among them but CLONE_NEWTIME, nor is CLONE_DETACHED. */
function isCloneFlags(flags: number): boolean {
  const { CLONE_CLEAR_SIGHAND, CLONE_DETACHED, CLONE_NEWTIME } = cloneFlag;
  if (flags < 0 || flags >= 2 * CLONE_CLEAR_SIGHAND) return false;
  return ((flags % CLONE_CLEAR_SIGHAND) & (CLONE_DETACHED | (exitSignalMask & ~CLONE_NEWTIME))) === 0;
}

/** Whether what is made is a thread or a sibling, which have the exit signal of the caller. */
function inFamily(flags: number): boolean {
  return ((flags % cloneFlag.CLONE_CLEAR_SIGHAND) & (cloneFlag.CLONE_THREAD | cloneFlag.CLONE_PARENT)) !== 0;
}

/** `struct clone_args`: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls. */
function clone3(task: Task, args: number, size: number): number {
  if (size > mostArgsBytes || size < 0) return -errno.E2BIG;
  if (size < cloneArgsBytes) return -errno.EINVAL;
  for (let at = knownArgsBytes; at < size; at++) if (task.memory.u8(args + at) !== 0) return -errno.E2BIG;
  const word = (index: number) => task.memory.long(args + 8 * index);
  const exitSignal = word(4);
  if (exitSignal < 0 || exitSignal > 64) return -errno.EINVAL;
  const stack = word(5);
  if ((stack === 0) !== (word(6) === 0)) return -errno.EINVAL;
  const [flags, childTid, parentTid, tls] = [word(0), word(2), word(3), word(7)];
  if (!isCloneFlags(flags) || (exitSignal !== 0 && inFamily(flags))) return -errno.EINVAL;
  return spawn(task, {
    flags,
    exitSignal,
    stack: stack === 0 ? 0 : stack + word(6),
    tls,
    parentTid,
    childTid,
    pidfd: word(1),
  });
}

const knownOptions =
  waitFlag.WNOHANG | waitFlag.WUNTRACED | waitFlag.WCONTINUED | waitFlag.WNOTHREAD | waitFlag.WALL | waitFlag.WCLONE;

function wait4(task: Task, pid: number, status: number, options: number, usage: number): number {
  if (options & ~knownOptions) return -errno.EINVAL;
  const found = lookForChild(task, pid, options | waitFlag.WEXITED);
  if (typeof found === "number") return found;
  const { process, event } = found;
  if (status !== 0) task.memory.setU32(status, statusOf(event));
  if (usage !== 0) writeUsage(task, usage, withChildren(process));
  take(task, found);
  return process.pid;
}

/** A child with something to tell, or the answer of the call: it waits, or there is none. */
function lookForChild(task: Task, pid: number, options: number): WaitedChild | number {
  const found = findChild(task.process, pid, options);
  if (found === "none") return -errno.ECHILD;
  if (found !== undefined) return found;
  if (options & waitFlag.WNOHANG) return 0;
  return task.block({ on: [task.process.childChanged] });
}

function take(task: Task, { process, event }: WaitedChild): void {
  if (event.kind === "exited" || event.kind === "killed") reap(task.system, process);
  else process.change = undefined;
}

/** `idtype_t`. */
const idType = { all: 0, pid: 1, group: 2, descriptor: 3 } as const;

function waitid(task: Task, type: number, id: number, info: number, options: number, usage: number): number {
  const events = waitFlag.WEXITED | waitFlag.WSTOPPED | waitFlag.WCONTINUED;
  const known = knownOptions | events | waitFlag.WNOWAIT;
  if (options & ~known || (options & events) === 0) return -errno.EINVAL;
  let pid = -1;
  if (type === idType.pid) pid = id;
  else if (type === idType.descriptor) pid = processOfDescriptor(task, id);
  else if (type === idType.group) pid = id === 0 ? 0 : -id;
  else if (type !== idType.all) return -errno.EINVAL;
  if (type === idType.pid && id <= 0) return -errno.EINVAL;
  const found = lookForChild(task, pid, options);
  if (typeof found === "number") {
    if (found === 0 && info !== 0) writeChildInfo(task, info, undefined);
    return found;
  }
  if (info !== 0) writeChildInfo(task, info, found);
  if (usage !== 0) writeUsage(task, usage, withChildren(found.process));
  if ((options & waitFlag.WNOWAIT) === 0) take(task, found);
  return 0;
}

function processOfDescriptor(task: Task, fd: number): number {
  const file = task.files.get(fd);
  if (!(file instanceof ProcessFile)) throw new LinuxError("EINVAL");
  return file.process.pid;
}

function writeChildInfo({ memory }: Task, at: number, child: WaitedChild | undefined): void {
  memory.setU32(at, child === undefined ? 0 : signal.SIGCHLD);
  memory.setU32(at + 4, 0);
  memory.setU32(at + 8, child === undefined ? 0 : childCode(child));
  memory.setU32(at + 16, child?.process.pid ?? 0);
  memory.setU32(at + 20, 0);
  memory.setU32(at + 24, child === undefined ? 0 : childStatus(child));
}

function childCode({ event }: WaitedChild): number {
  if (event.kind === "exited") return signalCode.CLD_EXITED;
  if (event.kind === "killed") return signalCode.CLD_KILLED;
  return event.kind === "stopped" ? signalCode.CLD_STOPPED : signalCode.CLD_CONTINUED;
}

function childStatus({ event }: WaitedChild): number {
  if (event.kind === "exited") return event.code;
  return event.kind === "continued" ? signal.SIGCONT : event.signal;
}

/** The process that a call names; 0 is the caller's. */
function processOf(task: Task, pid: number): Process | undefined {
  return pid === 0 ? task.process : (task.system.processes.get(pid) ?? task.system.tasks.get(pid)?.process);
}

function setpgid(task: Task, pid: number, group: number): number {
  const process = processOf(task, pid);
  if (group < 0) return -errno.EINVAL;
  if (process === undefined || (process !== task.process && process.parent !== task.process)) return -errno.ESRCH;
  if (process !== task.process && process.hasExecuted) return -errno.EACCES;
  if (process.sid === process.pid || process.sid !== task.process.sid) return -errno.EPERM;
  const target = group === 0 ? process.pid : group;
  const isThere = [...task.system.processes.values()].some(({ pgid, sid }) => pgid === target && sid === process.sid);
  if (target !== process.pid && !isThere) return -errno.EPERM;
  process.pgid = target;
  return 0;
}

function setsid(task: Task): number {
  const { process } = task;
  if ([...task.system.processes.values()].some(({ pgid }) => pgid === process.pid)) return -errno.EPERM;
  process.sid = process.pgid = process.pid;
  return process.pid;
}

/** Processes and threads. */
export const processCalls = [
  syscall(93, "exit(int code)", exit),
  syscall(94, "exit_group(int code)", exitGroup),
  syscall(95, "waitid(idType type, pid id, address info, waitFlags options, address usage)", waitid),
  syscall(96, "set_tid_address(address address) pid", setTidAddress),
  syscall(99, "set_robust_list(address head, size length)", setRobustList),
  syscall(97, "unshare(cloneFlags flags)", unshare),
  syscall(100, "get_robust_list(pid tid, address head, address length)", getRobustList),
  syscall(154, "setpgid(pid pid, pid group)", setpgid),
  syscall(155, "getpgid(pid pid) pid", (task, pid) => processOf(task, pid)?.pgid ?? -errno.ESRCH),
  syscall(156, "getsid(pid pid) pid", (task, pid) => processOf(task, pid)?.sid ?? -errno.ESRCH),
  syscall(157, "setsid() pid", setsid),
  syscall(172, "getpid() pid", (task) => task.process.pid),
  syscall(173, "getppid() pid", (task) => task.process.parent?.pid ?? 1),
  syscall(178, "gettid() pid", (task) => task.tid),
  syscall(220, "clone(cloneFlags flags, address stack, address parent_tid, address tls, address child_tid) pid", clone),
  syscall(221, "execve(path path, strings argv, strings envp)", (task, path, argv, envp) =>
    execute(task, path, argv, envp),
  ),
  syscall(260, "wait4(pid pid, status status, waitFlags options, address usage) pid", wait4),
  syscall(281, "execveat(dirfd dirfd, path path, strings argv, strings envp, atFlags flags)", execveat),
  syscall(435, "clone3(address args, size size) pid", clone3),
];
