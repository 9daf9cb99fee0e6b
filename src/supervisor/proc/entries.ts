import { accountingEntries } from "./accounting.ts";
import type { ProcEntry } from "./entry.ts";
import { memoryEntries } from "./memory.ts";
import { processEntries } from "./process.ts";
import { statusEntries } from "./status.ts";

/** Every file of /proc/PID. */
export const procEntries: readonly ProcEntry[] = [
  ...memoryEntries,
  ...processEntries,
  ...accountingEntries,
  ...statusEntries,
];
