import type { Task } from "../task.ts";
import type { Exit, Process } from "./process.ts";

/** `exit_group`, or a fatal signal: all threads of a process end. */
export function endProcess(process: Process, exit: Exit): void {
  for (const task of [...process.threads]) endTask(task, exit);
}

/** `exit`: one thread ends, and with the last one the process. */
export function endTask(task: Task, exit: Exit): void {
  if (task.state === "dead") return;
  const { process, system, files } = task;
  task.stopWaiting();
  task.state = "dead";
  task.regs.save();
  system.tasks.delete(task.tid);
  process.threads.delete(task);
  if (--files.users === 0) files.closeAll();
  system.releaseMm(task.mm);
  if (process.threads.size > 0) return;
  process.exit = exit;
  process.parent?.childChanged.wake();
}
