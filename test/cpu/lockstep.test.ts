import { describe, expect, test } from "vitest";
import { SoftFloat } from "../../src/float/index.ts";
import { type Evaluated, evaluate } from "../../src/isa/evaluate.ts";
import { compressedInstructions, type Decoded, type InstructionDef, instructions } from "../../src/isa/index.ts";
import { recordMeaning } from "../../src/isa/record.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";

/**
 * The generated interpreter against the evaluator, which carries out the same meanings over bigints one at a time:
 * random programs, all registers, flags and memory compared. Where they differ, the emitter is wrong.
 */

/** xorshift32: the same programs every time. */
function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const code = 0x8000_0000;
const codeBytes = 128;
const data = 0x8001_0000;
const dataBytes = 0x3000;
const all64 = (1n << 64n) - 1n;

class OutOfData extends Error {}

/** A hart of plain bigints that starts as the machine's first hart is. */
class PlainHart implements Evaluated {
  pc: bigint;
  fflags: number;
  readonly #x: bigint[];
  readonly #f: bigint[];
  readonly memory: Uint8Array;
  readonly #frm: number;
  readonly #float = new SoftFloat();

  constructor(machine: Machine) {
    const { state } = machine.harts[0];
    this.pc = state.pc;
    this.#x = Array.from({ length: 32 }, (_, n) => state.x(n));
    this.#f = Array.from({ length: 32 }, (_, n) => state.f(n));
    this.fflags = state.fflags;
    this.#frm = state.frm;
    this.memory = machine.memory.read(data, dataBytes);
  }

  x = (n: number) => this.#x[n];
  setX = (n: number, value: bigint) => {
    this.#x[n] = value;
  };
  f = (n: number) => this.#f[n];
  setF = (n: number, value: bigint) => {
    this.#f[n] = value;
  };

  #at(address: bigint, size: number): number {
    const offset = Number(address) - data;
    if (address > 0xffff_ffffn || offset < 0 || offset + size > dataBytes) throw new OutOfData();
    return offset;
  }

  load(kind: string, address: bigint): bigint {
    const bits = Number(kind.slice(1));
    const at = this.#at(address, bits / 8);
    let value = 0n;
    for (let n = bits / 8 - 1; n >= 0; n--) value = (value << 8n) | BigInt(this.memory[at + n]);
    return kind.startsWith("u") ? value : BigInt.asUintN(64, BigInt.asIntN(bits, value));
  }

  store(kind: string, address: bigint, value: bigint): void {
    const size = Number(kind.slice(1)) / 8;
    const at = this.#at(address, size);
    for (let n = 0; n < size; n++) this.memory[at + n] = Number((value >> BigInt(8 * n)) & 0xffn);
  }

  amo(width: "i32" | "i64", address: bigint, update: (old: bigint) => bigint): bigint {
    if (address % (width === "i32" ? 4n : 8n) !== 0n) throw new OutOfData();
    const old = this.load(width === "i32" ? "s32" : "i64", address);
    this.store(width, address, update(old));
    return old;
  }

  float(...[op, format, rm, operands]: Parameters<Evaluated["float"]>): bigint {
    const [a = 0n, b = 0n, c = 0n] = operands;
    const mode = rm === undefined ? 0 : rm === 7 ? this.#frm : rm;
    const result = this.#float.operate(op, format, mode, a, b, c);
    this.fflags |= this.#float.flags;
    return result;
  }

  system(): bigint | undefined {
    throw new OutOfData();
  }

  registers(): bigint[] {
    return [...this.#x, ...this.#f];
  }
}

const usable = instructions.slice(1).filter((def) => recordMeaning(def).class !== "system");

/** A random instruction's bits: any of its operands, or a compressed one. */
function anyInstruction(random: () => number): number {
  const pool: readonly { mask: number; match: number }[] = random() % 3 === 0 ? compressedInstructions : usable;
  const { mask, match } = pool[random() % pool.length];
  return ((random() & ~mask) | match) >>> 0;
}

const specials = [0n, 1n, all64, 1n << 63n, (1n << 63n) - 1n, 0x8000_0000n, 0xffff_ffff_8000_0000n, 0x7ff8n << 48n];

function anyValue(random: () => number): bigint {
  const wide = (BigInt(random()) << 32n) | BigInt(random());
  switch (random() % 6) {
    case 0:
      return specials[random() % specials.length];
    case 1:
      return BigInt(random() % 64);
    case 2: // a boxed single that is often an ordinary number
      return 0xffff_ffff_0000_0000n | BigInt(random());
    case 3: // an ordinary double
      return (wide & ~(0x7ffn << 52n)) | (BigInt(1023 - 40 + (random() % 80)) << 52n);
    default:
      return wide;
  }
}

/** Most registers point to the data, so that most accesses find it; also across its pages. */
function fillRegisters(machine: Machine, random: () => number): void {
  const { state, csrs } = machine.harts[0];
  csrs.poke(0x300, 0x6000n);
  for (let n = 1; n < 32; n++) {
    const pointer = BigInt(data + 0x800 + (random() % 0x2000));
    state.setX(n, random() % 2 === 0 ? pointer & ~BigInt(random() % 8) : anyValue(random));
  }
  for (let n = 0; n < 32; n++) state.setF(n, anyValue(random));
  state.fflags = random() % 32;
  state.frm = random() % 5;
}

/** Overwrites 1 to 8 bytes of the program, and runs it from a random place. */
function comparePatched(machine: Machine, random: () => number): number {
  const at = code + (random() % (codeBytes - 8));
  const patch = new Uint8Array(1 + (random() % 8)).map(() => random());
  machine.memory.write(at, patch);
  fillRegisters(machine, random);
  const { state } = machine.harts[0];
  state.pc = BigInt(code + 2 * (random() % (codeBytes / 2)));
  const { steps, outcome } = expected(machine, 64);
  if (steps === 0) return 0;
  machine.step(steps);
  expect(actual(machine), `patched at 0x${at.toString(16)} with ${hex(patch)}`).toEqual(outcome);
  return steps;
}

interface Outcome {
  readonly pc: bigint;
  readonly registers: bigint[];
  readonly fflags: number;
  readonly memory: string;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Evaluates from the machine's state until something is left to others; says how many instructions that were. */
function expected(machine: Machine, most: number): { steps: number; outcome: Outcome } {
  const hart = new PlainHart(machine);
  let steps = 0;
  while (steps < most && hart.pc >= BigInt(code) && hart.pc < BigInt(code + codeBytes - 4)) {
    const word = new DataView(machine.memory.read(Number(hart.pc), 4).buffer).getUint32(0, true);
    const decoded: Decoded = machine.harts[0].code.decode(word);
    if (decoded.def.index === 0) break;
    try {
      hart.pc = evaluate(decoded, hart);
    } catch (error) {
      if (error instanceof OutOfData) break;
      throw error;
    }
    steps++;
  }
  const { pc, fflags, memory } = hart;
  return { steps, outcome: { pc, registers: hart.registers(), fflags, memory: hex(memory) } };
}

function actual(machine: Machine): Outcome {
  const { state } = machine.harts[0];
  const registers = Array.from({ length: 64 }, (_, n) => (n < 32 ? state.x(n) : state.f(n - 32)));
  return { pc: state.pc, registers, fflags: state.fflags, memory: hex(machine.memory.read(data, dataBytes)) };
}

/** One random program, from a new state; the number of instructions compared. */
function compareProgram(machine: Machine, random: () => number): number {
  const program = new Uint8Array(codeBytes);
  const view = new DataView(program.buffer);
  for (let at = 0; at < codeBytes; ) {
    const word = anyInstruction(random);
    const long = (word & 3) === 3;
    if (long && at + 4 <= codeBytes) view.setUint32(at, word, true);
    else view.setUint16(at, long ? 1 : word, true);
    at += long ? 4 : 2;
  }
  machine.memory.write(code, program);
  fillRegisters(machine, random);
  const { state } = machine.harts[0];
  state.pc = BigInt(code);
  state.priv = 3;
  const { steps, outcome } = expected(machine, 64);
  if (steps === 0) return 0;
  machine.step(steps);
  expect(actual(machine), `program ${hex(program)}`).toEqual(outcome);
  return steps;
}

describe("the interpreter and the evaluator agree", () => {
  const cases = Number(process.env.LOCKSTEP_PROGRAMS ?? 3000);
  test.each([1, 2, 3])("on random programs, seed %i", (seed) => {
    const machine = createMachine({ ramBytes: 1 << 20 });
    const random = randomFrom(seed * 7919);
    let compared = 0;
    for (let n = 0; n < cases; n++) compared += compareProgram(machine, random);
    expect(compared).toBeGreaterThan(cases);
  });

  test("on programs that are overwritten in places, between an instruction and the next", () => {
    const machine = createMachine({ ramBytes: 1 << 20 });
    const random = randomFrom(4711);
    let compared = 0;
    for (let n = 0; n < cases; n++) {
      compareProgram(machine, random);
      for (let patch = 0; patch < 4; patch++) compared += comparePatched(machine, random);
    }
    expect(compared).toBeGreaterThan(cases);
  });

  test("on every instruction with a meaning of its own", () => {
    const machine = createMachine({ ramBytes: 1 << 20 });
    const random = randomFrom(99);
    const missing = usable.filter((def) => !someRuns(machine, def, random));
    expect(missing.map((def: InstructionDef) => def.name)).toEqual([]);
  });
});

/** Runs one instruction alone until it could be compared a few times. */
function someRuns(machine: Machine, def: InstructionDef, random: () => number): boolean {
  const { state } = machine.harts[0];
  let compared = 0;
  for (let n = 0; n < 200 && compared < 20; n++) {
    const word = ((random() & ~def.mask) | def.match) >>> 0;
    machine.memory.write(code, new Uint8Array(new Uint32Array([word]).buffer));
    fillRegisters(machine, random);
    const { rs1, imm } = machine.harts[0].code.decode(word);
    if (recordMeaning(def).load ?? recordMeaning(def).store ?? recordMeaning(def).amo) {
      const offset = recordMeaning(def).amo === undefined ? imm : 0;
      state.setX(rs1, BigInt(data + 0x1000 + 8 * (random() % 64) - offset));
    }
    state.pc = BigInt(code);
    const { steps, outcome } = expected(machine, 1);
    if (steps === 0) continue;
    machine.step(1);
    expect(actual(machine), def.name).toEqual(outcome);
    compared++;
  }
  return compared > 0;
}
