import type { CompressedDef, InstructionDef } from "./define.ts";
import { type Encoding, type Field, matches } from "./encoding.ts";
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
  const find = finder(isa);
  let remembered = new Map<number, Decoded>();
  return (word) => {
    const bits = ownBits(word);
    // signed, as keys of 32 bits are quick then
    const known = remembered.get(bits | 0);
    if (known !== undefined) return known;
    const decoded = { ...nothing };
    fill(decoded, find(bits), bits);
    if (remembered.size >= rememberedLimit) remembered = new Map();
    remembered.set(bits | 0, decoded);
    return decoded;
  };
}

/**
 * A decoder that gives the same object again and again, for whoever is done with an instruction before the next: nothing
 * is remembered, which is quicker where hardly an instruction comes twice.
 */
export function createFleetingDecoder(isa: Isa): Decoder {
  const find = finder(isa);
  const decoded = { ...nothing };
  return (word) => {
    const bits = ownBits(word);
    fill(decoded, find(bits), bits);
    return decoded;
  };
}

/** The bits of an instruction in a word that begins with it, unsigned. */
function ownBits(word: number): number {
  return (word & 3) === 3 ? word >>> 0 : word & 0xffff;
}

/** A definition as it is decoded: the instruction that it is or stands for, and how operands are found in the bits. */
interface Candidate {
  readonly def: InstructionDef;
  readonly compressed: CompressedDef | undefined;
  readonly length: 2 | 4;
  readonly encoding: Encoding;
  /** The encoding's, signed. */
  readonly mask: number;
  readonly match: number;
  /**
   * For each operand: its place in {@link values}, how many bits above it are copies of its sign, what is added to it, and
   * how many pieces it has; for each of those: where it is in the bits, where in the value, and the mask of its width.
   */
  readonly reads: Int32Array;
  /** For an immediate that its field only numbers. */
  readonly meansImmediate: ((encoded: number) => number) | undefined;
}

/** Finds the definition of bits; its lists are made when they are first needed. */
function finder(isa: Isa): (bits: number) => Candidate {
  const wide: (readonly Candidate[] | undefined)[] = [];
  const narrow: (readonly Candidate[] | undefined)[] = [];
  const ofOpcode = (bits: number) => {
    const inForce = (byOpcode.get(bits & 0x7f) ?? []).filter((def) => def.availableIn(isa));
    return inForce.filter(({ mask, match }) => ((match ^ bits) & mask & 0x7000) === 0).map(candidateOf);
  };
  const ofQuadrant = (key: number) =>
    (byQuadrant.get(key) ?? []).filter((def) => def.availableIn(isa)).map(compressedCandidateOf);
  return (bits) => {
    const isWide = (bits & 3) === 3;
    // The wide key repeats funct3 so that each list is short; fields in its place put a definition into several.
    const key = isWide ? ((bits & 0x7f) << 3) | ((bits >>> 12) & 7) : ((bits >>> 13) << 2) | (bits & 3);
    const list = isWide ? (wide[key] ??= ofOpcode(bits)) : (narrow[key] ??= ofQuadrant(key));
    for (let n = 0; n < list.length; n++) {
      const { mask, match, encoding } = list[n];
      if ((bits & mask) === match && matches(encoding, bits)) return list[n];
    }
    return isWide ? illegalWord : illegalHalfword;
  };
}

function candidateOf(def: InstructionDef): Candidate {
  const { encoding } = def;
  const fields = encoding.fields.filter(({ kind }) => kind.slot !== undefined);
  const reads = Int32Array.from(fields.flatMap((field) => readsOf(field.kind.slot!, field)));
  const meansImmediate = fields.find(({ kind }) => kind.meansImmediate !== undefined)?.kind.meansImmediate;
  return { def, compressed: undefined, length: 4, encoding, ...signed(encoding), reads, meansImmediate };
}

function compressedCandidateOf(compressed: CompressedDef): Candidate {
  const { base, bindings, encoding } = compressed;
  const reads = Int32Array.from(bindings.flatMap(({ to, from }) => readsOf(to.kind.slot!, from)));
  return { def: base, compressed, length: 2, encoding, ...signed(encoding), reads, meansImmediate: undefined };
}

const signed = ({ mask, match }: Encoding) => ({ mask: mask | 0, match: match | 0 });

function readsOf(slot: Slot, from: Field | number): number[] {
  const place = slotOrder[slot];
  if (typeof from === "number") return [place, 0, from, 0];
  const { segments, kind, width } = from;
  const pieces = segments.flatMap((segment) => [segment.at, segment.low, 2 ** segment.width - 1]);
  return [place, kind.signed ? 32 - width : 0, kind.signed ? 0 : (kind.bias ?? 0), segments.length, ...pieces];
}

/** Slots in the order of {@link values}. */
const slotOrder: Record<Slot, number> = { rd: 0, rs1: 1, rs2: 2, rs3: 3, imm: 4, rm: 5 };
/** The slots of the instruction that is being decoded. */
const values = new Int32Array(6);

type Filled = { -readonly [K in keyof Decoded]: Decoded[K] };
const nothing: Filled = {
  def: illegal,
  length: 4,
  bits: 0,
  rd: 0,
  rs1: 0,
  rs2: 0,
  rs3: 0,
  imm: 0,
  rm: 0,
  compressed: undefined,
};
const illegalWord = candidateOf(illegal);
const illegalHalfword: Candidate = { ...illegalWord, length: 2 };

/** Makes `decoded` what bits are that match a candidate. */
function fill(decoded: Filled, { def, compressed, length, reads, meansImmediate }: Candidate, bits: number): void {
  values.fill(0);
  for (let at = 0; at < reads.length; ) {
    const slot = reads[at];
    const shift = reads[at + 1];
    const bias = reads[at + 2];
    const end = at + 4 + 3 * reads[at + 3];
    let value = 0;
    for (at += 4; at < end; at += 3) value |= ((bits >>> reads[at]) & reads[at + 2]) << reads[at + 1];
    values[slot] = ((value << shift) >> shift) + bias;
  }
  decoded.def = def;
  decoded.length = length;
  decoded.bits = bits;
  decoded.rd = values[0];
  decoded.rs1 = values[1];
  decoded.rs2 = values[2];
  decoded.rs3 = values[3];
  decoded.imm = meansImmediate === undefined ? values[4] : meansImmediate(values[4]);
  decoded.rm = values[5];
  decoded.compressed = compressed;
}
