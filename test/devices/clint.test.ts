import { describe, expect, test } from "vitest";
import { Clint } from "../../src/devices/index.ts";
import { hammer } from "./random.ts";

/** A CLINT on a clock that stands still, and what it told. */
function connect(harts = 2) {
  const heard: string[] = [];
  const clock = {
    time: 0n,
    now: () => clock.time,
    set: (value: bigint) => {
      clock.time = value;
    },
  };
  const clint = new Clint(harts, clock, {
    softwareInterrupt: (hart, level) => heard.push(`msip ${hart} ${level}`),
    timerChanged: (hart) => heard.push(`timer ${hart}`),
  });
  return { clint, clock, heard };
}

describe("software interrupts", () => {
  test("follow bit 0 of msip and are told when they change", () => {
    const { clint, heard } = connect();
    clint.store(4, 4, 0xffffffffn);
    clint.store(4, 4, 1n);
    expect(clint.load(4, 4)).toBe(1n);
    expect(clint.load(0, 4)).toBe(0n);
    clint.store(4, 4, 0xfffffffen);
    expect(clint.load(4, 4)).toBe(0n);
    expect(heard).toEqual(["msip 1 true", "msip 1 false"]);
  });

  test("of two harts change by one store of 8 bytes", () => {
    const { clint, heard } = connect();
    clint.store(0, 8, 0x1_0000_0001n);
    expect(clint.load(0, 8)).toBe(0x1_0000_0001n);
    expect(heard).toEqual(["msip 0 true", "msip 1 true"]);
  });

  test("of absent harts stay 0", () => {
    const { clint, heard } = connect();
    expect(clint.store(8, 4, 1n)).toBe(true);
    expect(clint.load(8, 4)).toBe(0n);
    expect(heard).toEqual([]);
  });
});

describe("the timer", () => {
  test("is pending while mtime is at or past mtimecmp, unsigned", () => {
    const { clint, clock } = connect();
    expect(clint.timerPending(0)).toBe(true);
    clint.store(0x4000, 8, 100n);
    expect(clint.deadline(0)).toBe(100n);
    expect(clint.timerPending(0)).toBe(false);
    clock.time = 99n;
    expect(clint.timerPending(0)).toBe(false);
    clock.time = 100n;
    expect(clint.timerPending(0)).toBe(true);
    clint.store(0x4000, 8, 0xffffffffffffffffn);
    clock.time = 1n << 63n;
    expect(clint.timerPending(0)).toBe(false);
    clock.time = 0xffffffffffffffffn;
    expect(clint.timerPending(0)).toBe(true);
  });

  test("is set in halves, the other half staying as it is", () => {
    const { clint, heard } = connect();
    clint.store(0x4008, 8, 0x1111111122222222n);
    clint.store(0x400c, 4, 0xffffffffn);
    expect(clint.load(0x4008, 8)).toBe(0xffffffff22222222n);
    clint.store(0x4008, 4, 5n);
    expect(clint.deadline(1)).toBe(0xffffffff00000005n);
    expect(clint.load(0x4008, 4)).toBe(5n);
    expect(clint.load(0x400c, 4)).toBe(0xffffffffn);
    expect(heard).toEqual(["timer 1", "timer 1", "timer 1"]);
  });

  test("of every hart is looked at again when mtime is written, whole or in halves", () => {
    const { clint, clock, heard } = connect();
    clint.store(0xbff8, 8, 0x123456789abcdef0n);
    expect(clock.time).toBe(0x123456789abcdef0n);
    clint.store(0xbffc, 4, 0n);
    clint.store(0xbff8, 4, 7n);
    expect(clint.load(0xbff8, 8)).toBe(7n);
    expect(clint.load(0xbffc, 4)).toBe(0n);
    expect(heard.filter((line) => line === "timer 1")).toHaveLength(3);
  });
});

describe("the registers", () => {
  test("answer 4 and 8 aligned bytes and nothing else", () => {
    const { clint } = connect();
    for (const [offset, width] of [
      [0, 1],
      [0x4000, 2],
      [0x4002, 4],
      [0x4004, 8],
      [0xfffc, 8],
      [0x10000, 4],
      [-4, 4],
    ] as const) {
      expect(clint.load(offset, width)).toBeUndefined();
      expect(clint.store(offset, width, 0n)).toBe(false);
    }
  });

  test("read 0 and ignore writes where there is none", () => {
    const { clint, heard } = connect();
    for (const offset of [0x100, 0x3ff8, 0x4010, 0xbff0, 0xc000, 0xfff8]) {
      expect(clint.store(offset, 8, 0xffffffffffffffffn)).toBe(true);
      expect(clint.load(offset, 8)).toBe(0n);
    }
    expect(heard).toEqual([]);
  });

  test("have room for 4095 harts and no more", () => {
    const { clint } = connect(4095);
    clint.store(0xbff0, 8, 9n);
    expect(clint.deadline(4094)).toBe(9n);
    expect(() => connect(4096)).toThrow("a CLINT serves 1 to 4095 harts, not 4096");
    expect(() => connect(0)).toThrow(RangeError);
  });
});

test("no access makes it throw", () => {
  const { clint } = connect(3);
  hammer(clint, [0, 8, 0x3ffc, 0x4000, 0x4010, 0xbff0, 0xbff8, 0xfff8], 200_000);
});
