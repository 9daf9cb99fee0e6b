import type { PureFunction } from "../../isa/meaning.ts";
import {
  type Expression,
  type FunctionBody,
  i32,
  i64,
  type ModuleBuilder,
  select,
  ValueType,
} from "../../wasm/index.ts";

const { i64: I64 } = ValueType;

/**
 * Adds the functions of `src/bits` that instructions use out of line, as loops; gives their numbers.
 * (a, b) → result.
 */
export function addPureFunctions(module: ModuleBuilder): Record<PureFunction, number> {
  const add = (emit: (body: FunctionBody, a: Expression, b: Expression) => Expression): number => {
    const { index, body } = module.addFunction({ params: [I64, I64], results: [I64] });
    body.push(emit(body, body.param(0), body.param(1)));
    return index;
  };
  const clmulr = add(reversedProduct);
  return {
    clmul: add(lowProduct),
    clmulr,
    clmulh: add((body, a, b) => i64.shrU(reversedProduct(body, a, b), i64.const(1))),
    xperm4: add((body, a, b) => permute(body, a, b, 4)),
    xperm8: add((body, a, b) => permute(body, a, b, 8)),
  };
}

/** All ones where the lowest bit is set. */
const spread = (bit: Expression): Expression => i64.sub(i64.const(0), i64.and(bit, i64.const(1)));

/** The low 64 bits of the carry-less product. */
function lowProduct(body: FunctionBody, a: Expression, b: Expression): Expression {
  const result = body.let(i64.const(0));
  body.loop((again) => {
    body.set(result, i64.xor(result, i64.and(a, spread(b))));
    body.set(a, i64.shl(a, i64.const(1)));
    body.set(b, i64.shrU(b, i64.const(1)));
    body.branchIf(i64.ne(b, i64.const(0)), again);
  });
  return result;
}

/** Bits 126 to 63 of the carry-less product. */
function reversedProduct(body: FunctionBody, a: Expression, b: Expression): Expression {
  const result = body.let(i64.const(0));
  const left = body.let(i32.const(64));
  body.loop((again) => {
    body.set(result, i64.xor(i64.shrU(result, i64.const(1)), i64.and(a, spread(b))));
    body.set(b, i64.shrU(b, i64.const(1)));
    body.set(left, i32.sub(left, i32.const(1)));
    body.branchIf(left, again);
  });
  return result;
}

/** Each element of the result is the element of `a` that the element of `b` names; 0 where there is none. */
function permute(body: FunctionBody, a: Expression, b: Expression, width: 4 | 8): Expression {
  const result = body.let(i64.const(0));
  const at = body.let(i64.const(0));
  const mask = i64.const((1 << width) - 1);
  body.loop((again) => {
    const index = body.let(i64.and(i64.shrU(b, at), mask));
    const element = i64.and(i64.shrU(a, i64.mul(index, i64.const(width))), mask);
    const inRange = select(i64.ltU(index, i64.const(64 / width)), element, i64.const(0));
    body.set(result, i64.or(result, i64.shl(inRange, at)));
    body.set(at, i64.add(at, i64.const(width)));
    body.branchIf(i64.ltU(at, i64.const(64)), again);
  });
  return result;
}
