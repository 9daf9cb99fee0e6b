import { interrupts, mstatusLow } from "./csr/bits.ts";
import { slot } from "./csr/slots.ts";
import type { HartState } from "./state.ts";

const { mei, msi, mti, sei, ssi, sti, lcofi } = interrupts;

/** Of several interrupts to the same privilege, which is taken first ("Machine Interrupt Registers"). */
const priorities = [mei, msi, mti, sei, ssi, sti, lcofi] as const;

/**
 * The interrupt that must be taken before the next instruction, or undefined. Those that go to M-mode come before
 * those that are delegated to S-mode; a privilege's interrupts are enabled in all lower privileges, in its own by
 * MIE or SIE, and never in a higher one.
 */
export function pendingInterrupt(state: HartState): number | undefined {
  const { csrHalves, priv } = state;
  const pending = state.pending & csrHalves[2 * slot.mie];
  if (pending === 0) return undefined;
  const status = csrHalves[2 * slot.mstatus];
  const delegated = csrHalves[2 * slot.mideleg];
  const toM = pending & ~delegated;
  if (toM !== 0 && (priv !== 3 || status & mstatusLow.mie)) return first(toM);
  const toS = pending & delegated;
  if (toS !== 0 && (priv === 0 || (priv === 1 && status & mstatusLow.sie))) return first(toS);
  return undefined;
}

const first = (pending: number) => priorities.find((interrupt) => (pending >>> interrupt) & 1);

/** Whether `wfi` need not wait: an interrupt is pending and enabled in mie, whatever the global enables say. */
export function wakes(state: HartState): boolean {
  return (state.pending & state.csrHalves[2 * slot.mie]) !== 0;
}
