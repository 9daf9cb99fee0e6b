import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseElf } from "../../src/machine/elf/index.ts";
import { buildElf, withField } from "./elfBuilder.ts";

const text = new Uint8Array([0x13, 0, 0, 0, 0x73, 0, 0x10, 0]);
const data = new Uint8Array([1, 2, 3]);
const kernel = 0xffffffff80000000n;

const small = buildElf({
  segments: [
    { vaddr: 0x80000000n, data: text, flags: 5 },
    { vaddr: 0x80001000n, data, memSize: 0x2000n, flags: 6 },
  ],
  symbols: [{ name: "_start", value: 0x80000000n, type: 2, size: 8n }],
});

describe("an ELF file that is right", () => {
  test("gives its entry point, type, machine and flags", () => {
    expect(parseElf(small.bytes, "small")).toMatchObject({
      name: "small",
      type: "exec",
      machine: 243,
      flags: 5,
      entry: 0x80000000n,
      warnings: [],
    });
  });

  test("gives its segments with permissions and the bytes of the file, not copies", () => {
    const { segments } = parseElf(small.bytes, "small");
    expect(segments).toHaveLength(2);
    expect(segments[0]).toMatchObject({
      place: "program header 0 at offset 0x40",
      flags: { r: true, w: false, x: true },
    });
    expect(segments[0].bytes).toEqual(text);
    expect(segments[0].bytes.buffer).toBe(small.bytes.buffer);
    expect(segments[1]).toMatchObject({ vaddr: 0x80001000n, fileSize: 3n, memSize: 0x2000n });
    expect(segments[1].flags).toEqual({ r: true, w: true, x: false });
  });

  test("keeps a kernel's addresses exact to the last bit", () => {
    const built = buildElf({
      entry: kernel + 0x1002n,
      segments: [{ vaddr: kernel + 0x1000n, paddr: 0x80201000n, data: text, memSize: 0x7ffff000n }],
      symbols: [{ name: "_text", value: kernel + 1n, size: 0x7fffffffn, type: 1 }],
    });
    const elf = parseElf(built.bytes, "vmlinux");
    expect(elf.entry).toBe(0xffffffff80001002n);
    expect(elf.segments[0]).toMatchObject({ vaddr: 0xffffffff80001000n, paddr: 0x80201000n, memSize: 0x7ffff000n });
    expect(elf.segments[0].vaddr + elf.segments[0].memSize).toBe(1n << 64n);
    expect(elf.symbols.find("_text")).toBe(0xffffffff80000001n);
    expect(elf.sections[1].address).toBe(0xffffffff80001000n);
  });

  test("keeps every 64-bit field of a section exact, alignment and entry size too", () => {
    const odd = 0xfedcba9876543211n;
    const set = (name: string) => parseElf(withField(small, `section 1 ${name}`, odd), "odd").sections[1];
    expect(set("sh_flags").flags).toBe(odd);
    expect(set("sh_addr").address).toBe(odd);
    expect(set("sh_addralign").alignment).toBe(odd);
    expect(set("sh_entsize").entrySize).toBe(odd);
    const { sections } = parseElf(small.bytes, "small");
    expect(sections.map(({ name }) => name)).toEqual(["", ".seg0", ".seg1", ".symtab", ".strtab", ".shstrtab"]);
    expect(sections[3]).toMatchObject({ typeName: "symtab", alignment: 8n, entrySize: 24n, link: 4, info: 1 });
    expect(sections[4]).toMatchObject({ typeName: "strtab", alignment: 1n, entrySize: 0n });
  });

  test("needs no sections", () => {
    const elf = parseElf(
      buildElf({ stripped: true, segments: [{ vaddr: 0x80000000n, data: text }] }).bytes,
      "stripped",
    );
    expect(elf.sections).toEqual([]);
    expect(elf.symbols.count).toBe(0);
    expect(elf.warnings).toEqual([]);
  });

  test("may be a static position-independent program", () => {
    expect(parseElf(buildElf({ type: 3, segments: [{ vaddr: 0n, data: text }] }).bytes, "pie").type).toBe("dyn");
  });

  test("may stand anywhere inside a larger buffer", () => {
    const buffer = new Uint8Array(small.bytes.length + 64);
    buffer.set(small.bytes, 3);
    const elf = parseElf(buffer.subarray(3, 3 + small.bytes.length), "inner");
    expect(elf.segments[0].bytes).toEqual(text);
    expect(elf.symbols.find("_start")).toBe(0x80000000n);
    expect(elf.sections[1].name).toBe(".seg0");
  });

  test("may have segments that are not loaded, of types nobody knows", () => {
    const elf = parseElf(
      buildElf({
        segments: [
          { type: 0x70000003, vaddr: 0n, data },
          { type: 4, vaddr: 0n, data },
          { vaddr: 0x80000000n, data: text },
          { vaddr: 0x90000000n, data: new Uint8Array(), memSize: 0n },
        ],
        entry: 0x80000000n,
      }).bytes,
      "attributes",
    );
    expect(elf.segments.map(({ place }) => place)).toEqual(["program header 2 at offset 0xb0"]);
  });

  test("may count its headers in section header 0, as files with very many do", () => {
    const moved = withField(small, "e_phnum", 0xffff);
    const count = small.fields.find(({ name }) => name === "section 0 sh_info");
    moved[count?.offset ?? 0] = 2;
    expect(parseElf(moved, "extended").segments).toHaveLength(2);
    const sections = withField(small, "e_shnum", 0);
    const size = small.fields.find(({ name }) => name === "section 0 sh_size");
    sections[size?.offset ?? 0] = 6;
    expect(parseElf(sections, "extended").sections).toHaveLength(6);
    const names = withField(small, "e_shstrndx", 0xffff);
    const link = small.fields.find(({ name }) => name === "section 0 sh_link");
    names[link?.offset ?? 0] = 5;
    expect(parseElf(names, "extended").sections[1].name).toBe(".seg0");
  });
});

describe("damage that a program runs with", () => {
  test("is a warning when no segment holds the entry point", () => {
    expect(parseElf(withField(small, "e_entry", 0x1000n), "lost").warnings).toEqual([
      "ELF header: the entry point 0x1000 lies in no segment that is loaded",
    ]);
  });

  test("is a warning when the sections' names cannot be read", () => {
    expect(parseElf(withField(small, "e_shstrndx", 77), "x").warnings).toEqual([
      "ELF header: section 77 of 6 (e_shstrndx) is no table of names",
    ]);
    expect(parseElf(withField(small, "e_shstrndx", 0), "x").warnings).toEqual([]);
    const elf = parseElf(withField(small, "section 2 sh_name", 0xffffffffn), "x");
    expect(elf.sections[2].name).toBe("");
    expect(elf.warnings[0]).toMatch(
      /^section header table at offset 0x[0-9a-f]+: 1 of 6 sections have no readable name$/,
    );
  });

  test("is a warning when the symbols cannot be read, each time with the reason", () => {
    const warning = (field: string, value: bigint) => {
      const elf = parseElf(withField(small, `section ${field}`, value), "x");
      expect(elf.symbols.find("_start")).toBeUndefined();
      expect(elf.warnings).toHaveLength(1);
      return elf.warnings[0];
    };
    expect(warning("3 sh_size", 0xffffffffffffffffn)).toMatch(/its 0xf{16} bytes are not all in the file: its symbols/);
    expect(warning("3 sh_entsize", 16n)).toMatch(
      /a symbol is said to have 16 bytes \(sh_entsize\), in ELF64 it has 24/,
    );
    expect(warning("3 sh_link", 99n)).toMatch(/string table would be section 99 \(sh_link\), which does not exist/);
    expect(warning("3 sh_link", 1n)).toMatch(/its string table, section 1, is of type progbits/);
    expect(warning("4 sh_offset", 1n << 63n)).toMatch(/its string table, section 4, is not all in the file/);
    expect(warning("3 sh_size", 0xffffffffffffffffn)).toMatch(/^section 3 \(\.symtab\) at offset 0x[0-9a-f]+: /);
  });

  test("is a warning when some symbols have no name or the last one is cut", () => {
    const nameless = parseElf(withField(small, "symbol 1 st_name", 0x7fffffffn), "x");
    expect(nameless.warnings[0]).toMatch(/1 of 2 symbols have names outside the string table$/);
    const cut = parseElf(withField(small, "section 3 sh_size", 47n), "x");
    expect(cut.warnings[0]).toMatch(/47 bytes are no whole number of symbols: the rest is not read$/);
    expect(cut.symbols.count).toBe(1);
  });
});

describe("the firmware of this repository", () => {
  const files = readdirSync("firmware", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".elf"));
  for (const file of files) {
    test(`${file} is read without a warning`, () => {
      expect(parseElf(readFileSync(`firmware/${file}`), file).warnings).toEqual([]);
    });
  }
});
