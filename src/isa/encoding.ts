import { type FieldKind, fieldKinds } from "./field.ts";

/** A run of adjacent bits: `width` bits from bit `at` of the instruction are bits `low` and up of the value. */
interface Segment {
  readonly at: number;
  readonly low: number;
  readonly width: number;
}

/** A named field of an encoding, in one piece or scattered. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly segments: readonly Segment[];
  /** Bits of the value, the implied zeros at its low end included. */
  readonly width: number;
}

/** A value that a field must not have: where it has it, the bits are another instruction's or reserved. */
export interface Exclusion {
  readonly field: Field;
  readonly value: number;
}

/** An encoding, read from its notation. `mask` and `match` are unsigned. */
export interface Encoding {
  readonly length: 2 | 4;
  readonly mask: number;
  readonly match: number;
  readonly fields: readonly Field[];
  readonly exclusions: readonly Exclusion[];
}

/**
 * Reads the notation of the specification's tables, from the highest bit to the lowest: literal bits, and fields
 * by name, with the bits of their value in brackets where the name does not say it:
 *
 *     imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011
 *
 * `where rd!=0 imm!=0` at the end lists values that fields must not have.
 *
 * @throws Error when the notation is not 16 or 32 bits long or names an unknown field.
 */
export function parseEncoding(notation: string): Encoding {
  const end = notation.indexOf(" where ");
  const layout = end < 0 ? notation : notation.slice(0, end);
  const length = layout.endsWith("11") ? 4 : 2;
  const fields: ScannedField[] = [];
  let [mask, match, at] = [0, 0, length * 8];
  for (const token of layout.split(" ")) {
    if (token[0] === "0" || token[0] === "1") {
      at -= token.length;
      mask |= bitMask(token.length) << at;
      match |= Number.parseInt(token, 2) << at;
    } else {
      at = addToken(fields, token, at);
    }
  }
  if (at !== 0) throw new Error(`encoding is ${at} bits short of ${length * 8}: ${notation}`);
  const exclusions: Exclusion[] = end < 0 ? [] : parseExclusions(notation.slice(end + 7), fields);
  for (const field of fields) for (const value of field.kind.reserved ?? []) exclusions.push({ field, value });
  return { length, mask: mask >>> 0, match: match >>> 0, fields, exclusions };
}

interface ScannedField extends Field {
  readonly segments: Segment[];
  width: number;
}

/** Adds a token's bits, which begin below bit `at`, to its field; returns where they end. */
function addToken(fields: ScannedField[], token: string, at: number): number {
  let parts = knownTokens.get(token);
  if (parts === undefined) {
    parts = parseToken(token);
    knownTokens.set(token, parts);
  }
  let field = fields.find(({ name }) => name === parts.name);
  if (field === undefined) {
    field = { name: parts.name, kind: parts.kind, segments: [], width: 0 };
    fields.push(field);
  }
  for (const { low, width } of parts.runs) {
    at -= width;
    field.segments.push({ at, low, width });
    if (low + width > field.width) field.width = low + width;
  }
  return at;
}

/** What a field's token says: the few that there are recur in most encodings. */
interface TokenParts {
  readonly name: string;
  readonly kind: FieldKind;
  /** Runs of bits of the value, as they stand from left to right. */
  readonly runs: readonly { readonly low: number; readonly width: number }[];
}
const knownTokens = new Map<string, TokenParts>();

/** `imm[12|10:5]` → its name and runs. */
function parseToken(token: string): TokenParts {
  const bracket = token.indexOf("[");
  const name = bracket < 0 ? token : token.slice(0, bracket);
  const kind = fieldKinds[name];
  if (kind === undefined) throw new Error(`an encoding has no field ${name}`);
  if (bracket < 0) return { name, kind, runs: [{ low: 0, width: kind.width! }] };
  const bits = token.slice(bracket + 1, -1);
  const runs = bits.split("|").map((run) => {
    const [high, low = high] = run.split(":").map(Number) as [number, number?];
    return { low, width: high - low + 1 };
  });
  return { name, kind, runs };
}

function parseExclusions(conditions: string, fields: readonly Field[]): Exclusion[] {
  return conditions.split(" ").map((condition) => {
    const [name, value] = condition.split("!=") as [string, string];
    return { field: fields.find((field) => field.name === name)!, value: Number(value) };
  });
}

const bitMask = (width: number): number => (width === 32 ? -1 : (1 << width) - 1);

/** The value of a field in an instruction's bits: an int32. */
export function fieldValue({ segments, kind, width }: Field, bits: number): number {
  let value = 0;
  for (const { at, low, width } of segments) value |= ((bits >>> at) & bitMask(width)) << low;
  if (kind.signed) return (value << (32 - width)) >> (32 - width);
  return value + (kind.bias ?? 0);
}

/** The bits that give a field a value; undefined when it cannot have it (too large, misaligned, wrong register). */
export function fieldBits(field: Field, value: number): number | undefined {
  const encoded = value - (field.kind.bias ?? 0);
  let bits = 0;
  for (const { at, low, width } of field.segments) bits |= ((encoded >> low) & bitMask(width)) << at;
  return fieldValue(field, bits) === value ? bits >>> 0 : undefined;
}

/** Whether an instruction's bits are this encoding's. */
export function matches({ mask, match, exclusions }: Encoding, bits: number): boolean {
  if ((bits & mask) >>> 0 !== match) return false;
  for (const { field, value } of exclusions) if (fieldValue(field, bits) === value) return false;
  return true;
}
