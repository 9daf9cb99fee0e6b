import {
  addFastFloat,
  type FloatFormat,
  type FloatOp,
  floatFormats,
  floatOps,
  SoftFloat,
} from "../../src/float/index.ts";
import { call, i32, i64, local, ModuleBuilder, ValueType } from "../../src/wasm/index.ts";

const { i32: I32, i64: I64 } = ValueType;
const places = { fflags: 16, operands: 32, result: 64 };
/** Where {@link FastModule.repeat} reads operands: 24 bytes for each call. */
export const tableAt = 4096;

/** The fast functions in a module of their own, with SoftFloat behind them. */
export interface FastModule {
  /** `add.d` and so on. */
  readonly keys: readonly string[];
  readonly memory: DataView;
  /** Runs one operation with fflags as given; what it returns is followed by fflags afterwards. */
  run(key: string, rm: number, fflags: number, operands: readonly bigint[]): { bits: bigint; flags: number };
  /** Runs an operation on `count` entries of the table, `times` over, in WebAssembly. */
  repeat(key: string, rm: number, count: number, times: number): void;
  /** How often the slow path was taken. */
  slow: number;
}

export function splitKey(key: string): { op: FloatOp; format: FloatFormat } {
  const dot = key.lastIndexOf(".");
  return { op: key.slice(0, dot) as FloatOp, format: key.slice(dot + 1) as FloatFormat };
}

/** Exports a function that calls another for every entry of the table, over and over. */
function addRepeat(module: ModuleBuilder, name: string, index: number): void {
  const { body } = module.addFunction({ params: [I32, I32, I32], results: [I64] }, name);
  const [rm, bytes, times] = [0, 1, 2].map((n) => body.param(n));
  const at = body.local(I32);
  const sum = body.local(I64);
  body.loop((again) => {
    body.set(at, i32.const(tableAt));
    body.loop((next) => {
      const operands = [0, 8, 16].map((offset) => i64.load(at, offset));
      body.set(sum, i64.xor(sum, call(I64, index, ...operands, rm)));
      body.set(at, i32.add(at, i32.const(24)));
      body.branchIf(i32.ltU(at, i32.add(bytes, i32.const(tableAt))), next);
    });
    body.set(times, i32.sub(times, i32.const(1)));
    body.branchIf(times, again);
  });
  body.push(sum);
}

export function createFastModule(): FastModule {
  const module = new ModuleBuilder();
  const floatSlow = module.importFunction("floatSlow", { params: [I32, I32], results: [] });
  const functions = addFastFloat(module, { ...places, floatSlow });
  for (const [key, index] of functions) {
    const params = [I64, I64, I64, I32];
    const { body } = module.addFunction({ params, results: [I64] }, key);
    body.push(call(I64, index, ...params.map((type, n) => local(type, n))));
    addRepeat(module, `repeat ${key}`, index);
  }
  const memory = new WebAssembly.Memory({ initial: 16 });
  const view = new DataView(memory.buffer);
  const float = new SoftFloat();
  const fast: FastModule = {
    keys: [...functions.keys()],
    memory: view,
    slow: 0,
    run(key, rm, fflags, [a, b, c]) {
      view.setInt32(places.fflags, fflags, true);
      const run = exports[key] as (a: bigint, b: bigint, c: bigint, rm: number) => bigint;
      const bits = BigInt.asUintN(64, run(a, b, c, rm));
      return { bits, flags: view.getInt32(places.fflags, true) };
    },
    repeat(key, rm, count, times) {
      (exports[`repeat ${key}`] as (rm: number, bytes: number, times: number) => bigint)(rm, count * 24, times);
    },
  };
  const slowPath = (operation: number, rm: number): void => {
    fast.slow++;
    const [a, b, c] = [0, 8, 16].map((offset) => view.getBigUint64(places.operands + offset, true));
    const bits = float.operate(floatOps[operation >> 2], floatFormats[operation & 3], rm, a, b, c);
    view.setBigUint64(places.result, bits, true);
    view.setInt32(places.fflags, view.getInt32(places.fflags, true) | float.flags, true);
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build()), {
    env: { memory, floatSlow: slowPath },
  });
  const { exports } = instance;
  return fast;
}
