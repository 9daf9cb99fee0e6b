import { describe, expect, test } from "vitest";
import { type FloatOp, floatOps, hasFusedMadd, inlineFloat, SoftFloat } from "../../src/float/index.ts";
import { call, i32, ModuleBuilder, ValueType } from "../../src/wasm/index.ts";
import { OperandSource } from "./operands.ts";

/**
 * The operations as regions have them: what is quick while NX is raised, where it is used. Here the rest is a call that
 * is counted and gives 0.
 */

const { i32: I32, i64: I64 } = ValueType;
const rounds = Math.ceil(Number(process.env.FLOAT_OPERATIONS ?? 100_000) / 20);
const seed = Number(process.env.FLOAT_SEED ?? 20_240_229);

type Inlined = (a: bigint, b: bigint, c: bigint, inexact: number, nearest: number) => bigint;

const memory = new WebAssembly.Memory({ initial: 1 });
let isSlow = false;
function inlined(op: FloatOp, format: "s" | "d", fused: boolean): Inlined | undefined {
  const module = new ModuleBuilder();
  const slow = module.importFunction("slow", { params: [], results: [I64] });
  const { body } = module.addFunction({ params: [I64, I64, I64, I32, I32], results: [I64] }, "operation");
  const [a, b, c, inexact, assumption] = [0, 1, 2, 3, 4].map((n) => body.param(n));
  const result = inlineFloat(body, op, format, {
    operands: [a, b, c, i32.const(0)],
    inexact,
    assumption,
    hasFusedMadd: fused,
    call: () => call(I64, slow),
  });
  if (result === undefined) return undefined;
  body.push(result);
  const env = {
    memory,
    slow: () => {
      isSlow = true;
      return 0n;
    },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.build()), { env });
  return exports.operation as Inlined;
}

const float = new SoftFloat();
const nx = 1;

const all = floatOps.flatMap((op) => (["d", "s"] as const).map((format) => ({ op, format })));
const quick = all.filter(({ op, format }) => inlined(op, format, false) !== undefined);

test("arithmetic, comparisons and conversions have a quick way", () => {
  const names = quick.map(({ op, format }) => `${op}.${format}`);
  expect(names).toEqual(expect.arrayContaining(["add.d", "fma.d", "fma.s", "sqrt.d", "lt.s", "to.w.d", "from.s.d"]));
});

describe.each([false, hasFusedMadd()])(
  "is bit-exact wherever it is quick, with the host's multiply-add: %s",
  (fused) => {
    test.each(quick)("$op.$format", ({ op, format }) => {
      const run = inlined(op, format, fused)!;
      const source = new OperandSource(seed + floatOps.indexOf(op));
      for (let n = 0; n < rounds; n++) {
        const [a, b, c] = source.operands(op, format);
        isSlow = false;
        const got = BigInt.asUintN(64, run(a, b, c, 1, 1));
        if (isSlow) continue;
        const bits = float.operate(op, format, 0, a, b, c);
        const rest = float.flags & ~nx;
        if (got !== bits || rest !== 0) {
          expect.fail(`${op}.${format} of ${a} ${b} ${c}: ${got}, should be ${bits}, flags ${rest}`);
        }
      }
      isSlow = false;
      const [a, b, c] = source.operands(op, format);
      run(a, b, c, 1, 0);
      expect(isSlow).toBe(true);
    });
  },
);

test("a fused multiply-add is quick, and only with NX raised and an ordinary result", () => {
  const run = inlined("fma", "d", hasFusedMadd())!;
  const bits = (value: number) => new BigInt64Array(new Float64Array([value]).buffer)[0];
  const isQuick = (a: number, b: number, c: number, inexact = 1) => {
    isSlow = false;
    run(bits(a), bits(b), bits(c), inexact, 1);
    return !isSlow;
  };
  expect(isQuick(1.1, 2.2, 3.3)).toBe(true);
  expect(isQuick(1.1, 2.2, 3.3, 0)).toBe(false);
  expect(isQuick(1e300, 1e300, 1)).toBe(false);
  expect(isQuick(1e-300, 1e-300, 1e-310)).toBe(false);
  expect(isQuick(Number.NaN, 1, 1)).toBe(false);
});
