import { expect, test } from "vitest";
import { Random } from "../../../src/supervisor/random.ts";
import { memoryTask, page } from "./memoryTask.ts";

test("a new mapping gets the highest gap that it fits in, whatever was mapped and unmapped before", () => {
  const { task, mmap, sys } = memoryTask();
  const { mm } = task;
  const random = new Random(7);
  const below = (most: number) => random.next() % most;
  const highest = (bytes: number): number => {
    let end = mm.mmapBase;
    for (const vma of [...mm.mm.vmas].reverse()) {
      if (Number(vma.vmStart) >= end) continue;
      if (end - bytes >= Number(vma.vmEnd)) break;
      end = Math.min(end, Number(vma.vmStart));
    }
    return end - bytes;
  };
  const mapped: [start: number, pages: number][] = [];
  for (let step = 0; step < 1500; step++) {
    if (mapped.length > 40 || (below(3) === 0 && mapped.length > 0)) {
      const [[start, pages]] = mapped.splice(below(mapped.length), 1);
      const first = below(pages);
      // in part: what is left may be in the way of others for ever
      expect(sys("munmap", start + first * page, (pages - first) * page)).toBe(0);
    } else {
      const pages = 1 + below(5);
      expect(mm.findGap(pages * page)).toBe(highest(pages * page));
      mapped.push([mmap(pages), pages]);
    }
  }
});
