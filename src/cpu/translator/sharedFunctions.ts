import {
  addFastFloat,
  addSlowFloat,
  type FloatFormat,
  type FloatOp,
  floatFormats,
  floatOps,
} from "../../float/index.ts";
import type { Isa } from "../../isa/index.ts";
import type { PureFunction } from "../../isa/meaning.ts";
import { call, i32, i64, ModuleBuilder, type Signature, ValueType } from "../../wasm/index.ts";
import { addCsrAccess, csrAnswer } from "../interpreter/csrFunctions.ts";
import { HartWords } from "../interpreter/hartWords.ts";
import { addPureFunctions } from "../interpreter/pureFunctions.ts";
import { addTrapFunctions, ecallCause, type TrapFunctions } from "../interpreter/trapFunctions.ts";
import { hartLayout, systemWatch } from "../layout.ts";
import { trapOps } from "./csr.ts";

/**
 * A function that regions call: floating point by operation and format, one of the meanings' own, access to a CSR, a change
 * of the privilege.
 */
export type FunctionName = `${FloatOp}.${FloatFormat}` | PureFunction | "csr" | "trap";

const { i32: I32, i64: I64 } = ValueType;

/** (hart's block, a, b, c, rounding mode) → bits; (a, b) → result; (hart's block, number, action, value) → `csrAnswer`. */
export const floatSignature: Signature = { params: [I32, I64, I64, I64, I32], results: [I64] };
export const pureSignature: Signature = { params: [I64, I64], results: [I64] };

export const csrSignature: Signature = { params: [I32, I32, I32, I64], results: [I32] };

/** (hart's block, which of {@link trapOps}) → 1: it was executed, pc is set; 0: nothing was done. */
export const trapSignature: Signature = { params: [I32, I32], results: [I32] };

/** The signature of a function. */
export function signatureOf(name: FunctionName): Signature {
  if (name === "csr") return csrSignature;
  if (name === "trap") return trapSignature;
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
  "csr",
  "trap",
];

/** A function's place in the table. */
export function placeOf(name: FunctionName): number {
  return functionNames.indexOf(name);
}

/** What TypeScript provides to them; the hart's block comes first. */
export interface SharedImports {
  /** (operation, rounding mode): the exact slow path, on the operands in the block. */
  floatSlow(block: number, operation: number, rm: number): void;
  /** Puts the fast TLB contexts for privilege, mstatus and satp in force. */
  contextSlow(block: number): void;
}

/** The module, by instruction set. */
const compiled = new Map<string, WebAssembly.Module>();

/** A table of the functions that regions call, for all harts of a machine. */
export function sharedFunctions(memory: WebAssembly.Memory, isa: Isa, imports: SharedImports): WebAssembly.Table {
  let module = compiled.get(`${isa}`);
  if (module === undefined) {
    module = new WebAssembly.Module(generateSharedFunctions(isa));
    compiled.set(`${isa}`, module);
  }
  const { exports } = new WebAssembly.Instance(module, { env: { memory, ...imports } });
  const table = new WebAssembly.Table({ element: "anyfunc", initial: functionNames.length });
  functionNames.forEach((name, place) => {
    table.set(place, exports[name]);
  });
  return table;
}

function generateSharedFunctions(isa: Isa): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const floatSlow = module.importFunction("floatSlow", { params: [I32, I32, I32], results: [] });
  const contextSlow = module.importFunction("contextSlow", { params: [I32], results: [] });
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
  const traps = addTrapFunctions(module, contextSlow);
  addCsr(module, isa, traps);
  addTrap(module, traps);
  return module.build();
}

/** `csrAccess`, unless somebody wants to see all such instructions in TypeScript. */
function addCsr(module: ModuleBuilder, isa: Isa, traps: TrapFunctions): void {
  const access = addCsrAccess(module, isa, traps);
  const { body } = module.addFunction(csrSignature, "csr");
  const words = new HartWords(body, body.param(0));
  const isWatched = i32.and(words.i32("systemWatch"), i32.const(systemWatch.instructions));
  body.if(isWatched, () => body.return(i32.const(csrAnswer.unknown)));
  body.push(call(I32, access, words.hart, body.param(1), body.param(2), body.param(3)));
}

/** Likewise for what changes the privilege. */
function addTrap(module: ModuleBuilder, traps: TrapFunctions): void {
  const { body } = module.addFunction(trapSignature, "trap");
  const words = new HartWords(body, body.param(0));
  const isWatched = i32.and(words.i32("systemWatch"), i32.const(systemWatch.instructions));
  body.if(isWatched, () => body.return(i32.const(0)));
  const calls = {
    ecall: call(I32, traps.raise, words.hart, ecallCause(words), i64.const(0)),
    mret: call(I32, traps.mret, words.hart),
    sret: call(I32, traps.sret, words.hart),
  };
  trapOps.forEach((op, number) => {
    body.if(i32.eq(body.param(1), i32.const(number)), () => body.return(calls[op]));
  });
  body.unreachable();
}
