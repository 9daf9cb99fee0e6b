import { SoftFloat } from "../../src/float/index.ts";
import {
  type AmoWidth,
  assemble,
  createDecoder,
  type Decoded,
  type Evaluated,
  evaluate,
  type FloatFormat,
  type FloatOp,
  fNames,
  type LoadKind,
  parseIsa,
  registerNumber,
  type StoreKind,
  type SystemOp,
  xNames,
} from "../../src/isa/index.ts";

const decode = createDecoder(parseIsa());
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Registers, 256 bytes of memory and a log: enough to evaluate one instruction on. */
export class ToyHart implements Evaluated {
  pc = 0x8000_0000n;
  readonly xs = new Array<bigint>(32).fill(0n);
  readonly fs = new Array<bigint>(32).fill(0n);
  readonly memory = new DataView(new ArrayBuffer(256));
  readonly systems: SystemOp[] = [];
  frm = 0;
  fflags = 0;
  floatOff = false;
  readonly #arithmetic = new SoftFloat();

  x = (index: number): bigint => this.xs[index]!;
  setX(index: number, value: bigint): void {
    this.xs[index] = value;
  }
  f = (index: number): bigint => this.fs[index]!;
  setF(index: number, value: bigint): void {
    this.fs[index] = value;
  }
  useFloat(): void {
    if (this.floatOff) throw new Error("floating point is off");
  }

  load(kind: LoadKind, address: bigint): bigint {
    const bytes = Number(/\d+/.exec(kind)![0]) / 8;
    const value = this.#bytes(address, bytes);
    return kind[0] === "s" ? BigInt.asIntN(bytes * 8, value) : value;
  }

  store(kind: StoreKind, address: bigint, value: bigint): void {
    for (let k = 0; k < Number(kind.slice(1)) / 8; k++) {
      this.memory.setUint8(Number(address) + k, Number((value >> BigInt(8 * k)) & 255n));
    }
  }

  amo(width: AmoWidth, address: bigint, update: (old: bigint) => bigint): bigint {
    const old = this.load(width === "i32" ? "s32" : "i64", address);
    this.store(width, address, update(u64(old)));
    return old;
  }

  #bytes(address: bigint, count: number): bigint {
    let value = 0n;
    for (let k = count - 1; k >= 0; k--) value = (value << 8n) | BigInt(this.memory.getUint8(Number(address) + k));
    return value;
  }

  float(op: FloatOp, format: FloatFormat, rm: number | undefined, operands: readonly bigint[]): bigint {
    const [a = 0n, b = 0n, c = 0n] = operands;
    const result = this.#arithmetic.operate(op, format, rm === 7 ? this.frm : (rm ?? 0), a, b, c);
    this.fflags |= this.#arithmetic.flags;
    return result;
  }

  system(op: SystemOp, _decoded: Decoded): undefined {
    this.systems.push(op);
  }

  /** Evaluates one line of assembly and returns the next pc. */
  run(line: string): bigint {
    return evaluate(decode(assemble(line, { pc: this.pc }).bits), this);
  }
}

/** Registers by name. */
export type Registers = Readonly<Record<string, bigint>>;

/** A hart with registers set. Values are taken modulo 2^64. */
export function hartWith(registers: Registers): ToyHart {
  const hart = new ToyHart();
  for (const [name, value] of Object.entries(registers)) {
    const x = registerNumber("x", name);
    if (x !== undefined) hart.xs[x] = u64(value);
    else hart.fs[registerNumber("f", name)!] = u64(value);
  }
  return hart;
}

/** The registers that a line of assembly changes, by ABI name. */
export function changes(line: string, registers: Registers = {}): Registers {
  const hart = hartWith(registers);
  const before = { xs: [...hart.xs], fs: [...hart.fs] };
  hart.run(line);
  const changed: [string, bigint][] = [];
  for (let k = 0; k < 32; k++) {
    if (hart.xs[k] !== before.xs[k]) changed.push([xNames[k]!, hart.xs[k]!]);
    if (hart.fs[k] !== before.fs[k]) changed.push([fNames[k]!, hart.fs[k]!]);
  }
  return Object.fromEntries(changed);
}

/** What a line leaves in a0 or fa0, given a1 and a2, or fa1, fa2 and fa3. */
export function result(line: string, a = 0n, b = 0n, c = 0n): bigint {
  const hart = hartWith({ a1: a, a2: b, a3: c, fa1: a, fa2: b, fa3: c });
  hart.run(line);
  return /^\S+ fa0/.test(line) ? hart.fs[10]! : hart.xs[10]!;
}
