import type { Regime } from "../mmu/index.ts";
import { slot } from "./csr/slots.ts";
import type { HartState, Privilege } from "./state.ts";

/** What a hart's CSRs say about translations by code of a privilege whose loads and stores have another. */
export function translationRegime(state: HartState, priv: Privilege, dataPriv: Privilege): Regime {
  const { csr, csrHalves } = state;
  const status = csrHalves[2 * slot.mstatus];
  const menvcfg = csrHalves[2 * slot.menvcfg + 1];
  const satp = csr[slot.satp];
  return {
    priv,
    dataPriv,
    satp: {
      mode: Number(satp >> 60n),
      asid: Number((satp >> 44n) & 0xffffn),
      rootPpn: Number(satp & 0xfff_ffff_ffffn),
    },
    sum: (status & (1 << 18)) !== 0,
    mxr: (status & (1 << 19)) !== 0,
    adue: (menvcfg & (1 << 29)) !== 0,
    pbmte: (menvcfg & (1 << 30)) !== 0,
  };
}

/** The privilege of loads and stores: mstatus.MPP while MPRV is set, otherwise the hart's own. */
export function dataPrivilege(state: HartState): Privilege {
  const status = state.csrHalves[2 * slot.mstatus];
  return status & (1 << 17) ? (((status >>> 11) & 3) as Privilege) : state.priv;
}
