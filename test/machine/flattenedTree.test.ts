import { describe, expect, test } from "vitest";
import { flatten } from "../../src/machine/flattenedTree.ts";
import { TreeError, unflatten } from "../../src/machine/flattenedTreeReader.ts";

const tree = {
  name: "",
  properties: { compatible: ["a,b", "c"], "#address-cells": [2], flag: true, wide: [1n << 40n] },
  children: [{ name: "memory@80000000", properties: { reg: [0x80000000n, 4096n] }, children: [] }],
} as const;

describe("a flattened device tree", () => {
  test("is read as it was written", () => {
    const { root, reservations } = unflatten(flatten(tree, [[0x80000000n, 0x1000n]]));
    expect(reservations).toEqual([[0x80000000n, 0x1000n]]);
    expect(root.properties).toEqual({
      compatible: new TextEncoder().encode("a,b\0c\0"),
      "#address-cells": Uint8Array.of(0, 0, 0, 2),
      flag: new Uint8Array(0),
      wide: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0),
    });
    expect(root.children?.map(({ name }) => name)).toEqual(["memory@80000000"]);
  });

  test("is the same when it is written again", () => {
    const blob = flatten(tree, [[1n, 2n]]);
    const { root, reservations } = unflatten(blob);
    expect(flatten(root, reservations)).toEqual(blob);
  });

  test("says that it is cut off, at whatever length", () => {
    const blob = flatten(tree);
    for (let length = 0; length < blob.length; length++) {
      expect(() => unflatten(blob.subarray(0, length))).toThrow(TreeError);
    }
  });

  test("throws nothing but a TreeError, whatever byte is changed", () => {
    const blob = flatten(tree);
    for (let at = 0; at < blob.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const damaged = blob.slice();
        damaged[at] = value;
        try {
          unflatten(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(TreeError);
        }
      }
    }
  });
});
