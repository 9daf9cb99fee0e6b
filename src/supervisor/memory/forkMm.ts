import { copyMm, reclaim } from "../../kernel/index.ts";
import { LinuxError } from "../errno.ts";
import type { Supervisor } from "../supervisor.ts";
import type { UserMm } from "./userMm.ts";

/**
 * An address space for a child: the same mappings with the same content, of which each has its own from the first write
 * on. Throws ENOMEM, and then nothing of it is left.
 */
export function forkMm(system: Supervisor, from: UserMm, pid: number): UserMm {
  for (;;) {
    const mm = system.createMm(pid);
    mm.copyLayout(from);
    if (copyMm(from.mm, mm.mm) === 0) return mm;
    system.releaseMm(mm);
    if (reclaim(system.memory, system.memory.reclaimBatch + from.mm.tableCount) === 0) throw new LinuxError("ENOMEM");
  }
}
