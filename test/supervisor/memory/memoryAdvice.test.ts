import { describe, expect, test } from "vitest";
import { vmFlag } from "../../../src/pagewalk/index.ts";
import { errno } from "../../../src/supervisor/errno.ts";
import { advice } from "../../../src/supervisor/syscalls/memoryAdvice.ts";
import { huge, map, memoryTask, page, prot, smapsOf } from "./memoryTask.ts";

const anonymous = map.private | map.anonymous;
const shared = map.shared | map.anonymous;

describe("madvise", () => {
  test("drops, frees, pages out and brings back", () => {
    const { mmap, sys, task, vector } = memoryTask({ swapBytes: 1 << 20 });
    const at = mmap(8, anonymous | map.populate);
    for (let i = 0; i < 8; i++) task.memory.setU8(at + i * page, i + 1);
    expect(sys("madvise", at, page, advice.DONTNEED)).toBe(0);
    expect([vector(at, 2), task.memory.u8(at)]).toEqual([[0, 1], 0]);
    expect(sys("madvise", at + page, page, advice.FREE)).toBe(0);
    expect(sys("madvise", at + page, 2 * page, advice.PAGEOUT)).toBe(0);
    expect([vector(at + page, 2), task.memory.u8(at + page)]).toEqual([[0, 0], 0]);
    expect(sys("madvise", at + 2 * page, page, advice.WILLNEED)).toBe(0);
    expect([vector(at + 2 * page, 1), task.memory.u8(at + 2 * page)]).toEqual([[1], 3]);
    expect(sys("madvise", at, 8 * page, advice.COLD)).toBe(0);
  });

  test("installs guards, and takes them away", () => {
    const { mmap, sys, task } = memoryTask();
    const at = mmap(3, anonymous | map.populate);
    expect(sys("madvise", at + page, page, advice.GUARD_INSTALL)).toBe(0);
    expect(() => task.memory.u8(at + page)).toThrow("EFAULT");
    expect(sys("madvise", at, 3 * page, advice.GUARD_REMOVE)).toBe(0);
    expect(task.memory.u8(at + page)).toBe(0);
  });

  test("populates, and says why it cannot", () => {
    const { mmap, sys, vector } = memoryTask();
    const at = mmap(4);
    expect([sys("madvise", at, 2 * page, advice.POPULATE_WRITE), vector(at, 3)]).toEqual([0, [1, 1, 0]]);
    sys("mprotect", at + 3 * page, page, prot.none);
    expect(sys("madvise", at, 4 * page, advice.POPULATE_READ)).toBe(-errno.EINVAL);
    sys("munmap", at + 3 * page, page);
    expect(sys("madvise", at, 4 * page, advice.POPULATE_READ)).toBe(-errno.ENOMEM);
    const guarded = mmap(1, anonymous, prot.rw, 0x2000_0000);
    sys("madvise", guarded, page, advice.GUARD_INSTALL);
    expect(sys("madvise", guarded, page, advice.POPULATE_READ)).toBe(-errno.EFAULT);
    const much = mmap(2 ** 20, anonymous | map.noReserve);
    expect(sys("madvise", much, 2 ** 32, advice.POPULATE_WRITE)).toBe(-errno.ENOMEM);
  });

  test("goes on behind a gap, which it tells of", () => {
    const { mmap, sys, task } = memoryTask();
    const at = mmap(3);
    task.memory.setU8(at + 2 * page, 1);
    sys("munmap", at + page, page);
    expect(sys("madvise", at, 3 * page, advice.DONTNEED)).toBe(-errno.ENOMEM);
    expect(task.memory.u8(at + 2 * page)).toBe(0);
    expect(sys("madvise", 0x2000_0000, page, advice.DONTNEED)).toBe(-errno.ENOMEM);
  });

  test("is a flag that smaps shows, and splits and joins VMAs", () => {
    const { mmap, sys, task, proc } = memoryTask();
    const at = mmap(3, anonymous, prot.rw, 0x2000_0000);
    const flags = () => /VmFlags: ([a-z ]*)/.exec(proc("smaps").slice(proc("smaps").indexOf("20001000-")))![1];
    for (const [on, letters, off] of [
      [advice.RANDOM, "rr", advice.NORMAL],
      [advice.SEQUENTIAL, "sr", advice.NORMAL],
      [advice.DONTFORK, "dc", advice.DOFORK],
      [advice.DONTDUMP, "dd", advice.DODUMP],
      [advice.WIPEONFORK, "wf", advice.KEEPONFORK],
    ] as const) {
      expect(sys("madvise", at + page, page, on)).toBe(0);
      expect([flags().includes(letters), task.mm.mm.vmaAt(0x2000_0000n)!.pages]).toEqual([true, 1]);
      expect(sys("madvise", at + page, page, off)).toBe(0);
      expect(task.mm.mm.vmaAt(0x2000_0000n)!.pages).toBe(3);
    }
  });

  test("gives huge pages, takes them, and collapses small ones", () => {
    const { mmap, sys, task, proc } = memoryTask();
    const at = Math.ceil(mmap(1536) / huge) * huge;
    sys("madvise", at, huge, advice.HUGEPAGE);
    task.memory.setU8(at, 1);
    expect(smapsOf(proc("smaps"), at, "AnonHugePages")).toBe(2048);
    sys("madvise", at, page, advice.DONTNEED);
    expect(smapsOf(proc("smaps"), at, "AnonHugePages")).toBe(0);
    expect([sys("madvise", at, huge, advice.COLLAPSE), smapsOf(proc("smaps"), at, "AnonHugePages")]).toEqual([0, 2048]);
    expect(sys("madvise", at, huge, advice.NOHUGEPAGE)).toBe(0);
  });

  test("refuses what it does not know or what the memory is not for", () => {
    const { mmap, sys, task } = memoryTask();
    const own = mmap(1);
    const common = mmap(1, shared, prot.read);
    const refused = (at: number, what: number) => -sys("madvise", at, page, what);
    expect([refused(own, 1234), refused(own + 1, advice.COLD), refused(-page, advice.COLD)]).toEqual([22, 22, 22]);
    expect(sys("madvise", own, 0, advice.COLD)).toBe(0);
    expect([
      refused(common, advice.FREE),
      refused(common, advice.WIPEONFORK),
      refused(common, advice.COLLAPSE),
    ]).toEqual([22, 22, 22]);
    expect(refused(own, advice.REMOVE)).toBe(errno.EINVAL);
    task.mm.mm.vmaAt(BigInt(common))!.vmFlags &= ~vmFlag.VM_MAYWRITE;
    expect(refused(common, advice.REMOVE)).toBe(errno.EACCES);
    sys("mlock", own, page);
    expect(refused(own, advice.DONTNEED)).toBe(errno.EINVAL);
    expect(sys("madvise", own, page, advice.DONTNEED_LOCKED)).toBe(0);
  });

  test("makes holes in shared memory", () => {
    const { mmap, sys, task } = memoryTask();
    const at = mmap(2, shared);
    task.memory.setU8(at, 1);
    task.memory.setU8(at + page, 2);
    expect(sys("madvise", at, page, advice.REMOVE)).toBe(0);
    expect([task.memory.u8(at), task.memory.u8(at + page)]).toEqual([0, 2]);
  });
});

describe("mincore, msync and mlock", () => {
  test("know holes and what is no range of pages", () => {
    const { mmap, sys, vector } = memoryTask();
    const at = mmap(3, anonymous, prot.rw, 0x2000_0000);
    sys("munmap", at + page, page);
    expect(vector(at, 3)).toBe(-errno.ENOMEM);
    expect([vector(at + 1, 1), sys("mincore", -page, page, at), sys("mincore", at, 0, at)]).toEqual([-22, -12, 0]);
    expect(sys("mincore", at, page, 0)).toBe(-errno.EFAULT);
    expect([sys("msync", at, 3 * page, 4), sys("msync", at, page, 5), sys("msync", at + 1, page, 4)]).toEqual([
      -12, -22, -22,
    ]);
    expect([sys("msync", at, 0, 4), sys("msync", -page, page, 4), sys("msync", at, page, 8)]).toEqual([0, -12, -22]);
    expect([sys("mlock", at, 3 * page), sys("mlock", -page, page), sys("mlock", at, 0)]).toEqual([-12, -22, 0]);
  });

  test("locked memory is there, and stays", () => {
    const { mmap, sys, vector, proc } = memoryTask();
    const at = mmap(2);
    expect([sys("mlock", at + 5, page), vector(at, 2)]).toEqual([0, [1, 1]]);
    expect([smapsOf(proc("smaps"), at, "Locked"), sys("msync", at, page, 2)]).toEqual([8, -errno.EBUSY]);
    expect([sys("munlock", at, 2 * page), smapsOf(proc("smaps"), at, "Locked")]).toEqual([0, 0]);
    const later = mmap(2, anonymous, prot.rw, 0x2000_0000);
    expect([sys("mlock2", later, page, 1), vector(later, 1), sys("mlock2", later, page, 2)]).toEqual([0, [0], -22]);
  });

  test("all of it, now and later", () => {
    const { mmap, sys, vector } = memoryTask();
    const at = mmap(2);
    expect([sys("mlockall", 0), sys("mlockall", 4), sys("mlockall", 8)]).toEqual([-22, -22, -22]);
    expect([sys("mlockall", 3), vector(at, 2), vector(mmap(2), 2)]).toEqual([0, [1, 1], [1, 1]]);
    const heap = sys("brk", 0);
    sys("brk", heap + page);
    expect(vector(Math.ceil(heap / page) * page, 1)).toEqual([1]);
    expect([sys("munlockall"), sys("mlockall", 2 | 4), vector(mmap(2), 2)]).toEqual([0, 0, [0, 0]]);
  });
});
