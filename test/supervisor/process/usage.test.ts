import { expect, test } from "vitest";
import { VmEvents } from "../../../src/kernel/index.ts";
import { FaultTally, Usage } from "../../../src/supervisor/process/usage.ts";
import { memoryTask, page, procFile } from "../memory/memoryTask.ts";

test("page faults are whose turn it was when they happened", () => {
  const events = new VmEvents();
  const tally = new FaultTally(events);
  const [one, two] = [new Usage(), new Usage()];
  events.pgfault = 5;
  events.pgmajfault = 2;
  tally.creditTo(one);
  tally.creditTo(two);
  events.pgfault = 6;
  tally.creditTo(two);
  expect([one.minorFaults, one.majorFaults, two.minorFaults, two.majorFaults]).toEqual([3, 2, 1, 0]);
  two.sawResident(7);
  one.add(two);
  expect([one.minorFaults, one.majorFaults, one.peakResident]).toEqual([4, 2, 7]);
});

test("getrusage and /proc/PID/stat say what threads, the process and its children have used", () => {
  const { task, sys, mmap } = memoryTask();
  const at = mmap(4);
  Object.assign(task.used, { cycles: 2_500_000_000, minorFaults: 11, majorFaults: 3 });
  Object.assign(task.process.used, { minorFaults: 100 });
  Object.assign(task.process.usedByChildren, { minorFaults: 40, majorFaults: 5, peakResident: 9 });
  const usage = (who: number) => {
    expect(sys("getrusage", who, at)).toBe(0);
    return [0, 8, 64, 72].map((offset) => task.memory.long(at + offset));
  };
  expect([usage(0), usage(1)]).toEqual([
    [2, 500_000, 111, 3],
    [2, 500_000, 11, 3],
  ]);
  expect(task.memory.long(at + 32)).toBe((task.mm.mm.peakResident * page) / 1024);
  expect([usage(-1), task.memory.long(at + 32), sys("getrusage", 5, at)]).toEqual([[0, 0, 40, 5], 36, -22]);
  const fields = procFile(task, "stat").split(" ");
  expect(fields.slice(9, 13)).toEqual(["111", "40", "3", "5"]);
  expect(Number(fields[23])).toBe(task.mm.mm.residentPages);
});
