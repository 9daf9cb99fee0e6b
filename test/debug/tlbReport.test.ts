import { expect, test } from "vitest";
import { tlbReport } from "../../src/debug/tlbReport.ts";

test("a report of a TLB has its counters, in words", () => {
  const counters = {
    hits: 1234,
    misses: 1,
    walks: 2,
    evictions: 0,
    fences: { all: 1, asid: 0, va: 3, "va+asid": 0 },
    pageFaults: 1,
    accessFaults: 0,
  };
  expect(tlbReport({ geometry: { sets: 64, ways: 4 }, counters, entries: [] })).toEqual([
    "64 sets x 4 ways, 0 entries in use",
    "1 miss, 2 walks, 0 evictions, 1,234 hits beside those of the engine's own arrays",
    "1 page fault, 0 access faults on translated addresses",
    "fences: 1 of everything, 3 of an address",
  ]);
});
