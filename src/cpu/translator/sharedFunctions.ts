import {
  addFastFloat,
  addSlowFloat,
  type FloatFormat,
  type FloatOp,
  floatFormats,
  floatOps,
} from "../../float/index.ts";
import type { PureFunction } from "../../isa/meaning.ts";
import { ModuleBuilder, type Signature, ValueType } from "../../wasm/index.ts";
import { addPureFunctions } from "../interpreter/pureFunctions.ts";
import { hartLayout } from "../layout.ts";

/** A function that regions call: floating point by operation and format, or one of the meanings' own. */
export type FunctionName = `${FloatOp}.${FloatFormat}` | PureFunction;

const { i32: I32, i64: I64 } = ValueType;

/** (hart's block, a, b, c, rounding mode) → bits; and (a, b) → result. */
export const floatSignature: Signature = { params: [I32, I64, I64, I64, I32], results: [I64] };
export const pureSignature: Signature = { params: [I64, I64], results: [I64] };

/** The signature of a function. */
export function signatureOf(name: FunctionName): Signature {
  return name.includes(".") ? floatSignature : pureSignature;
}

let compiled: WebAssembly.Module | undefined;

/**
 * The functions that regions call, made once for all harts.
 *
 * @param floatSlow (hart's block, operation, rounding mode): the exact slow path, on the operands in the hart's block
 */
export function sharedFunctions(
  memory: WebAssembly.Memory,
  floatSlow: (block: number, operation: number, rm: number) => void,
): WebAssembly.Exports {
  compiled ??= new WebAssembly.Module(generateSharedFunctions());
  return new WebAssembly.Instance(compiled, { env: { memory, floatSlow } }).exports;
}

function generateSharedFunctions(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const floatSlow = module.importFunction("floatSlow", { params: [I32, I32, I32], results: [] });
  const places = {
    relative: true,
    fflags: hartLayout.fflags,
    operands: hartLayout.float,
    result: hartLayout.value,
    floatSlow,
  };
  const fast = addFastFloat(module, places);
  for (const op of floatOps) {
    for (const format of floatFormats) {
      const name = `${op}.${format}`;
      module.exportFunction(name, fast.get(name) ?? addSlowFloat(module, places, op, format));
    }
  }
  for (const [name, index] of Object.entries(addPureFunctions(module))) module.exportFunction(name, index);
  return module.build();
}
