import { csrNumbers } from "../../isa/csrNames.ts";
import type { Decoded } from "../../isa/index.ts";
import { type Expression, type FunctionBody, i64 } from "../../wasm/index.ts";
import type { SlotName } from "../csr/slots.ts";
import { trapRegisters } from "../csr/trapRegister.ts";
import { type CsrInstruction, csrAction, csrInstructions, hotCsrs } from "../interpreter/csrFunctions.ts";
import type { HandlerTable } from "../interpreter/handlerTable.ts";
import type { HartWords } from "../interpreter/hartWords.ts";

/** Instructions that change the privilege, and that generated code executes unless something is unusual. */
export const trapOps = ["ecall", "mret", "sret"] as const;
export type TrapOp = (typeof trapOps)[number];

/** Which of {@link trapOps} an instruction is; undefined if none. */
export function trapOp(decoded: Decoded, handlers: HandlerTable): TrapOp | undefined {
  const { system } = handlers.effects(decoded.def);
  return trapOps.find((op) => op === system);
}

/** An access to a CSR inside a region. */
export interface CsrUse {
  readonly number: number;
  /** One of {@link csrAction}. */
  readonly action: number;
  /** The value that it brings: a register, or an immediate. */
  readonly register: number | undefined;
  readonly immediate: number;
  /** The word that it is, and by which rule it is written, where nothing else depends on it. */
  readonly plain: { readonly word: SlotName; readonly rule: "any" | "address" } | undefined;
  /** Whether it may change mstatus, which says whether floating point is on. */
  readonly changesStatus: boolean;
}

/** The CSRs that are a word and nothing else: by number. */
const plainCsrs = new Map(
  trapRegisters.flatMap(({ name, plain }) =>
    plain === "any" || plain === "address"
      ? [[csrNumbers[name], { word: name as SlotName, rule: plain }] as const]
      : [],
  ),
);

/** The least privilege that may access a CSR. */
export const leastPrivilege = (number: number): number => (number >> 8) & 3;

/** Accesses a plain CSR, which the privilege allows; gives the value that it had. */
export function accessPlainCsr(
  body: FunctionBody,
  words: HartWords,
  { plain, action }: CsrUse,
  value: Expression,
  pcMask: bigint,
): Expression {
  const { word, rule } = plain!;
  const old = body.let(words.csr(word));
  if (action === csrAction.read) return old;
  const clears = i64.and(old, i64.xor(value, i64.const(-1)));
  const now = action === csrAction.write ? value : action === csrAction.set ? i64.or(old, value) : clears;
  words.setCsr(word, rule === "address" ? i64.and(now, i64.const(pcMask)) : now);
  return old;
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
    plain: plainCsrs.get(number),
    changesStatus: isStatus && !isRead,
  };
}
