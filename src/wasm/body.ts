import { ByteWriter } from "./bytes.ts";
import { constant32, type Expression, local, Opcode, ValueType } from "./expression.ts";

/** A place to branch to: the end of a block, or the start of a loop. Valid only inside it. */
export interface Label {
  readonly depth: number;
}

/** Stores: opcode and log2 of the natural alignment. */
const stores = {
  i32: [0x36, 2],
  i64: [0x37, 3],
  f32: [0x38, 2],
  f64: [0x39, 3],
  i32_8: [0x3a, 0],
  i32_16: [0x3b, 1],
  i64_8: [0x3c, 0],
  i64_16: [0x3d, 1],
  i64_32: [0x3e, 2],
} as const;
export type StoreForm = keyof typeof stores;

/** log2 of the natural alignment of each load opcode from 0x28 on. */
const loadAlignment = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2];
const voidType = 0x40;
/** Of f64x2, behind the prefix 0xfd. */
const vectorOpcode = { splat: 0x14, extractLane: 0x21, relaxedMadd: 0x107 } as const;

/**
 * The body of a function: statements are written down as they come; labels count nesting by themselves.
 */
export class FunctionBody {
  readonly params: readonly ValueType[];
  readonly #code = new ByteWriter(1024);
  readonly #locals: ValueType[] = [];
  #free: Expression[] = [];
  #scope: Expression[] | undefined;
  #depth = 0;

  constructor(params: readonly ValueType[]) {
    this.params = params;
  }

  /** Bytes of code written so far. */
  get length(): number {
    return this.#code.length;
  }

  /** A parameter as an expression. */
  param(index: number): Expression {
    return local(this.params[index], index);
  }

  /** A new local as an expression that reads it. What it holds at first is undefined. */
  local(type: ValueType): Expression {
    const free = this.#free.findIndex((e) => e.type === type);
    const name =
      free >= 0 ? this.#free.splice(free, 1)[0] : local(type, this.params.length + this.#locals.push(type) - 1);
    this.#scope?.push(name);
    return name;
  }

  /** A new local that no scope takes back. */
  lasting(type: ValueType): Expression {
    return local(type, this.params.length + this.#locals.push(type) - 1);
  }

  /** Runs statements whose new locals may be used again by later scopes. */
  scope(statements: () => void): void {
    const outer = this.#scope;
    this.#scope = [];
    statements();
    this.#free.push(...this.#scope);
    this.#scope = outer;
  }

  /** A new local that holds a value from here on. */
  let(value: Expression): Expression {
    const name = this.local(value.type);
    this.set(name, value);
    return name;
  }

  set(name: Expression, value: Expression): void {
    this.push(value);
    this.#code.u8(0x21);
    this.#code.u32(name.index!);
  }

  /** Sets an i64 local to an integer that a number holds exactly. */
  setInteger(name: Expression, value: number): void {
    this.#code.u8(Opcode.i64Const);
    this.#code.s53(value);
    this.setFromStack(name);
  }

  /** Sets a local to what is on the stack. */
  setFromStack(name: Expression): void {
    this.#code.u8(0x21);
    this.#code.u32(name.index!);
  }

  store(form: StoreForm, address: Expression, value: Expression, offset = 0): void {
    const [opcode, alignment] = stores[form];
    this.push(address);
    this.push(value);
    this.#code.u8(opcode);
    this.#code.u8(alignment);
    this.#code.u32(offset);
  }

  /** Calls a function without a result. */
  call(index: number, ...args: Expression[]): void {
    for (const arg of args) this.push(arg);
    this.#code.u8(Opcode.call);
    this.#code.u32(index);
  }

  /** Leaves the function with a value. */
  return(value?: Expression): void {
    if (value !== undefined) this.push(value);
    this.#code.u8(0x0f);
  }

  unreachable(): void {
    this.#code.u8(0x00);
  }

  /** One of two lists of statements; only that one, if the condition is constant. */
  if(condition: Expression, then: () => void, otherwise?: () => void): void {
    const known = constant32(condition);
    if (known !== undefined) {
      if (known !== 0) then();
      else otherwise?.();
      return;
    }
    this.push(condition);
    this.#open(0x04, voidType);
    then();
    if (otherwise !== undefined) {
      this.#code.u8(0x05);
      otherwise();
    }
    this.#close();
  }

  /** An `if` with statements in its arms that each end in a value; the result is left in a new local. */
  ifValue(condition: Expression, then: () => Expression, otherwise: () => Expression, type: ValueType): Expression {
    const result = this.local(type);
    this.push(condition);
    this.#open(0x04, type);
    this.push(then());
    this.#code.u8(0x05);
    this.push(otherwise());
    this.#close();
    this.setFromStack(result);
    return result;
  }

  /** Statements that a branch to the label leaves. */
  block(statements: (end: Label) => void): void {
    this.#open(0x02, voidType);
    statements({ depth: this.#depth });
    this.#close();
  }

  /** Statements that a branch to the label starts again. Falls through at its end. */
  loop(statements: (start: Label) => void): void {
    this.#open(0x03, voidType);
    statements({ depth: this.#depth });
    this.#close();
  }

  branch(label: Label): void {
    this.#code.u8(0x0c);
    this.#code.u32(this.#depth - label.depth);
  }

  branchIf(condition: Expression, label: Label): void {
    const known = constant32(condition);
    if (known !== undefined) {
      if (known !== 0) this.branch(label);
      return;
    }
    this.push(condition);
    this.#code.u8(0x0d);
    this.#code.u32(this.#depth - label.depth);
  }

  branchTable(index: Expression, labels: readonly Label[], otherwise: Label): void {
    this.push(index);
    this.#code.u8(0x0e);
    this.#code.u32(labels.length);
    for (const label of labels) this.#code.u32(this.#depth - label.depth);
    this.#code.u32(this.#depth - otherwise.depth);
  }

  /** Writes an expression, leaving its value on the stack. */
  push(e: Expression): void {
    const code = this.#code;
    if (e.opcode === Opcode.if) {
      this.push(e.operands[0]);
      this.#open(0x04, e.type);
      this.push(e.operands[1]);
      code.u8(0x05);
      this.push(e.operands[2]);
      this.#close();
      return;
    }
    if (e.opcode === Opcode.relaxedMadd) {
      this.#pushRelaxedMadd(e.operands);
      return;
    }
    for (const operand of e.operands) this.push(operand);
    code.u8(e.opcode);
    switch (e.opcode) {
      case Opcode.i32Const:
        code.s32(e.value as number);
        break;
      case Opcode.i64Const:
        if (e.index !== undefined) code.s32(e.index);
        else code.s64(e.value as bigint);
        break;
      case Opcode.f32Const:
        code.f32(e.value as number);
        break;
      case Opcode.f64Const:
        code.f64(e.value as number);
        break;
      case Opcode.localGet:
      case Opcode.call:
        code.u32(e.index!);
        break;
      case Opcode.callIndirect:
        code.u32(e.index!);
        code.u8(0);
        break;
      default:
        if (e.opcode >= 0x28 && e.opcode <= 0x35) {
          code.u8(loadAlignment[e.opcode - 0x28]);
          code.u32(e.index!);
        }
    }
  }

  #pushRelaxedMadd(operands: readonly Expression[]): void {
    const code = this.#code;
    const vector = (opcode: number) => {
      code.u8(0xfd);
      code.u32(opcode);
    };
    for (const operand of operands) {
      this.push(operand);
      vector(vectorOpcode.splat);
    }
    vector(vectorOpcode.relaxedMadd);
    vector(vectorOpcode.extractLane);
    code.u8(0);
  }

  /** The encoded body: its size, its locals, its code. */
  encode(): Uint8Array {
    const out = new ByteWriter(this.#code.length + 64);
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    out.u32(runs.length);
    for (const run of runs) {
      out.u32(run.count);
      out.u8(run.type);
    }
    out.raw(this.#code.bytes);
    out.u8(0x0b);
    return out.bytes;
  }

  #open(opcode: number, type: number): void {
    this.#code.u8(opcode);
    this.#code.u8(type);
    this.#depth++;
  }

  #close(): void {
    this.#code.u8(0x0b);
    this.#depth--;
  }
}

export { ValueType };
