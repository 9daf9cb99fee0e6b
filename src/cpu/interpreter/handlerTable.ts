import type { FloatOp } from "../../float/index.ts";
import {
  compressedInstructions,
  type Decoded,
  type InstructionDef,
  type Isa,
  illegal,
  instructions,
} from "../../isa/index.ts";
import { type Effects, recordMeaning } from "../../isa/record.ts";
import { fusedPairs } from "./fusedPairs.ts";
import { EngineOp, firstInstruction, handlerLimit, opShift } from "./opFormat.ts";

/** An arm of the interpreter's branch table: an instruction of 4 bytes, or compressed to 2. */
export interface HotHandler {
  readonly def: InstructionDef;
  readonly length: 2 | 4;
}

/** Extensions whose plain instructions are inlined into the interpreter's loop; all others are called. */
const hotExtensions = new Set(["i", "m", "f", "d", "zba", "zbb", "zbs", "zicond", "zbb | zbkb"]);

/** What an instruction's op is made of: rd is an integer register; rs3 and rm for an immediate; a displacement for one. */
const shapes = { known: 1, integer: 2, mode: 4, offset: 8 } as const;

/** Ops of 2^15 instructions are remembered. */
const knownShift = 15;

/** Floating-point operations that are inlined up to the call of their function, single and double. */
const hotFloat: ReadonlySet<FloatOp> = new Set(["add", "sub", "mul", "div", "fma"]);

/**
 * Which instruction is which arm of which branch table, for one instruction set. The generator emits the arms, the
 * decoder writes their numbers.
 */
export class HandlerTable {
  readonly hot: readonly HotHandler[];
  readonly cold: readonly InstructionDef[];
  /** Two hot instructions in one handler; their numbers follow those of {@link hot}. */
  readonly pairs: readonly (readonly [HotHandler, HotHandler])[];
  /** By instruction index: the arm's number for 4 bytes, for 2 bytes, or -1; and the cold arm's number, or -1. */
  readonly #hot4: Int16Array;
  readonly #hot2: Int16Array;
  readonly #cold: Int16Array;
  /** By the handlers of two neighbours, first * 256 + second: the handler of the pair, or 0. */
  readonly #pair = new Uint8Array(handlerLimit * handlerLimit);
  readonly #effects: (Effects | undefined)[] = [];
  /** By instruction index: how its op is made, bits of {@link shapes}; 0: not known yet. */
  readonly #shapes: Uint8Array;
  /** By a hash of them: the bits of an instruction, or 0; and its op's two words. */
  readonly #knownBits = new Int32Array(1 << knownShift);
  readonly #knownOps = new Int32Array(2 << knownShift);

  constructor(isa: Isa) {
    const hot: HotHandler[] = [];
    const cold: InstructionDef[] = [];
    this.#hot4 = new Int16Array(instructions.length).fill(-1);
    this.#hot2 = new Int16Array(instructions.length).fill(-1);
    this.#cold = new Int16Array(instructions.length).fill(-1);
    this.#shapes = new Uint8Array(instructions.length);
    const compressible = new Set<InstructionDef>();
    for (const def of compressedInstructions) if (def.availableIn(isa)) compressible.add(def.base);
    for (const def of instructions) {
      if (!def.availableIn(isa)) continue;
      if (this.#isHot(def)) {
        this.#hot4[def.index] = firstInstruction + hot.push({ def, length: 4 }) - 1;
        if (compressible.has(def)) this.#hot2[def.index] = firstInstruction + hot.push({ def, length: 2 }) - 1;
      } else {
        this.#cold[def.index] = cold.push(def) - 1;
      }
    }
    if (firstInstruction + hot.length > handlerLimit) {
      throw new RangeError(`${hot.length} inlined handlers do not fit a byte`);
    }
    this.hot = hot;
    this.cold = cold;
    this.pairs = this.#findPairs();
  }

  /** The pairs that there are instructions and numbers for. */
  #findPairs(): (readonly [HotHandler, HotHandler])[] {
    const pairs: (readonly [HotHandler, HotHandler])[] = [];
    const first = firstInstruction + this.hot.length;
    const byName = new Map(this.hot.map(({ def, length }, n) => [`${def.name}/${length}`, firstInstruction + n]));
    for (const pair of fusedPairs) {
      const [a, b] = pair.split(" ").map((name) => byName.get(name));
      if (a === undefined || b === undefined || first + pairs.length === handlerLimit) continue;
      this.#pair[a * handlerLimit + b] = first + pairs.length;
      pairs.push([this.hot[a - firstInstruction], this.hot[b - firstInstruction]]);
    }
    return pairs;
  }

  /** Makes the first op of a pair an instruction of its own again. */
  unfuse(view: DataView, op: number): void {
    const pair = view.getUint8(op) - firstInstruction - this.hot.length;
    if (pair >= 0) view.setUint8(op, firstInstruction + this.hot.indexOf(this.pairs[pair][0]));
  }

  /** Makes two neighbouring ops into a pair, if there is one of them: only the first one's handler changes. */
  fuse(view: DataView, first: number, second: number): void {
    const pair = this.#pair[view.getUint8(first) * handlerLimit + view.getUint8(second)];
    if (pair !== 0) view.setUint8(first, pair);
  }

  /** What an instruction's meaning does, as the recorder saw it. */
  effects(def: InstructionDef): Effects {
    return (this.#effects[def.index] ??= recordMeaning(def));
  }

  /** Whether it needs mstatus.FS to be on. */
  usesFloat(def: InstructionDef): boolean {
    return this.effects(def).usesFloat;
  }

  #isHot(def: InstructionDef): boolean {
    if (!hotExtensions.has(def.needs)) return false;
    const effects = this.effects(def);
    const { arithmetic } = effects;
    if (arithmetic !== undefined && (arithmetic.format === "h" || !hotFloat.has(arithmetic.op))) return false;
    return effects.class !== "system" && !effects.amo && !effects.pure;
  }

  /**
   * Writes the op of an instruction, given as its 32 bits or the 16 of a compressed one, at an address of the memory, and
   * remembers it. Returns whether there is such an instruction.
   */
  encodeWord(view: DataView, at: number, bits: number, decode: (bits: number) => Decoded): boolean {
    const place = Math.imul(bits, 0x9e3779b1) >>> (32 - knownShift);
    if (bits !== 0 && this.#knownBits[place] === bits) {
      view.setInt32(at, this.#knownOps[2 * place], true);
      view.setInt32(at + 4, this.#knownOps[2 * place + 1], true);
      return true;
    }
    const decoded = decode(bits);
    this.encode(view, at, decoded);
    if (decoded.def === illegal) return false;
    this.#knownBits[place] = bits;
    this.#knownOps[2 * place] = view.getInt32(at, true);
    this.#knownOps[2 * place + 1] = view.getInt32(at + 4, true);
    return true;
  }

  /** Writes the op of a decoded instruction at an address of the memory. */
  encode(view: DataView, at: number, decoded: Decoded): void {
    const { def, length, rd, rs1, rs2 } = decoded;
    const shape = this.#shapes[def.index] || this.#findShape(def);
    const hot = (length === 4 ? this.#hot4 : this.#hot2)[def.index];
    const handler = hot >= 0 ? hot : length === 4 ? EngineOp.cold4 : EngineOp.cold2;
    const destination = (shape & shapes.integer) !== 0 ? (rd + 31) & 31 : rd;
    view.setInt32(at, handler | (destination << 11) | (rs1 << 19) | (rs2 << 27), true);
    const immediate = (shape & shapes.mode) !== 0 ? decoded.rs3 * 8 + decoded.rm : decoded.imm;
    if (hot >= 0) view.setInt32(at + 4, (shape & shapes.offset) !== 0 ? immediate << opShift : immediate, true);
    else view.setInt32(at + 4, (immediate & 0xffff) | (this.#cold[def.index] << 16), true);
  }

  #findShape(def: InstructionDef): number {
    const { operands } = def;
    const { class: kind } = this.effects(def);
    let shape = shapes.known;
    if (operands.rd === "x") shape |= shapes.integer;
    if (operands.rm !== undefined || operands.rs3 !== undefined) shape |= shapes.mode;
    if (kind === "branch" || kind === "jump") shape |= shapes.offset;
    this.#shapes[def.index] = shape;
    return shape;
  }
}
