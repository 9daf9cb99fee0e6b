import { describe, expect, test } from "vitest";
import { Rtc } from "../../src/devices/rtc.ts";
import { hammer } from "./random.ts";

const at = {
  timeLow: 0,
  timeHigh: 4,
  alarmLow: 8,
  alarmHigh: 12,
  irqEnabled: 16,
  clearAlarm: 20,
  alarmStatus: 24,
  clearInterrupt: 28,
} as const;

/** A clock that stands still at some time of 2024. */
function connect(time = 0x17d0_1234_5678_9abcn) {
  const levels: boolean[] = [];
  const clock = { time, now: () => clock.time };
  let deadlines = 0;
  const rtc = new Rtc(clock, { onInterrupt: (level) => levels.push(level), onDeadline: () => deadlines++ });
  const get = (offset: number) => rtc.load(offset, 4);
  const set = (offset: number, value: bigint) => rtc.store(offset, 4, BigInt.asUintN(32, value));
  const setAlarm = (event: bigint) => {
    set(at.alarmHigh, event >> 32n);
    set(at.alarmLow, event);
  };
  return { rtc, clock, levels, get, set, setAlarm, deadlines: () => deadlines };
}

describe("the time", () => {
  test("is the clock's nanoseconds in two halves, the high one latched by reading the low one", () => {
    const { clock, get } = connect(0x1_ffff_ffffn);
    expect(get(at.timeLow)).toBe(0xffff_ffffn);
    clock.time = 0x2_0000_0000n;
    expect(get(at.timeHigh)).toBe(1n);
    expect(get(at.timeLow)).toBe(0n);
    expect(get(at.timeHigh)).toBe(2n);
  });

  test("can be set, a half at a time, and goes on from there with the clock", () => {
    const { clock, get, set } = connect();
    set(at.timeHigh, 5n);
    set(at.timeLow, 7n);
    clock.time += 10n;
    expect([get(at.timeLow), get(at.timeHigh)]).toEqual([17n, 5n]);
  });
});

describe("the alarm", () => {
  test("is set by its low half, goes off when the time has come, and interrupts if it may", () => {
    const { rtc, clock, levels, get, set, deadlines } = connect();
    const event = clock.time + 0x1_0000_0005n;
    set(at.irqEnabled, 1n);
    set(at.alarmHigh, event >> 32n);
    expect(rtc.deadline()).toBeUndefined();
    set(at.alarmLow, event);
    expect(rtc.deadline()).toBe(event);
    expect(deadlines()).toBe(1);
    expect(get(at.alarmStatus)).toBe(1n);
    expect([get(at.alarmLow), get(at.alarmHigh)]).toEqual([BigInt.asUintN(32, event), event >> 32n]);
    clock.time = event - 1n;
    rtc.poll();
    expect(levels).toEqual([]);
    clock.time = event;
    rtc.poll();
    expect(levels).toEqual([true]);
    expect(rtc.interrupt).toBe(true);
    expect(get(at.alarmStatus)).toBe(0n);
    expect(rtc.deadline()).toBeUndefined();
    set(at.clearInterrupt, 1n);
    expect(levels).toEqual([true, false]);
  });

  test("that is due goes off at once", () => {
    const { clock, levels, set, setAlarm } = connect();
    set(at.irqEnabled, 1n);
    setAlarm(clock.time);
    expect(levels).toEqual([true]);
  });

  test("stays as it was set while its high half is written for the next one", () => {
    const { rtc, clock, levels, set, setAlarm } = connect();
    set(at.irqEnabled, 1n);
    const event = clock.time + 1000n;
    setAlarm(event);
    set(at.alarmHigh, 0n);
    expect(rtc.deadline()).toBe(event);
    expect(levels).toEqual([]);
  });

  test("can be cleared", () => {
    const { rtc, clock, levels, set, setAlarm, deadlines } = connect();
    set(at.irqEnabled, 1n);
    setAlarm(clock.time + 1n);
    set(at.clearAlarm, 1n);
    clock.time += 10n;
    rtc.poll();
    expect(rtc.deadline()).toBeUndefined();
    expect(levels).toEqual([]);
    expect(deadlines()).toBe(2);
  });

  test("that went off unheard interrupts when interrupts are enabled", () => {
    const { clock, levels, get, set, setAlarm } = connect();
    setAlarm(clock.time);
    expect(levels).toEqual([]);
    set(at.irqEnabled, 0xffffffffn);
    expect(get(at.irqEnabled)).toBe(1n);
    set(at.irqEnabled, 2n);
    expect(levels).toEqual([true, false]);
  });

  test("is at the guest's time: if that is set, its deadline moves", () => {
    const { rtc, clock, levels, set, setAlarm, deadlines } = connect(0x5_0000_0000n);
    set(at.irqEnabled, 1n);
    setAlarm(0x7_0000_0000n);
    set(at.timeHigh, 6n);
    expect(rtc.deadline()).toBe(0x6_0000_0000n);
    expect(deadlines()).toBe(2);
    set(at.timeHigh, 7n);
    expect(levels).toEqual([true]);
    expect(clock.time).toBe(0x5_0000_0000n);
  });
});

describe("accesses", () => {
  test("are of 4 aligned bytes; others, and those beyond, are faults", () => {
    const { rtc } = connect();
    for (const [offset, width] of [
      [0, 8],
      [0, 2],
      [0, 1],
      [2, 4],
      [0x24, 4],
      [-4, 4],
    ] as const) {
      expect(rtc.load(offset, width)).toBeUndefined();
      expect(rtc.store(offset, width, 0n)).toBe(false);
    }
    expect(rtc.load(0x20, 4)).toBe(0n);
    expect(rtc.store(0x20, 4, 1n)).toBe(true);
  });

  test("of any kind do not throw", () => {
    const { rtc, clock } = connect();
    hammer(rtc, Object.values(at), 200_000, () => {
      clock.time += 0x1_0000_0000n;
      rtc.poll();
    });
  });
});
