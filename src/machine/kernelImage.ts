import { BootError, type BootFile } from "./bootError.ts";

/** How a file that is to be started is read. */
export type KernelKind = "elf" | "linux" | "raw";

/** Fields of a RISC-V Image's header (Linux, Documentation/arch/riscv/boot-image-header.rst). */
const image = { textOffset: 8, imageSize: 16, magic2: 56, peOffset: 60, bytes: 64 } as const;
const imageMagic2 = 0x0543_5352;
const mz = 0x5a4d;

/** Fields of a PE header and of its section table (PE Format, "COFF File Header", "Section Table"). */
const pe = { sections: 6, optionalBytes: 20, tableFrom: 24, entryBytes: 40, rawBytes: 16, rawOffset: 20 } as const;
const peMagic = 0x4550;

/** What compressed kernels begin with, and what undoes it. */
const compressed: readonly (readonly [string, readonly number[], string])[] = [
  ["gzip", [0x1f, 0x8b], "gunzip"],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a], "unxz"],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd], "unzstd"],
  ["bzip2", [0x42, 0x5a, 0x68], "bunzip2"],
  ["lz4", [0x02, 0x21, 0x4c, 0x18], "unlz4"],
];

/** Whether bytes begin with others. */
export function beginsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, at) => bytes[at] === byte);
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Tells what kind of file a kernel or a firmware is. A file that is neither an ELF nor a Linux Image is a program that
 * is copied and started as it is; throws a BootError where it cannot be one.
 */
export function kernelKind({ name, bytes }: BootFile): KernelKind {
  if (beginsWith(bytes, [0x7f, 0x45, 0x4c, 0x46])) return "elf";
  const fail = (problem: string) => {
    throw new BootError(name, "reading it", problem);
  };
  if (bytes.length < 4) fail(`its ${bytes.length} bytes are no program: name a Linux Image, an ELF or a flat binary`);
  const form = compressed.find(([, prefix]) => beginsWith(bytes, prefix));
  if (form !== undefined) fail(`it is compressed (${form[0]}): undo that with ${form[2]} first`);
  const view = viewOf(bytes);
  const hasMagic = bytes.length >= image.bytes && view.getUint32(image.magic2, true) === imageMagic2;
  if (hasMagic) return "linux";
  if (view.getUint16(0, true) === mz) {
    fail("it begins like a Linux Image, but has no `RSC\\x05` at offset 56: it is damaged, or not for RISC-V");
  }
  if (view.getUint16(0, true) === 0) fail("it is no program: its first instruction is all zeroes, which is illegal");
  return "raw";
}

/**
 * Where a flat Linux Image wants to lie above the start of RAM, and how much it needs there. Throws a BootError if a part
 * of it is missing: its bytes are compared with what its EFI header says of its sections.
 */
export function linuxExtent({ name, bytes }: BootFile): { readonly offset: number; readonly bytes: number } {
  const view = viewOf(bytes);
  const offset = view.getBigUint64(image.textOffset, true);
  const size = view.getBigUint64(image.imageSize, true);
  if (offset >= 1n << 32n || size >= 1n << 32n || offset % 4096n !== 0n) {
    const place = `offset 0x${offset.toString(16)}, size 0x${size.toString(16)}`;
    throw new BootError(name, "Image header", `${place}: these make no sense: the file is damaged`);
  }
  const needed = fileBytes(view);
  if (bytes.length < needed) {
    const problem = `it has ${bytes.length} bytes, its header speaks of ${needed}: the file is cut off`;
    throw new BootError(name, "Image header", problem);
  }
  return { offset: Number(offset), bytes: Math.max(Number(size), bytes.length) };
}

/** How long a file must be to hold all sections of its PE header; 0 where it has none. */
function fileBytes(view: DataView): number {
  const at = view.getUint32(image.peOffset, true);
  if (view.getUint16(0, true) !== mz) return 0;
  if (at + pe.tableFrom > view.byteLength) return at + pe.tableFrom;
  if (view.getUint32(at, true) !== peMagic) return 0;
  const count = view.getUint16(at + pe.sections, true);
  const table = at + pe.tableFrom + view.getUint16(at + pe.optionalBytes, true);
  let needed = table + count * pe.entryBytes;
  for (let n = 0; n < count && table + (n + 1) * pe.entryBytes <= view.byteLength; n++) {
    const entry = table + n * pe.entryBytes;
    needed = Math.max(needed, view.getUint32(entry + pe.rawBytes, true) + view.getUint32(entry + pe.rawOffset, true));
  }
  return needed;
}
