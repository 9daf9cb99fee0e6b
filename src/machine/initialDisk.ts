import { BootError, type BootFile } from "./bootError.ts";
import { beginsWith } from "./kernelImage.ts";
import { zstdProblem } from "./zstd.ts";

/** What Linux unpacks (its lib/decompress.c), by first bytes. */
const compressed: readonly (readonly number[])[] = [
  [0x1f, 0x8b],
  [0x1f, 0x9e],
  [0x42, 0x5a, 0x68],
  [0x5d, 0x00, 0x00],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  [0x89, 0x4c, 0x5a],
  [0x02, 0x21, 0x4c, 0x18],
  [0x28, 0xb5, 0x2f, 0xfd],
];

/** The "new ASCII" format (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). */
const cpio = { headerBytes: 110, fileSize: 54, nameSize: 94, trailer: "TRAILER!!!" } as const;
const text = new TextDecoder("latin1");
const align = (at: number) => (at + 3) & ~3;

/**
 * Throws a BootError if an initial RAM disk for Linux is cut off or nothing that Linux unpacks. Of a compressed one only
 * the outer form is looked at, and of several archives one after the other only the first.
 */
export function checkInitialDisk({ name, bytes }: BootFile): void {
  if (compressed.some((magic) => beginsWith(bytes, magic))) {
    checkXz(name, bytes);
    checkLz4(name, bytes);
    const problem = zstdProblem(bytes);
    if (problem !== undefined) throw new BootError(name, `offset ${problem.at}`, problem.reason);
    return;
  }
  if (!/^07070[12]/.test(text.decode(bytes.subarray(0, 6)))) {
    throw new BootError(
      name,
      "reading it",
      "it is no initial RAM disk: Linux wants a cpio archive (newc), perhaps compressed",
    );
  }
  for (let at = 0; ; ) {
    const header = text.decode(bytes.subarray(at, at + cpio.headerBytes));
    if (at + cpio.headerBytes > bytes.length) throw cutOff(name, bytes, at);
    if (!/^07070[12][0-9a-fA-F]{104}$/.test(header)) {
      throw new BootError(name, `offset ${at}`, "here should be a file's header of a cpio archive: it is damaged");
    }
    const field = (offset: number) => Number.parseInt(header.slice(offset, offset + 8), 16);
    const nameEnd = at + cpio.headerBytes + field(cpio.nameSize);
    const file = text.decode(bytes.subarray(at + cpio.headerBytes, nameEnd - 1));
    if (file === cpio.trailer) return;
    const next = align(align(nameEnd) + field(cpio.fileSize));
    if (next > bytes.length) throw cutOff(name, bytes, at);
    at = next;
  }
}

function cutOff(name: string, bytes: Uint8Array, at: number): BootError {
  const reason = `the archive goes on after the file's ${bytes.length} bytes: it is cut off`;
  return new BootError(name, `offset ${at}`, reason);
}

/** An xz file ends with `YZ`. */
function checkXz(name: string, bytes: Uint8Array): void {
  if (!beginsWith(bytes, [0xfd, 0x37])) return;
  if (bytes.length % 4 === 0 && beginsWith(bytes.subarray(bytes.length - 2), [0x59, 0x5a])) return;
  throw new BootError(name, `offset ${bytes.length}`, "it does not end as an xz file does: it is cut off");
}

/** What a block of 8 MiB may become at most. */
const mostLz4Block = (8 << 20) + (8 << 20) / 255 + 16;

/** LZ4's legacy frame, the only one that Linux knows: blocks, each behind its length. What is too long for one is another archive. */
function checkLz4(name: string, bytes: Uint8Array): void {
  if (!beginsWith(bytes, [0x02, 0x21, 0x4c, 0x18])) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 4; at + 4 <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length === 0 || length > mostLz4Block) return;
    if (at + 4 + length > bytes.length) throw cutOff(name, bytes, at);
    at += 4 + length;
  }
}
