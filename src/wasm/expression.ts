/**
 * WebAssembly expressions as values: trees without effects, built by constructors that fold constants. A
 * {@link FunctionBody} writes them down where they are used, as often as they are used.
 */

export const ValueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;
export type ValueType = (typeof ValueType)[keyof typeof ValueType];
const { i32: I32, i64: I64, f32: F32, f64: F64 } = ValueType;

/** Opcodes that carry an immediate or need one's care; all others are a byte after their operands. */
export const Opcode = {
  if: 0x04,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  /** Ours: three f64 in lanes of their own, `f64x2.relaxed_madd`, and its lane 0. */
  relaxedMadd: 0x1_0000,
} as const;

/**
 * A node: an opcode and its operands. `value` is a constant's; `index` a local, a function, a load's offset, or the value
 * of an i64 constant that is known to have 32 bits.
 */
export interface Expression {
  readonly type: ValueType;
  readonly opcode: number;
  readonly operands: readonly Expression[];
  readonly value: number | bigint | undefined;
  readonly index: number | undefined;
}

const none: readonly Expression[] = [];

/** The constant of an i32 expression, signed; undefined if it is not constant. */
export function constant32(e: Expression): number | undefined {
  return e.opcode === Opcode.i32Const ? (e.value as number) : undefined;
}

/** The constant of an i64 expression, signed; undefined if it is not constant. */
export function constant64(e: Expression): bigint | undefined {
  return e.opcode === Opcode.i64Const ? (e.value as bigint) : undefined;
}

/** All nodes are of one shape, which is what keeps the emitter quick. */
function node(type: ValueType, opcode: number, operands: readonly Expression[], index?: number): Expression {
  return { type, opcode, operands, value: undefined, index };
}

function constant(type: ValueType, opcode: number, value: number | bigint, index?: number): Expression {
  return { type, opcode, operands: none, value, index };
}

export function local(type: ValueType, index: number): Expression {
  return node(type, Opcode.localGet, none, index);
}

export function call(type: ValueType, index: number, ...operands: Expression[]): Expression {
  return node(type, Opcode.call, operands, index);
}

/** Calls the function at `element` of the imported table; `type` is what `ModuleBuilder.typeOf` gave for its signature. */
export function callIndirect(
  result: ValueType,
  type: number,
  element: Expression,
  ...operands: Expression[]
): Expression {
  return node(result, Opcode.callIndirect, [...operands, element], type);
}

/** `condition ? then : otherwise`, both evaluated. */
export function select(condition: Expression, then: Expression, otherwise: Expression): Expression {
  const known = constant32(condition);
  if (known !== undefined) return known !== 0 ? then : otherwise;
  return node(then.type, Opcode.select, [then, otherwise, condition]);
}

/** `condition ? then : otherwise`, only one evaluated. */
export function choose(condition: Expression, then: Expression, otherwise: Expression): Expression {
  const known = constant32(condition);
  if (known !== undefined) return known !== 0 ? then : otherwise;
  return node(then.type, Opcode.if, [condition, then, otherwise]);
}

type Fold<T> = (a: T, b: T) => T | boolean;
const asU64 = (v: bigint): bigint => BigInt.asUintN(64, v);

function binary64(opcode: number, fold: Fold<bigint>, zeroIsNeutral = false) {
  return (a: Expression, b: Expression): Expression => {
    const x = constant64(a);
    const y = constant64(b);
    if (zeroIsNeutral && y === 0n) return a;
    if (x !== undefined && y !== undefined) return i64.const(fold(x, y) as bigint);
    return node(I64, opcode, [a, b]);
  };
}

function compare64(opcode: number, fold: Fold<bigint>) {
  return (a: Expression, b: Expression): Expression => {
    const x = constant64(a);
    const y = constant64(b);
    if (x !== undefined && y !== undefined) return i32.const(fold(x, y) ? 1 : 0);
    return node(I32, opcode, [a, b]);
  };
}

function unary64(opcode: number, fold?: (a: bigint) => bigint) {
  return (a: Expression): Expression => {
    const x = constant64(a);
    return x !== undefined && fold !== undefined ? i64.const(fold(x)) : node(I64, opcode, [a]);
  };
}

function binary32(opcode: number, fold: Fold<number>, zeroIsNeutral = false) {
  return (a: Expression, b: Expression): Expression => {
    const x = constant32(a);
    const y = constant32(b);
    if (zeroIsNeutral && y === 0) return a;
    if (x !== undefined && y !== undefined) return i32.const(Number(fold(x, y)));
    return node(I32, opcode, [a, b]);
  };
}

function unary(type: ValueType, opcode: number) {
  return (a: Expression): Expression => node(type, opcode, [a]);
}

/** Takes bits as another type: what undoes the other direction is left out. */
function reinterpret(type: ValueType, opcode: number, inverse: number) {
  return (a: Expression): Expression => (a.opcode === inverse ? a.operands[0] : node(type, opcode, [a]));
}

function binary(type: ValueType, opcode: number) {
  return (a: Expression, b: Expression): Expression => node(type, opcode, [a, b]);
}

function load(type: ValueType, opcode: number) {
  return (address: Expression, offset = 0): Expression => node(type, opcode, [address], offset);
}

/** So many constants are remembered: most are offsets, masks and shifts that come again and again. */
const mostConstants = 1 << 12;
const constants64 = new Map<number, Expression>();

function numberAsI64(value: number): Expression {
  let known = constants64.get(value);
  if (known === undefined) {
    known = constant(I64, Opcode.i64Const, BigInt.asIntN(64, BigInt(value)), value === (value | 0) ? value : undefined);
    if (constants64.size >= mostConstants) constants64.clear();
    constants64.set(value, known);
  }
  return known;
}

const add64 = binary64(0x7c, (a, b) => a + b, true);

/** 64-bit integer expressions. Constants are held as signed bigints. */
export const i64 = {
  const: (value: number | bigint): Expression =>
    typeof value === "number" ? numberAsI64(value) : constant(I64, Opcode.i64Const, BigInt.asIntN(64, value)),
  /** Constants that are added one after the other are added now. */
  add: (a: Expression, b: Expression): Expression => {
    const inner = a.opcode === 0x7c && b.opcode === Opcode.i64Const ? a.operands[1] : none[0];
    if (inner?.opcode !== Opcode.i64Const) return add64(a, b);
    return add64(a.operands[0], add64(inner, b));
  },
  sub: binary64(0x7d, (a, b) => a - b, true),
  mul: binary64(0x7e, (a, b) => a * b),
  divS: binary(I64, 0x7f),
  divU: binary(I64, 0x80),
  remS: binary(I64, 0x81),
  remU: binary(I64, 0x82),
  and: binary64(0x83, (a, b) => a & b),
  or: binary64(0x84, (a, b) => a | b, true),
  xor: binary64(0x85, (a, b) => a ^ b, true),
  shl: binary64(0x86, (a, b) => a << (b & 63n), true),
  shrS: binary64(0x87, (a, b) => a >> (b & 63n), true),
  shrU: binary64(0x88, (a, b) => asU64(a) >> (b & 63n), true),
  rotl: binary64(0x89, (a, b) => (a << (b & 63n)) | (asU64(a) >> (-b & 63n)), true),
  rotr: binary64(0x8a, (a, b) => (asU64(a) >> (b & 63n)) | (a << (-b & 63n)), true),
  clz: unary64(0x79),
  ctz: unary64(0x7a),
  popcnt: unary64(0x7b),
  extend8: unary64(0xc2, (a) => BigInt.asIntN(8, a)),
  extend16: unary64(0xc3, (a) => BigInt.asIntN(16, a)),
  extend32: unary64(0xc4, (a) => BigInt.asIntN(32, a)),
  /** From i32, with and without sign. */
  extendS: (a: Expression): Expression => {
    const x = constant32(a);
    return x !== undefined ? i64.const(x) : node(I64, 0xac, [a]);
  },
  extendU: (a: Expression): Expression => {
    const x = constant32(a);
    return x !== undefined ? i64.const(x >>> 0) : node(I64, 0xad, [a]);
  },
  eqz: (a: Expression): Expression => {
    const x = constant64(a);
    return x !== undefined ? i32.const(x === 0n ? 1 : 0) : node(I32, 0x50, [a]);
  },
  eq: compare64(0x51, (a, b) => a === b),
  ne: compare64(0x52, (a, b) => a !== b),
  ltS: compare64(0x53, (a, b) => a < b),
  ltU: compare64(0x54, (a, b) => asU64(a) < asU64(b)),
  gtS: compare64(0x55, (a, b) => a > b),
  gtU: compare64(0x56, (a, b) => asU64(a) > asU64(b)),
  leS: compare64(0x57, (a, b) => a <= b),
  leU: compare64(0x58, (a, b) => asU64(a) <= asU64(b)),
  geS: compare64(0x59, (a, b) => a >= b),
  geU: compare64(0x5a, (a, b) => asU64(a) >= asU64(b)),
  /** The bits of an f64, and to integer (the value must be in range: WebAssembly traps otherwise). */
  reinterpret: reinterpret(I64, 0xbd, 0xbf),
  truncF64S: unary(I64, 0xb0),
  truncF64U: unary(I64, 0xb1),
  load: load(I64, 0x29),
  load8S: load(I64, 0x30),
  load8U: load(I64, 0x31),
  load16S: load(I64, 0x32),
  load16U: load(I64, 0x33),
  load32S: load(I64, 0x34),
  load32U: load(I64, 0x35),
} as const;

/** 32-bit integer expressions. */
export const i32 = {
  const: (value: number): Expression => constant(I32, Opcode.i32Const, value | 0),
  add: binary32(0x6a, (a, b) => a + b, true),
  sub: binary32(0x6b, (a, b) => a - b, true),
  mul: binary32(0x6c, Math.imul),
  and: binary32(0x71, (a, b) => a & b),
  or: binary32(0x72, (a, b) => a | b, true),
  xor: binary32(0x73, (a, b) => a ^ b, true),
  shl: binary32(0x74, (a, b) => a << b, true),
  shrS: binary32(0x75, (a, b) => a >> b, true),
  shrU: binary32(0x76, (a, b) => a >>> b, true),
  rotl: binary32(0x77, (a, b) => (a << b) | (a >>> -b), true),
  rotr: binary32(0x78, (a, b) => (a >>> b) | (a << -b), true),
  clz: unary(I32, 0x67),
  ctz: unary(I32, 0x68),
  popcnt: unary(I32, 0x69),
  eqz: (a: Expression): Expression => {
    const x = constant32(a);
    return x !== undefined ? i32.const(x === 0 ? 1 : 0) : node(I32, 0x45, [a]);
  },
  eq: binary32(0x46, (a, b) => (a === b ? 1 : 0)),
  ne: binary32(0x47, (a, b) => (a !== b ? 1 : 0)),
  ltS: binary32(0x48, (a, b) => (a < b ? 1 : 0)),
  ltU: binary32(0x49, (a, b) => (a >>> 0 < b >>> 0 ? 1 : 0)),
  gtS: binary32(0x4a, (a, b) => (a > b ? 1 : 0)),
  gtU: binary32(0x4b, (a, b) => (a >>> 0 > b >>> 0 ? 1 : 0)),
  leS: binary32(0x4c, (a, b) => (a <= b ? 1 : 0)),
  leU: binary32(0x4d, (a, b) => (a >>> 0 <= b >>> 0 ? 1 : 0)),
  geS: binary32(0x4e, (a, b) => (a >= b ? 1 : 0)),
  geU: binary32(0x4f, (a, b) => (a >>> 0 >= b >>> 0 ? 1 : 0)),
  /** The low half of an i64. */
  wrap: (a: Expression): Expression => {
    const x = constant64(a);
    return x !== undefined ? i32.const(Number(BigInt.asIntN(32, x))) : node(I32, 0xa7, [a]);
  },
  /** The bits of an f32, and to integer (the value must be in range). */
  reinterpret: reinterpret(I32, 0xbc, 0xbe),
  truncF64S: unary(I32, 0xaa),
  truncF64U: unary(I32, 0xab),
  load: load(I32, 0x28),
  load8S: load(I32, 0x2c),
  load8U: load(I32, 0x2d),
  load16S: load(I32, 0x2e),
  load16U: load(I32, 0x2f),
} as const;

function floats(
  type: ValueType,
  base: { compare: number; arithmetic: number; reinterpret: number; bits: number; load: number },
) {
  return {
    eq: binary(I32, base.compare),
    ne: binary(I32, base.compare + 1),
    lt: binary(I32, base.compare + 2),
    gt: binary(I32, base.compare + 3),
    le: binary(I32, base.compare + 4),
    ge: binary(I32, base.compare + 5),
    abs: unary(type, base.arithmetic),
    neg: unary(type, base.arithmetic + 1),
    ceil: unary(type, base.arithmetic + 2),
    floor: unary(type, base.arithmetic + 3),
    trunc: unary(type, base.arithmetic + 4),
    nearest: unary(type, base.arithmetic + 5),
    sqrt: unary(type, base.arithmetic + 6),
    add: binary(type, base.arithmetic + 7),
    sub: binary(type, base.arithmetic + 8),
    mul: binary(type, base.arithmetic + 9),
    div: binary(type, base.arithmetic + 10),
    min: binary(type, base.arithmetic + 11),
    max: binary(type, base.arithmetic + 12),
    copysign: binary(type, base.arithmetic + 13),
    reinterpret: reinterpret(type, base.reinterpret, base.bits),
    load: load(type, base.load),
  } as const;
}

/** 32-bit float expressions; `reinterpret` takes the bits of an i32. */
export const f32 = {
  const: (value: number): Expression => constant(F32, Opcode.f32Const, value),
  ...floats(F32, { compare: 0x5b, arithmetic: 0x8b, reinterpret: 0xbe, bits: 0xbc, load: 0x2a }),
  convertI32S: unary(F32, 0xb2),
  convertI32U: unary(F32, 0xb3),
  convertI64S: unary(F32, 0xb4),
  convertI64U: unary(F32, 0xb5),
  demote: unary(F32, 0xb6),
} as const;

/** 64-bit float expressions; `reinterpret` takes the bits of an i64. */
export const f64 = {
  const: (value: number): Expression => constant(F64, Opcode.f64Const, value),
  ...floats(F64, { compare: 0x61, arithmetic: 0x99, reinterpret: 0xbf, bits: 0xbd, load: 0x2b }),
  convertI32S: unary(F64, 0xb7),
  convertI32U: unary(F64, 0xb8),
  convertI64S: unary(F64, 0xb9),
  convertI64U: unary(F64, 0xba),
  promote: unary(F64, 0xbb),
  /** a × b + c, in one rounding or two as the engine has it: `f64x2.relaxed_madd`, of the relaxed SIMD proposal. */
  relaxedMadd: (a: Expression, b: Expression, c: Expression): Expression => node(F64, Opcode.relaxedMadd, [a, b, c]),
} as const;
