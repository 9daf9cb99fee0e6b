import { describe, expect, test } from "vitest";
import { zstdProblem } from "../../src/machine/zstd.ts";

/** A frame's magic number and descriptor, and what follows them. */
const frame = (descriptor: number, ...rest: number[]) => [0x28, 0xb5, 0x2f, 0xfd, descriptor, ...rest];
/** A block header: raw 0, RLE 1, compressed 2. */
const block = (type: number, size: number, last: boolean) => {
  const header = (size << 3) | (type << 1) | Number(last);
  return [header & 0xff, (header >> 8) & 0xff, header >> 16];
};
/** A window descriptor, a raw block of 5, an RLE block of 300, a compressed one of 4. */
const blocks = [
  0x50,
  ...block(0, 5, false),
  1,
  2,
  3,
  4,
  5,
  ...block(1, 300, false),
  7,
  ...block(2, 4, true),
  1,
  2,
  3,
  4,
];
const problem = (bytes: readonly number[]) => zstdProblem(Uint8Array.from(bytes));

describe("a Zstandard file", () => {
  test("is whole where its last block is, with a checksum or without, followed by others or by anything", () => {
    expect(problem(frame(0, ...blocks))).toBeUndefined();
    expect(problem(frame(4, ...blocks, 9, 9, 9, 9))).toBeUndefined();
    const skippable = [0x5e, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 8, 8];
    expect(
      problem([...skippable, ...frame(0, ...blocks), ...frame(0, ...blocks), 0, 0, 0, 0, 0, 0, 0, 0]),
    ).toBeUndefined();
  });

  test("is cut off wherever it ends before", () => {
    const whole = frame(4, ...blocks, 9, 9, 9, 9);
    for (let length = 8; length < whole.length; length++) {
      expect(problem(whole.slice(0, length)), `${length} bytes`).toMatchObject({
        at: 0,
        reason: expect.stringContaining("cut off"),
      });
    }
  });

  test("has headers of several lengths: dictionary, content size, one segment", () => {
    const raw = [...block(0, 1, true), 1];
    expect(problem(frame(0x20, 7, ...raw))).toBeUndefined();
    expect(problem(frame(0xe3, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, ...raw))).toBeUndefined();
    expect(problem(frame(0x41, 0x50, 0, 1, 2, ...raw))).toBeUndefined();
  });

  test("is damaged where a block is of no type", () => {
    expect(problem(frame(0, 0x50, ...block(3, 1, true), 0))).toMatchObject({
      reason: expect.stringContaining("damaged"),
    });
  });
});
