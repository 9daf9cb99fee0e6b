import type { SystemOp } from "../../isa/meaning.ts";
import { call, type Expression, type FunctionBody, i32, i64, type ModuleBuilder, ValueType } from "../../wasm/index.ts";
import { causes } from "../csr/bits.ts";
import { hartLayout, systemWatch } from "../layout.ts";
import {
  addCsrAccess,
  type CsrInstruction,
  csrAction,
  csrAnswer,
  csrInstructions,
  csrLength,
  switchOn,
} from "./csrFunctions.ts";
import { HartWords } from "./hartWords.ts";
import { memoryInstructions } from "./memoryFunctions.ts";
import type { InterpreterOptions } from "./options.ts";
import { addTrapFunctions, ecallCause, raiseOrGoOn, type TrapFunctions } from "./trapFunctions.ts";

const { i32: I32 } = ValueType;

/** The imports that these functions call when an instruction is TypeScript's. */
export interface SystemImports {
  readonly system: number;
  readonly contextSlow: number;
}

/**
 * Adds `system` (op address, system op number) → 0 go on with the next instruction, 1 pc has been set: the import of that name,
 * in front of which the hot path of traps stays in generated code. Everything unusual is left to TypeScript as a whole,
 * before anything has changed.
 */
export function addSystem(
  module: ModuleBuilder,
  options: InterpreterOptions,
  imports: SystemImports,
  numberOf: (op: SystemOp) => number,
): { system: number } {
  const traps = addTrapFunctions(module, imports.contextSlow);
  const csrAccess = addCsrAccess(module, options.isa, traps);
  const { index, body } = module.addFunction({ params: [I32, I32], results: [I32] });
  const words = new HartWords(body, i32.const(options.hart));
  const inTypeScript = () => call(I32, imports.system, body.param(0), body.param(1));
  const isWatched = i32.and(words.i32("systemWatch"), i32.const(systemWatch.instructions));
  body.if(isWatched, () => body.return(inTypeScript()));
  const cases = new Map<number, () => void>();
  const otherwise = () => body.return(inTypeScript());
  cases.set(numberOf("ecall"), () => {
    raiseOrGoOn(body, traps.raise, words.hart, ecallCause(words), i64.const(0));
    otherwise();
  });
  for (const name of ["mret", "sret"] as const) {
    cases.set(numberOf(name), () => {
      body.if(call(I32, traps[name], words.hart), () => body.return(i32.const(1)));
      otherwise();
    });
  }
  for (const name of Object.keys(csrInstructions) as CsrInstruction[]) {
    cases.set(numberOf(name), () => {
      csrInstruction(body, words, options.hart, { name, csrAccess, traps });
      otherwise();
    });
  }
  for (const [name, emit] of memoryInstructions) {
    cases.set(numberOf(name), () => {
      emit(body, words, options);
      otherwise();
    });
  }
  switchOn(body, body.param(1), cases);
  body.push(inTypeScript());
  return { system: index };
}

/** One instruction on a CSR; it goes on behind where that is TypeScript's. */
function csrInstruction(
  body: FunctionBody,
  words: HartWords,
  hart: number,
  { name, csrAccess, traps }: { name: CsrInstruction; csrAccess: number; traps: TrapFunctions },
): void {
  const { action, immediate, bits } = csrInstructions[name];
  const op = body.param(0);
  const source = body.let(i32.load8U(op, 2));
  const number = body.let(i32.and(i32.load16U(op, 4), i32.const(0xfff)));
  const value = immediate ? i64.extendU(i32.shrU(source, i32.const(3))) : i64.load(source, hart + hartLayout.x);
  // csrrs and csrrc with x0, or an immediate of 0, do not write at all
  const isRead = i32.eqz(source);
  const chosen = body.let(i32.const(action));
  if (action !== csrAction.write) body.if(isRead, () => body.set(chosen, i32.const(csrAction.read)));
  const answer = body.let(call(I32, csrAccess, words.hart, number, chosen, value));
  body.if(i32.leU(answer, i32.const(csrAnswer.changed)), () => {
    // rd's byte is made so that x0's writes go to the sink
    body.store("i64", i32.load8U(op, 1), words.i64("value"), hart + hartLayout.x + 8);
    body.if(answer, () => words.setI64("pc", i64.add(words.i64("pc"), i64.const(csrLength))));
    body.return(answer);
  });
  body.if(i32.eq(answer, i32.const(csrAnswer.illegal)), () => {
    const rd = i32.and(i32.add(i32.shrU(i32.load8U(op, 1), i32.const(3)), i32.const(1)), i32.const(31));
    const fields = i32.or(i32.shl(number, i32.const(20)), i32.shl(source, i32.const(15 - 3)));
    const instruction: Expression = i32.or(i32.or(fields, i32.shl(rd, i32.const(7))), i32.const(bits));
    raiseOrGoOn(body, traps.raise, words.hart, i32.const(causes.illegal), i64.extendU(instruction));
  });
}
