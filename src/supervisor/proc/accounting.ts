import { errno } from "../errno.ts";
import { badnessScore } from "../memory/outOfMemory.ts";
import { usageOf } from "../syscalls/usage.ts";
import type { Task } from "../task.ts";
import type { ProcEntry } from "./entry.ts";

/** What was read and written. Nothing of it is known to have come from a medium, or to have gone to one. */
function io({ process }: Task): string {
  const { readBytes, writtenBytes, readCalls, writeCalls } = usageOf(process);
  const lines = { rchar: readBytes, wchar: writtenBytes, syscr: readCalls, syscw: writeCalls };
  const media = { read_bytes: 0, write_bytes: 0, cancelled_write_bytes: 0 };
  return Object.entries({ ...lines, ...media })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}

/** Time on a processor, time of waiting for one, turns. */
function schedstat({ used }: Task): string {
  return `${used.cycles} 0 ${used.waits + used.preemptions}\n`;
}

const most = 1000;
/** The older scale of `oom_adj`: 17 for never, and 15 for 1,000. */
const older = { never: -17, most: 15 } as const;

/** A whole number in a range; undefined: it is none. */
function wholeNumber(bytes: Uint8Array, least: number, greatest: number): number | undefined {
  const text = new TextDecoder().decode(bytes).trim();
  const value = Number(text);
  return /^[+-]?\d+$/.test(text) && value >= least && value <= greatest ? value : undefined;
}

function adjust({ process }: Task, bytes: Uint8Array, outOfMemory: number | undefined): number {
  if (outOfMemory === undefined) return -errno.EINVAL;
  process.kept = { ...process.kept, outOfMemory };
  return bytes.length;
}

function writeOlder(task: Task, bytes: Uint8Array): number {
  const value = wholeNumber(bytes, older.never, older.most);
  const scaled = value === older.most ? most : value && Math.trunc((value * most) / -older.never);
  return adjust(task, bytes, scaled);
}

function readOlder({ process }: Task): string {
  const { outOfMemory } = process.kept;
  return `${outOfMemory === most ? older.most : Math.trunc((outOfMemory * -older.never) / most)}\n`;
}

function writeTimerSlack({ process }: Task, bytes: Uint8Array): number {
  const timerSlack = wholeNumber(bytes, 0, Number.MAX_SAFE_INTEGER);
  if (timerSlack === undefined) return -errno.EINVAL;
  process.kept = { ...process.kept, timerSlack };
  return bytes.length;
}

/** What processes have used, and what comes of those that use too much. */
export const accountingEntries: readonly ProcEntry[] = [
  { name: "io", read: io },
  { name: "schedstat", read: schedstat },
  { name: "oom_score", read: (task) => `${badnessScore(task)}\n` },
  {
    name: "oom_score_adj",
    read: ({ process }) => `${process.kept.outOfMemory}\n`,
    write: (task, bytes) => adjust(task, bytes, wholeNumber(bytes, -most, most)),
  },
  { name: "oom_adj", read: readOlder, write: writeOlder },
  { name: "timerslack_ns", read: ({ process }) => `${process.kept.timerSlack}\n`, write: writeTimerSlack },
];
