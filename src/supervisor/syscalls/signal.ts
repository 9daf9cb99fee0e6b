import { errno } from "../errno.ts";
import { endProcess } from "../process/exit.ts";
import { done, type Task } from "../task.ts";
import { syscall } from "./syscall.ts";

function kill(task: Task, pid: number, number: number): number {
  const process = task.system.processes.get(pid);
  if (process === undefined) return -errno.ESRCH;
  if (number < 0 || number > 64) return -errno.EINVAL;
  if (number === 0) return 0;
  endProcess(process, { kind: "killed", signal: number, core: false });
  return process === task.process ? done : 0;
}

/** Signals. */
export const signalCalls = [
  syscall(129, "kill(pid pid, signal signal)", kill),
  syscall(131, "tgkill(pid tgid, pid tid, signal signal)", (task, tgid, _tid, number) => kill(task, tgid, number)),
  syscall(132, "sigaltstack(address new, address old)", () => 0),
  syscall(134, "rt_sigaction(signal signal, address new, address old, size size)", () => 0),
  syscall(135, "rt_sigprocmask(int how, address set, address old, size size)", () => 0),
];
