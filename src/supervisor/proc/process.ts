import { decodePath } from "../files/fileName.ts";
import { type Limit, type resource, resourceCount, unlimited } from "../process/limits.ts";
import { usageOf } from "../syscalls/usage.ts";
import type { Task, TaskState } from "../task.ts";
import type { ProcEntry } from "./entry.ts";

const letters: Readonly<Record<TaskState, string>> = {
  ready: "R",
  running: "R",
  blocked: "S",
  stopped: "T",
  dead: "X",
};
/** Nanoseconds of a clock tick. */
const tick = 1e7;

/** It has ended, and nobody has waited for it: threads of others that have ended are gone. */
export const isZombie = ({ state, process }: Task) => state === "dead" && process.exit !== undefined;

/** `tty_nr` and `tpgid`: the terminal that controls the session, and the group in its foreground. */
function terminalOf({ system, process }: Task): readonly [device: number, foreground: number] {
  const { terminals } = system.files;
  const terminal = terminals.controlling(process.sid);
  return terminal === undefined ? [0, -1] : [terminals.deviceOf(terminal), terminal.foreground || -1];
}

/** /proc/PID/stat: 52 numbers (`proc_pid_stat(5)`), of which those that nobody keeps are 0. */
function stat(task: Task): string {
  const { process, mm, regs, signals } = task;
  const used = usageOf(process);
  const { usedByChildren: children } = process;
  const start = [
    task.tid,
    `(${task.comm})`,
    isZombie(task) ? "Z" : letters[task.state],
    process.parent?.pid ?? 1,
    process.pgid,
    process.sid,
  ];
  const terminal = [...terminalOf(task), 0];
  const faults = [used.minorFaults, children.minorFaults, used.majorFaults, children.majorFaults];
  const ticks = [Math.floor(used.cycles / tick), 0, Math.floor(children.cycles / tick), 0];
  const scheduling = [
    20 + task.policy.nice,
    task.policy.nice,
    process.threads.size,
    0,
    Math.floor(process.started / tick),
  ];
  const memory = [mm.mappedBytes, mm.mm.residentPages, unlimitedBytes, 0, 0, mm.startStack, regs.x(2), regs.pc];
  const low = (set: bigint) => Number(BigInt.asUintN(31, set));
  const sets = [low(signals.pending.set), low(signals.blocked), 0, 0, 0, 0, 0];
  const rest = [17, task.system.cpuOf(task), 0, task.policy.number, 0, 0, 0, 0, 0, mm.startBrk];
  const texts = [mm.argStart, mm.argEnd, mm.envStart, mm.envEnd, 0];
  return `${[...start, ...terminal, ...faults, ...ticks, ...scheduling, ...memory, ...sets, ...rest, ...texts].join(" ")}\n`;
}

const unlimitedBytes = "18446744073709551615";

/** What /proc/PID/limits calls each limit, and its unit. */
const limitNames: Readonly<Record<keyof typeof resource, readonly [name: string, unit: string]>> = {
  RLIMIT_CPU: ["Max cpu time", "seconds"],
  RLIMIT_FSIZE: ["Max file size", "bytes"],
  RLIMIT_DATA: ["Max data size", "bytes"],
  RLIMIT_STACK: ["Max stack size", "bytes"],
  RLIMIT_CORE: ["Max core file size", "bytes"],
  RLIMIT_RSS: ["Max resident set", "bytes"],
  RLIMIT_NPROC: ["Max processes", "processes"],
  RLIMIT_NOFILE: ["Max open files", "files"],
  RLIMIT_MEMLOCK: ["Max locked memory", "bytes"],
  RLIMIT_AS: ["Max address space", "bytes"],
  RLIMIT_LOCKS: ["Max file locks", "locks"],
  RLIMIT_SIGPENDING: ["Max pending signals", "signals"],
  RLIMIT_MSGQUEUE: ["Max msgqueue size", "bytes"],
  RLIMIT_NICE: ["Max nice priority", ""],
  RLIMIT_RTPRIO: ["Max realtime priority", ""],
  RLIMIT_RTTIME: ["Max realtime timeout", "us"],
};

function limits({ process }: Task): string {
  const line = (name: string, soft: string, hard: string, unit: string) =>
    `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} ${unit.padEnd(10)}\n`;
  const number = (value: number) => (value === unlimited ? "unlimited" : `${value}`);
  const entries = Object.values(limitNames).slice(0, resourceCount);
  const lines = entries.map(([name, unit], which) => {
    const { soft, hard }: Limit = process.limits.get(which);
    return line(name, number(soft), number(hard), unit);
  });
  return line("Limit", "Soft Limit", "Hard Limit", "Units") + lines.join("");
}

const nameBytes = 15;

function setName(task: Task, bytes: Uint8Array): number {
  const end = bytes.findIndex((byte) => byte === 0 || byte === 10);
  task.comm = decodePath(bytes.subarray(0, Math.min(nameBytes, end < 0 ? bytes.length : end)));
  return bytes.length;
}

/** All numbers of users mean themselves. */
const everyId = `${["0", "0", "4294967295"].map((number) => number.padStart(10)).join(" ")}\n`;

/** What /proc/PID says of a process, but for its memory. */
export const processEntries: readonly ProcEntry[] = [
  { name: "stat", read: stat },
  { name: "comm", read: ({ comm }) => `${comm}\n`, write: setName },
  { name: "limits", read: limits },
  // one user, no groups of processes, nothing that a program could change
  { name: "cgroup", read: () => "0::/\n" },
  { name: "loginuid", read: () => "4294967295" },
  { name: "uid_map", read: () => everyId },
  { name: "gid_map", read: () => everyId },
  { name: "setgroups", read: () => "allow\n" },
  { name: "personality", read: () => "00000000\n" },
  { name: "wchan", read: () => "0" },
  { name: "sessionid", read: () => "4294967295" },
  { name: "cpuset", read: () => "/\n" },
  { name: "projid_map", read: () => "" },
  { name: "coredump_filter", read: () => "00000033\n" },
  { name: "children", read: ({ process }) => [...process.children].map(({ pid }) => `${pid} `).join("") },
];
