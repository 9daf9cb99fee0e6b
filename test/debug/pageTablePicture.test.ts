import { describe, expect, test } from "vitest";
import { pageTablePicture } from "../../src/debug/pageTablePicture.ts";
import { PhysicalMemory } from "../../src/memory/physical.ts";
import { bare, makePte, sv39, sv57 } from "../../src/mmu/index.ts";

const base = 0x8000_0000;

/** Memory of 16 pages with PTEs at physical addresses. */
function memoryWith(ptes: Readonly<Record<number, bigint>>): PhysicalMemory {
  const memory = new PhysicalMemory(new WebAssembly.Memory({ initial: 1 }), { base, bytes: 65536, hostBase: 0 });
  for (const [pa, pte] of Object.entries(ptes)) memory.store(Number(pa), 8, pte);
  return memory;
}

const table = (page: number) => makePte({ v: 1, ppn: 0x80000 + page });
const leaf = (ppn: number, flags = {}) => makePte({ v: 1, r: 1, a: 1, ppn, ...flags });
const at = (page: number, index: number) => base + page * 4096 + index * 8;
const tables = { mode: sv39, asid: 7, root: BigInt(base) };

describe("a picture of page tables", () => {
  test("is a tree of tables and of runs of pages", () => {
    const memory = memoryWith({
      [at(0, 1)]: table(1),
      [at(0, 511)]: leaf(0x40000, { x: 1, g: 1 }),
      [at(1, 0)]: table(2),
      [at(1, 3)]: leaf(0x200, { w: 1, d: 1 }),
      [at(1, 4)]: leaf(0x400, { w: 1, d: 1 }),
      [at(2, 5)]: leaf(0x111, { u: 1 }),
    });
    expect(pageTablePicture(memory, tables)).toEqual([
      "Sv39, asid 7, root table at 0x80000000",
      "  [1] 0x0000000040000000 level 2 table at 0x80001000",
      "    [0] 0x0000000040000000 level 1 table at 0x80002000",
      "      [5] 0x0000000040005000..0x0000000040005fff -> 0x111000 r--u -a- 4 KiB",
      "    [3..4] 0x0000000040600000..0x00000000409fffff -> 0x200000 rw-- -ad 2 x 2 MiB",
      "  [511] 0xffffffffc0000000..0xffffffffffffffff -> 0x40000000 r-x- ga- 1 GiB",
    ]);
  });

  test("begins a new run where rights change, a page is missing or the physical page does not follow", () => {
    const memory = memoryWith({
      [at(0, 0)]: table(1),
      [at(1, 0)]: table(2),
      [at(2, 0)]: leaf(0x10),
      [at(2, 1)]: leaf(0x11),
      [at(2, 2)]: leaf(0x12, { w: 1 }),
      [at(2, 4)]: leaf(0x14, { w: 1 }),
      [at(2, 5)]: leaf(0x99, { w: 1 }),
    });
    const runs = pageTablePicture(memory, tables).slice(3);
    expect(runs.map((line) => line.trim().split(" ")[0])).toEqual(["[0..1]", "[2]", "[4]", "[5]"]);
  });

  test("marks what a walk rejects or what is unusual", () => {
    const memory = memoryWith({
      [at(0, 0)]: table(1),
      [at(0, 1)]: makePte({ v: 1, ppn: 0x12345 }),
      [at(0, 2)]: leaf(0x80000, { pbmt: 1, reserved: 4 }),
      [at(0, 3)]: makePte({ v: 1, w: 1, ppn: 0x80000 }),
      [at(1, 0)]: table(2),
      [at(2, 0)]: table(3),
      [at(2, 16)]: leaf(0x18, { n: 1 }),
    });
    expect(pageTablePicture(memory, tables).map((line) => line.trim())).toEqual([
      "Sv39, asid 7, root table at 0x80000000",
      "[0] 0x0000000000000000 level 2 table at 0x80001000",
      "[0] 0x0000000000000000 level 1 table at 0x80002000",
      "[0] 0x0000000000000000 level 0 points to a table below level 0: a fault",
      "[16] 0x0000000000010000..0x0000000000010fff -> 0x18000 r--- -a- napot 4 KiB",
      "[1] 0x0000000040000000 level 2 table at 0x12345000",
      "its table at 0x12345000 is not in RAM",
      "[2] 0x0000000080000000..0x00000000bfffffff -> 0x80000000 r--- -a- nc reserved bits set 1 GiB",
      "[3] 0x00000000c0000000..0x00000000ffffffff -> 0x80000000 -w-- --- w without r (reserved) 1 GiB",
    ]);
  });

  test("ends somewhere, also when a table names itself 512 times", () => {
    const ptes = Object.fromEntries(Array.from({ length: 512 }, (_, index) => [at(0, index), table(0)]));
    const lines = pageTablePicture(memoryWith(ptes), { ...tables, mode: sv57 }, 50);
    expect(lines).toHaveLength(52);
    expect(lines.at(-1)).toBe("  ... and so on");
  });

  test("says when there is no translation", () => {
    expect(pageTablePicture(memoryWith({}), { ...tables, mode: bare })).toEqual(["no translation: satp.MODE is Bare"]);
  });
});
