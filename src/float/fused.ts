import { f64, ModuleBuilder, ValueType } from "../wasm/index.ts";

const { f64: F64 } = ValueType;
/** a, b, c, and a × b + c rounded once; rounded twice, each is 0 or another number. */
const fusedCases = [
  [1 + 2 ** -30, 1 - 2 ** -30, -1, -(2 ** -60)],
  [0.1, 10, -1, 2 ** -54],
  [1 + 2 ** -52, 1 + 2 ** -52, -(1 + 2 ** -51), 2 ** -104],
] as const;

let known: boolean | undefined;

/**
 * Whether `f64x2.relaxed_madd` exists here and rounds once. The relaxed SIMD proposal lets an engine choose, for all of a
 * program, between that and two roundings; Node has the instruction from version 22 on, and rounds once where the
 * processor does.
 */
export function hasFusedMadd(): boolean {
  known ??= probe();
  return known;
}

function probe(): boolean {
  const module = new ModuleBuilder();
  const { body } = module.addFunction({ params: [F64, F64, F64], results: [F64] }, "madd");
  body.push(f64.relaxedMadd(body.param(0), body.param(1), body.param(2)));
  const bytes = module.build();
  if (!WebAssembly.validate(bytes)) return false;
  const env = { memory: new WebAssembly.Memory({ initial: 1 }) };
  const { madd } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports as {
    madd: (a: number, b: number, c: number) => number;
  };
  return fusedCases.every(([a, b, c, result]) => madd(a, b, c) === result);
}
