import { csrNumbers } from "../../isa/csrNames.ts";
import type { Isa } from "../../isa/index.ts";
import type { SystemOp } from "../../isa/meaning.ts";
import {
  type Expression,
  type FunctionBody,
  i32,
  i64,
  type ModuleBuilder,
  select,
  ValueType,
} from "../../wasm/index.ts";
import { mstatusLow as bits } from "../csr/bits.ts";
import { type PlainRule, reservedVector } from "../csr/definition.ts";
import { pcMask } from "../csr/file.ts";
import type { SlotName } from "../csr/slots.ts";
import * as status from "../csr/status.ts";
import { trapRegisters } from "../csr/trapRegister.ts";
import { contextSets, hartLayout } from "../layout.ts";
import { HartWords } from "./hartWords.ts";
import type { TrapFunctions } from "./trapFunctions.ts";

const { i32: I32, i64: I64 } = ValueType;
const zero = i32.const(0);

/** What the function `csrAccess` is asked to do with a CSR. */
export const csrAction = { read: 0, write: 1, set: 2, clear: 3 } as const;

/** Bytes of an instruction that accesses a CSR; there is no compressed one. */
export const csrLength = 4;

/** The instructions on CSRs: what they do, where their value comes from, and bits 6 to 0 and 14 to 12. */
export const csrInstructions = {
  csrrw: { action: csrAction.write, immediate: false, bits: 0x1073 },
  csrrs: { action: csrAction.set, immediate: false, bits: 0x2073 },
  csrrc: { action: csrAction.clear, immediate: false, bits: 0x3073 },
  csrrwi: { action: csrAction.write, immediate: true, bits: 0x5073 },
  csrrsi: { action: csrAction.set, immediate: true, bits: 0x6073 },
  csrrci: { action: csrAction.clear, immediate: true, bits: 0x7073 },
} as const satisfies Partial<Record<SystemOp, unknown>>;
export type CsrInstruction = keyof typeof csrInstructions;

/** The numbers of the CSRs that `csrAccess` may know; of all others it never does. */
export const hotCsrs: ReadonlySet<number> = new Set(
  [
    csrNumbers.sstatus,
    csrNumbers.satp,
    csrNumbers.mstatus,
    csrNumbers.time,
    ...trapRegisters.filter(({ plain }) => plain !== undefined).map(({ name }) => csrNumbers[name]),
  ].filter((number) => [1, 3, csrNumbers.time >> 8].includes(number >> 8)),
);

/** And what it answers; the first two leave the value that there was in the hart's `value`. */
export const csrAnswer = {
  /** Done: go on with the next instruction. */
  done: 0,
  /** Done; translations or interrupts have changed: look at everything anew at the next instruction. */
  changed: 1,
  /** Nothing was done: the instruction is TypeScript's. */
  unknown: 2,
  /** Nothing was done: it is an illegal instruction. */
  illegal: 3,
} as const;

/**
 * Adds a function (hart, number: i32, action: i32, value: i64) → i32: what `CsrFile.access` does, for the CSRs of a trap's hot
 * path, with a {@link csrAction}; it answers with a {@link csrAnswer}. It works on the hart's block alone and changes neither
 * pc nor a register of the guest; `value` and, where something changed, the contexts in force and `stop` are what it leaves.
 */
export function addCsrAccess(module: ModuleBuilder, isa: Isa, traps: TrapFunctions): number {
  const { index, body } = module.addFunction({ params: [I32, I32, I32, I64], results: [I32] });
  new CsrAccess(body, isa, traps).emit();
  return index;
}

/** Emits the body of `csrAccess`. */
class CsrAccess {
  readonly #body: FunctionBody;
  readonly #isa: Isa;
  readonly #traps: TrapFunctions;
  readonly #words: HartWords;
  readonly #action: Expression;
  /** The value written is `(old & keep) | bring`. */
  readonly #keep: Expression;
  readonly #bring: Expression;

  constructor(body: FunctionBody, isa: Isa, traps: TrapFunctions) {
    this.#body = body;
    this.#isa = isa;
    this.#traps = traps;
    this.#words = new HartWords(body, body.param(0));
    this.#action = body.param(2);
    this.#keep = body.local(I64);
    this.#bring = body.local(I64);
  }

  emit(): void {
    const body = this.#body;
    const number = body.param(1);
    const least = i32.and(i32.shrU(number, i32.const(8)), i32.const(3));
    body.if(i32.ltU(this.#words.low("priv"), least), () => this.#answer(csrAnswer.illegal));
    const value = body.param(3);
    const isWrite = i32.eq(this.#action, i32.const(csrAction.write));
    const isClear = i32.eq(this.#action, i32.const(csrAction.clear));
    body.set(this.#keep, select(isWrite, i64.const(0), i64.xor(value, i64.const(-1))));
    body.set(this.#bring, select(isClear, i64.const(0), value));
    const page = (first: number, registers: Map<number, () => void>) => {
      const isHere = i32.eq(i32.shrU(number, i32.const(8)), i32.const(first >> 8));
      body.if(isHere, () => switchOn(body, i32.and(number, i32.const(0xff)), registers));
    };
    const supervisor = this.#plain(1);
    supervisor.set(csrNumbers.sstatus & 0xff, () => this.#status(status.sstatusWritable, status.sstatusVisible));
    supervisor.set(csrNumbers.satp & 0xff, () => this.#satp());
    page(csrNumbers.sstatus, supervisor);
    const machine = this.#plain(3);
    machine.set(csrNumbers.mstatus & 0xff, () => this.#status(status.mstatusWritable, -1n));
    page(csrNumbers.mstatus, machine);
    if (this.#isa.has("zicntr")) page(csrNumbers.time, new Map([[csrNumbers.time & 0xff, () => this.#time()]]));
    body.push(i32.const(csrAnswer.unknown));
  }

  #answer(answer: number): void {
    this.#body.return(i32.const(answer));
  }

  /** Answers with the old value; there is nothing more to do for a read. */
  #old(old: Expression): void {
    this.#words.setI64("value", old);
    this.#body.if(i32.eqz(this.#action), () => this.#answer(csrAnswer.done));
  }

  #new(old: Expression): Expression {
    return i64.or(i64.and(old, this.#keep), this.#bring);
  }

  /** The plain CSRs of a privilege, by the low bytes of their numbers. */
  #plain(least: 1 | 3): Map<number, () => void> {
    const registers = new Map<number, () => void>();
    for (const { name, plain } of trapRegisters) {
      const number = csrNumbers[name];
      if (plain !== undefined && number >> 8 === least) {
        registers.set(number & 0xff, () => this.#plainAccess(name as SlotName, plain));
      }
    }
    return registers;
  }

  #plainAccess(word: SlotName, rule: PlainRule): void {
    const body = this.#body;
    const old = body.let(this.#words.csr(word));
    this.#old(old);
    const now = body.let(this.#new(old));
    if (rule === "vector") {
      const isReserved = i32.wrap(i64.and(now, i64.const(reservedVector)));
      body.if(isReserved, () => this.#answer(csrAnswer.done));
    }
    this.#words.setCsr(word, rule === "address" ? i64.and(now, i64.const(pcMask(this.#isa))) : now);
    this.#answer(csrAnswer.done);
  }

  /** mstatus or sstatus: `writeStatus` of csr/status.ts. */
  #status(writable: number, visible: bigint): void {
    const body = this.#body;
    const words = this.#words;
    const old = body.let(words.low("mstatus"));
    const fsDirty = i64.extendU(i32.eq(i32.and(old, i32.const(bits.fs)), i32.const(bits.fs)));
    const sd = i64.shl(fsDirty, i64.const(63));
    const seen = body.let(i64.or(i64.and(words.csr("mstatus"), i64.const(visible)), sd));
    this.#old(seen);
    const written = i32.and(i32.wrap(this.#new(seen)), i32.const(writable));
    const now = body.let(i32.or(i32.and(old, i32.const(~writable)), written));
    const reserved = i32.eq(i32.and(now, i32.const(bits.mpp)), i32.const(2 << bits.mppShift));
    body.if(reserved, () => body.set(now, i32.and(now, i32.const(~bits.mpp))));
    if (!this.#isa.has("f")) body.set(now, i32.and(now, i32.const(~bits.fs)));
    const differs = body.let(i32.xor(old, now));
    body.if(i32.eqz(differs), () => this.#answer(csrAnswer.done));
    words.setLow("mstatus", now);
    const answer = body.let(i32.const(csrAnswer.done));
    const matters = body.let(i32.const(status.contextBits));
    body.if(i32.and(now, i32.const(bits.mprv)), () => body.set(matters, i32.const(status.contextBits | bits.mpp)));
    body.if(i32.and(differs, matters), () => {
      body.call(this.#traps.chooseContexts, words.hart);
      body.set(answer, i32.const(csrAnswer.changed));
    });
    body.if(i32.and(differs, i32.const(status.interruptBits)), () => {
      body.call(this.#traps.checkInterrupts, words.hart);
      body.set(answer, i32.const(csrAnswer.changed));
    });
    body.return(answer);
  }

  /** `time`, where it is made of cycles. Whoever may not read it, and whoever writes, is TypeScript's. */
  #time(): void {
    const body = this.#body;
    const words = this.#words;
    const perTick = words.i64("cyclesPerTick");
    body.if(i32.or(i64.eqz(perTick), this.#action), () => this.#answer(csrAnswer.unknown));
    const priv = body.let(words.low("priv"));
    const enables = body.let(words.low("mcounteren"));
    body.if(i32.eqz(priv), () => body.set(enables, i32.and(enables, words.low("scounteren"))));
    const isEnabled = i32.and(enables, i32.const(1 << (csrNumbers.time & 0x1f)));
    body.if(i32.and(i32.ne(priv, i32.const(3)), i32.eqz(isEnabled)), () => this.#answer(csrAnswer.unknown));
    // the instruction at hand is not of the past
    const left = i64.extendS(i32.add(words.i32("fuel"), i32.const(1)));
    const cycles = i64.sub(i64.truncF64S(words.f64("timeEnd")), left);
    words.setI64("value", i64.add(i64.divU(cycles, perTick), words.i64("timeOffset")));
    this.#answer(csrAnswer.done);
  }

  /** satp: values whose contexts TypeScript has remembered. */
  #satp(): void {
    const body = this.#body;
    const words = this.#words;
    const tvm = i32.and(words.low("mstatus"), i32.const(bits.tvm));
    body.if(tvm, () => this.#answer(csrAnswer.unknown));
    const old = body.let(words.csr("satp"));
    const now = body.let(this.#new(old));
    const isOther = body.let(i32.and(i64.ne(now, old), i32.ne(this.#action, i32.const(csrAction.read))));
    const set = body.let(words.i32("contextSet"));
    body.if(isOther, () => {
      body.set(set, zero);
      for (let n = 0; n < contextSets.count; n++) {
        const at = hartLayout.contextSets + n * contextSets.bytes;
        const isThis = i64.eq(i64.load(words.hart, at + contextSets.satp), now);
        body.if(isThis, () => body.set(set, i32.add(words.hart, i32.const(at))));
      }
      body.if(i32.eqz(set), () => this.#answer(csrAnswer.unknown));
    });
    words.setI64("value", old);
    body.if(i32.eqz(isOther), () => this.#answer(csrAnswer.done));
    words.setCsr("satp", now);
    words.setI32("contextSet", set);
    body.call(this.#traps.chooseContexts, words.hart);
    this.#answer(csrAnswer.changed);
  }
}

/** Runs the statements for a value of `selector`, which must leave the function; goes on behind where there are none. */
export function switchOn(body: FunctionBody, selector: Expression, cases: ReadonlyMap<number, () => void>): void {
  const order = [...cases.keys()];
  const size = Math.max(...order) + 1;
  body.block((otherwise) => {
    const table = new Array(size).fill(otherwise);
    const nest = (k: number): void => {
      if (k === order.length) {
        body.branchTable(selector, table, otherwise);
        return;
      }
      body.block((end) => {
        table[order[k]] = end;
        nest(k + 1);
      });
      body.scope(cases.get(order[k]) as () => void);
    };
    nest(0);
  });
}
