import { describe, expect, test } from "vitest";
import { listing } from "../../src/debug/listing.ts";
import { parseIsa } from "../../src/isa/index.ts";
import { parseElf } from "../../src/machine/elf/index.ts";
import { buildElf, type ElfSpec } from "../machine/elfBuilder.ts";

const linesOf = (spec: ElfSpec) => [...listing(parseElf(buildElf(spec).bytes, "it"), parseIsa())];
const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

describe("a listing", () => {
  test("of a file without sections is of its executable segments", () => {
    const segments = [
      { vaddr: 0x8000_0000n, data: words(0x0000_0013), flags: 5 },
      { vaddr: 0x8000_1000n, data: words(0x1234_5678), flags: 6 },
    ];
    expect(linesOf({ segments, stripped: true })).toEqual([
      "",
      "program header 0 at offset 0x40: 4 bytes at 0x80000000",
      "0000000080000000  00000013    addi zero, zero, 0",
    ]);
  });

  test("has kernel addresses exactly, and names targets with their offset", () => {
    const vaddr = 0xffff_ffff_8000_0000n;
    const symbols = [{ name: "entry", value: vaddr, size: 8n, type: 2 }];
    expect(
      linesOf({ segments: [{ vaddr, paddr: 0x8000_0000n, data: words(0x13, 0x0000_006f) }], symbols }).slice(2),
    ).toEqual([
      "",
      "ffffffff80000000 <entry>:",
      "ffffffff80000000  00000013    addi zero, zero, 0",
      "ffffffff80000004  0000006f    jal zero, 0xffffffff80000004 <entry+0x4>",
    ]);
  });

  test("ends with the bytes of an instruction that is cut off", () => {
    const data = words(0x13, 0x0000_ff13).subarray(0, 7);
    expect(linesOf({ segments: [{ vaddr: 0x8000_0000n, data }], stripped: true }).slice(2)).toEqual([
      "0000000080000000  00000013    addi zero, zero, 0",
      "0000000080000004  .byte 0x13",
      "0000000080000005  .byte 0xff",
      "0000000080000006  .byte 0x0",
    ]);
  });

  test("shows what is no instruction as its bits", () => {
    expect(linesOf({ segments: [{ vaddr: 0x8000_0000n, data: words(0) }], stripped: true }).slice(2)).toEqual([
      "0000000080000000  0000        illegal 0x0000",
      "0000000080000002  0000        illegal 0x0000",
    ]);
  });
});
