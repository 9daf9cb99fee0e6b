import { describe, expect, test } from "vitest";
import { parseElf } from "../../src/machine/elf/index.ts";
import { buildElf, type SymbolSpec, withField } from "./elfBuilder.ts";

const base = 0x80000000n;
const [local, global, weak] = [0, 1, 2];
const [label, object, func, section, file] = [0, 1, 2, 3, 4];

function symbolsOf(symbols: SymbolSpec[], dynamic = false) {
  const segments = [{ vaddr: base, data: new Uint8Array(0x1000) }];
  return parseElf(buildElf({ segments, symbols, dynamic }).bytes, "symbols").symbols;
}

const name = (symbols: SymbolSpec[], address: bigint) => symbolsOf(symbols).format(address);

describe("find", () => {
  const symbols: SymbolSpec[] = [
    { name: "twice", value: 1n, binding: local },
    { name: "twice", value: 2n, binding: weak },
    { name: "twice", value: 3n, binding: global },
    { name: "twice", value: 4n, binding: local },
    { name: "elsewhere", value: 5n, section: 0 },
    { name: "constant", value: 0xffffffffffffffffn, section: 0xfff1 },
    { name: "tohost_extra", value: 6n },
    { name: "tohost", value: 7n },
  ];

  test("gives the value of the whole name only", () => {
    expect(symbolsOf(symbols).find("tohost")).toBe(7n);
    expect(symbolsOf(symbols).find("tohos")).toBeUndefined();
    expect(symbolsOf(symbols).find("")).toBeUndefined();
    expect(symbolsOf(symbols).find("constant")).toBe(0xffffffffffffffffn);
  });

  test("prefers a global symbol to a weak one and that to a local one", () => {
    expect(symbolsOf(symbols).find("twice")).toBe(3n);
  });

  test("does not know what the program only refers to", () => {
    expect(symbolsOf(symbols).find("elsewhere")).toBeUndefined();
  });

  test("works on the dynamic symbols where there are no others", () => {
    expect(symbolsOf(symbols, true).find("tohost")).toBe(7n);
  });
});

describe("nearest", () => {
  test("names the function around an address, and nothing after its end", () => {
    const symbols = [{ name: "main", value: base + 16n, size: 32n, type: func }];
    expect(name(symbols, base + 15n)).toBe("0x8000000f");
    expect(name(symbols, base + 16n)).toBe("0x80000010 <main>");
    expect(name(symbols, base + 47n)).toBe("0x8000002f <main+0x1f>");
    expect(name(symbols, base + 48n)).toBe("0x80000030");
    expect(symbolsOf(symbols).nearest(base + 20n)).toEqual({ name: "main", offset: 4n });
  });

  test("lets a label reach to the next symbol, and no farther than its section", () => {
    const symbols: SymbolSpec[] = [
      { name: "_start", value: base },
      { name: "loop", value: base + 8n, binding: local },
      { name: "main", value: base + 0x100n, size: 0x10n, type: func },
    ];
    expect(name(symbols, base + 4n)).toBe("0x80000004 <_start+0x4>");
    expect(name(symbols, base + 0xffn)).toBe("0x800000ff <loop+0xf7>");
    expect(name(symbols, base + 0x110n)).toBe("0x80000110");
    expect(name([{ name: "_start", value: base }], base + 0xfffn)).toBe("0x80000fff <_start+0xfff>");
    expect(name([{ name: "_start", value: base }], base + 0x1000n)).toBe("0x80001000");
    expect(name([{ name: "_end", value: base + 0x1000n }], base + 0x1000n)).toBe("0x80001000 <_end>");
  });

  test("keeps to the function where a label is inside it, also after its end", () => {
    const symbols: SymbolSpec[] = [
      { name: "main", value: base, size: 16n, type: func },
      { name: "inner", value: base + 4n, binding: local },
    ];
    expect(name(symbols, base + 8n)).toBe("0x80000008 <main+0x8>");
    expect(name(symbols, base + 16n)).toBe("0x80000010");
  });

  test("prefers the inner of two that nest, the outer again after it", () => {
    const symbols = [
      { name: "outer", value: base, size: 64n, type: object },
      { name: "inner", value: base + 16n, size: 8n, type: object },
      { name: "innermost", value: base + 18n, size: 2n, type: object },
    ];
    expect(name(symbols, base + 17n)).toBe("0x80000011 <inner+0x1>");
    expect(name(symbols, base + 19n)).toBe("0x80000013 <innermost+0x1>");
    expect(name(symbols, base + 20n)).toBe("0x80000014 <inner+0x4>");
    expect(name(symbols, base + 24n)).toBe("0x80000018 <outer+0x18>");
    expect(name(symbols, base + 64n)).toBe("0x80000040");
  });

  test("prefers functions to objects to labels, and global to weak to local names, at the same place", () => {
    const at = (symbols: Partial<SymbolSpec>[]) => {
      return name(
        symbols.map((symbol, i) => ({ name: `s${i}`, value: base, size: 8n, ...symbol })),
        base,
      );
    };
    expect(at([{ type: object }, { type: func, binding: local }, { type: label }])).toBe("0x80000000 <s1>");
    expect(at([{ binding: local }, { binding: weak }, { binding: global }])).toBe("0x80000000 <s2>");
    expect(
      at([
        { size: 0n, type: label },
        { size: 0n, type: func, binding: local },
      ]),
    ).toBe("0x80000000 <s1>");
    expect(at([{ type: func }, { type: func }])).toBe("0x80000000 <s0>");
  });

  test("passes over mapping symbols, local labels of compilers, files, sections and constants", () => {
    const symbols: SymbolSpec[] = [
      { name: "real", value: base },
      { name: "$xrv64i2p1", value: base, binding: local },
      { name: "$x", value: base + 4n, binding: local },
      { name: "$d.1", value: base + 4n, binding: local },
      { name: ".L4", value: base + 4n, binding: local },
      { name: "", value: base + 4n, binding: local },
      { name: "a.c", value: base + 4n, type: file },
      { name: ".text", value: base + 4n, type: section },
      { name: "size", value: base + 4n, section: 0xfff1 },
      { name: "missing", value: base + 4n, section: 0 },
    ];
    expect(name(symbols, base + 4n)).toBe("0x80000004 <real+0x4>");
  });

  test("is exact at the top of the address space", () => {
    const symbols = [{ name: "last", value: 0xffffffffffffffffn, size: 0xffffffffffffffffn, type: func }];
    expect(name(symbols, 0xffffffffffffffffn)).toBe("0xffffffffffffffff <last>");
    expect(name(symbols, 0xfffffffffffffffen)).toBe("0xfffffffffffffffe");
  });

  test("finds the innermost of many random symbols, as a search of all of them does", () => {
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48271) % 0x7fffffff) % below;
    const symbols = Array.from({ length: 200 }, (_, i) => {
      return { name: `s${i}`, value: base + BigInt(random(512)), size: BigInt(1 + random(64)), type: func };
    });
    const table = symbolsOf(symbols);
    for (let address = base; address < base + 600n; address++) {
      const covering = symbols.filter(({ value, size }) => address >= value && address < value + size);
      const best = covering.sort((a, b) => Number(b.value - a.value) || Number(a.size - b.size))[0];
      expect(table.nearest(address)?.offset).toBe(best && address - best.value);
    }
  });
});

test("a name cannot break the line or the terminal that it is printed on", () => {
  const symbols = symbolsOf([{ name: "a\nb\x1b[2J", value: base }]);
  expect(symbols.format(base)).toBe("0x80000000 <a\\x0ab\\x1b[2J>");
});

test("a name without an end is cut, not read to the end of the file", () => {
  const built = buildElf({
    segments: [{ vaddr: base, data: new Uint8Array(16) }],
    symbols: [{ name: "x".repeat(10_000), value: base }],
  });
  const format = (bytes: Uint8Array) => parseElf(bytes, "long").symbols.format(base);
  expect(format(built.bytes)).toBe(`0x80000000 <${"x".repeat(4096)}>`);
  expect(format(withField(built, "section 3 sh_size", 4))).toBe("0x80000000 <xxx>");
});

test("a table of very many symbols with one enormous name costs little", () => {
  const count = 20_000;
  const built = buildElf({
    segments: [{ vaddr: base, data: new Uint8Array(16) }],
    symbols: [
      { name: "y".repeat(200_000), value: base },
      ...Array.from({ length: count }, (_, i) => ({ name: "", value: base + BigInt(i) })),
    ],
  });
  for (const { name: field, offset } of built.fields) {
    if (field.endsWith("st_name")) built.bytes.set([1, 0, 0, 0], offset);
  }
  const { symbols } = parseElf(built.bytes, "heavy");
  expect(symbols.find("z")).toBeUndefined();
  for (let i = 0n; i < 100n; i++) symbols.format(base + i);
});
