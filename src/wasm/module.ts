import { FunctionBody } from "./body.ts";
import { ByteWriter } from "./bytes.ts";
import type { ValueType } from "./expression.ts";

/** A function's parameters and results. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

interface Import {
  readonly name: string;
  readonly type: number;
}

/**
 * A WebAssembly module under construction. Everything is imported from the module name `env`; the memory is
 * imported as `memory`. Imported functions are numbered first: declare them before defining any.
 */
export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #signatures: Signature[] = [];
  readonly #imports: Import[] = [];
  readonly #functions: { type: number; body: FunctionBody }[] = [];
  #table: string | undefined;
  readonly #exports: { name: string; index: number }[] = [];

  /** Imports a function; its number is what `call` takes. */
  importFunction(name: string, signature: Signature): number {
    if (this.#functions.length > 0) throw new Error(`import ${name} before the first function is defined`);
    this.#imports.push({ name, type: this.typeOf(signature) });
    return this.#imports.length - 1;
  }

  /** Imports the table of functions that `callIndirect` calls. There is one at most. */
  importTable(name: string): void {
    this.#table = name;
  }

  /** The number of a signature, for `callIndirect`. */
  typeOf(signature: Signature): number {
    const key = `${signature.params}>${signature.results}`;
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#types.push(key);
    return this.#signatures.push(signature) - 1;
  }

  /** Adds a function with an empty body for the caller to fill; gives its number and its body. */
  addFunction(signature: Signature, exportName?: string): { index: number; body: FunctionBody } {
    const body = new FunctionBody(signature.params);
    this.#functions.push({ type: this.typeOf(signature), body });
    const index = this.#imports.length + this.#functions.length - 1;
    if (exportName !== undefined) this.#exports.push({ name: exportName, index });
    return { index, body };
  }

  /** Exports a function, imported or added, under a name. */
  exportFunction(name: string, index: number): void {
    this.#exports.push({ name, index });
  }

  /** The module's bytes, ready for `new WebAssembly.Module`. */
  build(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(4096);
    out.raw(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    section(out, 1, this.#signatures.length, (w) => {
      for (const { params, results } of this.#signatures) {
        w.u8(0x60);
        for (const list of [params, results]) {
          w.u32(list.length);
          for (const type of list) w.u8(type);
        }
      }
    });
    section(out, 2, this.#imports.length + (this.#table === undefined ? 1 : 2), (w) => {
      w.name("env");
      w.name("memory");
      w.raw(new Uint8Array([2, 0, 1]));
      if (this.#table !== undefined) {
        w.name("env");
        w.name(this.#table);
        w.raw(new Uint8Array([1, 0x70, 0, 0]));
      }
      for (const { name, type } of this.#imports) {
        w.name("env");
        w.name(name);
        w.u8(0);
        w.u32(type);
      }
    });
    section(out, 3, this.#functions.length, (w) => {
      for (const { type } of this.#functions) w.u32(type);
    });
    section(out, 7, this.#exports.length, (w) => {
      for (const { name, index } of this.#exports) {
        w.name(name);
        w.u8(0);
        w.u32(index);
      }
    });
    section(out, 10, this.#functions.length, (w) => {
      for (const { body } of this.#functions) {
        const bytes = body.encode();
        w.u32(bytes.length);
        w.raw(bytes);
      }
    });
    return new Uint8Array(out.bytes);
  }
}

function section(out: ByteWriter, id: number, count: number, write: (w: ByteWriter) => void): void {
  if (count === 0) return;
  const w = new ByteWriter(1024);
  w.u32(count);
  write(w);
  out.u8(id);
  out.u32(w.length);
  out.raw(w.bytes);
}
