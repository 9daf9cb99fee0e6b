import { expect, test } from "vitest";
import { analyseFlow } from "../../src/cpu/translator/flow.ts";

test("control comes back to the root where an indirect jump goes to the entry alone", () => {
  const flow = analyseFlow([[1], []], 0, [0]);
  expect(flow.dispatched).toEqual([0]);
  expect(flow.isLoop(flow.root)).toBe(true);
});

test("control comes back to the root where a loop is entered in two places", () => {
  const flow = analyseFlow([[1, 2], [2], [1]], 0, []);
  expect(flow.dispatched).toHaveLength(2);
  expect(flow.isLoop(flow.root)).toBe(true);
});

test("control does not come back to the root of a graph that has structure", () => {
  const flow = analyseFlow([[1], [0, 2], []], 0, []);
  expect(flow.isLoop(flow.root)).toBe(false);
  expect(flow.isLoop(0)).toBe(true);
});
