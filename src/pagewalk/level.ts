import type { Mode } from "../mmu/modes.ts";

/** Linux's depth of a hole: 0 PGD, 1 P4D, 2 PUD, 3 PMD; -1: not known. */
export type Depth = -1 | 0 | 1 | 2 | 3;

const depthOfUnfolded: readonly Depth[] = [-1, 3, 2, 1, 0];

/**
 * The depth (Linux's count, from the root) of an entry at a level (the RISC-V spec's, from the leaf) of a mode: 0 for
 * the root of every mode, since depths that the mode folds are skipped. Levels from 1: an empty PTE has no depth.
 */
export function depthOfLevel(mode: Mode, level: number): Depth {
  return level === mode.levels - 1 ? 0 : depthOfUnfolded[level];
}

/** Bytes that one entry of a level maps: 4 KiB, 2 MiB, 1 GiB, 512 GiB, 256 TiB. */
export const bytesOfLevel: readonly bigint[] = [12n, 21n, 30n, 39n, 48n].map((shift) => 1n << shift);
