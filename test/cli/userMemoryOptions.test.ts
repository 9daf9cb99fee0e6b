import { describe, expect, test } from "vitest";
import { memoryOptions } from "../../src/cli/user/memoryOptions.ts";

describe("what run --user is told about memory", () => {
  test("is huge pages for those who ask, and nothing set aside, unless something is said", () => {
    expect(memoryOptions({})).toEqual({ hugePages: "madvise" });
  });

  test("names the policy, pools by size, and swap space", () => {
    expect(memoryOptions({ thp: "always", hugepages: "3", swap: "64M" })).toEqual({
      hugePages: "always",
      hugetlb: new Map([[2 << 20, 3]]),
      swapBytes: 64 << 20,
    });
    expect(memoryOptions({ hugepages: "64k:16,1G:1" }).hugetlb).toEqual(
      new Map([
        [65536, 16],
        [2 ** 30, 1],
      ]),
    );
  });

  test.each([
    [{ thp: "sometimes" }, /no such policy: write always, madvise, never/],
    [{ hugepages: "4M:2" }, /huge pages of 64K, 2M and 1G, not of 4M/],
    [{ hugepages: "2M:x" }, /no number/],
    [{ swap: "much" }, /no amount of memory/],
  ])("that makes no sense is refused with a reason: %j", (given, reason) => {
    expect(() => memoryOptions(given)).toThrow(reason);
  });
});
