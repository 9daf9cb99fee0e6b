import { fileCalls } from "./files.ts";
import { identityCalls } from "./identity.ts";
import { memoryCalls } from "./memory.ts";
import { processCalls } from "./process.ts";
import { signalCalls } from "./signal.ts";
import type { Syscall } from "./syscall.ts";
import { timeCalls } from "./time.ts";

/** Every system call that there is; each file has its own. */
export const syscalls: readonly Syscall[] = [
  ...fileCalls,
  ...memoryCalls,
  ...processCalls,
  ...signalCalls,
  ...timeCalls,
  ...identityCalls,
];

/** One more than the greatest number of Linux's table for RISC-V. */
const tableSize = 512;

/** The calls by number; undefined where there is none. Throws a RangeError where two have the same number. */
export function tableOf(calls: readonly Syscall[]): (Syscall | undefined)[] {
  const table = new Array<Syscall | undefined>(tableSize).fill(undefined);
  for (const call of calls) {
    const other = table[call.number];
    if (other !== undefined) throw new RangeError(`${other.name} and ${call.name} are both system call ${call.number}`);
    table[call.number] = call;
  }
  return table;
}
