/** How other kinds of file begin, and what their owner may want to know. Bytes are written as latin-1 text. */
const beginnings: readonly (readonly [magic: string, description: string])[] = [
  ["\x1f\x8b", "gzip-compressed: decompress it first (gunzip)"],
  ["\xfd7zXZ\0", "xz-compressed: decompress it first (unxz)"],
  ["\x28\xb5\x2f\xfd", "zstd-compressed: decompress it first (unzstd)"],
  ["\x04\x22\x4d\x18", "lz4-compressed: decompress it first (unlz4)"],
  ["BZh", "bzip2-compressed: decompress it first (bunzip2)"],
  ["PK\x03\x04", "a zip archive: extract the program from it first"],
  ["#!", "a script: name the ELF program that it would run"],
  ["!<arch>\n", "a static library (.a): link it into a program first"],
  ["!<thin>\n", "a static library (.a): link it into a program first"],
  ["BC\xc0\xde", "LLVM bitcode: compile and link it first"],
  ["\0asm", "a WebAssembly module, not a RISC-V program"],
  ["\xd0\x0d\xfe\xed", "a device tree blob, not a program"],
  ["\x27\x05\x19\x56", "a U-Boot image: name the ELF file that it was made from"],
  ["\xcf\xfa\xed\xfe", "a Mach-O program of macOS, not a RISC-V program"],
  ["\xce\xfa\xed\xfe", "a Mach-O program of macOS, not a RISC-V program"],
  ["\xca\xfe\xba\xbe", "a Java class or a macOS universal binary, not a RISC-V program"],
  ["\x89PNG", "a PNG picture"],
  ["%PDF", "a PDF document"],
];

/** Where a Linux Image for RISC-V carries its magic (Documentation/arch/riscv/boot-image-header.rst). */
const linuxImageMagicAt = 56;
const linuxImageMagic = "RSC\x05";

/** Says in a few words what bytes without ELF's magic look like, and what to do about it. */
export function describeContent(bytes: Uint8Array): string {
  if (bytes.length === 0) return "the file is empty";
  if (startsWith(bytes, linuxImageMagic, linuxImageMagicAt)) {
    return "it is a Linux kernel Image for RISC-V, which is not an ELF file";
  }
  for (const [magic, description] of beginnings) {
    if (startsWith(bytes, magic)) return `it is ${description}`;
  }
  if (startsWith(bytes, "MZ")) return "it is a Windows or EFI program (PE)";
  const head = bytes.subarray(0, 256);
  if (head.every((byte) => byte === 0)) return "it begins with zeros: a raw image or a damaged file";
  if (head.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))) {
    const text = String.fromCharCode(...head);
    if (/^:[0-9A-Fa-f]{8}/.test(text)) return "it is Intel HEX: name the ELF file that it was made from";
    if (/^S[0-3][0-9A-Fa-f]{4}/.test(text)) return "it is Motorola S-records: name the ELF file that it was made from";
    return "it is text: compile, assemble or link it first";
  }
  const first = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `it begins with the bytes ${first}, ELF files with 7f 45 4c 46`;
}

/** Whether bytes hold a latin-1 text at an offset. */
export function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
