import { mstatusLow as bits } from "./csr/bits.ts";
import { slot } from "./csr/slots.ts";
import { dataPrivilege } from "./regime.ts";
import type { HartState, Privilege } from "./state.ts";

const mstatus = 2 * slot.mstatus;

/** The words that a trap into M or S writes. */
const registers = {
  3: { epc: slot.mepc, cause: slot.mcause, tval: slot.mtval, tvec: slot.mtvec },
  1: { epc: slot.sepc, cause: slot.scause, tval: slot.stval, tvec: slot.stvec },
} as const;

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
  const { epc, cause: xcause, tval: xtval, tvec } = registers[to];
  csr[epc] = pc;
  csrHalves[2 * xcause] = cause;
  csrHalves[2 * xcause + 1] = interrupt ? 1 << 31 : 0;
  csr[xtval] = tval;
  csrHalves[mstatus] = to === 3 ? enterM(csrHalves[mstatus], from) : enterS(csrHalves[mstatus], from);
  state.priv = to;
  state.pc = handler(csr[tvec], cause, interrupt);
  state.effects.contextChanged();
  state.onTrap?.({ cause, interrupt, tval, pc, from, to, dataFrom });
}

/** MPIE := MIE, MIE := 0, MPP := the privilege that trapped. */
function enterM(status: number, from: Privilege): number {
  const kept = status & ~(bits.mpie | bits.mie | bits.mpp);
  return kept | (status & bits.mie ? bits.mpie : 0) | (from << bits.mppShift);
}

/** SPIE := SIE, SIE := 0, SPP := the privilege that trapped. */
function enterS(status: number, from: Privilege): number {
  const kept = status & ~(bits.spie | bits.sie | bits.spp);
  return kept | (status & bits.sie ? bits.spie : 0) | (from === 1 ? bits.spp : 0);
}

/** xtvec's base; with MODE Vectored interrupts go to their own entry of four bytes. */
function handler(tvec: bigint, cause: number, interrupt: boolean): bigint {
  const base = tvec & ~3n;
  return interrupt && tvec & 1n ? base + BigInt(4 * cause) : base;
}

/** Returns from an M-mode trap: false, with nothing changed, where that is an illegal instruction. */
export function mret(state: HartState): boolean {
  if (state.priv !== 3) return false;
  const status = state.csrHalves[mstatus];
  const to = ((status >>> bits.mppShift) & 3) as Privilege;
  // MIE := MPIE, MPIE := 1, MPP := U; MPRV ends when M-mode is left
  let now = (status & ~(bits.mie | bits.mpp)) | (status & bits.mpie ? bits.mie : 0) | bits.mpie;
  if (to !== 3) now &= ~bits.mprv;
  leave(state, now, to, state.csr[slot.mepc]);
  return true;
}

/** Returns from an S-mode trap: false, with nothing changed, where that is an illegal instruction. */
export function sret(state: HartState): boolean {
  const status = state.csrHalves[mstatus];
  if (state.priv === 0 || (state.priv === 1 && status & bits.tsr)) return false;
  const to = status & bits.spp ? 1 : 0;
  // SIE := SPIE, SPIE := 1, SPP := U; the new privilege is never M, so MPRV ends
  const kept = status & ~(bits.sie | bits.spp | bits.mprv);
  leave(state, kept | (status & bits.spie ? bits.sie : 0) | bits.spie, to, state.csr[slot.sepc]);
  return true;
}

function leave(state: HartState, status: number, to: Privilege, pc: bigint): void {
  if (state.csrHalves[2 * slot.filtered]) state.beforePrivilegeChange(true);
  state.csrHalves[mstatus] = status;
  state.priv = to;
  state.pc = pc;
  state.effects.contextChanged();
  state.effects.interruptsChanged();
}
