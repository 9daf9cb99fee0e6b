import { errno, LinuxError } from "../errno.ts";
import { resource, resourceCount, unlimited } from "../process/limits.ts";
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

/** MAX_RW_COUNT, and how much is made at once. */
const mostRandom = 0x7fff_f000;
const randomChunk = 4096;
const randomFlag = { GRND_RANDOM: 2, GRND_INSECURE: 4, all: 7 } as const;

function getrandom(task: Task, buffer: number, size: number, flags: number): number {
  const count = Math.min(size, mostRandom);
  const sources = randomFlag.GRND_RANDOM | randomFlag.GRND_INSECURE;
  if (count < 0 || flags & ~randomFlag.all || (flags & sources) === sources) return -errno.EINVAL;
  // what no program can have is not begun with
  if (buffer + size > 2 ** (task.system.mode.vaBits - 1)) return -errno.EFAULT;
  for (let done = 0; done < count; ) {
    // up to where a page ends: what cannot be written leaves what was before it
    const part = Math.min(randomChunk - ((buffer + done) % randomChunk), count - done);
    try {
      task.memory.write(buffer + done, task.system.random.bytes(part));
    } catch (error) {
      if (!(error instanceof LinuxError) || done === 0) throw error;
      return done;
    }
    done += part;
  }
  return count;
}

function prlimit64(task: Task, pid: number, which: number, fresh: number, old: number): number {
  const { memory, system } = task;
  const process = pid === 0 ? task.process : system.processes.get(pid);
  if (process === undefined) return -errno.ESRCH;
  if (which < 0 || which >= resourceCount) return -errno.EINVAL;
  const next = fresh === 0 ? undefined : { soft: memory.long(fresh), hard: memory.long(fresh + 8) };
  if (next !== undefined && isLess(next.hard, next.soft)) return -errno.EINVAL;
  const limit = process.limits.get(which);
  if (old !== 0) {
    memory.setLong(old, limit.soft);
    memory.setLong(old + 8, limit.hard);
  }
  if (next === undefined) return 0;
  const isBound = which === resource.RLIMIT_NOFILE || which === resource.RLIMIT_NPROC;
  if (isBound && isLess(limit.hard, next.hard)) return -errno.EPERM;
  process.limits.set(which, next);
  if (which === resource.RLIMIT_NOFILE) for (const { files } of process.threads) files.limit = next.soft;
  return 0;
}

function isLess(a: number, b: number): boolean {
  if (a === unlimited) return false;
  return b === unlimited || a < b;
}

function setrlimit(task: Task, which: number, limit: number): number {
  return prlimit64(task, 0, which, limit, 0);
}

/** `struct sysinfo`: uptime, loads, RAM and swap in units of a byte, how many processes. */
function sysinfo(task: Task, into: number): number {
  const { memory, system } = task;
  const { frames, swap } = system.memory;
  const pageBytes = 4096;
  memory.clear(into, 112);
  memory.setLong(into, Math.floor(system.now() / 1e9));
  memory.setLong(into + 32, frames.frames * pageBytes);
  memory.setLong(into + 40, frames.freeFrames * pageBytes);
  memory.setLong(into + 64, swap.slots * pageBytes);
  memory.setLong(into + 72, (swap.slots - swap.usedSlots) * pageBytes);
  memory.setU16(into + 80, system.processes.size);
  memory.setU32(into + 104, 1);
  return 0;
}

/** Everybody is root: whatever is asked for may be, and changes nothing. */
const root = () => 0;

function getresid(task: Task, real: number, effective: number, saved: number): number {
  for (const at of [real, effective, saved]) task.memory.setU32(at, 0);
  return 0;
}

function getcpu(task: Task, cpu: number, node: number): number {
  if (cpu !== 0) task.memory.setU32(cpu, task.system.cpuOf(task));
  if (node !== 0) task.memory.setU32(node, 0);
  return 0;
}

/** Root in a container: the system itself is not its own. */
const forbidden = () => -errno.EPERM;

/** Who and what the system and the process are. */
export const identityCalls = [
  syscall(143, "setregid(int real, int effective)", root),
  syscall(144, "setgid(int gid)", root),
  syscall(145, "setreuid(int real, int effective)", root),
  syscall(146, "setuid(int uid)", root),
  syscall(147, "setresuid(int real, int effective, int saved)", root),
  syscall(148, "getresuid(address real, address effective, address saved)", getresid),
  syscall(149, "setresgid(int real, int effective, int saved)", root),
  syscall(150, "getresgid(address real, address effective, address saved)", getresid),
  syscall(151, "setfsuid(int uid)", root),
  syscall(152, "setfsgid(int gid)", root),
  syscall(158, "getgroups(int size, address groups)", root),
  syscall(159, "setgroups(int size, address groups)", root),
  syscall(160, "uname(address name)", uname),
  syscall(142, "reboot(uint magic, uint magic2, uint command, address argument)", forbidden),
  syscall(161, "sethostname(string name, size length)", forbidden),
  syscall(162, "setdomainname(string name, size length)", forbidden),
  syscall(163, "getrlimit(resource resource, limitOut limit)", (task, which, limit) =>
    prlimit64(task, 0, which, 0, limit),
  ),
  syscall(164, "setrlimit(resource resource, limit limit)", setrlimit),
  syscall(168, "getcpu(address cpu, address node)", getcpu),
  syscall(174, "getuid()", root),
  syscall(175, "geteuid()", root),
  syscall(176, "getgid()", root),
  syscall(177, "getegid()", root),
  syscall(179, "sysinfo(address info)", sysinfo),
  syscall(261, "prlimit64(pid pid, resource resource, limit new, limitOut old)", prlimit64),
  syscall(278, "getrandom(output buffer, size size, randomFlags flags) size", getrandom),
];
