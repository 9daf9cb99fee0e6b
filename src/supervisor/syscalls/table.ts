import { attributeCalls } from "./attributes.ts";
import { capabilityCalls } from "./capability.ts";
import { descriptorCalls } from "./descriptors.ts";
import { directoryCalls } from "./directory.ts";
import { epollCalls } from "./epoll.ts";
import { fileCalls } from "./files.ts";
import { futexCalls } from "./futex.ts";
import { futex2Calls } from "./futex2.ts";
import { identityCalls } from "./identity.ts";
import { inotifyCalls } from "./inotify.ts";
import { manyMessageCalls } from "./manyMessages.ts";
import { memoryCalls } from "./memory.ts";
import { memoryAdviceCalls } from "./memoryAdvice.ts";
import { memoryLockCalls } from "./memoryLock.ts";
import { notifyCalls } from "./notify.ts";
import { openCalls } from "./open.ts";
import { pollCalls } from "./poll.ts";
import { processCalls } from "./process.ts";
import { schedCalls } from "./sched.ts";
import { signalCalls } from "./signal.ts";
import { socketCalls } from "./socket.ts";
import { socketOptionCalls } from "./socketOption.ts";
import type { Syscall } from "./syscall.ts";
import { threadCalls } from "./thread.ts";
import { timeCalls } from "./time.ts";
import { timerCalls } from "./timer.ts";
import { transferCalls } from "./transfer.ts";
import { usageCalls } from "./usage.ts";

/** Every system call that there is; each file has its own. */
export const syscalls: readonly Syscall[] = [
  ...fileCalls,
  ...attributeCalls,
  ...descriptorCalls,
  ...directoryCalls,
  ...epollCalls,
  ...openCalls,
  ...pollCalls,
  ...socketCalls,
  ...socketOptionCalls,
  ...manyMessageCalls,
  ...transferCalls,
  ...memoryCalls,
  ...memoryAdviceCalls,
  ...memoryLockCalls,
  ...notifyCalls,
  ...processCalls,
  ...signalCalls,
  ...futexCalls,
  ...futex2Calls,
  ...schedCalls,
  ...threadCalls,
  ...timeCalls,
  ...timerCalls,
  ...usageCalls,
  ...identityCalls,
  ...capabilityCalls,
  ...inotifyCalls,
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
