import { hartLayout } from "../layout.ts";

const numbered = <P extends string>(prefix: P, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}` as `${P}${number}`);

/**
 * The 64-bit words of a hart that the CSRs stand on, in the order in which they lie in memory; mstatus is the first.
 * A CSR that is a view of another (sstatus, sie, cycle …) has no word; fflags and frm have words of their own in
 * {@link hartLayout}. The words without a CSR of their name:
 *
 * - `priv`: the privilege the hart runs in: 0 U, 1 S, 3 M.
 * - `mip`: only the bits that software wrote. `lines`: the pending bits that devices and the timer drive.
 *   What is pending is their union.
 * - `since0` … `since31`: of counter n, the live count at which its word (mcycle, minstret, mhpmcounter n) was true.
 *   While the counter runs its value is word + live − since; while it stands still it is its word.
 * - `filtered`: not 0 while changes of privilege concern TypeScript: a counter counts in some privileges only, or a
 *   supervisor takes U-mode's exceptions (`HartState.supervise`). Generated code then leaves all traps to `trap.ts`.
 */
export const csrSlots = [
  "mstatus",
  "priv",
  "mtvec",
  "mepc",
  "mcause",
  "mtval",
  "mscratch",
  "medeleg",
  "mideleg",
  "mie",
  "mip",
  "lines",
  "stvec",
  "sepc",
  "scause",
  "stval",
  "sscratch",
  "satp",
  "stimecmp",
  "mcounteren",
  "scounteren",
  "menvcfg",
  "senvcfg",
  "mcountinhibit",
  "mcyclecfg",
  "minstretcfg",
  ...numbered("mstateen", 0, 3),
  ...numbered("sstateen", 0, 3),
  "mcycle",
  "minstret",
  ...numbered("mhpmcounter", 3, 31),
  ...numbered("mhpmevent", 3, 31),
  ...numbered("since", 0, 31),
  "filtered",
] as const;

/** The name of a word. */
export type SlotName = (typeof csrSlots)[number];

/** Where each word stands in `HartState.csr`. */
export const slot = Object.fromEntries(csrSlots.map((name, index) => [name, index])) as Record<SlotName, number>;

/** The byte offset of a word inside the hart's block. */
export function csrOffset(name: SlotName): number {
  const index = slot[name];
  if (index === undefined) throw new RangeError(`no CSR word is called ${name}`);
  return hartLayout.csr + 8 * index;
}
