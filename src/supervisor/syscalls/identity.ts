import { errno } from "../errno.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

const fieldBytes = 65;
const uts = ["Linux", "pagewalk", "6.12.0", "#1 SMP", "riscv64", "(none)"] as const;

function uname(task: Task, into: number): number {
  task.memory.clear(into, fieldBytes * uts.length);
  uts.forEach((text, index) => {
    task.memory.setString(into + fieldBytes * index, text);
  });
  return 0;
}

const mostRandom = 1 << 20;

function getrandom(task: Task, buffer: number, size: number): number {
  const count = Math.min(size, mostRandom);
  if (count < 0) return -errno.EINVAL;
  task.memory.write(buffer, task.system.random.bytes(count));
  return count;
}

const resources = { stack: 3, files: 7, count: 16 } as const;
const unlimited = -1;

function prlimit64(task: Task, _pid: number, resource: number, _newLimit: number, old: number): number {
  if (resource < 0 || resource >= resources.count) return -errno.EINVAL;
  const value = resource === resources.stack ? 8 << 20 : resource === resources.files ? task.files.limit : unlimited;
  if (old !== 0) {
    task.memory.setLong(old, value);
    task.memory.setLong(old + 8, resource === resources.stack ? unlimited : value);
  }
  return 0;
}

/** Who and what the system and the process are. */
export const identityCalls = [
  syscall(160, "uname(address name)", uname),
  syscall(174, "getuid()", () => 0),
  syscall(175, "geteuid()", () => 0),
  syscall(176, "getgid()", () => 0),
  syscall(177, "getegid()", () => 0),
  syscall(261, "prlimit64(pid pid, int resource, address new, address old)", prlimit64),
  syscall(278, "getrandom(address buffer, size size, flags flags) size", getrandom),
];
