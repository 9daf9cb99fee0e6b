import { createDecoder, type Decoded, disassemble, type Isa } from "../isa/index.ts";
import type { ElfFile } from "../machine/elf/index.ts";
import { hex } from "./hex.ts";

/** A piece of a program that holds instructions. */
interface Code {
  readonly name: string;
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** sh_flags: in memory when the program runs, and instructions. */
const executableSection = 6n;
const bytesColumn = 10;

/**
 * The disassembly of a program's executable sections, or of its executable segments where it has no sections: an
 * address, the instruction's bits, its assembly, and where branches and jumps lead. A symbol's name stands on a line of
 * its own before the first instruction at or inside it. Lines come one by one, as a kernel has millions.
 */
export function* listing(file: ElfFile, isa: Isa): Generator<string> {
  const decode = createDecoder(isa);
  for (const code of codeOf(file)) {
    yield "";
    yield `${code.name}: ${code.bytes.length} bytes at ${hex(code.address)}`;
    yield* linesOf(code, file, decode);
  }
}

function codeOf(file: ElfFile): Code[] {
  const sections = file.sections.filter(
    ({ flags, bytes }) => (flags & executableSection) === executableSection && bytes !== undefined && bytes.length > 0,
  );
  if (sections.length > 0) {
    return sections.map(({ name, address, bytes, index }) => {
      return { name: name || `section ${index}`, address, bytes: bytes as Uint8Array };
    });
  }
  return file.segments
    .filter(({ flags }) => flags.x)
    .map(({ place, vaddr, bytes }) => ({ name: place, address: vaddr, bytes }));
}

function* linesOf({ address, bytes }: Code, file: ElfFile, decode: (word: number) => Decoded): Generator<string> {
  const { symbols } = file;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let label = "";
  for (let offset = 0; offset < bytes.length; ) {
    const pc = BigInt.asUintN(64, address + BigInt(offset));
    const symbol = symbols.nearest(pc);
    if (symbol !== undefined && symbol.name !== label) {
      yield "";
      yield `${hex16(pc)} <${symbol.name}${symbol.offset === 0n ? "" : `+${hex(symbol.offset)}`}>:`;
    }
    label = symbol?.name ?? "";
    const left = bytes.length - offset;
    const word = left < 2 ? undefined : wordAt(view, offset, left);
    if (word === undefined) {
      for (; offset < bytes.length; offset++) yield `${hex16(address + BigInt(offset))}  .byte ${hex(bytes[offset])}`;
      return;
    }
    const decoded = decode(word);
    const bits = decoded.bits
      .toString(16)
      .padStart(decoded.length * 2, "0")
      .padEnd(bytesColumn);
    const target = targetOf(decoded, pc);
    const at = target === undefined ? undefined : symbols.nearest(target);
    const comment = at === undefined ? "" : ` <${at.name}${at.offset === 0n ? "" : `+${hex(at.offset)}`}>`;
    yield `${hex16(pc)}  ${bits}  ${disassemble(decoded, pc)}${comment}`;
    offset += decoded.length;
  }
}

/** The instruction word at an offset; undefined where a long one is cut off. */
function wordAt(view: DataView, offset: number, left: number): number | undefined {
  const low = view.getUint16(offset, true);
  if ((low & 3) !== 3) return low;
  return left < 4 ? undefined : view.getUint32(offset, true);
}

/** Where a branch or a jump with a displacement leads. */
function targetOf({ def, imm }: Decoded, pc: bigint): bigint | undefined {
  const leads = def.encoding.fields.some(({ kind }) => kind.notation === "target");
  return leads ? BigInt.asUintN(64, pc + BigInt(imm)) : undefined;
}

/** `0000000080000000`. */
function hex16(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16).padStart(16, "0");
}
