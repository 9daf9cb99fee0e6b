import type { SystemOp } from "../isa/meaning.ts";
import { causes, mstatusLow } from "./csr/bits.ts";
import type { CsrFile, CsrOperation } from "./csr/file.ts";
import { slot } from "./csr/slots.ts";
import { wakes } from "./interrupts.ts";
import type { HartState } from "./state.ts";
import { mret, sret, takeException } from "./trap.ts";

/** What becomes of a fence: the address and the address space that it names, undefined meaning all of them. */
export interface TranslationFences {
  fence(va: bigint | undefined, asid: number | undefined): void;
}

/** The hart as its system instructions see it. */
export interface SystemContext {
  readonly state: HartState;
  readonly csrs: CsrFile;
  readonly fences: TranslationFences;
  /** `fence.i`: fetches after it see the stores before it. */
  fenceInstructions(): void;
}

/** The fields of a decoded instruction that system instructions use. */
export interface SystemOperands {
  readonly rd: number;
  /** A register; the immediate of csrrwi, csrrsi and csrrci. */
  readonly rs1: number;
  readonly rs2: number;
  /** The CSR's number. */
  readonly imm: number;
  /** The instruction's own bits, 16 or 32. */
  readonly bits: number;
  readonly length: 2 | 4;
}

/**
 * How a system instruction ended:
 *
 * - `next`: it retired, and `state.pc` still points to it: go on behind it.
 * - `redirect`: it retired, and `state.pc` is set; translations, interrupts, deadlines or code may have changed.
 * - `wait`: a `wfi` that retired with nothing to wake it; `state.pc` is set behind it.
 * - `trap`: it did not retire, and `state.pc` is the handler's.
 */
export type Outcome = "next" | "redirect" | "wait" | "trap";

/** The system operations that need no access to data memory. */
export type MemorylessOp = Exclude<SystemOp, `cbo.${string}` | `lr.${string}` | `sc.${string}` | `amocas.${string}`>;

type Execute = (i: SystemOperands, c: SystemContext) => Outcome;

/** Executes one system instruction, the one at `state.pc`. */
export function executeSystem(op: MemorylessOp, operands: SystemOperands, context: SystemContext): Outcome {
  return execute[op](operands, context);
}

/** Raises an illegal-instruction exception; its tval is the instruction. */
export function raiseIllegal(i: SystemOperands, { state }: SystemContext): "trap" {
  takeException(state, causes.illegal, BigInt(i.bits >>> 0));
  return "trap";
}

const ecallCauses = { 0: causes.ecallU, 1: causes.ecallS, 3: causes.ecallM } as const;

function ecall(_: SystemOperands, { state }: SystemContext): Outcome {
  takeException(state, ecallCauses[state.priv], 0n);
  return "trap";
}

/** The breakpoint's tval may be 0 or the address of the `ebreak`; QEMU, Spike and Sail give the address. */
function ebreak(_: SystemOperands, { state }: SystemContext): Outcome {
  takeException(state, causes.breakpoint, state.pc);
  return "trap";
}

const returns =
  (from: (state: HartState) => boolean): Execute =>
  (i, c) =>
    from(c.state) ? "redirect" : raiseIllegal(i, c);

const status = (state: HartState) => state.csrHalves[2 * slot.mstatus];

/** Goes on behind the instruction, telling the engine to look at everything anew. */
function redirectBehind(i: SystemOperands, state: HartState): Outcome {
  state.pc += BigInt(i.length);
  return "redirect";
}

/** With TW a `wfi` below M-mode would time out at once; in U-mode it does in any case, since there is an S-mode. */
function wfi(i: SystemOperands, c: SystemContext): Outcome {
  const { state } = c;
  if (state.priv === 0 || (state.priv === 1 && status(state) & mstatusLow.tw)) return raiseIllegal(i, c);
  c.csrs.updateTimer();
  if (wakes(state)) return "next";
  state.pc += BigInt(i.length);
  return "wait";
}

/** The reservation may be lost at any time, so there is never a need to stall; TW counts as for `wfi`. */
function wrsNto(i: SystemOperands, c: SystemContext): Outcome {
  return c.state.priv !== 3 && status(c.state) & mstatusLow.tw ? raiseIllegal(i, c) : "next";
}

function fenceInstructions(i: SystemOperands, c: SystemContext): Outcome {
  c.fenceInstructions();
  return redirectBehind(i, c.state);
}

/** `sfence.vma` and `sinval.vma`: x0 as an operand, not a value of 0, means all addresses or all address spaces. */
function fenceTranslations(i: SystemOperands, c: SystemContext): Outcome {
  const { state } = c;
  if (state.priv === 0 || (state.priv === 1 && status(state) & mstatusLow.tvm)) return raiseIllegal(i, c);
  const va = i.rs1 === 0 ? undefined : state.x(i.rs1);
  const asid = i.rs2 === 0 ? undefined : Number(state.x(i.rs2) & 0xffffn);
  c.fences.fence(va, asid);
  return redirectBehind(i, state);
}

/** `sfence.w.inval` and `sfence.inval.ir` order what `sinval.vma` has done at once here. TVM does not concern them. */
const orderInvalidations: Execute = (i, c) => (c.state.priv === 0 ? raiseIllegal(i, c) : "next");

function csr(i: SystemOperands, c: SystemContext, operation: CsrOperation, value: bigint | undefined): Outcome {
  const { state, csrs } = c;
  csrs.touched = false;
  const old = csrs.access(i.imm, operation, value, state.priv);
  if (old === undefined) return raiseIllegal(i, c);
  state.setX(i.rd, old);
  return csrs.touched ? redirectBehind(i, state) : "next";
}

/** csrrs and csrrc with x0 (or an immediate of 0) do not write at all. */
const csrWithRegister =
  (operation: CsrOperation): Execute =>
  (i, c) =>
    csr(i, c, operation, i.rs1 === 0 && operation !== "write" ? undefined : c.state.x(i.rs1));

const csrWithImmediate =
  (operation: CsrOperation): Execute =>
  (i, c) =>
    csr(i, c, operation, i.rs1 === 0 && operation !== "write" ? undefined : BigInt(i.rs1));

const execute: Readonly<Record<MemorylessOp, Execute>> = {
  illegal: raiseIllegal,
  ecall,
  ebreak,
  mret: returns(mret),
  sret: returns(sret),
  wfi,
  "wrs.nto": wrsNto,
  "wrs.sto": () => "next",
  "fence.i": fenceInstructions,
  "sfence.vma": fenceTranslations,
  "sinval.vma": fenceTranslations,
  "sfence.w.inval": orderInvalidations,
  "sfence.inval.ir": orderInvalidations,
  csrrw: csrWithRegister("write"),
  csrrs: csrWithRegister("set"),
  csrrc: csrWithRegister("clear"),
  csrrwi: csrWithImmediate("write"),
  csrrsi: csrWithImmediate("set"),
  csrrci: csrWithImmediate("clear"),
};
