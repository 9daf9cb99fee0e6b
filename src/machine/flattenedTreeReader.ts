import { flattened, type TreeNode } from "./flattenedTree.ts";

const text = new TextDecoder("utf-8");
const mostDepth = 64;

/** What is wrong with a flattened device tree: where, and the reason. */
export class TreeError extends Error {
  override readonly name = "TreeError";
  readonly place: string;

  constructor(place: string, reason: string) {
    super(reason);
    this.place = place;
  }
}

/** A flattened tree, read: every property's value is bytes. */
export interface ReadTree {
  readonly root: TreeNode;
  /** The memory reservation block: pairs of address and size. */
  readonly reservations: readonly (readonly [bigint, bigint])[];
}

/** Reads a device tree blob (Devicetree Specification 0.4, chapter 5). Throws a TreeError for anything else. */
export function unflatten(blob: Uint8Array): ReadTree {
  return new Reader(blob).read();
}

class Reader {
  readonly #blob: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #end = 0;
  #strings = 0;
  #stringsEnd = 0;

  constructor(blob: Uint8Array) {
    this.#blob = blob;
    this.#view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  }

  read(): ReadTree {
    const { length } = this.#blob;
    if (length < flattened.headerBytes) throw new TreeError("header", `its ${length} bytes are no device tree`);
    const [magic, total, structure, strings, reserved, version, oldest] = this.#words(0, 7);
    const [stringsBytes, structureBytes] = this.#words(32, 2);
    if (magic !== flattened.magic) throw new TreeError("header", "it is no device tree blob: make one with dtc -O dtb");
    if (total > length) throw new TreeError("header", `it has ${length} bytes of ${total}: the file is cut off`);
    if (version < 17 || oldest > 17) {
      const versions = `it has version ${version}, to be read as ${oldest}`;
      throw new TreeError("header", `${versions}: only 17 is known`);
    }
    this.#at = structure;
    this.#end = structure + structureBytes;
    this.#strings = strings;
    this.#stringsEnd = strings + stringsBytes;
    if (this.#end > total || this.#stringsEnd > total || structure % 4 !== 0) {
      throw new TreeError("header", "its parts lie beyond its end: the file is damaged");
    }
    const reservations = this.#reservations(reserved, total);
    this.#expect(flattened.token.beginNode);
    const root = this.#node(0);
    this.#expect(flattened.token.end);
    return { root, reservations };
  }

  #words(at: number, count: number): number[] {
    return Array.from({ length: count }, (_, n) => this.#view.getUint32(at + 4 * n));
  }

  #reservations(from: number, total: number): (readonly [bigint, bigint])[] {
    const found: [bigint, bigint][] = [];
    for (let at = from; ; at += 16) {
      if (at + 16 > total) throw new TreeError(`offset ${at}`, "the reserved memory does not end: the file is damaged");
      const pair: [bigint, bigint] = [this.#view.getBigUint64(at), this.#view.getBigUint64(at + 8)];
      if (pair[0] === 0n && pair[1] === 0n) return found;
      found.push(pair);
    }
  }

  #word(): number {
    if (this.#at + 4 > this.#end) throw this.#damaged("the tree does not end");
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  #token(): number {
    let token = this.#word();
    while (token === flattened.token.nothing) token = this.#word();
    return token;
  }

  #expect(token: number): void {
    if (this.#token() !== token) throw this.#damaged(`token ${token} should be here`);
  }

  #node(depth: number): TreeNode {
    if (depth > mostDepth) throw this.#damaged(`nodes are deeper than ${mostDepth}`);
    const name = this.#text(this.#at, this.#end);
    this.#skip(name.length + 1);
    const properties: Record<string, Uint8Array> = {};
    const children: TreeNode[] = [];
    for (;;) {
      const token = this.#token();
      if (token === flattened.token.endNode) return { name: text.decode(name), properties, children };
      if (token === flattened.token.property) this.#property(properties);
      else if (token === flattened.token.beginNode) children.push(this.#node(depth + 1));
      else throw this.#damaged(`there is no token ${token}`);
    }
  }

  #property(into: Record<string, Uint8Array>): void {
    const length = this.#word();
    const name = this.#text(this.#strings + this.#word(), this.#stringsEnd);
    const value = this.#blob.slice(this.#at, this.#at + length);
    this.#skip(length);
    into[text.decode(name)] = value;
  }

  #text(from: number, end: number): Uint8Array {
    const zero = this.#blob.subarray(0, end).indexOf(0, from);
    if (zero < 0) throw this.#damaged("a name does not end");
    return this.#blob.subarray(from, zero);
  }

  #skip(bytes: number): void {
    const next = (this.#at + bytes + 3) & ~3;
    if (next > this.#end || next < this.#at) throw this.#damaged("a value is longer than the tree");
    this.#at = next;
  }

  #damaged(reason: string): TreeError {
    return new TreeError(`offset ${this.#at}`, `${reason}: the file is damaged`);
  }
}
