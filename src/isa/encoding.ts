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
  const [layout, conditions] = notation.split(" where ") as [string, string?];
  const fields = new Map<string, { name: string; kind: FieldKind; segments: Segment[]; width: number }>();
  let [mask, match, at] = [0, 0, 0];
  for (const token of layout.split(" ").reverse()) {
    if (/^[01]+$/.test(token)) {
      mask |= bitMask(token.length) << at;
      match |= Number.parseInt(token, 2) << at;
      at += token.length;
      continue;
    }
    const { name, kind, segments } = parseField(token, notation);
    const field = fields.get(name) ?? { name, kind, segments: [], width: 0 };
    fields.set(name, field);
    for (const { low, width } of segments.reverse()) {
      field.segments.push({ at, low, width });
      field.width = Math.max(field.width, low + width);
      at += width;
    }
  }
  if (at !== 16 && at !== 32) throw new Error(`encoding of ${at} bits: ${notation}`);
  const exclusions: Exclusion[] = (conditions?.split(" ") ?? []).map((condition) => {
    const [name, value] = condition.split("!=") as [string, string];
    return { field: fields.get(name)!, value: Number(value) };
  });
  for (const field of fields.values()) for (const value of field.kind.reserved ?? []) exclusions.push({ field, value });
  return { length: at === 32 ? 4 : 2, mask: mask >>> 0, match: match >>> 0, fields: [...fields.values()], exclusions };
}

/** `imm[12|10:5]` → its name and the runs of value bits, highest first. */
function parseField(token: string, notation: string) {
  const bracket = token.indexOf("[");
  const name = bracket < 0 ? token : token.slice(0, bracket);
  const kind = fieldKinds[name];
  if (kind === undefined) throw new Error(`unknown field ${name} in encoding: ${notation}`);
  if (bracket < 0) return { name, kind, segments: [{ low: 0, width: kind.width! }] };
  const segments = token
    .slice(bracket + 1, -1)
    .split("|")
    .map((run) => {
      const [high, low = high] = run.split(":").map(Number) as [number, number?];
      return { low, width: high - low + 1 };
    });
  return { name, kind, segments };
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
