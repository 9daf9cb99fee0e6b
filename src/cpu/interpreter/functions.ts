import { addFastFloat, addSlowFloat } from "../../float/index.ts";
import type { PureFunction, SystemOp } from "../../isa/meaning.ts";
import { type ModuleBuilder, ValueType } from "../../wasm/index.ts";
import { hartLayout } from "../layout.ts";
import type { InterpreterFunctions } from "./interpreterMeaning.ts";
import { addMisaligned } from "./misaligned.ts";
import type { InterpreterOptions } from "./options.ts";
import { addPureFunctions } from "./pureFunctions.ts";
import { addSystem } from "./systemFunctions.ts";

const { i32: I32 } = ValueType;

/** System operations, by the number under which the interpreter calls them. */
export const systemOps: readonly SystemOp[] = [
  "illegal",
  "ecall",
  "ebreak",
  "mret",
  "sret",
  "wfi",
  "wrs.nto",
  "wrs.sto",
  "fence.i",
  "sfence.vma",
  "sinval.vma",
  "sfence.w.inval",
  "sfence.inval.ir",
  "cbo.clean",
  "cbo.flush",
  "cbo.inval",
  "cbo.zero",
  "lr.w",
  "lr.d",
  "sc.w",
  "sc.d",
  "amocas.q",
  "csrrw",
  "csrrs",
  "csrrc",
  "csrrwi",
  "csrrsi",
  "csrrci",
];
/** The number of a jump to a target that is not a multiple of 4, where it must be; the target is in `value`. */
export const misalignedTarget = -1;

/** What TypeScript provides to the interpreter: the slow paths, as WebAssembly imports. */
export interface SlowPaths {
  loadSlow(lo: number, hi: number, kind: number): number;
  storeSlow(lo: number, hi: number, size: number): number;
  amoSlow(lo: number, hi: number, size: number): number;
  amoFinish(size: number): void;
  fetchSlow(): number;
  straddleSlow(): number;
  decodeSlow(op: number): void;
  system(op: number, number: number): number;
  /** Privilege, mstatus or satp of the hart (its block's address) changed: puts the fast TLB contexts for them in force. */
  contextSlow(hart: number): void;
  floatSlow(operation: number, rm: number): void;
  /** Jumps came to this op as often as a hot one's. */
  hot(op: number): void;
}

/** The numbers of all functions that the generated code calls. */
export interface EngineFunctions extends InterpreterFunctions {
  readonly fetchSlow: number;
  readonly straddleSlow: number;
  readonly decodeSlow: number;
  readonly hot: number;
}

/** Declares the slow paths and adds the functions that the handlers share. */
export function addFunctions(module: ModuleBuilder, options: InterpreterOptions): EngineFunctions {
  const slow = (name: keyof SlowPaths, params: number, results = 1) =>
    module.importFunction(name, {
      params: new Array(params).fill(I32),
      results: new Array(results).fill(I32),
    });
  const imports = {
    loadSlow: slow("loadSlow", 3),
    storeSlow: slow("storeSlow", 3),
    amoSlow: slow("amoSlow", 3),
    amoFinish: slow("amoFinish", 1, 0),
    fetchSlow: slow("fetchSlow", 0),
    straddleSlow: slow("straddleSlow", 0),
    decodeSlow: slow("decodeSlow", 1, 0),
    system: slow("system", 2),
    hot: slow("hot", 1, 0),
    contextSlow: slow("contextSlow", 1, 0),
  };
  const floatSlow = slow("floatSlow", 2, 0);
  const addresses = {
    fflags: options.hart + hartLayout.fflags,
    operands: options.hart + hartLayout.float,
    result: options.hart + hartLayout.value,
  };
  const misaligned = addMisaligned(module, options, imports);
  const places = { ...addresses, floatSlow };
  const fast = addFastFloat(module, places);
  const systemNumber = (op: SystemOp) => systemOps.indexOf(op);
  const system = addSystem(module, options, imports, systemNumber);
  const slowOnly = new Map<string, number>();
  const pure = addPureFunctions(module);
  return {
    ...imports,
    ...misaligned,
    ...system,
    pure: (fn: PureFunction) => pure[fn],
    systemNumber,
    float: (op, format) => {
      const key = `${op}.${format}`;
      const known = fast.get(key) ?? slowOnly.get(key);
      if (known !== undefined) return known;
      const added = addSlowFloat(module, places, op, format);
      slowOnly.set(key, added);
      return added;
    },
  };
}
