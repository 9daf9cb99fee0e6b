import { type FaultAccess, type FaultAnswer, faultAnswer, handleFault } from "./fault.ts";
import type { Mm } from "./mm.ts";
import { reclaim } from "./reclaim.ts";
import { expandStack } from "./stack.ts";

/**
 * A page fault from its beginning, as a processor's exception handler has it: takes the mmap lock, lets a stack grow,
 * and where there are no frames left has some given back by others.
 */
export function faultIn(mm: Mm, addr: bigint, access: FaultAccess): FaultAnswer {
  const { events } = mm.memory;
  const read = events.pgpgin;
  for (;;) {
    mm.mmapLock.lockRead();
    const answer = handleFault(mm, addr, access);
    mm.mmapLock.unlockRead();
    if (answer === faultAnswer.done) {
      events.pgfault++;
      if (events.pgpgin !== read) events.pgmajfault++;
      return answer;
    }
    if (answer === faultAnswer.noMapping && mm.vmaAt(addr) === null && expandStack(mm, addr)) continue;
    if (answer !== faultAnswer.noMemory || reclaim(mm.memory, mm.memory.reclaimBatch) === 0) return answer;
  }
}
