import { describe, expect, test } from "vitest";
import { ByteWriter, type Expression, i32, i64, ModuleBuilder, select, ValueType } from "../../src/wasm/index.ts";

const { i32: I32, i64: I64 } = ValueType;

/** The function that a module exports as `f`. */
function instantiate(module: ModuleBuilder, imports: Record<string, unknown> = {}) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const env = { memory, ...imports } as Record<string, WebAssembly.ImportValue>;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build()), { env });
  return { f: instance.exports.f as (...args: unknown[]) => unknown, memory };
}

/** A function of i64 parameters that returns an expression of them. */
function evaluate(make: (a: Expression, b: Expression) => Expression, a: bigint, b = 0n): bigint {
  const module = new ModuleBuilder();
  const { body } = module.addFunction({ params: [I64, I64], results: [I64] }, "f");
  body.push(make(body.param(0), body.param(1)));
  return instantiate(module).f(a, b) as bigint;
}

const bytesOf = (write: (w: ByteWriter) => void): number[] => {
  const w = new ByteWriter(1);
  write(w);
  return [...w.bytes];
};

describe("LEB128", () => {
  test("unsigned values take seven bits a byte", () => {
    expect(bytesOf((w) => w.u32(624485))).toEqual([0xe5, 0x8e, 0x26]);
    expect(bytesOf((w) => w.u32(0xffff_ffff))).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
  });

  test("signed values end where the sign is clear", () => {
    expect(bytesOf((w) => w.s32(-123456))).toEqual([0xc0, 0xbb, 0x78]);
    expect(bytesOf((w) => w.s32(63))).toEqual([0x3f]);
    expect(bytesOf((w) => w.s32(64))).toEqual([0xc0, 0x00]);
    expect(bytesOf((w) => w.s64(-1n))).toEqual([0x7f]);
    expect(bytesOf((w) => w.s64(1n << 63n)).length).toBe(10);
  });
});

describe("expressions", () => {
  const a = 0x8123_4567_89ab_cdefn;

  test("constants fold to what the machine computes", () => {
    const pairs: [bigint, bigint][] = [
      [a, 5n],
      [-1n, 64n],
      [1n << 62n, 67n],
      [3n, -7n],
    ];
    const operations = ["add", "sub", "mul", "and", "or", "xor", "shl", "shrS", "shrU", "rotl", "rotr"] as const;
    for (const name of operations) {
      for (const [x, y] of pairs) {
        const folded = i64[name](i64.const(x), i64.const(y));
        expect(folded.operands).toEqual([]);
        expect(folded.value, `${name} ${x} ${y}`).toBe(evaluate((p, q) => i64[name](p, q), x, y));
      }
    }
  });

  test("comparisons fold too", () => {
    for (const name of ["eq", "ne", "ltS", "ltU", "geS", "geU", "gtS", "leU"] as const) {
      const folded = i64[name](i64.const(-1), i64.const(1));
      expect(folded.value).toBe(Number(evaluate((p, q) => i64.extendU(i64[name](p, q)), -1n, 1n)));
    }
  });

  test("adding zero is no operation", () => {
    const name = i64.load(i32.const(0));
    expect(i64.add(name, i64.const(0))).toBe(name);
  });

  test("a known condition chooses at once", () => {
    expect(select(i32.const(1), i64.const(7), i64.const(8))).toEqual(i64.const(7));
  });
});

describe("function bodies", () => {
  test("labels count the nesting between the branch and its block", () => {
    const module = new ModuleBuilder();
    const { body } = module.addFunction({ params: [I32], results: [I32] }, "f");
    body.block((outer) => {
      body.loop((again) => {
        body.if(i32.eqz(body.param(0)), () => body.branch(outer));
        body.set(body.param(0), i32.sub(body.param(0), i32.const(1)));
        body.branch(again);
      });
    });
    body.push(i32.const(42));
    expect(instantiate(module).f(5)).toBe(42);
  });

  test("a branch table chooses its arm, and the last for everything else", () => {
    const module = new ModuleBuilder();
    const { body } = module.addFunction({ params: [I32], results: [I32] }, "f");
    body.block((rest) => {
      body.block((one) => {
        body.block((zero) => body.branchTable(body.param(0), [zero, one], rest));
        body.return(i32.const(10));
      });
      body.return(i32.const(11));
    });
    body.push(i32.const(99));
    const { f } = instantiate(module);
    expect([f(0), f(1), f(2), f(-1)]).toEqual([10, 11, 99, 99]);
  });

  test("locals of a scope are used again by the next", () => {
    const module = new ModuleBuilder();
    const { body } = module.addFunction({ params: [], results: [] }, "f");
    const seen: (number | undefined)[] = [];
    body.scope(() => seen.push(body.local(I64).index, body.local(I32).index));
    body.scope(() => seen.push(body.local(I32).index, body.local(I64).index, body.local(I64).index));
    expect(seen).toEqual([0, 1, 1, 0, 2]);
  });

  test("stores and loads of every width meet in memory", () => {
    const module = new ModuleBuilder();
    const { body } = module.addFunction({ params: [I64], results: [I64] }, "f");
    const at = i32.const(8);
    body.store("i64", at, body.param(0));
    body.store("i64_8", at, i64.const(0x11), 7);
    body.store("i64_16", at, i64.const(0x2233), 4);
    body.push(i64.load(at));
    expect(BigInt.asUintN(64, instantiate(module).f(0xffff_ffff_ffff_ffffn) as bigint)).toBe(0x11ff_2233_ffff_ffffn);
  });

  test("imports come before functions", () => {
    const module = new ModuleBuilder();
    module.addFunction({ params: [], results: [] });
    expect(() => module.importFunction("late", { params: [], results: [] })).toThrow("import late before");
  });
});
