import type { Isa } from "../../isa/index.ts";
import { i32, i64, ModuleBuilder, ValueType } from "../../wasm/index.ts";
import { hartLayout } from "../layout.ts";
import { arms } from "./arms.ts";
import { addFunctions, type EngineFunctions } from "./functions.ts";
import { type HandlerContext, InterpreterMeaning } from "./interpreterMeaning.ts";
import type { InterpreterOptions } from "./options.ts";
import { pregenerated } from "./pregenerated.ts";
import { RunFunction } from "./runFunction.ts";

const { i32: I32, i64: I64 } = ValueType;
const zero = i32.const(0);

/**
 * Makes the interpreter: a WebAssembly module that exports `run(fuel: i32): i32`, which executes instructions from
 * the hart's pc until `fuel` are used up or the hart's `stop` is set, and returns the fuel that is left. Each
 * instruction that is begun costs one, whether it retires or traps.
 */
export function generateInterpreter(options: InterpreterOptions): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const functions = addFunctions(module, options);
  if (options.hotAfter > 0) module.importTable("regions");
  const region = module.typeOf({ params: [I32, I32], results: [I32] });
  const cold = addColdFunction(module, options, functions);
  const { body } = module.addFunction({ params: [I32], results: [I32] }, "run");
  new RunFunction(body, options, functions, { cold, region }).emit();
  return module.build();
}

/** Names everything that decides what {@link generateInterpreter} makes. */
export function interpreterKey(options: InterpreterOptions, isa: Isa): string {
  const { hart, fastTlb, countAccesses, hotAfter } = options;
  const { read, write, fetch, dataEntries, fetchEntries } = fastTlb;
  return [isa, hart, read, write, fetch, dataEntries, fetchEntries, countAccesses, hotAfter].join(" ");
}

/** The interpreter's bytes, generated or taken from {@link pregenerated}. */
export function interpreterBytes(options: InterpreterOptions, isa: Isa): Uint8Array<ArrayBuffer> {
  const ready = pregenerated[interpreterKey(options, isa)];
  if (ready === undefined) return generateInterpreter(options);
  // Node's own way: a loop that is not compiled yet takes 2 ms
  const { Buffer } = globalThis as { readonly Buffer?: typeof globalThis.Buffer };
  if (Buffer !== undefined) return new Uint8Array(Buffer.from(ready, "base64"));
  const text = atob(ready);
  // a loop, as it is ten times as fast as Uint8Array.from
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The instructions that are called rather than inlined: (op address) → 0 go on, 1 pc has been set. */
function addColdFunction(module: ModuleBuilder, options: InterpreterOptions, functions: EngineFunctions): number {
  const { index, body } = module.addFunction({ params: [I32], results: [I32] });
  const context: HandlerContext = {
    body,
    functions,
    hart: options.hart,
    fastTlb: options.fastTlb,
    countAccesses: options.countAccesses,
    alignedTargets: false,
    ip: body.param(0),
    entry: body.local(I32),
    va: body.local(I64),
    dataContext: () => i32.load(zero, options.hart + hartLayout.dataContext),
    pc: () => i64.load(zero, options.hart + hartLayout.pc),
    sync: () => {},
    redirect: () => body.return(i32.const(1)),
    jump: () => body.return(i32.const(1)),
    branchBy: () => body.return(i32.const(1)),
  };
  const emitters = options.handlers.cold.map((def) => () => {
    body.scope(() => {
      const meaning = new InterpreterMeaning(context, 4, true);
      if (options.handlers.usesFloat(def)) meaning.requireFloat();
      def.meaning(meaning, meaning.operands());
      meaning.finish();
      body.return(zero);
    });
  });
  arms(body, i32.load16U(context.ip, 6), emitters);
  body.unreachable();
  return index;
}
