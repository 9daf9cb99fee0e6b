import type { CompressedDef, InstructionDef } from "./define.ts";
import { fieldValue, matches } from "./encoding.ts";
import type { Isa } from "./extension.ts";
import type { Slot } from "./field.ts";
import { compressedInstructions, illegal, instructions } from "./instruction.ts";

/** A decoded instruction. Slots that its encoding does not have are 0. */
export interface Decoded {
  readonly def: InstructionDef;
  /** Bytes. */
  readonly length: 2 | 4;
  /** The instruction's own bits, unsigned; 16 of them when it is compressed. */
  readonly bits: number;
  readonly rd: number;
  /** A register; the immediate of `csrrwi`, `csrrsi` and `csrrci`. */
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  /**
   * An int32. Branches and jumps: the displacement in bytes. `lui` and `auipc`: the value, bits 31:12 in place. CSR
   * instructions: the CSR's number. Atomics: aq and rl in bits 1 and 0. `fli`: the highest 16 bits of the constant,
   * sign-extended.
   */
  readonly imm: number;
  readonly rm: number;
  /** The compressed instruction that `def` expands. */
  readonly compressed: CompressedDef | undefined;
}

/** Decodes an instruction from its 32 bits; those above the low 16 do not count when it is compressed. */
export type Decoder = (word: number) => Decoded;

/** So many decoded instructions are remembered; then the memory starts over. */
const rememberedLimit = 1 << 16;

type Definition = InstructionDef | CompressedDef;

/** Groups definitions by some of their encodings' outermost bits; special cases come before what they specialise. */
function grouped<D extends Definition>(all: readonly D[], bits: (encoding: string) => string): Map<number, D[]> {
  const groups = new Map<number, D[]>();
  for (const def of all) {
    const key = Number.parseInt(bits(def.notation), 2);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [def]);
    else if (def.of === undefined) group.push(def);
    else group.unshift(def);
  }
  return groups;
}

/** 32-bit instructions by major opcode; compressed ones by funct3 and quadrant. */
const byOpcode = grouped(instructions.slice(1), (encoding) => encoding.slice(-7));
const byQuadrant = grouped(compressedInstructions, (encoding) => encoding.slice(0, 3) + layoutEnd(encoding));

function layoutEnd(encoding: string): string {
  const end = encoding.indexOf(" where");
  return encoding.slice(0, end < 0 ? undefined : end).slice(-2);
}

/** Decoders of so many instruction sets are remembered. */
const sharedLimit = 8;
const shared = new Map<string, Decoder>();

/** The decoder of an instruction set, the same one for all who ask. */
export function decoderOf(isa: Isa): Decoder {
  const known = shared.get(String(isa));
  if (known !== undefined) return known;
  if (shared.size >= sharedLimit) shared.clear();
  const decoder = createDecoder(isa);
  shared.set(String(isa), decoder);
  return decoder;
}

/** The decoder of an instruction set: what is not in the set is {@link illegal}. */
export function createDecoder(isa: Isa): Decoder {
  const wide = new Map<number, InstructionDef[]>();
  const narrow = new Map<number, CompressedDef[]>();
  let remembered = new Map<number, Decoded>();

  const decode = (bits: number): Decoded => {
    if ((bits & 3) === 3) {
      const opcode = bits & 0x7f;
      // The key repeats funct3 so that each list is short; fields in its place put a definition into several.
      const key = (opcode << 3) | ((bits >>> 12) & 7);
      let candidates = wide.get(key);
      if (candidates === undefined) {
        const inForce = (byOpcode.get(opcode) ?? []).filter((def) => def.availableIn(isa));
        candidates = inForce.filter(({ mask, match }) => ((match ^ bits) & mask & 0x7000) === 0);
        wide.set(key, candidates);
      }
      for (const def of candidates) if (matches(def.encoding, bits)) return decodedAs(def, bits);
      return decodedAs(illegal, bits);
    }
    const key = ((bits >>> 13) << 2) | (bits & 3);
    let candidates = narrow.get(key);
    if (candidates === undefined) {
      candidates = (byQuadrant.get(key) ?? []).filter((def) => def.availableIn(isa));
      narrow.set(key, candidates);
    }
    for (const def of candidates) if (matches(def.encoding, bits)) return expanded(def, bits);
    return { ...decodedAs(illegal, bits), length: 2 };
  };

  return (word) => {
    // signed, as keys of 32 bits are quick then
    const key = (word & 3) === 3 ? word | 0 : word & 0xffff;
    let decoded = remembered.get(key);
    if (decoded === undefined) {
      decoded = decode((word & 3) === 3 ? word >>> 0 : key);
      if (remembered.size >= rememberedLimit) remembered = new Map();
      remembered.set(key, decoded);
    }
    return decoded;
  };
}

/** Slots in the order of {@link values}. */
const slotOrder: Record<Slot, number> = { rd: 0, rs1: 1, rs2: 2, rs3: 3, imm: 4, rm: 5 };
/** The slots of the instruction that is being decoded. */
const values = new Int32Array(6);

function withValues(def: InstructionDef, length: 2 | 4, bits: number, compressed: CompressedDef | undefined): Decoded {
  return {
    def,
    length,
    bits,
    rd: values[0],
    rs1: values[1],
    rs2: values[2],
    rs3: values[3],
    imm: values[4],
    rm: values[5],
    compressed,
  };
}

/** What a 32-bit instruction's bits are when they match a definition. */
export function decodedAs(def: InstructionDef, bits: number): Decoded {
  values.fill(0);
  for (const field of def.encoding.fields) {
    const { slot, meansImmediate } = field.kind;
    if (slot === undefined) continue;
    const value = fieldValue(field, bits);
    values[slotOrder[slot]] = meansImmediate === undefined ? value : meansImmediate(value);
  }
  return withValues(def, 4, bits, undefined);
}

/** What a compressed instruction's bits are when they match a definition: its 32-bit instruction's operands. */
export function expanded(compressed: CompressedDef, bits: number): Decoded {
  values.fill(0);
  for (const { to, from } of compressed.bindings) {
    values[slotOrder[to.kind.slot!]] = typeof from === "number" ? from : fieldValue(from, bits);
  }
  return withValues(compressed.base, 2, bits, compressed);
}
