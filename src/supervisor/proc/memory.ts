import { type Vma, wantsHugePages } from "../../kernel/index.ts";
import { vmFlag } from "../../pagewalk/index.ts";
import { type ClearRefs, clearRefs, readPagemap, readSmaps, type Smaps } from "../../pagewalk/users/index.ts";
import { errno, LinuxError } from "../errno.ts";
import { pageBytes } from "../memory/page.ts";
import type { UserMm } from "../memory/userMm.ts";
import type { Task } from "../task.ts";
import type { ProcEntry } from "./entry.ts";
import { flagText, mapsLine } from "./maps.ts";
import { pagemapIoctl } from "./pagemapScan.ts";

type Counted = Exclude<keyof Smaps, "vma">;

/** The lines of smaps with what each counts, in Linux's order; smaps_rollup has those from Rss on. */
const rows: readonly (readonly [name: string, of: (smaps: Smaps) => number])[] = [
  ["Rss", (smaps) => smaps.rss],
  ["Pss", (smaps) => smaps.pss],
  ["Pss_Dirty", (smaps) => smaps.pssDirty],
  ["Shared_Clean", (smaps) => smaps.sharedClean],
  ["Shared_Dirty", (smaps) => smaps.sharedDirty],
  ["Private_Clean", (smaps) => smaps.privateClean],
  ["Private_Dirty", (smaps) => smaps.privateDirty],
  ["Referenced", (smaps) => smaps.referenced],
  ["Anonymous", (smaps) => smaps.anonymous],
  ["KSM", () => 0],
  ["LazyFree", (smaps) => smaps.lazyFree],
  ["AnonHugePages", (smaps) => smaps.anonHugePages],
  ["ShmemPmdMapped", () => 0],
  ["FilePmdMapped", () => 0],
  ["Shared_Hugetlb", (smaps) => smaps.sharedHugetlb],
  ["Private_Hugetlb", (smaps) => smaps.privateHugetlb],
  ["Swap", (smaps) => smaps.swap],
  ["SwapPss", (smaps) => smaps.swap],
  ["Locked", (smaps) => ((smaps.vma.vmFlags & vmFlag.VM_LOCKED) === 0 ? 0 : smaps.pss)],
];

const kib = (bytes: number) => String(Math.floor(bytes / 1024));
const row = (name: string, bytes: number) => `${`${name}:`.padEnd(16)}${kib(bytes).padStart(8)} kB\n`;

/** Each VMA of a process with what it uses, by a walk of its page tables. */
export function walkUsage({ mm }: UserMm): (Smaps & { readonly vma: Vma })[] {
  return mm.mmapLock.reading(() => readSmaps(mm)) as (Smaps & { readonly vma: Vma })[];
}

function maps({ mm }: Task): string {
  return [...mm.mm.vmas].map((vma) => `${mapsLine(mm, vma)}\n`).join("");
}

function smaps({ mm }: Task): string {
  const one = (usage: Smaps & { readonly vma: Vma }): string => {
    const { vma } = usage;
    const pageSize = Number(vma.hugetlb?.pageSize ?? pageBytes);
    const sizes = row("Size", usage.size) + row("KernelPageSize", pageSize) + row("MMUPageSize", pageSize);
    const counted = rows.map(([name, of]) => row(name, of(usage))).join("");
    const eligible = `${"THPeligible:".padEnd(16)}${String(Number(wantsHugePages(vma))).padStart(8)}\n`;
    return `${mapsLine(mm, vma)}\n${sizes}${counted}${eligible}VmFlags: ${flagText(vma)}\n`;
  };
  return walkUsage(mm).map(one).join("");
}

const isShmem = ({ vma }: Smaps) => (vma as Vma).vmFile?.source === undefined && vma.vmFile !== null;

function smapsRollup({ mm }: Task): string {
  const all = walkUsage(mm);
  if (all.length === 0) return "";
  const hex = (address: bigint) => address.toString(16).padStart(8, "0");
  const range = `${hex(all[0].vma.vmStart)}-${hex(all[all.length - 1].vma.vmEnd)} ---p 00000000 00:00 0 `;
  const sum = (of: (smaps: Smaps) => number) => all.reduce((total, usage) => total + of(usage), 0);
  const kinds: readonly (readonly [string, (smaps: Smaps) => number])[] = [
    ["Pss_Anon", (usage) => (usage.vma.vmFile === null ? usage.pss : 0)],
    ["Pss_File", (usage) => (usage.vma.vmFile === null || isShmem(usage) ? 0 : usage.pss)],
    ["Pss_Shmem", (usage) => (isShmem(usage) ? usage.pss : 0)],
  ];
  const [rss, pss, dirty, ...others] = rows;
  const lines = [rss, pss, dirty, ...kinds, ...others].map(([name, of]) => row(name, sum(of)));
  return `${range.padEnd(72)} [rollup]\n${lines.join("")}`;
}

function pagemap({ mm }: Task, offset: number, into: Uint8Array): number {
  if (offset % 8 !== 0 || into.length % 8 !== 0) return -errno.EINVAL;
  const first = offset / 8;
  const pages = Math.min(into.length / 8, mm.limit / pageBytes - first);
  if (pages <= 0 || mm.users === 0) return 0;
  const start = BigInt(first) * 4096n;
  const words = mm.mm.mmapLock.reading(() => readPagemap(mm.mm, start, start + BigInt(pages) * 4096n));
  into.set(new Uint8Array(words.buffer));
  return words.byteLength;
}

const softDirtyRefs = 4;
const lastClearRefs = 5;

function writeClearRefs({ mm }: Task, bytes: Uint8Array): number {
  const what = Number(new TextDecoder().decode(bytes).trim() || Number.NaN);
  if (!Number.isInteger(what) || what < 1 || what > lastClearRefs) return -errno.EINVAL;
  if (what === lastClearRefs) mm.mm.peakResident = mm.mm.residentPages;
  else mm.mm.mmapLock.writing(() => clearRefs(mm.mm, what as ClearRefs));
  if (what === softDirtyRefs) for (const vma of mm.mm.vmas) vma.vmFlags &= ~vmFlag.VM_SOFTDIRTY;
  return bytes.length;
}

/** How much memory of which kind a process has, in bytes. */
interface MemoryUse extends Record<Counted, number> {
  readonly anon: number;
  readonly file: number;
  readonly shmem: number;
  readonly data: number;
  readonly stack: number;
  readonly text: number;
  readonly library: number;
  readonly locked: number;
  readonly hugetlb: number;
}

function memoryUse(mm: UserMm): MemoryUse {
  const all = walkUsage(mm);
  const sum = (of: (usage: Smaps) => number) => all.reduce((total, usage) => total + of(usage), 0);
  const flags = (usage: Smaps, wanted: number) => (usage.vma.vmFlags & wanted) !== 0;
  const { VM_EXEC, VM_WRITE, VM_SHARED, VM_GROWSDOWN, VM_LOCKED } = vmFlag;
  const isCode = (usage: Smaps) => flags(usage, VM_EXEC) && !flags(usage, VM_WRITE) && usage.vma.vmFile !== null;
  const isOwn = (usage: Smaps) => (usage.vma as Vma).vmFile?.name === mm.exe;
  const total = Object.fromEntries(
    (Object.keys(all[0] ?? {}) as (keyof Smaps)[])
      .filter((name) => name !== "vma")
      .map((name) => [name, sum((usage) => usage[name as Counted])]),
  ) as Record<Counted, number>;
  const shmem = sum((usage) => (isShmem(usage) ? usage.rss - usage.anonymous : 0));
  const isData = (usage: Smaps) => flags(usage, VM_WRITE) && !flags(usage, VM_SHARED | VM_GROWSDOWN);
  return {
    ...total,
    anon: total.anonymous,
    shmem,
    file: total.rss - total.anonymous - shmem,
    data: sum((usage) => (isData(usage) ? usage.size : 0)),
    stack: sum((usage) => (flags(usage, VM_GROWSDOWN) ? usage.size : 0)),
    text: sum((usage) => (isCode(usage) && isOwn(usage) ? usage.size : 0)),
    library: sum((usage) => (isCode(usage) && !isOwn(usage) ? usage.size : 0)),
    locked: sum((usage) => (flags(usage, VM_LOCKED) ? usage.size : 0)),
    hugetlb: total.sharedHugetlb + total.privateHugetlb,
  };
}

function statm({ mm }: Task): string {
  if (mm.mm.vmas.size === 0) return "0 0 0 0 0 0 0\n";
  const use = memoryUse(mm);
  const values = [use.size, use.rss, use.file + use.shmem, use.text, 0, use.data + use.stack, 0];
  return `${values.map((bytes) => Math.floor(bytes / pageBytes)).join(" ")}\n`;
}

/** The lines of /proc/PID/status about memory. */
export function memoryStatus({ mm }: Task): string {
  if (mm.mm.vmas.size === 0) return "";
  const use = memoryUse(mm);
  const line = (name: string, bytes: number) => `${name}:\t${kib(bytes).padStart(8)} kB\n`;
  return [
    line("VmPeak", mm.mm.peakPages * pageBytes),
    line("VmSize", use.size),
    line("VmLck", use.locked),
    line("VmPin", 0),
    line("VmHWM", Math.max(use.rss, mm.mm.peakResident * pageBytes)),
    line("VmRSS", use.rss),
    line("RssAnon", use.anon),
    line("RssFile", use.file),
    line("RssShmem", use.shmem),
    line("VmData", use.data),
    line("VmStk", use.stack),
    line("VmExe", use.text),
    line("VmLib", use.library),
    line("VmPTE", mm.mm.tableCount * pageBytes),
    line("VmSwap", use.swap),
    line("HugetlbPages", use.hugetlb),
    "CoreDumping:\t0\n",
    `THP_enabled:\t${mm.mm.memory.hugePages === "never" || mm.mm.refusesHugePages ? 0 : 1}\n`,
  ].join("");
}

/** The process's memory itself, a page at a time as far as the process may have it; -EIO where it may not. */
function copyMemory({ mm }: Task, offset: number, length: number, copy: (at: number, part: number) => void): number {
  if (mm.users === 0) return 0;
  let done = 0;
  try {
    while (done < length) {
      const part = Math.min(length - done, pageBytes - ((offset + done) % pageBytes));
      copy(done, part);
      done += part;
    }
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    return done > 0 ? done : -errno.EIO;
  }
  return done;
}

function readMemory(task: Task, offset: number, into: Uint8Array): number {
  const { user } = task.mm;
  return copyMemory(task, offset, into.length, (done, part) => {
    user.readInto(offset + done, into.subarray(done, done + part));
  });
}

function writeMemory(task: Task, offset: number, bytes: Uint8Array): number {
  const { user } = task.mm;
  return copyMemory(task, offset, bytes.length, (done, part) => {
    user.write(offset + done, bytes.subarray(done, done + part));
  });
}

/** A part of the process's memory, as far as it can be read. */
function strings({ mm }: Task, start: number, end: number): Uint8Array {
  try {
    return mm.users > 0 && end > start ? mm.user.read(start, end - start) : new Uint8Array();
  } catch {
    return new Uint8Array();
  }
}

/** The files of /proc/PID that are about its memory. */
export const memoryEntries: readonly ProcEntry[] = [
  { name: "maps", read: maps },
  { name: "smaps", read: smaps },
  { name: "smaps_rollup", read: smapsRollup },
  { name: "mem", readAt: readMemory, writeAt: writeMemory },
  { name: "pagemap", readAt: pagemap, ioctl: pagemapIoctl },
  { name: "clear_refs", write: writeClearRefs },
  { name: "statm", read: statm },
  { name: "auxv", read: ({ mm }) => mm.auxv },
  { name: "cmdline", read: (task) => strings(task, task.mm.argStart, task.mm.argEnd) },
  { name: "environ", read: (task) => strings(task, task.mm.envStart, task.mm.envEnd) },
];
