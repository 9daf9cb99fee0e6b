import type { Hart } from "../../cpu/index.ts";
import type { Supervisor } from "../supervisor.ts";

/** A file of /proc that is about the system as a whole. */
export interface SystemEntry {
  /** Below /proc. */
  readonly path: string;
  readonly read?: (system: Supervisor) => string;
  /** Takes what is written to it. Bytes, or -errno. */
  readonly write?: (system: Supervisor, bytes: Uint8Array) => number;
  /** A symbolic link, and where it leads. */
  readonly link?: string;
}

const pageKib = 4;
const usualHugeBytes = 2n << 20n;
export const kernelVersion = "6.12.0";

function meminfo({ memory, tasks }: Supervisor): string {
  const { frames, freeFrames } = memory.frames;
  let cached = 0;
  let shared = 0;
  for (const { pages, source } of memory.mappings) {
    cached += pages.size;
    if (source === undefined) shared += pages.size;
  }
  const spaces = new Set([...tasks.values()].map(({ mm }) => mm));
  let tables = 0;
  let committed = 0;
  for (const { mm } of spaces) {
    tables += mm.tableCount;
    committed += mm.totalPages;
  }
  const pool = memory.hugetlbPool(usualHugeBytes);
  const pooled = pool.pages * Number(usualHugeBytes / 4096n);
  const anonymous = Math.max(0, frames - freeFrames - cached - tables - pooled);
  const lines: readonly (readonly [string, number])[] = [
    ["MemTotal", frames],
    ["MemFree", freeFrames],
    ["MemAvailable", freeFrames + Math.max(0, memory.cachedPages - memory.cachedAlways)],
    ["Buffers", 0],
    ["Cached", cached],
    ["SwapCached", 0],
    ["Active", anonymous],
    ["Inactive", cached],
    ["SwapTotal", memory.swap.slots],
    ["SwapFree", memory.swap.slots - memory.swap.usedSlots],
    ["Dirty", 0],
    ["Writeback", 0],
    ["AnonPages", anonymous],
    ["Mapped", cached],
    ["Shmem", shared],
    ["KReclaimable", 0],
    ["Slab", 0],
    ["SReclaimable", 0],
    ["SUnreclaim", 0],
    ["KernelStack", 0],
    ["PageTables", tables],
    ["CommitLimit", Math.floor(frames / 2) + memory.swap.slots],
    ["Committed_AS", committed],
    ["VmallocTotal", 0],
    ["VmallocUsed", 0],
  ];
  const row = (name: string, value: number) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)}`;
  return [
    ...lines.map(([name, pages]) => `${row(name, pages * pageKib)} kB`),
    row("HugePages_Total", pool.pages),
    row("HugePages_Free", pool.freePages),
    row("HugePages_Rsvd", pool.reservedPages),
    row("HugePages_Surp", 0),
    `${row("Hugepagesize", Number(usualHugeBytes / 1024n))} kB`,
    "",
  ].join("\n");
}

function vmstat({ memory }: Supervisor): string {
  const { pgfault, pgmajfault, pgpgin, pgscan, pgsteal, pswpin, pswpout } = memory.events;
  const lines = {
    nr_free_pages: memory.frames.freeFrames,
    pgpgin,
    pswpin,
    pswpout,
    pgfault,
    pgmajfault,
    pgsteal_direct: pgsteal,
    pgscan_direct: pgscan,
  };
  return Object.entries(lines)
    .map(([name, count]) => `${name} ${count}\n`)
    .join("");
}

function cpuinfo({ machine, mode }: Supervisor): string {
  return machine.harts
    .map((_, index) => `processor\t: ${index}\nhart\t\t: ${index}\nisa\t\t: rv64imafdc\nmmu\t\t: sv${mode.vaBits}\n\n`)
    .join("");
}

/** Processors have been busy with programs, or had nothing to do. */
function cpuLine(name: string, harts: readonly Hart[]): string {
  const ticks = (nanoseconds: number) => Math.floor(nanoseconds / 1e7);
  const idle = harts.reduce((sum, hart) => sum + hart.idleCycles, 0);
  const all = harts.reduce((sum, hart) => sum + hart.cycles, 0);
  return `${name} ${ticks(all - idle)} 0 0 ${ticks(idle)} 0 0 0 0 0 0\n`;
}

function taskCounts({ tasks }: Supervisor): { running: number; all: number } {
  let running = 0;
  for (const { state } of tasks.values()) if (state === "running" || state === "ready") running++;
  return { running, all: tasks.size };
}

function stat(system: Supervisor): string {
  const { harts } = system.machine;
  const cpus = harts.map((hart, index) => cpuLine(`cpu${index}`, [hart])).join("");
  const { running } = taskCounts(system);
  const counts = `btime ${system.epoch}\nprocesses ${system.lastPid}\nprocs_running ${running}\nprocs_blocked 0\n`;
  return `${cpuLine("cpu ", harts)}${cpus}intr 0\nctxt 0\n${counts}softirq 0 0 0 0 0 0 0 0 0 0 0\n`;
}

function uptime(system: Supervisor): string {
  const seconds = (system.now() / 1e9).toFixed(2);
  const idle = system.machine.harts.reduce((sum, { idleCycles }) => sum + idleCycles, 0) / 1e9;
  return `${seconds} ${idle.toFixed(2)}\n`;
}

/** A file whose one line never changes. */
export const fixed = (path: string, text: string): SystemEntry => ({ path, read: () => `${text}\n` });

const characterDevices = ["  1 mem", "  5 /dev/tty", "  5 /dev/console", "  5 /dev/ptmx", "136 pts"];
const noPressure = ["some", "full"].map((kind) => `${kind} avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`).join("");

/** What /proc says of the system. */
export const systemEntries: readonly SystemEntry[] = [
  { path: "meminfo", read: meminfo },
  { path: "cpuinfo", read: cpuinfo },
  { path: "stat", read: stat },
  { path: "uptime", read: uptime },
  { path: "vmstat", read: vmstat },
  {
    path: "loadavg",
    read: (system) => {
      const { running, all } = taskCounts(system);
      return `0.00 0.00 0.00 ${running}/${all} ${system.lastPid}\n`;
    },
  },
  fixed("version", `Linux version ${kernelVersion} (pagewalk) #1 SMP`),
  { path: "filesystems", read: () => "nodev\tproc\nnodev\ttmpfs\nnodev\tdevpts\n\thostfs\n" },
  { path: "cmdline", read: () => "\n" },
  { path: "swaps", read: () => "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" },
  { path: "mounts", link: "self/mounts" },
  { path: "diskstats", read: () => "" },
  { path: "partitions", read: () => "major minor  #blocks  name\n\n" },
  { path: "modules", read: () => "" },
  { path: "locks", read: () => "" },
  { path: "devices", read: () => `Character devices:\n${characterDevices.join("\n")}\n\nBlock devices:\n` },
  { path: "misc", read: () => "" },
  {
    path: "interrupts",
    read: ({ machine }) => `${" ".repeat(11)}${machine.harts.map((_, index) => `CPU${index}`.padEnd(11)).join("")}\n`,
  },
  ...["cpu", "io", "memory"].map((path) => ({ path: `pressure/${path}`, read: () => noPressure })),
];
