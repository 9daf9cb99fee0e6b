import { errno } from "../errno.ts";
import { allCapabilities, type Capabilities, mayBecome } from "../process/capabilities.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

/** `_LINUX_CAPABILITY_VERSION_` 1, 2 and 3: how many times 32 capabilities each can name. */
const wordsOfVersion = new Map([
  [0x1998_0330, 1],
  [0x2007_1026, 2],
  [0x2008_0522, 2],
]);
const newestVersion = 0x2008_0522;
/** `struct __user_cap_data_struct`: effective, permitted and inheritable ones, 32 of each. */
const dataBytes = 12;
const sets = ["effective", "permitted", "inheritable"] as const;

/** How many words the header's version has; undefined: there is no such version, and the header now says which there is. */
function wordsOf({ memory }: Task, header: number): number | undefined {
  const words = wordsOfVersion.get(memory.u32(header));
  if (words === undefined) memory.setU32(header, newestVersion);
  return words;
}

function capget(task: Task, header: number, data: number): number {
  const { memory, system } = task;
  const words = wordsOf(task, header);
  if (words === undefined) return data === 0 ? 0 : -errno.EINVAL;
  const pid = memory.i32(header + 4);
  if (pid < 0) return -errno.EINVAL;
  const of = pid === 0 ? task : system.tasks.get(pid);
  if (of === undefined) return -errno.ESRCH;
  if (data === 0) return 0;
  for (let word = 0; word < words; word++) {
    sets.forEach((name, index) => {
      const bits = (of.capabilities[name] >> BigInt(32 * word)) & 0xffff_ffffn;
      memory.setU32(data + dataBytes * word + 4 * index, Number(bits));
    });
  }
  return 0;
}

function capset(task: Task, header: number, data: number): number {
  const { memory } = task;
  const words = wordsOf(task, header);
  if (words === undefined) return -errno.EINVAL;
  const pid = memory.i32(header + 4);
  if (pid !== 0 && pid !== task.tid) return -errno.EPERM;
  const read = (index: number): bigint => {
    let bits = 0n;
    for (let word = 0; word < words; word++) {
      bits |= BigInt(memory.u32(data + dataBytes * word + 4 * index)) << BigInt(32 * word);
    }
    return bits & allCapabilities;
  };
  const next: Capabilities = { effective: read(0), permitted: read(1), inheritable: read(2) };
  if (!mayBecome(task.capabilities, next)) return -errno.EPERM;
  task.capabilities = next;
  return 0;
}

/** What threads may do. */
export const capabilityCalls = [
  syscall(90, "capget(address header, address data)", capget),
  syscall(91, "capset(address header, address data)", capset),
];
