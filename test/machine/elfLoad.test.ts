import { describe, expect, test } from "vitest";
import { ElfError, loadElf, parseElf } from "../../src/machine/elf/index.ts";
import { PhysicalMemory, pageState } from "../../src/memory/physical.ts";
import { buildElf, type ElfSpec, type SegmentSpec } from "./elfBuilder.ts";

const base = 0x80000000n;
const mebibyte = 1 << 20;

/** 1 MiB of RAM at 0x80000000, dirty, a page into the WebAssembly memory. */
function machineMemory(): PhysicalMemory {
  const memory = new WebAssembly.Memory({ initial: 17 });
  const physical = new PhysicalMemory(memory, { base: Number(base), bytes: mebibyte, hostBase: 0x10000 });
  physical.bytes.fill(0xaa);
  return physical;
}

function load(spec: ElfSpec, memory = machineMemory()) {
  return loadElf(parseElf(buildElf(spec).bytes, "p.elf"), memory);
}

function reason(...segments: SegmentSpec[]): string {
  const memory = machineMemory();
  try {
    load({ segments }, memory);
  } catch (error) {
    expect(error).toBeInstanceOf(ElfError);
    expect(memory.bytes.every((byte) => byte === 0xaa)).toBe(true);
    return (error as Error).message;
  }
  throw new Error("it was loaded");
}

describe("loading", () => {
  test("puts bytes at the physical address, clears the rest of the segment and touches nothing else", () => {
    const memory = machineMemory();
    const data = new Uint8Array([1, 2, 3]);
    load({ segments: [{ vaddr: 0xffffffff80000000n, paddr: base + 0x1000n, data, memSize: 8n }] }, memory);
    expect([...memory.read(0x80000fff, 10)]).toEqual([0xaa, 1, 2, 3, 0, 0, 0, 0, 0, 0xaa]);
  });

  test("fills RAM to its last byte", () => {
    const memory = machineMemory();
    load({ segments: [{ vaddr: base, data: new Uint8Array([7]), memSize: BigInt(mebibyte) }] }, memory);
    expect(memory.load(0x800fffff, 1)).toBe(0n);
    expect(memory.bytes[0xffff]).toBe(0xaa);
  });

  test("starts at the physical address of the entry point, as translation is off", () => {
    const segments = [{ vaddr: 0xffffffff80000000n, paddr: base + 0x200n, data: new Uint8Array(64) }];
    expect(load({ segments, entry: 0xffffffff80000010n }).entry).toBe(0x80000210n);
    expect(load({ segments, entry: 0x80000202n }).entry).toBe(0x80000202n);
  });

  test("finds the host's words and the signature, as physical addresses", () => {
    const segments = [{ vaddr: 0xffffffff80000000n, paddr: base, data: new Uint8Array(256) }];
    const value = (offset: bigint) => 0xffffffff80000000n + offset;
    const symbols = [
      { name: "tohost", value: value(64n) },
      { name: "fromhost", value: value(128n) },
      { name: "begin_signature", value: value(16n) },
      { name: "end_signature", value: value(48n) },
    ];
    expect(load({ segments, symbols })).toEqual({
      entry: base,
      tohost: base + 64n,
      fromhost: base + 128n,
      signature: { begin: base + 16n, end: base + 48n },
      warnings: [],
    });
    expect(load({ segments })).toEqual({ entry: base, warnings: [] });
  });

  test("leaves out a host word outside RAM and says so", () => {
    const segments = [{ vaddr: base, data: new Uint8Array(256) }];
    const loaded = load({ segments, symbols: [{ name: "tohost", value: 0x40008000n, section: 0xfff1 }] });
    expect(loaded.tohost).toBeUndefined();
    expect(loaded.warnings).toEqual(["symbol tohost is at 0x40008000, outside RAM: it is ignored"]);
  });

  test("tells who watches the pages that it writes", () => {
    const memory = machineMemory();
    const heard: number[][] = [];
    memory.pageState[1] |= pageState.code;
    memory.onWatchedWrite = (pa, size) => heard.push([pa, size]);
    load({ segments: [{ vaddr: base + 0x800n, data: new Uint8Array(0x1000) }] }, memory);
    expect(heard).toEqual([[0x80000800, 0x1000]]);
  });

  test("leaves out the ELF header that a linker put below the start of RAM", () => {
    const built = buildElf({ segments: [{ vaddr: base, data: new Uint8Array([1, 2, 3, 4]) }] });
    const view = new DataView(built.bytes.buffer);
    const headers = 64 + 56;
    view.setBigUint64(64 + 8, 0n, true); // p_offset
    view.setBigUint64(64 + 16, base - BigInt(headers), true); // p_vaddr
    view.setBigUint64(64 + 24, base - BigInt(headers), true); // p_paddr
    view.setBigUint64(64 + 32, BigInt(headers + 4), true); // p_filesz
    view.setBigUint64(64 + 40, BigInt(headers + 8), true); // p_memsz
    const memory = machineMemory();
    loadElf(parseElf(built.bytes, "headers.elf"), memory);
    expect([...memory.read(0x80000000, 9)]).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 0xaa]);
    const section = built.fields.find(({ name }) => name === "section 1 sh_addr")?.offset ?? 0;
    view.setBigUint64(section, base - 1n, true);
    expect(() => loadElf(parseElf(built.bytes, "headers.elf"), memory)).toThrow(/are not all in RAM/);
  });
});

describe("what does not fit is refused before a byte is written", () => {
  const data = new Uint8Array(16);
  const ram = "RAM is 0x80000000..0x800fffff (1M)";

  test("a segment past the end of RAM, with the -m that would hold it", () => {
    expect(reason({ vaddr: base, data }, { vaddr: base + 0x10_0000n, data })).toBe(
      `p.elf: program header 1 at offset 0x78: its 0x10 bytes at 0x80100000..0x8010000f are not all in RAM: ${ram}: run it with -m 2M`,
    );
    expect(reason({ vaddr: base, data, memSize: 3n << 30n })).toMatch(
      /at 0x80000000\.\.0x13fffffff .* run it with -m 3072M$/,
    );
  });

  test("a segment that no RAM could hold", () => {
    expect(reason({ vaddr: base, data, memSize: (3n << 30n) + 1n })).toMatch(
      /link the program to start at 0x80000000; 3072M is the most that RAM can have$/,
    );
    expect(reason({ vaddr: 0xffffffff80000000n, data })).toMatch(
      /its 0x10 bytes at 0xffffffff80000000\.\.0xffffffff8000000f are/,
    );
    expect(reason({ vaddr: 0n, paddr: 0xfffffffffffffff0n, data })).toMatch(/0xfffffffffffffff0\.\.0xffffffffffffffff/);
  });

  test("a segment below RAM, as of a Linux program or one linked at 0", () => {
    expect(reason({ vaddr: 0x10000n, data })).toBe(
      `p.elf: program header 0 at offset 0x40: its 0x10 bytes at 0x10000..0x1000f are not all in RAM: ${ram}: link the program to start at 0x80000000`,
    );
    expect(reason({ vaddr: base - 8n, data })).toMatch(/link the program to start at 0x80000000$/);
  });

  test("two segments in the same place, by name", () => {
    const first = { vaddr: base + 0x2000n, data, memSize: 0x101n };
    const second = { vaddr: base + 0x2100n, data };
    expect(reason(first, second)).toBe(
      "p.elf: program header 1 at offset 0x78: its 0x80002100..0x8000210f overlaps 0x80002000..0x80002100 of program header 0 at offset 0x40: give each segment its own memory in the linker script",
    );
    expect(reason(second, first)).toMatch(
      /^p.elf: program header 0 at offset 0x40: .* of program header 1 at offset 0x78/,
    );
    expect(reason(first, first)).toMatch(/overlaps/);
    load({ segments: [{ ...first, memSize: 0x100n }, second] });
  });
});
