import { expect, test } from "vitest";
import { exitReasons } from "../../../src/cpu/translator/layout.ts";
import { createMachine } from "../../../src/machine/machine.ts";
import { finish, place } from "../../machine/assembled.ts";

/** Counts down from 60,000; below 30,000 by another way, which is never taken before. */
const turning = [
  "li32 s0, 60000",
  "li32 s1, 30000",
  "loop:",
  "addi s0, s0, -1",
  "blt s0, s1, rare",
  "addi a0, a0, 1",
  "back:",
  "bne s0, zero, loop",
  ...finish,
  "rare:",
  "addi a1, a1, 3",
  "jal zero, back",
];

test("a region leaves out what is rare, and is made again with it when it is rare no more", () => {
  const machine = createMachine({ ramBytes: 1 << 20, engine: "translator" });
  place(machine, turning);
  expect(machine.run()).toEqual({ reason: "exit", code: 0 });
  const [{ state, translation }] = machine.harts;
  expect([state.x(10), state.x(11)]).toEqual([30_000n, 90_000n]);
  const { outgrown, regions } = machine.translator!.statistics;
  expect(outgrown).toBe(1);
  expect(regions).toBe(2);
  // 3,000 until it is hot, and some until the new region's module is made
  expect(translation.exits[exitReasons.indexOf("left")]).toBeLessThan(4_000);
});
