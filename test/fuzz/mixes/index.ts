import type { Mix } from "../generator.ts";
import { compressedMix, floatMix, integerMix } from "./compute.ts";
import { branchMix, modifyMix } from "./control.ts";
import { csrMix } from "./csr.ts";
import { atomicMix, memoryMix } from "./memory.ts";
import { pagingMix } from "./paging.ts";
import { protectionMix } from "./protection.ts";
import { trapMix } from "./trap.ts";

/** Every mix. */
export const mixes: readonly Mix[] = [
  integerMix,
  compressedMix,
  floatMix,
  memoryMix,
  atomicMix,
  branchMix,
  modifyMix,
  trapMix,
  csrMix,
  pagingMix,
  protectionMix,
];
