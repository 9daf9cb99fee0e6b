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

/** All functions, in the order of their places in the table. */
const functionNames: readonly FunctionName[] = [
  ...floatOps.flatMap((op) => floatFormats.map((format): FunctionName => `${op}.${format}`)),
  "clmul",
  "clmulh",
  "clmulr",
  "xperm4",
  "xperm8",
];

/** A function's place in the table. */
export function placeOf(name: FunctionName): number {
  return functionNames.indexOf(name);
}

let compiled: WebAssembly.Module | undefined;

/**
 * A table of the functions that regions call, for all harts of a machine.
 *
 * @param floatSlow (hart's block, operation, rounding mode): the exact slow path, on the operands in the hart's block
 */
export function sharedFunctions(
  memory: WebAssembly.Memory,
  floatSlow: (block: number, operation: number, rm: number) => void,
): WebAssembly.Table {
  compiled ??= new WebAssembly.Module(generateSharedFunctions());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory, floatSlow } });
  const table = new WebAssembly.Table({ element: "anyfunc", initial: functionNames.length });
  functionNames.forEach((name, place) => {
    table.set(place, exports[name]);
  });
  return table;
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
