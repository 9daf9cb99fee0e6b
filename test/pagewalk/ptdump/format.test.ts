import { describe, expect, test } from "vitest";
import { makePte, sv39, sv48, sv57 } from "../../../src/mmu/index.ts";
import { makeSoftEntry } from "../../../src/pagewalk/index.ts";
import { collectRuns, ptdump, scanTables } from "../../../src/pagewalk/ptdump/index.ts";
import { kernel, leaf, oneGiB, page, translatingModes, twoMiB } from "../fixture.ts";

/** Tables with one of everything. */
function everything(mode = sv39) {
  const made = kernel({ mode });
  const { map } = made;
  map(0x10000n, leaf("vrxuad", 0x80010));
  map(0x11000n, leaf("vrxuad", 0x80011));
  map(0x12000n, leaf("vrxuad", 0x80100));
  map(0x14000n, leaf("vrwu", 0x80014, { rsw: 1 }));
  for (let i = 0; i < 16; i++) map(0x20000n + BigInt(i) * page, leaf("vruad", 0x80028, { n: 1 }));
  map(0x30000n, makeSoftEntry({ type: 1, offset: 5 }));
  map(0x31000n, makePte({ v: 1, w: 1 }));
  map(twoMiB, leaf("vrwuad", 0x80200), 1);
  map(2n * oneGiB, leaf("vrwadg", 0x10000 * 4, { pbmt: 2 }), 2);
  map((1n << 64n) - page, leaf("vxa", 0x80050));
  return made.mm.tables;
}

describe("ranges", () => {
  test("join equal permissions wherever the frames are, and name holes, sizes and memory types", () => {
    const lines = ptdump(everything(), "ranges").split("\n");
    expect(lines[0]).toMatch(/^Sv39, root table at 0x[0-9a-f]+$/);
    expect(lines.slice(1, -1)).toEqual([
      "0x0000000000000000-0x0000000000010000     64 KiB  hole",
      "0x0000000000010000-0x0000000000013000     12 KiB  r-xu-ad 4 KiB pages, scattered",
      "0x0000000000013000-0x0000000000014000      4 KiB  hole",
      "0x0000000000014000-0x0000000000015000      4 KiB  rw-u--- 4 KiB pages rsw 1, pa 0x80014000",
      "0x0000000000015000-0x0000000000020000     44 KiB  hole",
      "0x0000000000020000-0x0000000000030000     64 KiB  r--u-ad 64 KiB pages, pa 0x80020000",
      "0x0000000000030000-0x0000000000031000      4 KiB  not present (PTE)",
      "0x0000000000031000-0x0000000000032000      4 KiB  bad (PTE)",
      "0x0000000000032000-0x0000000000200000   1.80 MiB  hole",
      "0x0000000000200000-0x0000000000400000      2 MiB  rw-u-ad 2 MiB pages, pa 0x80200000",
      "0x0000000000400000-0x0000000080000000   2.00 GiB  hole",
      "0x0000000080000000-0x00000000c0000000      1 GiB  rw--gad 1 GiB pages IO, pa 0x40000000",
      "0x00000000c0000000-0x0000004000000000    253 GiB  hole",
      "0xffffffc000000000-0xfffffffffffff000 256.00 GiB  hole",
      "0xfffffffffffff000-0x10000000000000000      4 KiB  --x--a- 4 KiB pages, pa 0x80050000",
    ]);
  });

  test("cover the whole address space, without gaps, in every mode", () => {
    for (const mode of translatingModes) {
      const { runs } = collectRuns(everything(mode));
      let next = 0;
      for (const run of runs) {
        expect(run.vpn).toBe(next);
        next += run.pages;
      }
      expect(next).toBe(2 ** (mode.vaBits - 12));
    }
  });

  test("end at the end of the lower half, and begin anew in the upper one", () => {
    const { mm, map } = kernel();
    for (let i = 254; i < 258; i++) map(BigInt(i) << 30n, leaf("vrad", i * 2 ** 18), 2);
    expect(ptdump(mm.tables, "ranges").split("\n").slice(2, 4)).toEqual([
      "0x0000003f80000000-0x0000004000000000      2 GiB  r----ad 1 GiB pages, pa 0x3f80000000",
      "0xffffffc000000000-0xffffffc080000000      2 GiB  r----ad 1 GiB pages, pa 0x4000000000",
    ]);
    expect(ptdump(mm.tables, "tree")).toContain("[254–255] 0x0000003f80000000");
  });

  test("show G where a table above has it", () => {
    const { mm, map } = kernel();
    map(0n, leaf("vra", 0x80010));
    mm.entryFor(0n, 1)!.setFields({ g: 1 });
    expect(ptdump(mm.tables, "ranges")).toContain("r---ga- 4 KiB");
  });

  test("name what is wrong at each depth", () => {
    const { mm, map } = kernel({ mode: sv57 });
    map(0n, makePte({ v: 1, ppn: 1 }), 4);
    map(1n << 48n, makePte({ v: 1, ppn: 1 }), 3);
    map(1n << 49n, makePte({ v: 1, ppn: 1 }), 2);
    map(3n << 48n, makeSoftEntry({ type: 1, offset: 5 }), 1);
    const text = ptdump(mm.tables, "ranges");
    expect(text).toContain("bad (PGD)");
    expect(text).toContain("bad (P4D)");
    expect(text).toContain("bad (PUD)");
    expect(text).toContain("not present (PMD)");
  });
});

test("the tree shows each table, and neighbours that map neighbours on one line", () => {
  const lines = ptdump(everything(), "tree")
    .replaceAll(/at 0x[0-9a-f]+/g, "at …")
    .split("\n");
  expect(lines).toEqual([
    "Sv39, root table at …",
    "  [0] 0x0000000000000000 table of level 1 at …",
    "    [0] 0x0000000000000000 table of level 0 at …",
    "      [16–17] 0x0000000000010000 r-xu-ad 4 KiB pages, pa 0x80010000",
    "      [18] 0x0000000000012000 r-xu-ad 4 KiB pages, pa 0x80100000",
    "      [20] 0x0000000000014000 rw-u--- 4 KiB pages rsw 1, pa 0x80014000",
    "      [32–47] 0x0000000000020000 r--u-ad 64 KiB pages, pa 0x80020000",
    "      [48] 0x0000000000030000 not present (PTE)",
    "      [49] 0x0000000000031000 bad (PTE)",
    "    [1] 0x0000000000200000 rw-u-ad 2 MiB pages, pa 0x80200000",
    "  [2] 0x0000000080000000 rw--gad 1 GiB pages IO, pa 0x40000000",
    "  [511] 0xffffffffc0000000 table of level 1 at …",
    "    [511] 0xffffffffffe00000 table of level 0 at …",
    "      [511] 0xfffffffffffff000 --x--a- 4 KiB pages, pa 0x80050000",
    "",
  ]);
});

test("JSON has every run with its frames", () => {
  const data = JSON.parse(ptdump(everything(sv48), "json"));
  expect([data.mode, data.complete]).toEqual(["Sv48", true]);
  const pages = data.ranges.filter((range: { kind: string }) => range.kind === "pages");
  expect(pages[0]).toEqual({
    kind: "pages",
    from: "0x0000000000010000",
    to: "0x0000000000012000",
    pa: "0x80010000",
    pageSize: 4096,
    flags: "r-xu-ad",
    rsw: 0,
    pbmt: 0,
  });
  expect(pages.map((range: { pageSize: number }) => range.pageSize)).toEqual([
    4096, 4096, 4096, 65536, 2097152, 1073741824, 4096,
  ]);
});

test("HTML needs nothing else, and shows every range", () => {
  const html = ptdump(everything(), "html");
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/<script|src=|href=|@import|url\(/);
  expect(html.match(/<tr class/g)).toHaveLength(15);
  expect(html).toContain("<summary>The tables</summary>");
});

describe("hostile tables", () => {
  test("that name themselves 512 times a level end in a sentence, soon, and are not written", () => {
    for (const mode of [sv39, sv57]) {
      const { mm, physical } = kernel({ mode });
      const { root } = mm.tables;
      for (let i = 0; i < 512; i++) physical.store(root + i * 8, 8, makePte({ v: 1, ppn: root / 4096 }));
      const before = physical.bytes.slice();
      const start = performance.now();
      let tables = 0;
      const visitor = { table: () => void tables++, entry: () => {}, leafTable: () => {} };
      expect(scanTables(mm.tables, visitor, 10_000)).toBe(false);
      expect(tables).toBe(10_000);
      expect(collectRuns(mm.tables, 2_000).complete).toBe(false);
      expect(performance.now() - start).toBeLessThan(5_000);
      expect(Buffer.compare(physical.bytes, before)).toBe(0);
    }
  });

  test("that point at devices and outside RAM are bad, not followed", () => {
    const { mm, map } = kernel();
    map(0n, makePte({ v: 1, ppn: 0x10000 }), 2);
    map(oneGiB, makePte({ v: 1, ppn: 2 ** 43 }), 2);
    map(2n * oneGiB, makePte({ v: 1, ppn: 2 ** 43 }), 1);
    const kinds = collectRuns(mm.tables).runs.map((run) => run.kind);
    expect(kinds.filter((kind) => kind !== "hole")).toEqual(["bad", "bad"]);
    expect(kinds).not.toContain("pages");
  });
});
