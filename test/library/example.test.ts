import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";
import { firstLookAtUserMode } from "./example.ts";

const root = join(import.meta.dirname, "../..");
const documented = readFileSync(join(root, "docs/library.md"), "utf8");

describe("the library's example", () => {
  test("looks at the demo in U-mode", () => {
    const lines = firstLookAtUserMode(join(root, "firmware/demos/demo.elf"));
    expect(lines.slice(0, 3)).toEqual([
      expect.stringMatching(/^at 0x4000[0-9a-f]{2}: /),
      "sp is 0x4000000000, satp is 0x8000100000080003",
      "the stack is at physical address 0x80005ff8",
    ]);
    expect(lines[3]).toContain("fetch of 0x0000003ffffffff8 in U-mode, Sv39, asid 1");
    expect(lines[3]).toContain("(step 5): the page is not executable (X=0)");
    expect(lines).toContain("Sv39, asid 1, root table at 0x80003000");
    expect(lines).toContain("      [511] 0x0000003ffffff000..0x0000003fffffffff -> 0x80005000 rw-u -ad 4 KiB");
    expect(lines).toContain("80000000 -> 80000000 RWX-AD");
    expect(lines.at(-1)).toBe('ended: {"reason":"exit","code":0}');
  });

  test("is what docs/library.md shows", () => {
    const source = readFileSync(join(import.meta.dirname, "example.ts"), "utf8");
    expect(documented.split("```ts\n")[1].split("```")[0]).toBe(source.replace("../../src/index.ts", "pagewalk"));
  });
});

test("everything that the library exports is named in docs/library.md", () => {
  expect(Object.keys(library).filter((name) => !documented.includes(name))).toEqual([]);
});
