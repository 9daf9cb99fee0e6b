import {
  call,
  type Expression,
  type FunctionBody,
  f64,
  i32,
  i64,
  type ModuleBuilder,
  ValueType,
} from "../../wasm/index.ts";
import { mstatusLow as bits, causes } from "../csr/bits.ts";
import { contextIndex, contextSets, hartLayout, systemWatch } from "../layout.ts";
import { shiftOf, trapLevels } from "../trap.ts";
import { HartWords } from "./hartWords.ts";

const { i32: I32, i64: I64 } = ValueType;
const zero = i32.const(0);
const has = (word: Expression, mask: number) => i32.and(word, i32.const(mask));

/**
 * Functions that change the privilege as `trap.ts` does, by their numbers in the module. They work on a hart's block, whose
 * address comes first: pc and fuel must be in memory when they are called, and pc, the CSRs and the contexts in force may
 * have changed when they return. No register of the guest changes.
 */
export interface TrapFunctions {
  /** (hart) → (): chooses the fast TLB contexts for privilege, mstatus and satp as they are. */
  readonly chooseContexts: number;
  /** (hart) → (): has the hart stop if an interrupt is due. */
  readonly checkInterrupts: number;
  /** (hart, cause: i32, tval: i64) → 1: the exception was taken, pc is the handler's; 0: nothing was done, TypeScript must. */
  readonly raise: number;
  /** (hart) → 1: returned, pc is set, stop may be; 0: nothing was done: it is illegal, or for TypeScript. */
  readonly mret: number;
  readonly sret: number;
}

/** Adds them. `contextSlow` is the number of `SlowPaths.contextSlow`. */
export function addTrapFunctions(module: ModuleBuilder, contextSlow: number): TrapFunctions {
  const add = (params: ValueType[], results: ValueType[]) => {
    const { index, body } = module.addFunction({ params: [I32, ...params], results });
    return { index, body, words: new HartWords(body, body.param(0)) };
  };
  const contexts = add([], []);
  chooseContexts(contexts.body, contexts.words, contextSlow);
  const interrupts = add([], []);
  checkInterrupts(interrupts.body, interrupts.words);
  const called = { chooseContexts: contexts.index, checkInterrupts: interrupts.index };
  const exception = add([I32, I64], [I32]);
  raise(exception.body, exception.words, called);
  const m = add([], [I32]);
  m.body.if(i32.ne(m.words.low("priv"), i32.const(3)), () => m.body.return(zero));
  leave(m.body, m.words, 3, called);
  const s = add([], [I32]);
  s.body.if(i32.eqz(s.words.low("priv")), () => s.body.return(zero));
  // with TSR it is illegal in S-mode; M-mode's own are rare enough to go with it
  s.body.if(has(s.words.low("mstatus"), bits.tsr), () => s.body.return(zero));
  leave(s.body, s.words, 1, called);
  return { ...called, raise: exception.index, mret: m.index, sret: s.index };
}

/** mstatus.MPP where MPRV is set, otherwise the hart's own privilege. */
function dataPrivilege(body: FunctionBody, status: Expression, priv: Expression): Expression {
  const result = body.let(priv);
  body.if(has(status, bits.mprv), () => body.set(result, fieldOf(status, bits.mpp)));
  return result;
}

const fieldOf = (status: Expression, field: number): Expression =>
  i32.shrU(has(status, field), i32.const(shiftOf(field)));

/** Where TypeScript has not yet said which context it is, it is asked. */
function chooseContexts(body: FunctionBody, words: HartWords, contextSlow: number): void {
  const status = body.let(words.low("mstatus"));
  const priv = body.let(words.low("priv"));
  const set = body.let(words.i32("contextSet"));
  const contextAt = (at: Expression) => i32.load(i32.add(set, i32.shl(at, i32.const(2))), contextSets.contexts);
  const choose = (privilege: Expression, further: Expression): Expression => {
    const context = body.let(words.i32("machineContext"));
    const at = i32.or(i32.shl(privilege, i32.const(contextIndex.priv)), further);
    body.if(i32.ne(privilege, i32.const(3)), () => body.set(context, contextAt(at)));
    return context;
  };
  const fetch = choose(priv, zero);
  const sum = i32.shl(fieldOf(status, bits.sum), i32.const(contextIndex.sum));
  const mxr = i32.shl(fieldOf(status, bits.mxr), i32.const(contextIndex.mxr));
  const data = choose(dataPrivilege(body, status, priv), i32.or(sum, mxr));
  body.if(
    i32.and(i32.ne(fetch, zero), i32.ne(data, zero)),
    () => {
      words.setI32("fetchContext", fetch);
      words.setI32("dataContext", data);
      words.setI32("contextNews", i32.const(1));
    },
    () => body.call(contextSlow, words.hart),
  );
}

/** `pendingInterrupt` of interrupts.ts, as far as the question is whether there is one. */
function checkInterrupts(body: FunctionBody, words: HartWords): void {
  const pending = body.let(i32.and(i32.or(words.low("mip"), words.low("lines")), words.low("mie")));
  body.if(i32.eqz(pending), () => body.return());
  const priv = body.let(words.low("priv"));
  const status = body.let(words.low("mstatus"));
  const delegated = body.let(words.low("mideleg"));
  const stop = () => words.setI32("stop", i32.const(1));
  body.if(i32.and(pending, i32.xor(delegated, i32.const(-1))), () => {
    body.if(i32.or(i32.ne(priv, i32.const(3)), has(status, bits.mie)), stop);
  });
  body.if(i32.and(pending, delegated), () => {
    body.if(i32.eqz(priv), stop);
    body.if(i32.eq(priv, i32.const(1)), () => body.if(has(status, bits.sie), stop));
  });
}

interface Called {
  readonly chooseContexts: number;
  readonly checkInterrupts: number;
}

/** `takeException` of trap.ts. TypeScript's are those that somebody watches, and those right behind another (`stuck`). */
function raise(body: FunctionBody, words: HartWords, { chooseContexts }: Called): void {
  const cause = body.param(1);
  const tval = body.param(2);
  const fuel = body.let(words.i32("fuel"));
  const isNext = i32.eq(fuel, i32.sub(words.i32("trapFuel"), i32.const(1)));
  const isWatched = i32.or(has(words.i32("systemWatch"), systemWatch.exceptions), words.low("filtered"));
  body.if(i32.or(isNext, isWatched), () => body.return(zero));
  const from = body.let(words.low("priv"));
  const status = body.let(words.low("mstatus"));
  const pc = body.let(words.i64("pc"));
  const to = body.let(i32.const(3));
  const isDelegated = i32.and(i32.shrU(words.low("medeleg"), cause), i32.const(1));
  body.if(i32.and(i32.ne(from, i32.const(3)), isDelegated), () => body.set(to, i32.const(1)));
  const dataFrom = dataPrivilege(body, status, from);
  words.setI32("trapFuel", fuel);
  words.setI32("trapNews", i32.const(1));
  words.setI32("trapCause", cause);
  const privileges = i32.or(i32.shl(to, i32.const(8)), i32.shl(dataFrom, i32.const(16)));
  words.setI32("trapPrivileges", i32.or(from, privileges));
  words.setI64("trapTval", tval);
  words.setI64("trapPc", pc);
  const count = (at: Expression, offset: number) =>
    body.store("f64", at, f64.add(f64.load(at, offset), f64.const(1)), offset);
  count(words.hart, hartLayout.trapped);
  count(i32.add(words.hart, i32.shl(cause, i32.const(3))), hartLayout.exceptions);
  const enter = (privilege: 1 | 3) => () => {
    const level = trapLevels[privilege];
    words.setCsr(level.epc, pc);
    words.setCsr(level.cause, i64.extendU(cause));
    words.setCsr(level.tval, tval);
    // xPIE := xIE, xIE := 0, xPP := the privilege that trapped
    const kept = has(status, ~(level.pie | level.ie | level.pp));
    const enabled = i32.shl(has(status, level.ie), i32.const(shiftOf(level.pie) - shiftOf(level.ie)));
    words.setLow("mstatus", i32.or(i32.or(kept, enabled), i32.shl(from, i32.const(shiftOf(level.pp)))));
    words.setLow("priv", i32.const(privilege));
    words.setI64("pc", i64.and(words.csr(level.tvec), i64.const(~3)));
  };
  body.if(i32.eq(to, i32.const(1)), enter(1), enter(3));
  body.call(chooseContexts, words.hart);
  body.push(i32.const(1));
}

/** The cause of an ecall: they follow each other as the privileges do. */
export const ecallCause = (words: HartWords): Expression => i32.add(i32.const(causes.ecallU), words.low("priv"));

/** `leave` of trap.ts: what mret and sret do where they are legal. */
function leave(body: FunctionBody, words: HartWords, privilege: 1 | 3, called: Called): void {
  const { epc, ie, pie, pp } = trapLevels[privilege];
  body.if(words.low("filtered"), () => body.return(zero));
  const status = body.let(words.low("mstatus"));
  const to = body.let(fieldOf(status, pp));
  // xIE := xPIE, xPIE := 1, xPP := U; MPRV ends when M-mode is left
  const enabled = i32.shrU(has(status, pie), i32.const(shiftOf(pie) - shiftOf(ie)));
  const now = body.let(i32.or(i32.or(has(status, ~(ie | pp)), enabled), i32.const(pie)));
  body.if(i32.ne(to, i32.const(3)), () => body.set(now, has(now, ~bits.mprv)));
  words.setLow("mstatus", now);
  words.setLow("priv", to);
  words.setI64("pc", words.csr(epc));
  body.call(called.chooseContexts, words.hart);
  body.call(called.checkInterrupts, words.hart);
  body.push(i32.const(1));
}

/** Raises an exception in the middle of a function that answers 1 for a trap, if it need not be TypeScript's. */
export function raiseOrGoOn(
  body: FunctionBody,
  raiseFunction: number,
  ...args: readonly [hart: Expression, cause: Expression, tval: Expression]
): void {
  body.if(call(I32, raiseFunction, ...args), () => body.return(i32.const(1)));
}
