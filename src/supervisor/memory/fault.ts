import { type FaultAccess, handleFault } from "../../kernel/index.ts";
import { forceSignal, signal } from "../process/signal.ts";
import type { Task } from "../task.ts";

/** `si_code` of SIGSEGV. */
const segv = { maperr: 1, accerr: 2 } as const;

/** A page fault of a task's own access: the page is made accessible, or the task gets a signal. */
export function takePageFault(task: Task, address: bigint, access: FaultAccess): void {
  const { mm } = task.mm;
  mm.mmapLock.lockRead();
  const result = handleFault(mm, address, access);
  mm.mmapLock.unlockRead();
  if (result === 0) return;
  const code = mm.vmaAt(address) === null ? segv.maperr : segv.accerr;
  forceSignal(task, signal.SIGSEGV, { code, address });
}
