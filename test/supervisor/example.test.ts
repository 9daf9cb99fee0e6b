import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runWatched } from "./example.ts";
import { call, dataAt, elfOf } from "./userProgram.ts";

const calls = { write: 64, exit: 93, getpid: 172 };

describe("the example of docs/kernel.md", () => {
  test("a student's page-fault handler and an answer of one's own to a system call", () => {
    const program = elfOf(
      [
        // the page behind the file's is memory on demand: one store, and one load of what is there now
        "lui s0, 0x11",
        "addi s1, zero, 7",
        "sd s1, 0(s0)",
        "ld s2, 8(s0)",
        ...call(calls.write, 1, dataAt, 3),
        ...call(calls.getpid),
        "add a0, a0, s1",
        "add a0, a0, s2",
        "addi a7, zero, 93",
        "ecall",
      ],
      "hi\n",
    );
    const lines = runWatched(program);
    expect(lines).toContain("store of 0x11000: done");
    expect(lines.filter((line) => line.includes("0x11008"))).toEqual([]);
    expect(lines).toContain("output: hi\n");
    expect(lines).toContain("write: 3");
    expect(lines).toContain("getpid: 42");
    expect(lines.at(-1)).toBe('{"reason":"exit","exit":{"kind":"exited","code":49}}');
  });

  test("tells the program by a signal where the handler has no page for it", () => {
    const lines = runWatched(elfOf(["sd zero, 0(zero)", ...call(calls.exit, 0)]));
    expect(lines).toContain("store of 0x0: noMapping");
    expect(lines.at(-1)).toBe('{"reason":"exit","exit":{"kind":"killed","signal":11,"core":true}}');
  });

  test("is what docs/kernel.md shows", () => {
    const source = readFileSync(join(import.meta.dirname, "example.ts"), "utf8");
    const shown = source
      .replace("../../src/index.ts", "pagewalk")
      .replace("../../src/kernel/index.ts", "pagewalk/kernel")
      .replace("../../src/pagewalk/index.ts", "pagewalk/walk")
      .replace("../../src/supervisor/index.ts", "pagewalk/user");
    const documented = readFileSync(join(import.meta.dirname, "../../docs/kernel.md"), "utf8");
    expect(documented.split("```ts\n")[1].split("```")[0]).toBe(shown);
  });
});
