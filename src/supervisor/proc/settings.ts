import { watchMost } from "../files/inotifyFile.ts";
import type { Supervisor } from "../supervisor.ts";
import { fixed, kernelVersion, type SystemEntry } from "./system.ts";

const hugePageBytes = 1n << 21n;

/** Random bytes as a UUID of version 4. */
function uuid(bytes: Uint8Array): string {
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const bootIds = new WeakMap<Supervisor, string>();

/** The same as long as the system runs. */
function bootId(system: Supervisor): string {
  const known = bootIds.get(system) ?? `${uuid(system.random.bytes(16))}\n`;
  bootIds.set(system, known);
  return known;
}

/** Settings that are as Linux has them without anybody's doing, and that nothing here depends on. */
const usual: Readonly<Record<string, string>> = {
  "kernel/pid_max": "4194304",
  "kernel/cap_last_cap": "40",
  "kernel/randomize_va_space": "0",
  "kernel/ngroups_max": "65536",
  "kernel/threads-max": "8192",
  "kernel/core_pattern": "core",
  "kernel/core_uses_pid": "0",
  "kernel/tainted": "0",
  "kernel/overflowuid": "65534",
  "kernel/overflowgid": "65534",
  "kernel/random/entropy_avail": "256",
  "kernel/random/poolsize": "256",
  "kernel/perf_event_paranoid": "2",
  "kernel/kptr_restrict": "0",
  "kernel/dmesg_restrict": "0",
  "kernel/panic": "0",
  "kernel/printk": "4\t4\t1\t7",
  "kernel/sched_child_runs_first": "0",
  "kernel/sched_rr_timeslice_ms": "100",
  "kernel/unprivileged_bpf_disabled": "2",
  "vm/overcommit_ratio": "50",
  "vm/overcommit_kbytes": "0",
  "vm/overcommit_memory": "0",
  "vm/swappiness": "60",
  "vm/max_map_count": "65530",
  "vm/min_free_kbytes": "0",
  "vm/mmap_min_addr": "65536",
  "vm/nr_overcommit_hugepages": "0",
  "vm/vfs_cache_pressure": "100",
  "vm/dirty_ratio": "20",
  "vm/dirty_background_ratio": "10",
  "vm/drop_caches": "0",
  "vm/panic_on_oom": "0",
  "vm/oom_kill_allocating_task": "0",
  "net/core/somaxconn": "4096",
  "net/core/rmem_default": "212992",
  "net/core/rmem_max": "212992",
  "net/core/wmem_default": "212992",
  "net/core/wmem_max": "212992",
  "net/unix/max_dgram_qlen": "10",
  "fs/nr_open": "1048576",
  "fs/pipe-max-size": "1048576",
  "fs/aio-max-nr": "65536",
  "fs/aio-nr": "0",
  "fs/protected_hardlinks": "0",
  "fs/protected_symlinks": "0",
  "fs/protected_fifos": "0",
  "fs/protected_regular": "0",
  "fs/suid_dumpable": "0",
  "fs/lease-break-time": "45",
  "fs/leases-enable": "1",
};

/** /proc/sys. */
export const settingEntries: readonly SystemEntry[] = [
  ...Object.entries(usual).map(([path, text]) => fixed(`sys/${path}`, text)),
  fixed("sys/kernel/ostype", "Linux"),
  fixed("sys/kernel/osrelease", kernelVersion),
  fixed("sys/kernel/version", "#1 SMP"),
  fixed("sys/kernel/hostname", "pagewalk"),
  fixed("sys/kernel/domainname", "(none)"),
  { path: "sys/kernel/random/uuid", read: ({ random }) => `${uuid(random.bytes(16))}\n` },
  { path: "sys/vm/nr_hugepages", read: ({ memory }) => `${memory.hugetlbPool(hugePageBytes).pages}\n` },
  { path: "sys/fs/file-max", read: (system) => `${system.files.limit.most}\n` },
  { path: "sys/fs/file-nr", read: (system) => `${system.files.limit.count}\t0\t${system.files.limit.most}\n` },
  ...Object.entries(watchMost).map(([name, most]) => fixed(`sys/fs/inotify/${name}`, `${most}`)),
  { path: "sys/kernel/random/boot_id", read: bootId },
];
