import { type Encoding, type Field, parseEncoding } from "./encoding.ts";
import type { Isa } from "./extension.ts";
import type { Slot } from "./field.ts";
import type { MeaningOf } from "./meaning.ts";
import { registerNumber } from "./registers.ts";
import { fieldName, floatName, parseSyntax, type Syntax } from "./syntax.ts";

/** What an instruction is, as its file states it. */
export interface Statement {
  readonly syntax: string;
  readonly encoding: string;
  /** Extensions, as {@link Isa.meets} reads them: any of the alternatives between `|`, all names within one. */
  readonly needs: string;
  readonly meaning: MeaningOf;
  /** The more general instruction of which this one is a special case with a name of its own. */
  readonly of?: string | undefined;
}

/** What a compressed instruction is: an encoding, and the instruction that it stands for. */
export interface CompressedStatement {
  readonly syntax: string;
  readonly encoding: string;
  readonly needs: string;
  /** Assembly of the 32-bit instruction, whose operands are fields of this encoding or constants. */
  readonly expansion: string;
  readonly of?: string | undefined;
}

/** States one instruction: assembly syntax, encoding (see {@link parseEncoding}), meaning. */
export type Define = (syntax: string, encoding: string, meaning: MeaningOf, special?: { of: string }) => void;

/** The instructions that `state` defines, all of which need the same extensions. */
export function definitions(needs: string, state: (define: Define) => void): Statement[] {
  const stated: Statement[] = [];
  state((syntax, encoding, meaning, special) => stated.push({ syntax, encoding, needs, meaning, of: special?.of }));
  return stated;
}

/** States one compressed instruction: assembly syntax, encoding, the instruction that it stands for. */
export type DefineCompressed = (syntax: string, encoding: string, expansion: string, special?: { of: string }) => void;

/** The compressed instructions that `state` defines; each also needs what its expansion needs. */
export function compressedDefinitions(
  needs: string,
  state: (compressed: DefineCompressed) => void,
): CompressedStatement[] {
  const stated: CompressedStatement[] = [];
  state((syntax, encoding, expansion, special) => stated.push({ syntax, encoding, needs, expansion, of: special?.of }));
  return stated;
}

/** What 32-bit and compressed definitions share. The notations are read when they are first asked for. */
abstract class Definition {
  /** The mnemonic as defined; a field inside it stands in braces (`lr.w{aqrl}`). */
  readonly name: string;
  /** The mnemonic and its operands, as {@link parseSyntax} reads them. */
  readonly text: string;
  readonly needs: string;
  readonly of: string | undefined;
  readonly notation: string;
  #encoding: Encoding | undefined;
  #syntax: Syntax | undefined;

  constructor(statement: { syntax: string; encoding: string; needs: string; of?: string | undefined }) {
    this.text = statement.syntax;
    this.name = statement.syntax.split(" ", 1)[0]!;
    this.notation = statement.encoding;
    this.needs = statement.needs;
    this.of = statement.of;
  }

  get encoding(): Encoding {
    this.#encoding ??= parseEncoding(this.notation);
    return this.#encoding;
  }

  get syntax(): Syntax {
    this.#syntax ??= parseSyntax(this.text, this.encoding);
    return this.#syntax;
  }

  /** The bits that are the same in all encodings of the instruction, unsigned; `bits & mask === match` in each. */
  get mask(): number {
    return this.encoding.mask;
  }
  get match(): number {
    return this.encoding.match;
  }

  /** Whether an instruction set has the extensions that this definition names. */
  availableIn(isa: Isa): boolean {
    return isa.meets(this.needs);
  }
}

/** A 32-bit instruction. */
export class InstructionDef extends Definition {
  /** Its position in {@link instructions}. */
  readonly index: number;
  readonly meaning: MeaningOf;
  #operands: InstructionDef["operands"] | undefined;

  constructor(statement: Statement, index: number) {
    super(statement);
    this.index = index;
    this.meaning = statement.meaning;
  }

  /** The slots of {@link Decoded} that its encoding fills: for registers the file, else `true`. */
  get operands(): Readonly<Partial<Record<Slot, "x" | "f" | true>>> {
    this.#operands ??= this.#findOperands();
    return this.#operands;
  }

  #findOperands(): InstructionDef["operands"] {
    const found: Partial<Record<Slot, "x" | "f" | true>> = {};
    for (const { name, kind } of this.encoding.fields) {
      if (kind.slot === undefined) continue;
      const isFloat = this.text.includes(floatName(name), this.name.length);
      found[kind.slot] = kind.notation !== "register" || (isFloat ? "f" : "x");
    }
    return found;
  }
}

/** A compressed instruction. */
export class CompressedDef extends Definition {
  readonly expansion: string;
  readonly #find: (name: string) => InstructionDef;
  #base: InstructionDef | undefined;
  #bindings: readonly Binding[] | undefined;

  /** `find` gives the definition of the 32-bit instruction of a name. */
  constructor(statement: CompressedStatement, find: (name: string) => InstructionDef) {
    super(statement);
    this.expansion = statement.expansion;
    this.#find = find;
  }

  /** The instruction that it stands for. */
  get base(): InstructionDef {
    this.#base ??= this.#find(this.expansion.split(" ", 1)[0]!);
    return this.#base;
  }

  /** Where the operands of {@link base} come from. */
  get bindings(): readonly Binding[] {
    this.#bindings ??= bind(this);
    return this.#bindings;
  }

  override availableIn(isa: Isa): boolean {
    return super.availableIn(isa) && this.base.availableIn(isa);
  }
}

/** An operand of the 32-bit instruction, and the compressed instruction's field or the constant that gives it. */
export interface Binding {
  readonly to: Field;
  readonly from: Field | number;
}

/** Lays the operands of an expansion's text beside those of the 32-bit instruction's syntax. */
function bind({ base, expansion, encoding }: CompressedDef): Binding[] {
  const given = expansion.split(/[ ,()]+/).slice(1);
  const operands = base.syntax.operands.filter((piece) => typeof piece !== "string");
  return operands.map(({ field: to, registers }, position) => {
    const text = given[position]!;
    const from = encoding.fields.find(({ name }) => name === fieldName(text));
    return { to, from: from ?? (registers ? registerNumber(registers, text) : undefined) ?? Number(text) };
  });
}
