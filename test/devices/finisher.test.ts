import { expect, test } from "vitest";
import { type Finish, Finisher } from "../../src/devices/index.ts";
import { hammer } from "./random.ts";

function finishes(...stores: [offset: number, width: 1 | 2 | 4 | 8, value: bigint][]): Finish[] {
  const heard: Finish[] = [];
  const finisher = new Finisher((finish) => heard.push(finish));
  for (const [offset, width, value] of stores) finisher.store(offset, width, value);
  return heard;
}

test("0x5555 ends with 0, whatever the upper half", () => {
  expect(finishes([0, 4, 0x5555n], [0, 2, 0x5555n], [0, 4, 0x12345555n])).toEqual(
    Array.from({ length: 3 }, () => ({ kind: "exit", code: 0 })),
  );
});

test("0x3333 ends with the code in the upper half", () => {
  expect(finishes([0, 4, 0x00073333n], [0, 4, 0xffff3333n])).toEqual([
    { kind: "exit", code: 7 },
    { kind: "exit", code: 0xffff },
  ]);
});

test("a failure never ends with 0", () => {
  expect(finishes([0, 4, 0x3333n], [0, 2, 0x3333n])).toEqual([
    { kind: "exit", code: 1 },
    { kind: "exit", code: 1 },
  ]);
});

test("0x7777 asks for a reset", () => {
  expect(finishes([0, 4, 0x7777n])).toEqual([{ kind: "reset" }]);
});

test("other values and offsets do nothing", () => {
  expect(finishes([0, 4, 0n], [0, 4, 0x5554n], [4, 4, 0x5555n], [2, 2, 0x5555n], [0xffc, 4, 0x5555n])).toEqual([]);
});

test("only 2 and 4 aligned bytes are answered, with 0", () => {
  const finisher = new Finisher(() => {});
  expect(finisher.load(0, 4)).toBe(0n);
  expect(finisher.load(2, 2)).toBe(0n);
  for (const [offset, width] of [
    [0, 1],
    [0, 8],
    [2, 4],
    [1, 2],
    [0x1000, 4],
    [-4, 4],
  ] as const) {
    expect(finisher.load(offset, width)).toBeUndefined();
    expect(finisher.store(offset, width, 0x5555n)).toBe(false);
  }
});

test("no access makes it throw", () => {
  hammer(new Finisher(() => {}), [0, 4, 0xff8], 200_000);
});
