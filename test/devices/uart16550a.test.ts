import { describe, expect, test } from "vitest";
import { Uart16550a } from "../../src/devices/index.ts";
import { hammer } from "./random.ts";

const [data, ier, iir, fcr, lcr, mcr, lsr, msr, scr] = [0, 1, 2, 2, 3, 4, 5, 6, 7];

/** A UART, what it sent, and short names for access to its registers. */
function connect() {
  const sent: number[] = [];
  const levels: boolean[] = [];
  const uart = new Uart16550a({ onOutput: (byte) => sent.push(byte), onInterrupt: (level) => levels.push(level) });
  const get = (offset: number) => Number(uart.load(offset, 1));
  const set = (offset: number, value: number) => uart.store(offset, 1, BigInt(value));
  const type = (text: string) => uart.receive(new TextEncoder().encode(text));
  return { uart, sent, levels, get, set, type };
}

describe("after reset", () => {
  test("it is idle: transmitter empty, nothing received, no interrupt, a line that is up", () => {
    const { uart, get } = connect();
    expect([get(lsr), get(iir), get(ier), get(lcr), get(mcr), get(msr), get(data)]).toEqual([
      0x60, 1, 0, 0, 0, 0xb0, 0,
    ]);
    expect(uart.interrupt).toBe(false);
  });
});

describe("sending", () => {
  test("hands each byte on at once, and is ready for the next", () => {
    const { sent, get, set } = connect();
    for (const byte of [0x48, 0x69, 0xff]) set(data, byte);
    expect(sent).toEqual([0x48, 0x69, 0xff]);
    expect(get(lsr)).toBe(0x60);
  });

  test("writes the divisor instead while DLAB is set", () => {
    const { sent, get, set } = connect();
    set(lcr, 0x83);
    set(data, 0x34);
    set(ier, 0x12);
    expect([get(data), get(ier)]).toEqual([0x34, 0x12]);
    set(lcr, 0x03);
    expect([get(data), get(ier), get(lcr)]).toEqual([0, 0, 3]);
    expect(sent).toEqual([]);
  });

  test("takes the low byte of a wider store", () => {
    const { uart, sent } = connect();
    uart.store(data, 8, 0x1122334455667741n);
    expect(sent).toEqual([0x41]);
    expect(uart.load(lsr, 8)).toBe(0x60n);
  });
});

describe("receiving", () => {
  test("gives the bytes in order and loses none, however many come at once", () => {
    const { uart, get, set, type } = connect();
    const text = "The quick brown fox jumps over the lazy dog. ".repeat(20);
    for (const fifo of [0, 1]) {
      set(fcr, fifo);
      type(text.slice(0, 100));
      type(text.slice(100));
      expect(uart.waiting).toBe(text.length);
      let got = "";
      while (get(lsr) & 1) got += String.fromCharCode(get(data));
      expect(got).toBe(text);
      expect(uart.waiting).toBe(0);
    }
  });

  test("keeps its own copy of what it was given", () => {
    const { uart, get } = connect();
    const bytes = new Uint8Array([1, 2]);
    uart.receive(bytes);
    bytes.fill(9);
    expect([get(data), get(data)]).toEqual([1, 2]);
  });

  test("drops what the FIFO holds when it is reset or switched, not what waits behind", () => {
    const { get, set, type } = connect();
    set(fcr, 1);
    type("0123456789abcdefXYZ");
    set(fcr, 3);
    expect(get(data)).toBe("X".charCodeAt(0));
    set(fcr, 0);
    expect(get(lsr) & 1).toBe(0);
  });

  test("shows a break when it is next, until the status is read", () => {
    const { uart, get, set, type } = connect();
    set(fcr, 1);
    type("a");
    uart.receiveBreak();
    type("b");
    expect(get(lsr)).toBe(0xe1);
    get(data);
    expect(get(lsr)).toBe(0xf1);
    expect(get(lsr)).toBe(0x61);
    expect([get(data), get(data)]).toEqual([0, 0x62]);
  });
});

describe("interrupts", () => {
  test("for received data come at the trigger level, and below it as a timeout", () => {
    const { uart, get, set, type } = connect();
    set(ier, 1);
    type("x");
    expect(get(iir)).toBe(0x04);
    get(data);
    expect(get(iir)).toBe(0x01);
    for (const [bits, level] of [
      [0x00, 1],
      [0x40, 4],
      [0x80, 8],
      [0xc0, 14],
    ] as const) {
      set(fcr, bits | 1);
      type("y".repeat(level));
      expect(get(iir)).toBe(0xc4);
      get(data);
      expect(get(iir)).toBe(level === 1 ? 0xc1 : 0xcc);
      while (get(lsr) & 1) get(data);
      expect(uart.interrupt).toBe(false);
    }
  });

  test("for an empty transmitter come when enabled and after each byte, until IIR is read", () => {
    const { uart, levels, get, set } = connect();
    set(ier, 2);
    expect(uart.interrupt).toBe(true);
    expect(get(iir)).toBe(0x02);
    expect(get(iir)).toBe(0x01);
    set(data, 65);
    expect(get(iir)).toBe(0x02);
    expect(uart.interrupt).toBe(false);
    set(ier, 2);
    expect(uart.interrupt).toBe(false);
    set(ier, 0);
    set(ier, 2);
    expect(uart.interrupt).toBe(true);
    set(ier, 0);
    expect(uart.interrupt).toBe(false);
    expect(levels).toEqual([true, false, true, false, true, false]);
  });

  test("for an empty transmitter that is masked is forgotten", () => {
    const { get, set } = connect();
    set(ier, 2);
    set(ier, 0);
    expect(get(iir)).toBe(0x01);
  });

  test("are answered by priority: line status, received data, transmitter, modem", () => {
    const { uart, get, set } = connect();
    set(fcr, 1);
    set(mcr, 0x10); // loopback: the lines drop, the modem status changes
    set(ier, 0x0f);
    for (let i = 0; i < 17; i++) set(data, i);
    expect(get(iir)).toBe(0xc6);
    expect(get(lsr) & 2).toBe(2);
    expect(get(iir)).toBe(0xc4);
    while (get(lsr) & 1) get(data);
    expect(get(iir)).toBe(0xc2);
    expect(get(iir)).toBe(0xc0);
    expect(get(msr) & 0x0f).not.toBe(0);
    expect(get(iir)).toBe(0xc1);
    expect(uart.interrupt).toBe(false);
  });
});

describe("loopback", () => {
  test("sends to its own receiver and not to the line", () => {
    const { sent, get, set } = connect();
    set(mcr, 0x10);
    set(data, 0x5a);
    expect([get(lsr), get(data)]).toEqual([0x61, 0x5a]);
    expect(sent).toEqual([]);
  });

  test("keeps out what arrives at the line until it ends", () => {
    const { get, set, type } = connect();
    set(mcr, 0x10);
    type("q");
    expect(get(lsr) & 1).toBe(0);
    set(mcr, 0);
    expect(get(data)).toBe("q".charCodeAt(0));
  });

  test("connects the modem's outputs to its inputs, as Linux expects when it looks for a UART", () => {
    const { get, set } = connect();
    for (const [outputs, inputs] of [
      [0x1, 0x20],
      [0x2, 0x10],
      [0x4, 0x40],
      [0x8, 0x80],
      [0xa, 0x90],
      [0xf, 0xf0],
    ]) {
      set(mcr, 0x10 | outputs);
      expect(get(msr) & 0xf0).toBe(inputs);
    }
  });

  test("shows changes of the lines once, and of the ring indicator only its end", () => {
    const { get, set } = connect();
    set(mcr, 0x1b);
    get(msr);
    set(mcr, 0x1f);
    expect(get(msr)).toBe(0xf0);
    set(mcr, 0x1a);
    expect(get(msr)).toBe(0x96);
    expect(get(msr)).toBe(0x90);
  });

  test("overruns: a FIFO keeps its 16 bytes, a single buffer the last one", () => {
    const { get, set } = connect();
    set(mcr, 0x10);
    for (const byte of [1, 2]) set(data, byte);
    expect([get(lsr), get(lsr), get(data)]).toEqual([0x63, 0x61, 2]);
    set(fcr, 1);
    for (let i = 0; i < 20; i++) set(data, i);
    expect(get(lsr)).toBe(0x63);
    expect(Array.from({ length: 16 }, () => get(data))).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(get(lsr)).toBe(0x60);
  });
});

test("FCR counts only with its enable bit, and IIR shows it", () => {
  const { get, set } = connect();
  set(fcr, 0xc8);
  expect(get(iir)).toBe(0x01);
  set(fcr, 0xc9);
  expect(get(iir)).toBe(0xc1);
  set(fcr, 0);
  expect(get(iir)).toBe(0x01);
});

test("the scratch register, LCR and MCR keep what they can", () => {
  const { get, set } = connect();
  for (const offset of [scr, lcr]) {
    set(offset, 0x7f);
    expect(get(offset)).toBe(0x7f);
  }
  set(mcr, 0xff);
  expect(get(mcr)).toBe(0x1f);
  set(ier, 0xff);
  expect(get(ier)).toBe(0x0f);
});

test("beyond the eight registers nobody answers", () => {
  const { uart } = connect();
  for (const offset of [8, 0xff, 0x100, -1]) {
    expect(uart.load(offset, 1)).toBeUndefined();
    expect(uart.store(offset, 1, 0n)).toBe(false);
  }
});

test("no access makes it throw, whatever arrives meanwhile", () => {
  const { uart, sent } = connect();
  let turn = 0;
  hammer(uart, [0], 200_000, () => {
    if (turn++ % 7 === 0) uart.receiveBreak();
    else uart.receive(new Uint8Array(turn % 40));
    sent.length = 0;
  });
});
