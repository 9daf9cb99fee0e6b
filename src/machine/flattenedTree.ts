/** A node of a device tree: properties in order, then children in order. */
export interface TreeNode {
  readonly name: string;
  readonly properties?: Readonly<Record<string, TreeValue>>;
  readonly children?: readonly TreeNode[];
}

/**
 * A property's value: nothing (a flag), a string, several strings, 32-bit cells, or bytes. Numbers are cells; a bigint is
 * two of them.
 */
export type TreeValue = true | string | readonly string[] | readonly (number | bigint)[] | Uint8Array;

/** Numbers of the flattened format (Devicetree Specification 0.4, chapter 5). */
export const flattened = {
  magic: 0xd00d_feed,
  headerBytes: 40,
  token: { beginNode: 1, endNode: 2, property: 3, nothing: 4, end: 9 },
} as const;
const { magic, headerBytes, token } = flattened;
const version = { current: 17, oldestCompatible: 16 } as const;

class BigEndianWriter {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  word(value: number): void {
    this.#bytes.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  }

  raw(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  align(): void {
    while (this.#bytes.length % 4 !== 0) this.#bytes.push(0);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#bytes);
  }
}

/** Zero-terminated UTF-8. */
const terminated = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);

function valueBytes(value: TreeValue): Uint8Array {
  if (value === true) return new Uint8Array(0);
  if (value instanceof Uint8Array) return value;
  const writer = new BigEndianWriter();
  for (const item of typeof value === "string" ? [value] : value) {
    if (typeof item === "string") writer.raw(terminated(item));
    else if (typeof item === "number") writer.word(item);
    else {
      writer.word(Number(item >> 32n));
      writer.word(Number(item & 0xffff_ffffn));
    }
  }
  return writer.bytes;
}

/**
 * A device tree in the flattened format that kernels and firmware are handed.
 *
 * @param reservations pairs of address and size for the memory reservation block
 */
export function flatten(root: TreeNode, reservations: readonly (readonly [bigint, bigint])[] = []): Uint8Array {
  const structure = new BigEndianWriter();
  const strings = new BigEndianWriter();
  const nameOffsets = new Map<string, number>();
  const nameOffset = (name: string): number => {
    const known = nameOffsets.get(name);
    if (known !== undefined) return known;
    const at = strings.length;
    nameOffsets.set(name, at);
    strings.raw(terminated(name));
    return at;
  };
  const write = (node: TreeNode): void => {
    structure.word(token.beginNode);
    structure.raw(terminated(node.name));
    structure.align();
    for (const [name, value] of Object.entries(node.properties ?? {})) {
      const bytes = valueBytes(value);
      structure.word(token.property);
      structure.word(bytes.length);
      structure.word(nameOffset(name));
      structure.raw(bytes);
      structure.align();
    }
    for (const child of node.children ?? []) write(child);
    structure.word(token.endNode);
  };
  write(root);
  structure.word(token.end);
  const reserved = new BigEndianWriter();
  for (const pair of [...reservations, [0n, 0n]]) reserved.raw(valueBytes(pair));
  const structureAt = headerBytes + reserved.length;
  const stringsAt = structureAt + structure.length;
  const out = new BigEndianWriter();
  const header = [magic, stringsAt + strings.length, structureAt, stringsAt, headerBytes];
  header.push(version.current, version.oldestCompatible, 0, strings.length, structure.length);
  for (const word of header) out.word(word);
  out.raw(reserved.bytes);
  out.raw(structure.bytes);
  out.raw(strings.bytes);
  return out.bytes;
}
