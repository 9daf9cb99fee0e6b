import { vmFlag } from "../../pagewalk/index.ts";
import { capability, isCapable } from "../process/capabilities.ts";
import { resource, unlimited } from "../process/limits.ts";
import type { Task } from "../task.ts";
import { pageBytes } from "./page.ts";
import type { UserMm } from "./userMm.ts";

/** Bytes that a task's process may lock: RLIMIT_MEMLOCK, or Infinity with CAP_IPC_LOCK. */
export function lockLimit({ process, capabilities }: Task): number {
  const { soft } = process.limits.get(resource.RLIMIT_MEMLOCK);
  if (soft === unlimited || isCapable(capabilities, capability.CAP_IPC_LOCK)) return Number.POSITIVE_INFINITY;
  return soft - (soft % pageBytes);
}

/** Bytes that are locked in [start, end) (`locked_vm`). */
export function lockedBytes({ mm }: UserMm, start = 0, end = Number.POSITIVE_INFINITY): number {
  let bytes = 0;
  for (const { vmStart, vmEnd, vmFlags } of mm.vmas) {
    if ((vmFlags & vmFlag.VM_LOCKED) === 0) continue;
    bytes += Math.max(0, Math.min(end, Number(vmEnd)) - Math.max(start, Number(vmStart)));
  }
  return bytes;
}

/** Whether so many bytes more may be mapped with these flags, as to what may be locked (`mlock_future_ok`). */
export function mayLockMore(task: Task, bytes: number, vmFlags: number): boolean {
  if ((vmFlags & vmFlag.VM_LOCKED) === 0) return true;
  const limit = lockLimit(task);
  return limit === Number.POSITIVE_INFINITY || lockedBytes(task.mm) + bytes <= limit;
}
