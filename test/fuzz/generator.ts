import { type Catalogue, fill, isFree, type Template, withField } from "./catalogue.ts";
import { dataBytes } from "./layout.ts";
import { CodeBuffer, type Environment, mostCode, newData, type TestCase, usualEnvironment } from "./program.ts";
import { Random } from "./random.ts";
import { randomPool } from "./values.ts";

/** A piece of a test: it appends a few instructions. */
export type Snippet = (g: Generator) => void;

/** What a test is made of: snippets by weight, and what the environment is like. */
export interface Mix {
  readonly name: string;
  readonly snippets: readonly (readonly [number, Snippet])[];
  /** Bytes of code, about; default 2000. */
  readonly length?: number;
  /** Default {@link mostRounds}. */
  readonly rounds?: number;
  /** Chooses the environment, before any code is written. */
  readonly prepare?: (g: Generator) => void;
  /** Extensions that the mix is about: without them it is left out. */
  readonly needs?: string;
  /** Its part of a campaign's instructions, relative to the others'; default 1. Traps are dear. */
  readonly share?: number;
}

/** A test that is being made. */
export class Generator {
  readonly catalogue: Catalogue;
  readonly random: Random;
  readonly code = new CodeBuffer();
  readonly environment: Environment = usualEnvironment();
  readonly mix: Mix;
  /** Registers besides the kept ones that must not be written just now. */
  readonly held: number[] = [];
  pointers: [number, number, number] = [0x2000, 0x800, 0x1000];
  data = newData();
  pool: Uint32Array;
  /** Whether loads and stores keep to aligned displacements; the pointers must be aligned too. */
  alignedOnly = false;
  /** How deep snippets stand inside each other. */
  depth = 0;
  /** Loops around the instruction at hand. */
  loops = 0;
  #units = 0;

  constructor(catalogue: Catalogue, mix: Mix, seed: number, index: number) {
    this.catalogue = catalogue;
    this.mix = mix;
    this.random = new Random(seed, index, hash(mix.name));
    this.pool = randomPool(this.random);
  }

  emit(bits: number, unit = 0): number {
    return this.code.emit(bits, unit);
  }

  /** A number for instructions that make sense together only. */
  unit(): number {
    return ++this.#units;
  }

  /** Appends an instruction by name. */
  op(name: string, operands: Readonly<Record<string, number>>, unit = 0): number {
    return this.emit(this.catalogue.encode(name, operands), unit);
  }

  /** Appends an instruction of a template with random operands. */
  any(template: Template, unit = 0): number {
    return this.emit(this.filled(template), unit);
  }

  /** Random operands that spare the held registers too. */
  filled(template: Template): number {
    for (;;) {
      const bits = fill(template, this.random);
      if (this.held.length === 0) return bits;
      const { destination } = template;
      if (destination === undefined || typeof destination === "number") return bits;
      const rd =
        template.length === 4
          ? (bits >>> 7) & 31
          : destination.segments[0].width === 3
            ? narrowRd(destination.segments[0].at, bits)
            : (bits >>> 7) & 31;
      if (!this.held.includes(rd)) return bits;
    }
  }

  /** A register that may be written. */
  freeRegister(): number {
    for (;;) {
      const register = this.random.between(1, 29);
      if (isFree(register) && !this.held.includes(register)) return register;
    }
  }

  /** One more snippet of the mix. */
  snippet(): void {
    if (this.code.room < 200) return;
    this.depth++;
    this.random.weighted(this.mix.snippets)(this);
    this.depth--;
  }

  /** A few snippets. */
  some(most: number): void {
    for (let n = this.random.between(1, most); n > 0; n--) this.snippet();
  }

  /** Rewrites the `offset` of a branch or jump so that it leads to here. */
  landHere(template: Template, at: number, bits: number): void {
    this.code.patch(at, withField(template, bits, "offset", this.code.at - at));
  }

  /** The finished test. */
  finish(seed: number, index: number): TestCase {
    const { code } = this;
    return {
      mix: this.mix.name,
      seed,
      index,
      code: code.bytes.slice(0, code.at),
      starts: code.starts,
      units: code.units,
      environment: this.environment,
      rounds: this.mix.rounds ?? 4,
      pool: this.pool,
      pointers: this.pointers,
      data: this.data,
    };
  }
}

const narrowRd = (at: number, bits: number) => ((bits >>> at) & 7) + 8;

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (Math.imul(value, 31) + character.charCodeAt(0)) | 0;
  return value;
}

/** Makes test number `index` of a seed's run. The same arguments give the same test, byte for byte. */
export function generate(catalogue: Catalogue, mix: Mix, seed: number, index: number): TestCase {
  const g = new Generator(catalogue, mix, seed, index);
  const { random } = g;
  randomData(g);
  randomPointers(g);
  g.environment.mode = random.pick([0, 0, 1, 3] as const);
  g.environment.fcsr = Array.from(
    { length: 4 },
    () => (random.below(random.chance(5) ? 8 : 5) << 5) | random.below(32),
  );
  if (random.chance(50)) g.environment.fcsr = g.environment.fcsr.map((value) => value & 0xe0);
  mix.prepare?.(g);
  const length = Math.min(mix.length ?? 2000, mostCode - 300);
  while (g.code.at < length) g.snippet();
  return g.finish(seed, index);
}

/** Random words near what the pointers point to; zeros elsewhere. */
function randomData(g: Generator): void {
  const { random, data } = g;
  for (let n = 0; n < 160; n++) data[random.below(dataBytes / 4)] = random.word();
  for (let n = 0; n < 64; n++) data[0x2000 / 4 - 16 + n] = random.word();
  for (let n = 0; n < 32; n++) data[0x800 / 4 - 8 + n] = random.word();
  for (let n = 0; n < 32; n++) data[0x1000 / 4 - 8 + n] = random.word();
}

/** Mostly aligned, sometimes anything near; s1 is at the boundary of two pages. */
function randomPointers(g: Generator): void {
  const { random } = g;
  const jitter = () => (random.chance(60) ? 16 * random.between(-4, 4) : random.between(-40, 40));
  g.pointers = [0x2000 + jitter(), 0x900 + jitter(), 0x1000 + jitter()];
}
