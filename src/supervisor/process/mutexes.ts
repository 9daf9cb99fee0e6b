import type { UserMemory } from "../memory/userMemory.ts";
import type { Task } from "../task.ts";
import type { FutexKey, FutexWait } from "./futexes.ts";

/** Bits of the word of a mutex with priority inheritance: who has it, that the one before ended with it, that some wait. */
export const mutexBit = { tidMask: 0x3fff_ffff, ownerDied: 0x4000_0000, waiters: 0x8000_0000 } as const;

/** Where a mutex is for one who waits for it. */
export interface Mutex {
  readonly address: number;
  readonly key: FutexKey;
}

/** The first of those who wait for a mutex has it from now on. Whether anybody does. */
export function handOver(task: Task, { address, key }: Mutex, memory: UserMemory, flags = 0): boolean {
  const { futexes } = task.system;
  const next = futexes.first(key);
  if (next === undefined) return false;
  futexes.wake(key, 1);
  const waiters = futexes.first(key) === undefined ? 0 : mutexBit.waiters;
  memory.setU32(address, (next.tid | waiters | flags) >>> 0);
  return true;
}

/** A task ends, or leaves its memory: what it has and others wait for, they get (`exit_pi_state_list`). */
export function leaveMutexes(task: Task): void {
  for (const other of task.system.tasks.values()) {
    const mutex = (other.call?.data as Partial<FutexWait> | undefined)?.mutex;
    if (mutex === undefined || other === task) continue;
    if ((other.memory.u32(mutex.address) & mutexBit.tidMask) !== task.tid) continue;
    handOver(task, mutex, other.memory, mutexBit.ownerDied);
  }
}
