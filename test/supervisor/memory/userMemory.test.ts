import { describe, expect, test } from "vitest";
import { map, memoryTask, page, prot } from "./memoryTask.ts";

describe("a program's memory, as system calls see it", () => {
  test("is read and written across pages, in every width and at odd addresses", () => {
    const { task, mmap } = memoryTask();
    const { memory } = task;
    const at = mmap(3) + page - 3;
    memory.write(at, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]));
    expect([...memory.read(at, 8)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([memory.u8(at), memory.u16(at), memory.u32(at), memory.i32(at)]).toEqual([1, 0x201, 0x4030201, 0x4030201]);
    expect([memory.u64(at), memory.long(at)]).toEqual([0x807060504030201n, Number(0x807060504030201n)]);
    memory.setU16(at, 0xffee);
    memory.setU32(at + 2, 0x8899aabb);
    expect([memory.u16(at), memory.u32(at + 2)]).toEqual([0xffee, 0x8899aabb]);
    memory.setLong(at, -5);
    expect([memory.long(at), memory.u64(at)]).toEqual([-5, 2n ** 64n - 5n]);
    memory.setU64(at + 3, 2n ** 63n);
    expect([memory.u64(at + 3), memory.long(at + 3)]).toEqual([2n ** 63n, -(2 ** 63)]);
    memory.clear(at, 2 * page);
    expect(memory.read(at, page).every((byte) => byte === 0)).toBe(true);
  });

  test("has strings up to their zero, which may be on another page", () => {
    const { task, mmap } = memoryTask();
    const { memory } = task;
    const at = mmap(2) + page - 4;
    memory.setString(at, "grüße");
    expect([memory.string(at), memory.cBytes(at).length]).toEqual(["grüße", 7]);
    memory.setString(at - 10, "abc");
    expect(memory.string(at - 10)).toBe("abc");
    expect(() => memory.cBytes(at, 6)).toThrow("ENAMETOOLONG");
    expect(() => memory.cBytes(at, 3, "E2BIG")).toThrow("E2BIG");
  });

  test("is an EFAULT where the program itself would have a SIGSEGV", () => {
    const { task, mmap } = memoryTask();
    const { memory } = task;
    const readOnly = mmap(1, map.private | map.anonymous, prot.read);
    for (const address of [0, -8, 2 ** 38, 2 ** 60, Number.NaN]) expect(() => memory.u8(address)).toThrow("EFAULT");
    expect(memory.u8(readOnly)).toBe(0);
    expect(() => memory.setU8(readOnly, 1)).toThrow("EFAULT");
    expect(() => memory.write(readOnly + page - 1, new Uint8Array(2))).toThrow("EFAULT");
  });

  test("is found in huge pages of every size", () => {
    const { task, mmap } = memoryTask({
      hugetlb: new Map([
        [65536, 2],
        [2 << 20, 1],
      ]),
    });
    const { memory } = task;
    const flags = map.private | map.anonymous | map.hugetlb;
    for (const at of [mmap(32, flags | (16 << 26)), mmap(512, flags)]) {
      memory.setU32(at + 5 * page + 4, 77);
      expect([memory.u32(at + 5 * page + 4), memory.u32(at + 4 * page + 4)]).toEqual([77, 0]);
    }
  });

  test("that cannot be had is an ENOMEM", () => {
    const { task, mmap, supervisor } = memoryTask();
    const at = mmap(1);
    while (supervisor.memory.frames.allocate() !== undefined);
    expect(() => task.memory.setU8(at, 1)).toThrow("ENOMEM");
    expect(() => supervisor.createMm(7)).toThrow("ENOMEM");
  });
});
