import { mstatusLow as bits } from "./csr/bits.ts";
import { slot } from "./csr/slots.ts";
import { dataPrivilege } from "./regime.ts";
import type { HartState, Privilege } from "./state.ts";

const mstatus = 2 * slot.mstatus;

/**
 * What traps into M and S write, and returns from there read: CSRs, and fields of mstatus (xIE, xPIE and xPP). Generated code
 * is made from the same table.
 */
export const trapLevels = {
  3: { epc: "mepc", cause: "mcause", tval: "mtval", tvec: "mtvec", ie: bits.mie, pie: bits.mpie, pp: bits.mpp },
  1: { epc: "sepc", cause: "scause", tval: "stval", tvec: "stvec", ie: bits.sie, pie: bits.spie, pp: bits.spp },
} as const;

/** The shift of a field's lowest bit. */
export const shiftOf = (field: number) => 31 - Math.clz32(field & -field);

/**
 * Takes a synchronous exception of the instruction at `state.pc`: medeleg says whether S-mode handles it, except in
 * M-mode, whose traps are never delegated. `tval` is what the exception's rules say: the address that failed, the
 * bits of an illegal instruction, or 0. `state.pc` is the handler's address afterwards; with a supervisor outside the
 * guest it is as before for one from U-mode.
 */
export function takeException(state: HartState, cause: number, tval: bigint): void {
  const { supervisor } = state;
  if (supervisor !== undefined && state.priv === 0) {
    state.onTrap?.({ cause, interrupt: false, tval, pc: state.pc, from: 0, to: 1, dataFrom: 0 });
    supervisor(cause, tval);
    return;
  }
  trap(state, cause, false, tval, state.csrHalves[2 * slot.medeleg]);
}

/** Takes an interrupt before the instruction at `state.pc`. Whether it is due: `pendingInterrupt`. */
export function takeInterrupt(state: HartState, cause: number): void {
  trap(state, cause, true, 0n, state.csrHalves[2 * slot.mideleg]);
}

function trap(state: HartState, cause: number, interrupt: boolean, tval: bigint, delegated: number): void {
  const { csr, csrHalves, priv: from, pc } = state;
  const dataFrom = dataPrivilege(state);
  const to = from !== 3 && (delegated >>> cause) & 1 ? 1 : 3;
  if (csrHalves[2 * slot.filtered]) state.beforePrivilegeChange(false);
  const level = trapLevels[to];
  csr[slot[level.epc]] = pc;
  csrHalves[2 * slot[level.cause]] = cause;
  csrHalves[2 * slot[level.cause] + 1] = interrupt ? 1 << 31 : 0;
  csr[slot[level.tval]] = tval;
  csrHalves[mstatus] = enter(csrHalves[mstatus], level, from);
  state.priv = to;
  state.pc = handler(csr[slot[level.tvec]], cause, interrupt);
  state.effects.contextChanged();
  state.onTrap?.({ cause, interrupt, tval, pc, from, to, dataFrom });
}

type Level = (typeof trapLevels)[1 | 3];

/** xPIE := xIE, xIE := 0, xPP := the privilege that trapped. */
function enter(status: number, { ie, pie, pp }: Level, from: Privilege): number {
  return (status & ~(pie | ie | pp)) | (status & ie ? pie : 0) | (from << shiftOf(pp));
}

/** xtvec's base; with MODE Vectored interrupts go to their own entry of four bytes. */
function handler(tvec: bigint, cause: number, interrupt: boolean): bigint {
  const base = tvec & ~3n;
  return interrupt && tvec & 1n ? base + BigInt(4 * cause) : base;
}

/** Returns from an M-mode trap: false, with nothing changed, where that is an illegal instruction. */
export function mret(state: HartState): boolean {
  if (state.priv !== 3) return false;
  leave(state, trapLevels[3]);
  return true;
}

/** Returns from an S-mode trap: false, with nothing changed, where that is an illegal instruction. */
export function sret(state: HartState): boolean {
  const status = state.csrHalves[mstatus];
  if (state.priv === 0 || (state.priv === 1 && status & bits.tsr)) return false;
  leave(state, trapLevels[1]);
  return true;
}

/** xIE := xPIE, xPIE := 1, xPP := U; MPRV ends when M-mode is left. */
function leave(state: HartState, { epc, ie, pie, pp }: Level): void {
  if (state.csrHalves[2 * slot.filtered]) state.beforePrivilegeChange(true);
  const status = state.csrHalves[mstatus];
  const to = ((status & pp) >>> shiftOf(pp)) as Privilege;
  const now = (status & ~(ie | pp)) | (status & pie ? ie : 0) | pie;
  state.csrHalves[mstatus] = to === 3 ? now : now & ~bits.mprv;
  state.priv = to;
  state.pc = state.csr[slot[epc]];
  state.effects.contextChanged();
  state.effects.interruptsChanged();
}
