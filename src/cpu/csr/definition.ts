import type { CsrName } from "../../isa/csrNames.ts";
import type { HartState, Privilege } from "../state.ts";
import type { Counters } from "./counter.ts";
import { type SlotName, slot } from "./slots.ts";

/** What the CSRs need to know of the extensions that are on; names are lower case: `sstc`, `zicbom`. */
export interface Extensions {
  has(name: string): boolean;
}

/** The PMP registers, which belong to the MMU. Indices are those of the pmpcfg and pmpaddr CSRs. */
export interface PmpRegisters {
  /** How many entries there are: 0, 16 or 64. The registers of further ones are absent. */
  readonly entries: number;
  /** pmpcfg `index` (even): eight entries' bytes. */
  readConfig(index: number): bigint;
  writeConfig(index: number, value: bigint): void;
  readAddress(index: number): bigint;
  writeAddress(index: number, value: bigint): void;
}

/** What a CSR's rules may look at. */
export interface CsrContext {
  readonly state: HartState;
  readonly isa: Extensions;
  readonly pmp: PmpRegisters;
  readonly counters: Counters;
  readonly hartId: bigint;
  /** The satp.MODE values that there are. */
  readonly satpModes: readonly number[];
  /** The bits that an instruction's address can have. */
  readonly pcMask: bigint;
  /** Brings the STIP line up to date with time, stimecmp and menvcfg.STCE. */
  updateTimer(): void;
}

/**
 * One CSR. Number, least privilege and whether it is read-only follow from the name (`csrNumbers`). What is left
 * out has the plain meaning: a 64-bit word that keeps whatever is written.
 */
export interface CsrDefinition {
  readonly name: CsrName;
  /** A word of the CSR's name that concerns nothing else: generated code reads and writes it by the same rule. */
  readonly plain?: PlainRule;
  /** The extension without which the CSR is absent. */
  readonly needs?: string;
  /** Further conditions at the moment of the access, beyond the least privilege; false: illegal instruction. */
  readonly permits?: (c: CsrContext, priv: Privilege) => boolean;
  /** The value that an instruction of this privilege reads. */
  readonly read?: (c: CsrContext, priv: Privilege) => bigint;
  /** The value whose bits csrrs and csrrc change, where that is not what is read (mip.SEIP). */
  readonly modifies?: (c: CsrContext) => bigint;
  /** WARL and WPRI: the value that the word takes when `value` is written over `old`. */
  readonly legalise?: (old: bigint, value: bigint, c: CsrContext) => bigint;
  /** After a write that changed the word. */
  readonly changed?: (c: CsrContext, old: bigint, value: bigint) => void;
  /** Takes the place of writing the word. */
  readonly write?: (c: CsrContext, value: bigint) => void;
}

/**
 * What is written to a plain CSR: everything; an instruction's address (its bits are `pcMask`); a trap vector, where a
 * write with the reserved MODE 2 or 3 is ignored as a whole.
 */
export type PlainRule = "any" | "address" | "vector";

/** The bit of a trap vector that makes its MODE reserved. */
export const reservedVector = 2n;

/** The legalisation of plain CSRs. */
export const legalisePlain: Record<PlainRule, NonNullable<CsrDefinition["legalise"]> | undefined> = {
  any: undefined,
  address: (_, value, c) => value & c.pcMask,
  vector: (old, value) => (value & reservedVector ? old : value),
};

/** A legalisation under which only some bits can be written; the others keep their value. */
export const writable = (mask: bigint) => (old: bigint, value: bigint) => (old & ~mask) | (value & mask);

/**
 * A write to a word of which only the low half can be written. Legalisation and comparison work on 32-bit numbers
 * (a third of BigInt's cost, and these are the CSRs that kernels write most); `changed` follows a write that changed it.
 */
export function writeLow(
  word: SlotName,
  legalise: (old: number, value: number, c: CsrContext) => number,
  changed: (c: CsrContext, old: number, value: number) => void,
): (c: CsrContext, value: bigint) => void {
  const at = 2 * slot[word];
  return (c, value) => {
    const { csrHalves } = c.state;
    const old = csrHalves[at];
    const now = legalise(old, Number(BigInt.asIntN(32, value)), c);
    if (now === old) return;
    csrHalves[at] = now;
    changed(c, old, now);
  };
}
