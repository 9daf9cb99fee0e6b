import type { ProcEntry } from "./entry.ts";

/** Every file of /proc/PID. */
export const procEntries: readonly ProcEntry[] = [];
