import { watchMost } from "../files/inotifyFile.ts";
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
const kernelVersion = "6.12.0";

function meminfo({ memory }: Supervisor): string {
  const { frames, freeFrames } = memory.frames;
  let cached = 0;
  for (const { pages } of memory.mappings) cached += pages.size;
  const lines: readonly (readonly [string, number])[] = [
    ["MemTotal", frames],
    ["MemFree", freeFrames],
    ["MemAvailable", freeFrames + Math.max(0, memory.cachedPages - memory.cachedAlways)],
    ["Buffers", 0],
    ["Cached", cached],
    ["SwapCached", 0],
    ["SwapTotal", memory.swap.slots],
    ["SwapFree", memory.swap.slots - memory.swap.usedSlots],
  ];
  const row = (name: string, value: number) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)}`;
  const pool = memory.hugetlbPool(usualHugeBytes);
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

function stat(system: Supervisor): string {
  const ticks = Math.floor(system.now() / 1e7);
  const cpu = (name: string) => `${name} ${ticks} 0 0 0 0 0 0 0 0 0\n`;
  const cpus = system.machine.harts.map((_, index) => cpu(`cpu${index}`)).join("");
  return `${cpu("cpu ")}${cpus}intr 0\nctxt 0\nbtime ${system.epoch}\nprocesses ${system.processes.size}\nprocs_running 1\nprocs_blocked 0\n`;
}

function uptime(system: Supervisor): string {
  const seconds = (system.now() / 1e9).toFixed(2);
  return `${seconds} 0.00\n`;
}

const hugePageBytes = 1n << 21n;

/** Random bytes as a UUID of version 4. */
function uuid(bytes: Uint8Array): string {
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const fixed = (path: string, text: string): SystemEntry => ({ path, read: () => `${text}\n` });

/** What /proc says of the system. */
export const systemEntries: readonly SystemEntry[] = [
  { path: "meminfo", read: meminfo },
  { path: "cpuinfo", read: cpuinfo },
  { path: "stat", read: stat },
  { path: "uptime", read: uptime },
  { path: "vmstat", read: vmstat },
  fixed("loadavg", "0.00 0.00 0.00 1/1 1000"),
  fixed("version", `Linux version ${kernelVersion} (pagewalk) #1 SMP`),
  { path: "filesystems", read: () => "nodev\tproc\nnodev\ttmpfs\nnodev\tdevpts\n\thostfs\n" },
  { path: "cmdline", read: () => "\n" },
  { path: "swaps", read: () => "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" },
  { path: "mounts", link: "self/mounts" },
  fixed("sys/kernel/ostype", "Linux"),
  fixed("sys/kernel/osrelease", kernelVersion),
  fixed("sys/kernel/version", "#1 SMP"),
  fixed("sys/kernel/hostname", "pagewalk"),
  fixed("sys/kernel/pid_max", "4194304"),
  fixed("sys/kernel/cap_last_cap", "40"),
  fixed("sys/kernel/randomize_va_space", "0"),
  fixed("sys/kernel/ngroups_max", "65536"),
  fixed("sys/kernel/domainname", "(none)"),
  fixed("sys/kernel/threads-max", "8192"),
  fixed("sys/kernel/core_pattern", "core"),
  fixed("sys/kernel/tainted", "0"),
  fixed("sys/kernel/overflowuid", "65534"),
  fixed("sys/kernel/overflowgid", "65534"),
  fixed("sys/kernel/random/entropy_avail", "256"),
  { path: "sys/kernel/random/uuid", read: ({ random }) => `${uuid(random.bytes(16))}\n` },
  fixed("sys/vm/overcommit_ratio", "50"),
  fixed("sys/vm/swappiness", "60"),
  { path: "sys/vm/nr_hugepages", read: ({ memory }) => `${memory.hugetlbPool(hugePageBytes).pages}\n` },
  fixed("sys/net/core/somaxconn", "4096"),
  fixed("sys/vm/overcommit_memory", "0"),
  fixed("sys/vm/max_map_count", "65530"),
  { path: "sys/fs/file-max", read: (system) => `${system.files.limit.most}\n` },
  { path: "sys/fs/file-nr", read: (system) => `${system.files.limit.count}\t0\t${system.files.limit.most}\n` },
  fixed("sys/fs/nr_open", "1048576"),
  fixed("sys/fs/pipe-max-size", "1048576"),
  ...Object.entries(watchMost).map(([name, most]) => fixed(`sys/fs/inotify/${name}`, `${most}`)),
];
