import { type FaultAccess, type FaultAnswer, faultAnswer, faultIn } from "../../kernel/index.ts";
import { resource, unlimited } from "../process/limits.ts";
import { forceSignal, signal } from "../process/signal.ts";
import type { Task } from "../task.ts";
import { freeMemory } from "./outOfMemory.ts";

/** `si_code` of SIGSEGV and of SIGBUS. */
const segv = { maperr: 1, accerr: 2 } as const;
const busAdrerr = 2;

/** A page fault of a program's, as a library's user sees it. */
export interface UserFault {
  readonly task: Task;
  readonly address: bigint;
  readonly access: FaultAccess;
  /** What the supervisor does with it: makes the page accessible, if that may be. */
  handle(): FaultAnswer;
}

/**
 * Hears of page faults, and may take them on: what it returns is what becomes of the access (0: it is tried again).
 * Whoever only looks on returns `fault.handle()`.
 */
export type FaultHandler = (fault: UserFault) => FaultAnswer;

/** A page fault of a task's own access: the page is made accessible, or the task gets a signal. */
export function takePageFault(task: Task, address: bigint, access: FaultAccess): void {
  const { onFault } = task.system;
  const handle = () => faultAsLimited(task, address, access);
  const answer = onFault === undefined ? handle() : onFault({ task, address, access, handle });
  if (answer === faultAnswer.done) return;
  if (answer === faultAnswer.noMemory) freeMemory(task);
  else if (answer === faultAnswer.noPage) forceSignal(task, signal.SIGBUS, { code: busAdrerr, address });
  else {
    const code = answer === faultAnswer.noPermission ? segv.accerr : segv.maperr;
    forceSignal(task, signal.SIGSEGV, { code, address });
  }
}

/** `faultIn`, with the limit that the process has for its stack now. */
function faultAsLimited(task: Task, address: bigint, access: FaultAccess): FaultAnswer {
  const { mm } = task.mm;
  const answer = faultIn(mm, address, access);
  if (answer !== faultAnswer.noMapping) return answer;
  const { soft } = task.process.limits.get(resource.RLIMIT_STACK);
  const limit = soft === unlimited ? Number.POSITIVE_INFINITY : soft;
  if (limit === mm.stackLimit) return answer;
  mm.stackLimit = limit;
  return faultIn(mm, address, access);
}
