import { describe, expect, test } from "vitest";
import { ElfError, parseElf } from "../../src/machine/elf/index.ts";
import { buildElf, withField } from "./elfBuilder.ts";

const text = new Uint8Array(64).fill(0x13);
const good = buildElf({
  segments: [
    { vaddr: 0x80000000n, data: text },
    { vaddr: 0x80001000n, data: text },
  ],
  symbols: [{ name: "main", value: 0x80000000n }],
});

/** The message that reading the bytes ends with. */
function reason(bytes: Uint8Array): string {
  try {
    parseElf(bytes, "f.elf");
  } catch (error) {
    expect(error).toBeInstanceOf(ElfError);
    const { message, file, place } = error as ElfError;
    expect(message.startsWith(`${file}: ${place}: `)).toBe(true);
    return message;
  }
  throw new Error("the file was accepted");
}

const set = (field: string, value: bigint | number) => reason(withField(good, field, value));
const latin = (content: string) => Uint8Array.from(content, (character) => character.charCodeAt(0));

describe("what is not an ELF file is called by its name", () => {
  test.each([
    ["", "the file is empty"],
    ["#!/bin/sh\necho\n", "it is a script: name the ELF program that it would run"],
    ["\x1f\x8b\x08\0", "it is gzip-compressed: decompress it first (gunzip)"],
    ["\xfd7zXZ\0\0", "it is xz-compressed: decompress it first (unxz)"],
    ["\x28\xb5\x2f\xfd", "it is zstd-compressed: decompress it first (unzstd)"],
    ["PK\x03\x04", "it is a zip archive: extract the program from it first"],
    ["!<arch>\nmain.o/", "it is a static library (.a): link it into a program first"],
    ["MZ\x90\0\x03", "it is a Windows or EFI program (PE)"],
    [`MZ${"\0".repeat(54)}RSC\x05`, "it is a Linux kernel Image for RISC-V, which is not an ELF file"],
    ["\0asm\x01\0\0\0", "it is a WebAssembly module, not a RISC-V program"],
    ["\xd0\x0d\xfe\xed", "it is a device tree blob, not a program"],
    [":100000000C945C00", "it is Intel HEX: name the ELF file that it was made from"],
    ["S00F000068656C6C", "it is Motorola S-records: name the ELF file that it was made from"],
    ["int main() {}\n", "it is text: compile, assemble or link it first"],
    ["\0\0\0\0\0\0", "it begins with zeros: a raw image or a damaged file"],
    ["\x97\x02\0\0", "it begins with the bytes 97 02 00 00, ELF files with 7f 45 4c 46"],
    ["\x7fEL", "it begins with the bytes 7f 45 4c, ELF files with 7f 45 4c 46"],
  ])("%j", (content, description) => {
    expect(reason(latin(content))).toBe(`f.elf: offset 0x0: not an ELF file: ${description}`);
  });
});

describe("an ELF file for another computer is refused with the way out", () => {
  test("a 32-bit one, with its processor if it is not RISC-V", () => {
    expect(set("class", 1)).toBe(
      "f.elf: ELF header, e_ident[EI_CLASS] at offset 0x4: it is a 32-bit program (class 1); 64-bit RISC-V is class 2: build it with -march=rv64gc -mabi=lp64d",
    );
    const arm = withField(good, "e_machine", 40);
    arm[4] = 1;
    expect(reason(arm)).toMatch(/it is a 32-bit program for Arm \(class 1\)/);
    expect(set("class", 0)).toMatch(/it is class 0, which does not exist/);
  });

  test("a big-endian one, its processor read in its own byte order", () => {
    expect(set("data", 2)).toMatch(/e_ident\[EI_DATA\] at offset 0x5: it is a big-endian program for .*\(encoding 2\)/);
    const s390 = withField(good, "e_machine", 22 << 8);
    s390[5] = 2;
    expect(reason(s390)).toMatch(/it is a big-endian program for s390 \(encoding 2\)/);
    expect(set("data", 7)).toMatch(/it is encoding 7, which does not exist/);
  });

  test("one for another processor, by name where it has one", () => {
    expect(set("e_machine", 62)).toBe(
      "f.elf: ELF header, e_machine at offset 0x12: it is a program for x86-64 (62), not for RISC-V (243): build it with -march=rv64gc -mabi=lp64d",
    );
    expect(set("e_machine", 183)).toMatch(/for AArch64 \(183\)/);
    expect(set("e_machine", 0x4711)).toMatch(/for machine 18193 \(18193\)/);
  });

  test("one that is not a linked program", () => {
    expect(set("e_type", 1)).toMatch(/e_type at offset 0x10: it is an object file \(ET_REL, 1\); .*: link it first$/);
    expect(set("e_type", 4)).toMatch(/it is a core dump \(ET_CORE, 4\)/);
    expect(set("e_type", 0xfe00)).toMatch(/file type 65024 is no program; a program is ET_EXEC \(2\) or ET_DYN \(3\)$/);
  });

  test("one of a version that does not exist", () => {
    expect(set("identVersion", 9)).toMatch(/e_ident\[EI_VERSION\] at offset 0x6: ELF version 9 is unknown/);
    expect(set("e_version", 0)).toMatch(/e_version at offset 0x14: ELF version 0 is unknown/);
  });
});

describe("a damaged ELF file is refused with the place and the numbers", () => {
  test("cut inside its header", () => {
    expect(reason(good.bytes.subarray(0, 40))).toBe(
      "f.elf: ELF header at offset 0x0: the file ends after 40 bytes, an ELF header has 64: it is truncated",
    );
  });

  test("cut anywhere else", () => {
    const sections = good.fields.find(({ name }) => name === "section 0 sh_name")?.offset ?? 0;
    expect(reason(good.bytes.subarray(0, good.bytes.length - 1))).toBe(
      `f.elf: section header table at offset 0x${sections.toString(16)}: its 6 headers end at 0x${good.bytes.length.toString(16)}, ` +
        `the file at 0x${(good.bytes.length - 1).toString(16)}: it is truncated or damaged`,
    );
    for (let length = 0; length < good.bytes.length; length++) reason(good.bytes.subarray(0, length));
    const { bytes } = buildElf({ stripped: true, segments: [{ vaddr: 0x80000000n, data: text }] });
    for (let length = 0; length < bytes.length; length++) reason(bytes.subarray(0, length));
  });

  test("tables of the wrong shape or place", () => {
    expect(set("e_phentsize", 32)).toMatch(
      /e_phentsize at offset 0x36: a program header is said to have 32 bytes, in ELF64 it has 56/,
    );
    expect(set("e_shentsize", 0)).toMatch(
      /e_shentsize at offset 0x3a: a section header is said to have 0 bytes, in ELF64 it has 64/,
    );
    expect(set("e_phoff", 0xffffffffffffffffn)).toMatch(
      /^f.elf: program header table at offset 0xf{16}: its 2 headers end at 0x1000000000000006f/,
    );
    expect(set("e_shoff", 1n << 63n)).toMatch(/section header table at offset 0x8000000000000000: /);
    expect(set("e_phnum", 4096)).toMatch(/its 4096 headers end at 0x[0-9a-f]+, the file at 0x[0-9a-f]+/);
    expect(set("e_phnum", 4097)).toMatch(/e_phnum claims 4097 headers, more than 4096: the file is damaged/);
    expect(set("e_shnum", 0xffff)).toMatch(/its 65535 headers end at/);
    const absurd = withField(good, "e_shnum", 0);
    absurd
      .fill(0x7f, (good.fields.find(({ name }) => name === "section 0 sh_size")?.offset ?? 0) + 1)
      .fill(0, good.bytes.length - 8);
    expect(reason(absurd)).toMatch(
      /sh_size of section header 0 claims \d+ headers, more than 65536: the file is damaged/,
    );
  });

  test("a segment that is not in the file", () => {
    expect(set("program 1 p_offset", 0xfffffffffffffff0n)).toBe(
      `f.elf: program header 1 at offset 0x78: its bytes 0xfffffffffffffff0 + 0x40 (p_offset + p_filesz) end after the file, which has 0x${good.bytes.length.toString(16)}: it is truncated or damaged`,
    );
  });

  test("a segment with more bytes in the file than in memory", () => {
    expect(set("program 0 p_memsz", 0x3f)).toMatch(
      /program header 0 at offset 0x40: its 0x40 bytes in the file \(p_filesz\) are more than its 0x3f in memory \(p_memsz\)/,
    );
    expect(set("program 0 p_filesz", 0xffffffffffffffffn)).toMatch(/its 0xf{16} bytes in the file/);
  });

  test("a segment that wraps around the address space", () => {
    expect(set("program 1 p_paddr", 0xffffffffffffffc1n)).toMatch(
      /p_paddr 0xf{14}c1 \+ p_memsz 0x40 passes the end of the address space/,
    );
    expect(set("program 1 p_memsz", 0xffffffff80000000n)).toMatch(
      /p_vaddr 0x80001000 \+ p_memsz 0xffffffff80000000 passes/,
    );
  });

  test("nothing to load", () => {
    expect(set("e_phnum", 0)).toMatch(/^f.elf: program header table: there is none, so nothing to load/);
    expect(set("e_phoff", 0)).toMatch(/^f.elf: program header table: there is none, so nothing to load/);
    const { bytes } = buildElf({ segments: [{ type: 4, vaddr: 0n, data: text }] });
    expect(reason(bytes)).toMatch(
      /^f.elf: program header table at offset 0x40: none of its 1 headers is a PT_LOAD with memory/,
    );
  });

  test("an entry point where no instruction can be", () => {
    expect(set("e_entry", 0x80000001n)).toMatch(/e_entry at offset 0x18: the entry point 0x80000001 is odd/);
  });
});

test("a message stays one line whatever the file is called", () => {
  const message = (() => {
    try {
      parseElf(new Uint8Array(), "a\nb\x1b[31m\u2028c");
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message).toBe("a\\x0ab\\x1b[31m\\u2028c: offset 0x0: not an ELF file: the file is empty");
});
