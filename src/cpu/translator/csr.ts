import { csrNumbers } from "../../isa/csrNames.ts";
import type { Decoded } from "../../isa/index.ts";
import { type CsrInstruction, csrAction, csrInstructions, hotCsrs } from "../interpreter/csrFunctions.ts";
import type { HandlerTable } from "../interpreter/handlerTable.ts";

/** An access to a CSR inside a region. */
export interface CsrUse {
  readonly number: number;
  /** One of {@link csrAction}. */
  readonly action: number;
  /** The value that it brings: a register, or an immediate. */
  readonly register: number | undefined;
  readonly immediate: number;
  /** Whether it may change mstatus, which says whether floating point is on. */
  readonly changesStatus: boolean;
}

/** What an instruction does with a CSR that regions access; undefined if it is another one, or none. */
export function csrUse(decoded: Decoded, handlers: HandlerTable): CsrUse | undefined {
  const { system } = handlers.effects(decoded.def);
  if (system === undefined || !(system in csrInstructions)) return undefined;
  const number = decoded.imm & 0xfff;
  if (!hotCsrs.has(number)) return undefined;
  const { action, immediate } = csrInstructions[system as CsrInstruction];
  const { rs1 } = decoded;
  // csrrs and csrrc with x0, or an immediate of 0, do not write at all
  const isRead = action !== csrAction.write && rs1 === 0;
  const isStatus = number === csrNumbers.mstatus || number === csrNumbers.sstatus;
  return {
    number,
    action: isRead ? csrAction.read : action,
    register: immediate || rs1 === 0 ? undefined : rs1,
    immediate: immediate ? rs1 : 0,
    changesStatus: isStatus && !isRead,
  };
}
