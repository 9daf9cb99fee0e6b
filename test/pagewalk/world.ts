import { sv39 } from "../../src/mmu/index.ts";
import {
  type MmWalkOps,
  makeSoftEntry,
  swapType,
  walkKernelPageTableRangeLockless,
  walkPageRange,
} from "../../src/pagewalk/index.ts";
import { kernel, oneGiB, page } from "./fixture.ts";

/** Flags of a page that a user may read and write. */
export const user = "vrwuad";
/** A migration entry. */
export const migration = (pfn: number) => makeSoftEntry({ type: swapType.migrationRead, offset: pfn });

/** A kernel whose first VMA begins at 0, with its mmap lock held for read. */
export function world(mode = sv39, bytes = 4n * oneGiB) {
  const made = kernel({ mode });
  const vma = made.add(0n, Number(bytes / page));
  made.mm.mmapLock.lockRead();
  const walk = (start: bigint, end: bigint, ops: MmWalkOps) => walkPageRange(made.mm, start, end, ops);
  const look = (start: bigint, end: bigint, ops: MmWalkOps) =>
    walkKernelPageTableRangeLockless(start, end, ops, null, null, made.mm);
  return { ...made, vma, walk, look };
}
