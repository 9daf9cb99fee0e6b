import { describe, expect, test } from "vitest";
import { FileMapping } from "../../../src/kernel/index.ts";
import { errno } from "../../../src/supervisor/errno.ts";
import { OpenFile, openFlag } from "../../../src/supervisor/files/openFile.ts";
import { resource } from "../../../src/supervisor/process/limits.ts";
import { advice } from "../../../src/supervisor/syscalls/memoryAdvice.ts";
import { huge, map, memoryTask, page, prot } from "./memoryTask.ts";

const anonymous = map.private | map.anonymous;

/** A file of 5,000 bytes that can be mapped. */
class MappableFile extends OpenFile {
  readonly path = "/f";
  readonly bytes = new Uint8Array(5000).fill(0x78);
  readonly cache = new FileMapping("/f", {
    size: 5000,
    read: (offset, into) => {
      const part = this.bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
    write: (offset, bytes) => this.bytes.set(bytes, offset),
  });

  override mapping(): FileMapping {
    return this.cache;
  }
}

describe("mmap", () => {
  test("puts mappings below each other, and where it is told to", () => {
    const { mmap, sys, task } = memoryTask();
    const first = mmap(4);
    const second = mmap(4);
    expect([first % page, first + 4 * page <= task.mm.mmapBase, second]).toEqual([0, true, first - 4 * page]);
    // two that are alike are one
    expect(task.mm.mm.vmaAt(BigInt(first))).toBe(task.mm.mm.vmaAt(BigInt(second)));
    expect(mmap(1, anonymous | map.fixed, prot.read, 0x2000_0000)).toBe(0x2000_0000);
    expect(mmap(1, anonymous, prot.rw, 0x3000_0123)).toBe(0x3000_0000);
    expect(mmap(1, anonymous, prot.rw, 0x3000_0000)).not.toBe(0x3000_0000);
    task.memory.setU8(first, 7);
    expect(mmap(1, anonymous | map.fixed, prot.rw, first)).toBe(first);
    expect(task.memory.u8(first)).toBe(0);
    expect(sys("munmap", first, 4 * page)).toBe(0);
    expect(() => task.memory.u8(first)).toThrow("EFAULT");
  });

  test.each([
    ["no length", [0, 0, prot.rw, anonymous, -1, 0], errno.EINVAL],
    ["an odd offset", [0, page, prot.rw, anonymous, -1, 7], errno.EINVAL],
    ["neither shared nor private", [0, page, prot.rw, map.anonymous, -1, 0], errno.EINVAL],
    ["a descriptor that there is not", [0, page, prot.rw, map.private, 99, 0], errno.EBADF],
    ["a file that cannot be mapped", [0, page, prot.rw, map.private, 0, 0], errno.ENODEV],
    ["a file that cannot be read, whatever it is", [0, page, prot.rw, map.private, 1, 0], errno.EACCES],
    ["an odd fixed address", [1, page, prot.rw, anonymous | map.fixed, -1, 0], errno.EINVAL],
    ["more than there are addresses", [0, 2 ** 45, prot.rw, anonymous, -1, 0], errno.ENOMEM],
    ["a fixed end behind all addresses", [2 ** 38 - page, 2 * page, 3, anonymous | map.fixed, -1, 0], errno.ENOMEM],
    ["more than there is memory", [0, 2 ** 30, prot.rw, anonymous, -1, 0], errno.ENOMEM],
    ["a shared stack", [0, page, prot.rw, map.shared | map.anonymous | map.growsDown, -1, 0], errno.EINVAL],
    ["huge pages that there are not", [0, huge, prot.rw, anonymous | map.hugetlb, -1, 0], errno.ENOMEM],
    ["huge pages of 1 MiB", [0, huge, prot.rw, anonymous | map.hugetlb | (20 << 26), -1, 0], errno.EINVAL],
    ["a synchronous mapping", [0, page, prot.rw, 0x80003 | map.anonymous, -1, 0], errno.EOPNOTSUPP],
    ["an offset below 0", [0, page, prot.rw, anonymous, -1, -page], errno.EOVERFLOW],
  ])("refuses %s", (_name, args, error) => {
    expect(memoryTask().sys("mmap", ...args)).toBe(-error);
  });

  test("reserves addresses far beyond memory, of which parts are used", () => {
    const { mmap, sys, task } = memoryTask();
    const pages = 2 ** 22;
    const start = mmap(pages, anonymous | map.noReserve, prot.none);
    expect(mmap(1, anonymous | map.fixed, prot.rw, start + 5 * page)).toBe(start + 5 * page);
    task.memory.setU8(start + 5 * page, 1);
    expect(() => task.memory.u8(start)).toThrow("EFAULT");
    expect(mmap(1, anonymous | map.noReplace, prot.rw, start)).toBe(-errno.EEXIST);
    expect(sys("munmap", start, pages * page)).toBe(0);
  });

  test("populates when told to, and never replaces what it may not", () => {
    const { mmap, vector } = memoryTask();
    expect(vector(mmap(3, anonymous | map.populate), 3)).toEqual([1, 1, 1]);
    expect(vector(mmap(2, anonymous | map.locked, prot.read), 2)).toEqual([1, 1]);
    expect(vector(mmap(2, anonymous | map.populate, prot.exec), 2)).toEqual([1, 1]);
    expect(vector(mmap(2, anonymous | map.populate, prot.none), 2)).toEqual([0, 0]);
  });

  test("maps files: shared ones are the file, private ones copies, and only what may be written can be", () => {
    const { task, sys } = memoryTask();
    const file = new MappableFile(openFlag.O_RDWR);
    const fd = task.files.add(file);
    const shared = sys("mmap", 0, 2 * page, prot.rw, map.shared, fd, 0);
    const own = sys("mmap", 0, 2 * page, prot.rw, map.private, fd, 0);
    task.memory.setU8(shared + 1, 0x53);
    task.memory.setU8(own + 2, 0x50);
    expect([task.memory.u8(own + 1), task.memory.u8(shared + 2), file.bytes[1]]).toEqual([0x53, 0x78, 0x78]);
    expect([sys("msync", shared, page, 4), file.bytes[1]]).toEqual([0, 0x53]);
    const readOnly = task.files.add(new MappableFile(openFlag.O_RDONLY));
    expect(sys("mmap", 0, page, prot.rw, map.shared, readOnly, 0)).toBe(-errno.EACCES);
    const seen = sys("mmap", 0, page, prot.read, map.shared, readOnly, 0);
    expect(sys("mprotect", seen, page, prot.rw)).toBe(-errno.EACCES);
    const writeOnly = task.files.add(new MappableFile(openFlag.O_WRONLY));
    expect(sys("mmap", 0, page, prot.read, map.private, writeOnly, 0)).toBe(-errno.EACCES);
    expect(sys("mmap", 0, huge, prot.read, map.private | map.hugetlb, fd, 0)).toBe(-errno.EINVAL);
  });

  test("gives huge pages of a pool, for which there is a promise", () => {
    const { mmap, sys, task, supervisor } = memoryTask({ hugetlb: new Map([[huge, 2]]) });
    const start = mmap(512, anonymous | map.hugetlb);
    expect([start % huge, supervisor.memory.hugetlbPool(BigInt(huge)).reservedPages]).toEqual([0, 1]);
    task.memory.setU8(start + 5 * page, 1);
    expect([sys("munmap", start + page, page), sys("mremap", start, huge, 2 * huge, 1)]).toEqual([-22, -22]);
    expect(sys("madvise", start + page, huge, 4)).toBe(-errno.EINVAL);
    expect([sys("madvise", start, page, 4), sys("madvise", start, huge, 4)]).toEqual([0, 0]);
    expect([sys("munmap", start, huge), supervisor.memory.hugetlbPool(BigInt(huge)).freePages]).toEqual([0, 2]);
  });
});

describe("hugetlb mappings", () => {
  const setUp = () => {
    const made = memoryTask({ hugetlb: new Map([[huge, 4]]) }, 64 << 20);
    const pool = made.supervisor.memory.hugetlbPool(BigInt(huge));
    return { ...made, counts: () => [pool.freePages, pool.reservedPages] };
  };

  test("move with their pages and their promises, shrink, and do not grow", () => {
    const { mmap, sys, task, counts } = setUp();
    const at = mmap(3 * 512, anonymous | map.hugetlb);
    task.memory.setU8(at + huge, 7);
    const to = at - 16 * huge;
    expect(sys("mremap", at, 3 * huge, 3 * huge, 3, to + page)).toBe(-errno.EINVAL);
    expect(sys("mremap", at, 3 * huge, 4 * huge, 1)).toBe(-errno.EINVAL);
    expect(sys("mremap", at, 3 * huge, 3 * huge, 3, to)).toBe(to);
    expect([task.memory.u8(to + huge), counts()]).toEqual([7, [3, 2]]);
    expect(() => task.memory.u8(at + huge)).toThrow("EFAULT");
    expect([sys("mremap", to, 3 * huge, huge + 1, 0), counts()]).toEqual([to, [3, 1]]);
    expect([sys("munmap", to, 2 * huge), counts()]).toEqual([0, [4, 0]]);
  });

  test("that are shared have holes made, whose pages stay promised", () => {
    const { mmap, sys, task, counts } = setUp();
    const at = mmap(2 * 512, map.shared | map.anonymous | map.hugetlb);
    task.memory.setU8(at, 7);
    task.memory.setU8(at + huge, 8);
    expect([sys("madvise", at + page, huge, advice.REMOVE), counts()]).toEqual([0, [2, 0]]);
    expect([sys("madvise", at, huge + page, advice.REMOVE), counts()]).toEqual([0, [3, 1]]);
    expect([task.memory.u8(at), task.memory.u8(at + huge), counts()]).toEqual([0, 8, [2, 0]]);
  });
});

test("a limit of data (RLIMIT_DATA) is for private memory that may be written, and the heap", () => {
  const { task, sys, mmap } = memoryTask();
  task.process.limits.set(resource.RLIMIT_DATA, { soft: 1 << 20, hard: 1 << 20 });
  expect([mmap(512), sys("brk", task.mm.brk + huge) < task.mm.brk + huge]).toEqual([-errno.ENOMEM, true]);
  expect([mmap(512, anonymous, prot.read) > 0, mmap(512, map.shared | map.anonymous) > 0]).toEqual([true, true]);
  const at = mmap(16);
  expect([at > 0, sys("mremap", at, 16 * page, huge, 1)]).toEqual([true, -errno.ENOMEM]);
});

describe("a limit of addresses (RLIMIT_AS)", () => {
  test("holds for mmap, brk and mremap, reservations included", () => {
    const { mmap, sys, task } = memoryTask();
    const at = mmap(4);
    const end = sys("brk", 0);
    const soft = task.mm.mappedBytes + 2 * page;
    task.process.limits.set(9, { soft, hard: -1 });
    expect(mmap(3, anonymous | map.noReserve, prot.none)).toBe(-errno.ENOMEM);
    expect([sys("brk", end + 3 * page), sys("mremap", at, 4 * page, 7 * page, 1)]).toEqual([end, -errno.ENOMEM]);
    expect(sys("mremap", at, 4 * page, 7 * page, 3, 0x2000_0000)).toBe(-errno.ENOMEM);
    expect(mmap(2)).toBeGreaterThan(0);
  });
});

describe("munmap, mprotect and brk", () => {
  test("refuse what is no range of pages", () => {
    const { sys, mmap } = memoryTask();
    const at = mmap(2);
    expect([sys("munmap", at + 1, page), sys("munmap", at, 0), sys("munmap", 2 ** 38, page)]).toEqual([-22, -22, -22]);
    expect([sys("mprotect", at + 1, page, 1), sys("mprotect", at, page, 0x40)]).toEqual([-22, -22]);
    expect([sys("mprotect", at, 0, 1), sys("mprotect", at, -page, 1)]).toEqual([0, -errno.ENOMEM]);
    expect(sys("mprotect", at, page, prot.read | 0x100_0000)).toBe(-errno.EINVAL);
  });

  test("protect a stack down to where it begins", () => {
    const { sys, task } = memoryTask();
    const stack = task.mm.mm.vmaAt(BigInt(task.mm.startStack))!;
    const last = Number(stack.vmEnd) - page;
    expect(sys("mprotect", last, page, prot.read | 0x100_0000)).toBe(0);
    expect(() => task.memory.setU8(last - page, 1)).toThrow("EFAULT");
  });

  test("move the end of the heap, which is zero where it is new", () => {
    const { sys, task, mmap } = memoryTask();
    const start = sys("brk", 0);
    expect(sys("brk", start + 3 * page)).toBe(start + 3 * page);
    task.memory.setU8(start + 2 * page, 5);
    expect([sys("brk", start + page), sys("brk", start + 3 * page)]).toEqual([start + page, start + 3 * page]);
    expect(task.memory.u8(start + 2 * page)).toBe(0);
    expect(sys("brk", start + 2 ** 30)).toBe(start + 3 * page);
    mmap(1, anonymous | map.fixed, prot.rw, start + 3 * page);
    expect(sys("brk", start + 4 * page)).toBe(start + 3 * page);
  });
});

describe("mremap", () => {
  const [mayMove, fixed, dontUnmap] = [1, 2, 4];

  test("grows in place where there is room, moves where it may, and shrinks", () => {
    const { sys, mmap, task } = memoryTask();
    const low = mmap(1, anonymous | map.fixed, prot.rw, 0x2000_0000);
    task.memory.setU8(low, 9);
    expect(sys("mremap", low, page, 3 * page, 0)).toBe(low);
    mmap(1, anonymous | map.fixed, prot.read, low + 3 * page);
    expect(sys("mremap", low, 3 * page, 4 * page, 0)).toBe(-errno.ENOMEM);
    const moved = sys("mremap", low, 3 * page, 4 * page, mayMove);
    expect([moved !== low, task.memory.u8(moved)]).toEqual([true, 9]);
    expect(() => task.memory.u8(low)).toThrow("EFAULT");
    expect(sys("mremap", moved, 4 * page, page, 0)).toBe(moved);
    expect(() => task.memory.u8(moved + page)).toThrow("EFAULT");
  });

  test("moves to a place, leaves the old one if told to, and maps shared memory twice", () => {
    const { sys, mmap, task } = memoryTask();
    const from = mmap(2);
    task.memory.setU8(from, 4);
    const to = 0x2000_0000;
    expect(sys("mremap", from, 2 * page, 2 * page, mayMove | fixed, to)).toBe(to);
    expect(task.memory.u8(to)).toBe(4);
    const left = sys("mremap", to, 2 * page, 2 * page, mayMove | dontUnmap);
    expect([task.memory.u8(left), task.memory.u8(to)]).toEqual([4, 0]);
    const shared = mmap(1, map.shared | map.anonymous);
    const twin = sys("mremap", shared, 0, page, mayMove);
    task.memory.setU8(twin, 3);
    expect(task.memory.u8(shared)).toBe(3);
  });

  test("refuses what cannot be", () => {
    const { sys, mmap } = memoryTask();
    const at = mmap(4);
    const refused = (...args: number[]) => -sys("mremap", ...args);
    expect(refused(at + 1, page, page, mayMove)).toBe(errno.EINVAL);
    expect(refused(at, page, 0, mayMove)).toBe(errno.EINVAL);
    expect(refused(at, page, page, 8)).toBe(errno.EINVAL);
    expect(refused(at, page, page, fixed, 0x2000_0000)).toBe(errno.EINVAL);
    expect(refused(at, page, 2 * page, mayMove | dontUnmap)).toBe(errno.EINVAL);
    expect(refused(at, 2 * page, 2 * page, mayMove | fixed, at + page)).toBe(errno.EINVAL);
    expect(refused(at, 0, page, mayMove)).toBe(errno.EINVAL);
    expect(refused(0x2000_0000, page, page, mayMove)).toBe(errno.EFAULT);
    expect(refused(at, 2 ** 30, 2 ** 31, mayMove)).toBe(errno.EFAULT);
    expect(refused(at, page, 2 ** 40, mayMove)).toBe(errno.ENOMEM);
    expect(refused(at, 4 * page, 2 ** 31, mayMove)).toBe(errno.ENOMEM);
  });
});
