import { createMachine } from "../../../src/machine/machine.ts";
import { Supervisor, type SupervisorOptions } from "../../../src/supervisor/index.ts";
import { procEntries } from "../../../src/supervisor/proc/entries.ts";
import { syscalls } from "../../../src/supervisor/syscalls/table.ts";
import type { Task } from "../../../src/supervisor/task.ts";
import { call, elfOf, fileOf } from "../userProgram.ts";

export const page = 4096;
export const huge = 2 << 20;
export const prot = { none: 0, read: 1, write: 2, exec: 4, rw: 3 } as const;
export const map = {
  shared: 1,
  private: 2,
  fixed: 0x10,
  anonymous: 0x20,
  growsDown: 0x100,
  locked: 0x2000,
  noReserve: 0x4000,
  populate: 0x8000,
  hugetlb: 0x40000,
  noReplace: 0x100000,
} as const;

/** A task whose program never runs: system calls are made for it by name. */
export function memoryTask(options: Partial<SupervisorOptions> = {}, ramBytes = 32 << 20) {
  const supervisor = new Supervisor({ ...options, machine: createMachine({ ramBytes }) });
  const task = supervisor.start(fileOf(elfOf(call(93, 0))), ["/program", "one"], ["A=b"]);
  const sys = (name: string, ...args: readonly number[]): number => {
    const found = syscalls.find((each) => each.name === name)!;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
    try {
      return found.run(task, a, b, c, d, e, f);
    } catch (error) {
      if (error instanceof Error && "number" in error) return -(error.number as number);
      throw error;
    }
  };
  /** Private anonymous memory unless told otherwise. */
  const mmap = (pages: number, flags: number = map.private | map.anonymous, protection: number = prot.rw, hint = 0) =>
    sys("mmap", hint, pages * page, protection, flags, -1, 0);
  const vector = (at: number, pages: number): number[] | number => {
    const into = mmapOnce(1);
    const answer = sys("mincore", at, pages * page, into);
    return answer === 0 ? [...task.memory.read(into, pages)] : answer;
  };
  let scratch = 0;
  const mmapOnce = (pages: number) => {
    if (scratch === 0) scratch = mmap(pages);
    return scratch;
  };
  return { supervisor, task, sys, mmap, vector, proc: (name: string) => procFile(task, name) };
}

/** What a file of /proc/self says. */
export function procFile(task: Task, name: string): string {
  const content = procEntries.find((entry) => entry.name === name)!.read!(task);
  return typeof content === "string" ? content : new TextDecoder().decode(content);
}

/** A number of kB that smaps has for the VMA at an address. */
export function smapsOf(text: string, address: number, name: string): number {
  const parts = text.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const part = parts.find((each) => {
    const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(each)!;
    return address >= Number.parseInt(start, 16) && address < Number.parseInt(end, 16);
  })!;
  return Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(part)![1]);
}
