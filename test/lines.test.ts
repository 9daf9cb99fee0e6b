import { expect, test } from "vitest";
import { decodeMappings } from "../scripts/lines/mappings.ts";

test("a source map's places are differences from the ones before, columns from the line's start", () => {
  expect(decodeMappings("AAAA,QACE;;EADF,C,gCCgBAA")).toEqual([
    { line: 0, column: 0, source: 0, sourceLine: 0 },
    { line: 0, column: 8, source: 0, sourceLine: 1 },
    { line: 2, column: 2, source: 0, sourceLine: 0 },
    { line: 2, column: 35, source: 1, sourceLine: 16 },
  ]);
});
