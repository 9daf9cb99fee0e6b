import type { CompressedDef, InstructionDef } from "./define.ts";
import { fieldBits, fieldValue } from "./encoding.ts";
import { compressedInstructions, instructions } from "./instruction.ts";
import { notations } from "./notation.ts";
import { registerNumber } from "./registers.ts";
import type { Operand, Piece } from "./syntax.ts";

/** An assembled instruction: its bits, unsigned, and its length in bytes. */
export interface Assembled {
  readonly bits: number;
  readonly length: 2 | 4;
}

/**
 * Assembles one instruction of {@link instructions} or {@link compressedInstructions} (no pseudo-instructions), as
 * {@link disassemble} writes it. Registers by ABI or plain name; targets of branches and jumps as `pc+N`, or as
 * addresses when `pc`, the instruction's own address, is given.
 *
 * @throws Error that names the instruction and what is wrong with it.
 */
export function assemble(text: string, { pc }: { readonly pc?: bigint } = {}): Assembled {
  const line = text.trim();
  const mnemonic = line.split(/\s/, 1)[0]!.toLowerCase();
  const form = forms().get(mnemonic);
  if (form === undefined) throw new Error(`cannot assemble "${line}": there is no instruction ${mnemonic || "in it"}`);
  const reader = new Reader(line, mnemonic.length, pc);
  const { operands, optional } = form.def.syntax;
  reader.read(operands);
  if (reader.atEnd) {
    for (const piece of optional) if (typeof piece !== "string") reader.put(piece, piece.absent);
  } else reader.read(optional);
  reader.end();
  const { match, exclusions, length } = form.def.encoding;
  const bits = (match | form.fixed | reader.bits) >>> 0;
  for (const { field, value } of exclusions) {
    if (fieldValue(field, bits) === value) reader.fail(`${field.name} of ${form.def.name} cannot be ${value}`);
  }
  return { bits, length };
}

/** An instruction under one of its names, with the bits that the name gives. */
interface Form {
  readonly def: InstructionDef | CompressedDef;
  readonly fixed: number;
}

let knownForms: Map<string, Form> | undefined;

function forms(): Map<string, Form> {
  knownForms ??= new Map([...instructions.slice(1), ...compressedInstructions].flatMap(namesOf));
  return knownForms;
}

/** The names of a definition: several when a field is part of the mnemonic. */
function namesOf(def: InstructionDef | CompressedDef): [string, Form][] {
  const { name } = def.syntax;
  const embedded = name.find((piece): piece is Operand => typeof piece !== "string");
  if (embedded === undefined) return [[def.name, { def, fixed: 0 }]];
  const { field } = embedded;
  const names: [string, Form][] = [];
  for (let value = 0; value < 1 << field.width; value++) {
    const fixed = fieldBits(field, value);
    if (fixed === undefined) continue;
    const written = notations[field.kind.notation as keyof typeof notations].write(value);
    names.push([name.map((piece) => (piece === embedded ? written : piece)).join(""), { def, fixed }]);
  }
  return names;
}

/** Reads operands from a line, piece by piece, and gathers their bits. */
class Reader {
  bits = 0;
  readonly #line: string;
  readonly #pc: bigint | undefined;
  #at: number;

  constructor(line: string, at: number, pc: bigint | undefined) {
    this.#line = line;
    this.#at = at;
    this.#pc = pc;
  }

  get atEnd(): boolean {
    this.#skipSpace();
    return this.#at >= this.#line.length;
  }

  read(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      if (typeof piece === "string") this.#readText(piece);
      else this.#readOperand(piece);
    }
  }

  end(): void {
    if (!this.atEnd) this.fail(`"${this.#line.slice(this.#at)}" is too much`);
  }

  put({ field }: Operand, value: number): void {
    const bits = fieldBits(field, value);
    if (bits === undefined) this.fail(`${value} does not fit ${field.name}`);
    else this.bits |= bits;
  }

  fail(reason: string): never {
    throw new Error(`cannot assemble "${this.#line}": ${reason}`);
  }

  #readText(piece: string): void {
    for (const token of piece.split(" ").filter((part) => part !== "")) {
      this.#skipSpace();
      if (!this.#line.startsWith(token, this.#at))
        this.fail(`"${token}" is missing at "${this.#line.slice(this.#at)}"`);
      this.#at += token.length;
    }
  }

  #readOperand(operand: Operand): void {
    const text = /^[^,()]*/.exec(this.#line.slice(this.#at))![0];
    this.#at += text.length;
    this.put(operand, this.#value(operand, text.trim()));
  }

  #value({ field, registers }: Operand, text: string): number {
    if (registers !== undefined) {
      return registerNumber(registers, text) ?? this.fail(`"${text}" is no ${registers} register`);
    }
    const { read, wants } = notations[field.kind.notation as keyof typeof notations];
    return read(text, this.#pc) ?? this.fail(`"${text}" is no ${field.name} (${wants})`);
  }

  #skipSpace(): void {
    while (/\s/.test(this.#line[this.#at] ?? "")) this.#at++;
  }
}
