import { errno, LinuxError } from "../errno.ts";
import { decodePath, encodePath } from "../files/fileName.ts";
import { lastCapability } from "../process/capabilities.ts";
import { type Kept, type Process, usualTimerSlack } from "../process/process.ts";
import { lastSignal } from "../process/signalNumber.ts";
import type { Task } from "../task.ts";
import { syscall } from "./syscall.ts";

/** PR_ operations, `linux/prctl.h`. */
export const prctlOp = {
  PR_SET_PDEATHSIG: 1,
  PR_GET_PDEATHSIG: 2,
  PR_GET_DUMPABLE: 3,
  PR_SET_DUMPABLE: 4,
  PR_GET_KEEPCAPS: 7,
  PR_SET_KEEPCAPS: 8,
  PR_SET_NAME: 15,
  PR_GET_NAME: 16,
  PR_CAPBSET_READ: 23,
  PR_SET_TIMERSLACK: 29,
  PR_GET_TIMERSLACK: 30,
  PR_SET_CHILD_SUBREAPER: 36,
  PR_GET_CHILD_SUBREAPER: 37,
  PR_SET_NO_NEW_PRIVS: 38,
  PR_GET_NO_NEW_PRIVS: 39,
  PR_SET_THP_DISABLE: 41,
  PR_GET_THP_DISABLE: 42,
  PR_SET_VMA: 0x5356_4d41,
} as const;

const nameBytes = 16;

function prctl(task: Task, op: number, a: number, ...rest: readonly number[]): number {
  const { process, memory } = task;
  const { kept } = process;
  switch (op) {
    case prctlOp.PR_SET_PDEATHSIG:
      if (a < 0 || a > lastSignal) return -errno.EINVAL;
      process.parentDeathSignal = a;
      return 0;
    case prctlOp.PR_GET_PDEATHSIG:
      memory.setU32(a, process.parentDeathSignal);
      return 0;
    case prctlOp.PR_GET_DUMPABLE:
      return Number(kept.isDumpable);
    case prctlOp.PR_SET_DUMPABLE:
      return keep(process, { isDumpable: flagOf(a) });
    case prctlOp.PR_GET_KEEPCAPS:
      return Number(kept.keepsCapabilities);
    case prctlOp.PR_SET_KEEPCAPS:
      return keep(process, { keepsCapabilities: flagOf(a) });
    case prctlOp.PR_SET_NAME:
      task.comm = readName(task, a);
      return 0;
    case prctlOp.PR_GET_NAME: {
      const name = new Uint8Array(nameBytes);
      name.set(encodePath(task.comm).subarray(0, nameBytes - 1));
      memory.write(a, name);
      return 0;
    }
    case prctlOp.PR_CAPBSET_READ:
      return a >= 0 && a <= lastCapability ? 1 : -errno.EINVAL;
    case prctlOp.PR_GET_TIMERSLACK:
      return kept.timerSlack;
    case prctlOp.PR_SET_TIMERSLACK:
      return keep(process, { timerSlack: a > 0 ? a : usualTimerSlack });
    case prctlOp.PR_SET_NO_NEW_PRIVS:
      if (a !== 1 || rest.slice(0, 3).some((value) => value !== 0)) return -errno.EINVAL;
      return keep(process, { noNewPrivileges: true });
    case prctlOp.PR_GET_NO_NEW_PRIVS:
      return Number(kept.noNewPrivileges);
    case prctlOp.PR_SET_CHILD_SUBREAPER:
      process.isSubreaper = a !== 0;
      return 0;
    case prctlOp.PR_GET_CHILD_SUBREAPER:
      memory.setU32(a, Number(process.isSubreaper));
      return 0;
    case prctlOp.PR_SET_THP_DISABLE:
      if (rest.slice(0, 3).some((value) => value !== 0)) return -errno.EINVAL;
      task.mm.mm.refusesHugePages = a !== 0;
      return 0;
    case prctlOp.PR_GET_THP_DISABLE:
      return a === 0 && rest.slice(0, 3).every((value) => value === 0)
        ? Number(task.mm.mm.refusesHugePages)
        : -errno.EINVAL;
    case prctlOp.PR_SET_VMA:
      return 0;
    default:
      return -errno.EINVAL;
  }
}

function keep(process: Process, changed: Partial<Kept>): number {
  process.kept = { ...process.kept, ...changed };
  return 0;
}

/** 0 or 1. Throws EINVAL. */
function flagOf(value: number): boolean {
  if (value !== 0 && value !== 1) throw new LinuxError("EINVAL");
  return value === 1;
}

/** A name of at most 15 bytes, whose zero may be missing. */
function readName({ memory }: Task, address: number): string {
  const bytes: number[] = [];
  for (let i = 0; i < nameBytes - 1; i++) {
    const byte = memory.u8(address + i);
    if (byte === 0) break;
    bytes.push(byte);
  }
  return decodePath(new Uint8Array(bytes));
}

/** MEMBARRIER_ commands: QUERY, and all of those that are answered; harts take turns, each of which is a barrier. */
const membarrierQuery = 0;
const membarrierKnown = 0x1ff;

function membarrier(_task: Task, command: number): number {
  if (command === membarrierQuery) return membarrierKnown;
  return (membarrierKnown & command) === command && (command & (command - 1)) === 0 ? 0 : -errno.EINVAL;
}

/** Other harts and code that was kept: what this process has written is what runs, as after `fence.i`. */
function flushIcache(task: Task): number {
  task.system.flushCode();
  return 0;
}

/** A key of `riscv_hwprobe` that there is not. */
const noKey = -1;
/** `RISCV_HWPROBE_KEY_` numbers that have an answer: BASE_BEHAVIOR, IMA_EXT_0, CPUPERF_0. */
const probeKey = { baseBehavior: 3, extensions: 4, performance: 5 } as const;
const extensionBits = [
  ["f", 0],
  ["c", 1],
  ["v", 2],
  ["zba", 3],
  ["zbb", 4],
  ["zbs", 5],
  ["zicboz", 6],
  ["zbc", 7],
  ["zbkb", 8],
  ["zbkc", 9],
  ["zbkx", 10],
  ["zfh", 27],
  ["zfhmin", 28],
  ["zfa", 32],
  ["zacas", 34],
  ["zicond", 35],
] as const;
const fastMisaligned = 3n;

function probe({ system }: Task, key: number): bigint | undefined {
  if (key === probeKey.baseBehavior) return 1n;
  if (key === probeKey.performance) return fastMisaligned;
  if (key !== probeKey.extensions) return key >= 0 && key <= 2 ? 0n : undefined;
  const isa = system.machine.isa as { has(name: string): boolean };
  return extensionBits.reduce((bits, [name, bit]) => (isa.has(name) ? bits | (1n << BigInt(bit)) : bits), 0n);
}

/** `struct riscv_hwprobe`: a key, and its value. */
function hwprobe(task: Task, pairs: number, count: number, _size: number, _cpus: number, flags: number): number {
  if (flags !== 0) return -errno.EINVAL;
  const { memory } = task;
  for (let i = 0; i < count; i++) {
    const at = pairs + 16 * i;
    const value = probe(task, memory.long(at));
    if (value === undefined) memory.setLong(at, noKey);
    memory.setU64(at + 8, value ?? 0n);
  }
  return 0;
}

/** What threads say about themselves. */
export const threadCalls = [
  syscall(92, "personality(uint persona)", () => 0),
  syscall(167, "prctl(prctlOp op, long a, long b, long c, long d)", prctl),
  syscall(258, "riscv_hwprobe(address pairs, size count, size size, address cpus, flags flags)", hwprobe),
  syscall(259, "riscv_flush_icache(address start, address end, flags flags)", flushIcache),
  syscall(283, "membarrier(int command, flags flags, int cpu)", membarrier),
];
