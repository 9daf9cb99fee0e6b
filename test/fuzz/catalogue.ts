import { type Field, fieldBits, matches } from "../../src/isa/encoding.ts";
import {
  type CompressedDef,
  compressedInstructions,
  type Effects,
  type InstructionDef,
  type Isa,
  instructions,
  recordMeaning,
} from "../../src/isa/index.ts";
import type { Random } from "./random.ts";

/** sp, s0, s1: pointers; t5: counts loops; t6: where to go on after a wild jump. Generated code leaves them alone. */
export const keptRegisters = [2, 8, 9, 30, 31] as const;
const keptMask = keptRegisters.reduce((mask, n) => mask | (1 << n), 0);

/** Whether generated code may write an x register. */
export const isFree = (register: number) => ((keptMask >>> register) & 1) === 0;

/** A definition made ready to be filled with random operands. */
export interface Template {
  readonly def: InstructionDef | CompressedDef;
  readonly effects: Effects;
  readonly length: 2 | 4;
  readonly match: number;
  /** Bits that are not fixed. */
  readonly free: number;
  /** The x register that it writes: a field, a fixed number, or none. */
  readonly destination: Field | number | undefined;
  readonly field: (name: string) => Field | undefined;
}

function wideTemplate(def: InstructionDef): Template {
  const effects = recordMeaning(def);
  const find = (name: string) => def.encoding.fields.find((field) => field.name === name);
  const writes = effects.writesX || effects.class === "system";
  return {
    def,
    effects,
    length: 4,
    match: def.match,
    free: ~def.mask,
    destination: writes && def.operands.rd === "x" ? find("rd") : undefined,
    field: find,
  };
}

function narrowTemplate(def: CompressedDef): Template {
  const effects = recordMeaning(def.base);
  const find = (name: string) => def.encoding.fields.find((field) => field.name === name);
  const binding = def.bindings.find(({ to }) => to.kind.slot === "rd");
  return {
    def,
    effects,
    length: 2,
    match: def.match,
    free: ~def.mask & 0xffff,
    destination: effects.writesX && def.base.operands.rd === "x" ? binding?.from : undefined,
    field: find,
  };
}

/** The value of a field in bits, without its sign. */
function plainValue(field: Field, bits: number): number {
  let value = 0;
  for (const { at, low, width } of field.segments) value |= ((bits >>> at) & ((1 << width) - 1)) << low;
  return value + (field.kind.bias ?? 0);
}

/** Replaces a field's value. The value must fit. */
export function withField(template: Template, bits: number, name: string, value: number): number {
  const field = template.field(name)!;
  const encoded = fieldBits(field, value);
  if (encoded === undefined) throw new RangeError(`${name} of ${template.def.name} cannot be ${value}`);
  let mask = 0;
  for (const { at, width } of field.segments) mask |= ((2 ** width - 1) << at) | 0;
  return (bits & ~mask) | encoded;
}

/** Random bits of an instruction that writes no register that is kept. */
export function fill(template: Template, random: Random): number {
  for (;;) {
    const bits = template.match | (random.word() & template.free);
    if (!matches(template.def.encoding, bits)) continue;
    const { destination } = template;
    if (destination === undefined) return bits;
    if (isFree(typeof destination === "number" ? destination : plainValue(destination, bits))) return bits;
    if (typeof destination === "number") return 0x13;
  }
}

/** The instructions of a set, sorted by what they do. */
export class Catalogue {
  readonly all: readonly Template[];
  readonly #byName: ReadonlyMap<string, Template>;
  /** Register to register; no control flow, no memory, no CSRs. */
  readonly integer: readonly Template[];
  readonly float: readonly Template[];
  readonly loads: readonly Template[];
  readonly stores: readonly Template[];
  readonly amos: readonly Template[];
  readonly branches: readonly Template[];
  readonly narrow: readonly Template[];
  readonly narrowMemory: readonly Template[];

  readonly isa: Isa;

  /** `without`: names of instructions that are left out. */
  constructor(isa: Isa, without: readonly string[] = []) {
    this.isa = isa;
    const wide = instructions
      .filter((def) => def.index !== 0 && def.availableIn(isa) && !without.includes(def.name))
      .map(wideTemplate);
    const narrow = compressedInstructions.filter((def) => def.availableIn(isa)).map(narrowTemplate);
    this.all = [...wide, ...narrow];
    this.#byName = new Map(this.all.map((template) => [template.def.name, template]));
    const plain = ({ effects }: Template) =>
      effects.class === "sequential" && !effects.load && !effects.store && !effects.amo;
    const isMemory = ({ effects }: Template) => effects.load !== undefined || effects.store !== undefined;
    const computes = wide.filter(plain);
    this.integer = computes.filter(({ effects }) => !effects.usesFloat);
    this.float = computes.filter(({ effects }) => effects.usesFloat);
    this.loads = wide.filter(({ effects }) => effects.load !== undefined);
    this.stores = wide.filter(({ effects }) => effects.store !== undefined);
    this.amos = wide.filter(({ effects }) => effects.amo !== undefined);
    this.branches = wide.filter(({ effects }) => effects.class === "branch");
    this.narrow = narrow.filter((t) => plain(t) && !(typeof t.destination === "number" && !isFree(t.destination)));
    this.narrowMemory = narrow.filter(isMemory);
  }

  /** The template of a definition's name. */
  named(name: string): Template {
    const template = this.#byName.get(name);
    if (template === undefined) throw new Error(`no instruction ${name} in ${this.isa}`);
    return template;
  }

  /** Bits of an instruction with the given operands and zeros elsewhere. */
  encode(name: string, operands: Readonly<Record<string, number>>): number {
    const template = this.named(name);
    let bits = template.match;
    for (const [field, value] of Object.entries(operands)) bits = withField(template, bits, field, value);
    return bits;
  }
}
