import { assemble } from "../../src/isa/index.ts";
import { buildElf, type SymbolSpec } from "../machine/elfBuilder.ts";

/** Where test programs are. */
export const programBase = 0x8000_0000n;

/** A program as an ELF file, and where its labels are. */
export interface Program {
  readonly elf: Uint8Array;
  readonly labels: ReadonlyMap<string, bigint>;
}

interface Item {
  readonly text: string;
  readonly length: 2 | 4 | 8;
}

/**
 * Assembles lines of instructions, `name:` labels, `.word` and `.dword` values into an ELF at {@link programBase}.
 * Branches and jumps may name labels as their targets; labels become symbols.
 */
export function assembleProgram(source: string): Program {
  const labels = new Map<string, bigint>();
  const items: Item[] = [];
  let at = programBase;
  for (const line of source.split("\n").map((raw) => raw.replace(/#.*/, "").trim())) {
    if (line === "") continue;
    const label = /^(\w+):$/.exec(line)?.[1];
    if (label !== undefined) {
      labels.set(label, at);
      continue;
    }
    const item = { text: line, length: lengthOf(line) };
    items.push(item);
    at += BigInt(item.length);
  }
  const data: number[] = [];
  for (const { text, length } of items) {
    const pc = programBase + BigInt(data.length);
    const value = encode(withAddresses(text, labels), pc);
    for (let byte = 0; byte < length; byte++) data.push(Number((value >> BigInt(8 * byte)) & 0xffn));
  }
  const symbols: SymbolSpec[] = [...labels].map(([name, value]) => ({ name, value, type: 0, binding: 1 }));
  const { bytes } = buildElf({
    segments: [{ vaddr: programBase, data: Uint8Array.from(data), memSize: 0x10000n }],
    symbols,
  });
  return { elf: bytes, labels };
}

function lengthOf(line: string): Item["length"] {
  if (line.startsWith(".dword")) return 8;
  if (line.startsWith(".word")) return 4;
  return line.startsWith("c.") ? 2 : 4;
}

function withAddresses(text: string, labels: ReadonlyMap<string, bigint>): string {
  return text.replace(/\b[a-z_]\w*$/i, (word) => (labels.has(word) ? `0x${labels.get(word)?.toString(16)}` : word));
}

function encode(text: string, pc: bigint): bigint {
  if (text.startsWith(".")) return BigInt(text.split(/\s+/)[1]);
  return BigInt(assemble(text, { pc }).bits);
}
