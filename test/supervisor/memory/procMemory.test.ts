import { describe, expect, test } from "vitest";
import { sv39 } from "../../../src/mmu/index.ts";
import { errno } from "../../../src/supervisor/errno.ts";
import { procEntries } from "../../../src/supervisor/proc/entries.ts";
import { huge, map, memoryTask, page, prot, smapsOf } from "./memoryTask.ts";

const entry = (name: string) => procEntries.find((each) => each.name === name)!;

describe("/proc/PID", () => {
  test("maps has a line a VMA, with Linux's columns and names", () => {
    const { mmap, sys, proc } = memoryTask();
    mmap(1, map.shared | map.anonymous, prot.read, 0x2000_0000);
    sys("brk", sys("brk", 0) + page);
    const lines = proc("maps").trimEnd().split("\n");
    expect(lines[0]).toBe(`00010000-00011000 rwxp 00000000 00:00 0 ${" ".repeat(33)}/program`);
    expect(lines.find((line) => line.startsWith("20000000"))).toMatch(
      / r--s 00000000 00:00 0 +\/dev\/zero \(deleted\)$/,
    );
    expect(lines.filter((line) => /\[(heap|stack|vdso)\]$/.test(line))).toHaveLength(3);
    expect(lines.some((line) => / 0 $/.test(line))).toBe(true);
  });

  test("smaps counts what is mapped, and its rollup is the sum", () => {
    const { mmap, task, proc } = memoryTask({ hugetlb: new Map([[huge, 1]]) });
    const at = mmap(4, map.private | map.anonymous, prot.rw, 0x2000_0000);
    task.memory.setU8(at, 1);
    task.memory.u8(at + page);
    const pool = mmap(512, map.private | map.anonymous | map.hugetlb);
    task.memory.setU8(pool, 1);
    const smaps = proc("smaps");
    const counts = ["Size", "Rss", "Pss", "Pss_Dirty", "Private_Dirty", "Anonymous"];
    expect(counts.map((name) => smapsOf(smaps, at, name))).toEqual([16, 4, 4, 4, 4, 4]);
    expect([smapsOf(smaps, pool, "Private_Hugetlb"), smapsOf(smaps, pool, "KernelPageSize")]).toEqual([2048, 2048]);
    const sum = [...smaps.matchAll(/^Rss: +(\d+)/gm)].reduce((total, [, kib]) => total + Number(kib), 0);
    expect(Number(/^Rss: +(\d+)/m.exec(proc("smaps_rollup"))![1])).toBe(sum);
    expect(proc("smaps_rollup")).toMatch(/ ---p 00000000 00:00 0 +\[rollup\]\n/);
    expect(proc("maps")).toContain("/anon_hugepage (deleted)");
  });

  test("pagemap has a word a page, where it is asked for whole words", () => {
    const { mmap, task } = memoryTask();
    const at = mmap(2);
    task.memory.setU8(at, 1);
    const words = new BigUint64Array(2);
    const into = new Uint8Array(words.buffer);
    const { readAt } = entry("pagemap");
    expect(readAt!(task, (at / page) * 8, into)).toBe(16);
    const pfn = task.mm.mm.entryFor(BigInt(at))!.pfn;
    // new memory is soft-dirty, and nothing else where it is not there yet
    expect([words[0] >> 63n, words[0] & ((1n << 55n) - 1n), words[1]]).toEqual([1n, BigInt(pfn), 1n << 55n]);
    entry("clear_refs").write!(task, new TextEncoder().encode("4"));
    expect([readAt!(task, (at / page) * 8, into), words[0] & (1n << 55n), words[1]]).toEqual([16, 0n, 0n]);
    expect([readAt!(task, 4, into), readAt!(task, 0, into.subarray(0, 7))]).toEqual([-errno.EINVAL, -errno.EINVAL]);
    expect(readAt!(task, (task.mm.limit / page) * 8, into)).toBe(0);
  });

  test("clear_refs forgets use and writes, until there are new ones", () => {
    const { mmap, task, proc } = memoryTask();
    const at = mmap(1);
    task.memory.setU8(at, 1);
    const write = (text: string) => entry("clear_refs").write!(task, new TextEncoder().encode(text));
    expect([write("1\n"), smapsOf(proc("smaps"), at, "Referenced")]).toEqual([2, 0]);
    task.memory.u8(at);
    expect(smapsOf(proc("smaps"), at, "Referenced")).toBe(4);
    expect([write("5"), write("0"), write("6"), write("x")]).toEqual([1, -22, -22, -22]);
  });

  test("statm and status say the same", () => {
    const { mmap, task, proc } = memoryTask();
    task.memory.setU8(mmap(3), 1);
    const [size, resident] = proc("statm").split(" ").map(Number);
    const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(proc("status"))![1]);
    expect([kib("VmSize"), kib("VmRSS")]).toEqual([size * 4, resident * 4]);
    expect([kib("RssAnon") + kib("RssFile") + kib("RssShmem"), kib("VmStk")]).toEqual([kib("VmRSS"), 132]);
    expect(kib("VmPTE")).toBe(task.mm.mm.tableCount * 4);
    expect(proc("status")).toMatch(/^Name:\tprogram\n[\s\S]*^State:\tR \(running\)$[\s\S]*^Threads:\t1$/m);
  });

  test("cmdline, environ and auxv are as the program got them", () => {
    const { task, proc } = memoryTask();
    expect([proc("cmdline"), proc("environ")]).toEqual(["/program\0one\0", "A=b\0"]);
    expect((entry("auxv").read!(task) as Uint8Array).length % 16).toBe(0);
    task.mm.argEnd = 2 ** 37;
    task.mm.argStart = 2 ** 37 - 10;
    expect(proc("cmdline")).toBe("");
  });

  test("has nothing to say of an address space that is gone", () => {
    const { task, proc, supervisor } = memoryTask();
    task.mm = supervisor.createMm(7);
    expect([proc("statm"), proc("smaps_rollup"), proc("maps")]).toEqual(["0 0 0 0 0 0 0\n", "", ""]);
    expect(proc("status")).not.toContain("VmSize");
    expect(supervisor.mode).toBe(sv39);
  });
});
