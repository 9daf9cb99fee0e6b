import { endProcess, endTask } from "../process/exit.ts";
import { done, type Task } from "../task.ts";
import { syscall } from "./syscall.ts";

function exit(task: Task, code: number): number {
  endTask(task, { kind: "exited", code: code & 0xff });
  return done;
}

function exitGroup(task: Task, code: number): number {
  endProcess(task.process, { kind: "exited", code: code & 0xff });
  return done;
}

function setTidAddress(task: Task, address: number): number {
  task.clearChildTid = address;
  return task.tid;
}

function setRobustList(task: Task, head: number): number {
  task.robustList = head;
  return 0;
}

/** Processes and threads. */
export const processCalls = [
  syscall(93, "exit(int code)", exit),
  syscall(94, "exit_group(int code)", exitGroup),
  syscall(96, "set_tid_address(address address) pid", setTidAddress),
  syscall(99, "set_robust_list(address head, size length)", setRobustList),
  syscall(172, "getpid() pid", (task) => task.process.pid),
  syscall(173, "getppid() pid", (task) => task.process.parent?.pid ?? 1),
  syscall(178, "gettid() pid", (task) => task.tid),
];
