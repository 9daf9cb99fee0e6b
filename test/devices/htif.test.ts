import { describe, expect, test } from "vitest";
import { Htif } from "../../src/devices/index.ts";
import type { AccessWidth } from "../../src/memory/device.ts";
import { PhysicalMemory, pageState } from "../../src/memory/physical.ts";
import { randomNumbers } from "./random.ts";

const base = 0x80000000;
const [tohost, fromhost, block, text] = [base + 0x1000, base + 0x1040, base + 0x2000, base + 0x3000];
const call = BigInt(block);

/** A host-target interface over 64 KiB of RAM, wired to hear of writes, and what it told. */
function connect({ wired = true, answered = true } = {}) {
  const memory = new PhysicalMemory(new WebAssembly.Memory({ initial: 1 }), { base, bytes: 0x10000, hostBase: 0 });
  const exits: number[] = [];
  const warnings: string[] = [];
  const printed: number[] = [];
  const htif = new Htif(memory, answered ? { tohost, fromhost } : { tohost }, {
    onOutput: (byte) => printed.push(byte),
    onExit: (code) => exits.push(code),
    onUnsupported: (line) => warnings.push(line),
  });
  if (wired) {
    for (const page of htif.pages) memory.pageState[page] |= pageState.polled;
    memory.onWatchedWrite = (pa, size) => htif.onStore(pa, size);
  }
  const store = (pa: number, value: bigint, width: AccessWidth = 8) => memory.store(pa, width, value);
  const load = (pa: number) => memory.load(pa, 8) as bigint;
  /** Makes a system call and gives its result. */
  const system = (...words: bigint[]) => {
    for (const [i, word] of words.entries()) store(block + 8 * i, word);
    store(tohost, call);
    return BigInt.asIntN(64, load(block));
  };
  return { memory, htif, exits, warnings, printed, store, load, system };
}

const letters = (bytes: number[]) => String.fromCharCode(...bytes);

describe("exit", () => {
  test("is an odd payload: half of it is the code, and tohost is cleared", () => {
    const { exits, store, load } = connect();
    store(tohost, 1n);
    store(tohost, 0x55n);
    store(tohost, 0xffff_ffff_ffffn);
    expect(exits).toEqual([0, 42, 2 ** 47 - 1]);
    expect([load(tohost), load(fromhost)]).toEqual([0n, 0n]);
  });

  test("is also system call 93", () => {
    const { exits, system } = connect();
    system(93n, 3n);
    expect(exits).toEqual([3]);
  });
});

describe("the console", () => {
  test("prints a byte by device 1, command 1, without an answer", () => {
    const { printed, store, load } = connect();
    for (const letter of "ok\n") store(tohost, (0x0101n << 48n) | BigInt(letter.charCodeAt(0)));
    expect(letters(printed)).toBe("ok\n");
    expect([load(tohost), load(fromhost)]).toEqual([0n, 0n]);
  });

  test("answers device 1, command 0 as soon as there is input, a character each time it is asked", () => {
    const { htif, store, load } = connect();
    store(tohost, 0x0100n << 48n);
    expect(load(fromhost)).toBe(0n);
    htif.receive(new Uint8Array([0x68, 0x69]));
    expect(load(fromhost)).toBe((0x0100n << 48n) | 0x168n);
    store(fromhost, 0n);
    expect(load(fromhost)).toBe(0n);
    store(tohost, 0x0100n << 48n);
    expect(load(fromhost)).toBe((0x0100n << 48n) | 0x169n);
  });

  test("waits with an answer until the guest has taken the last one", () => {
    const { htif, store, load } = connect();
    htif.receive(new Uint8Array([1, 2]));
    store(tohost, 0x0100n << 48n);
    store(tohost, 0x0100n << 48n);
    expect(load(fromhost) & 0xffn).toBe(1n);
    store(fromhost, 0n);
    expect(load(fromhost) & 0xffn).toBe(2n);
  });
});

describe("system calls", () => {
  test("write prints from memory to 1 and 2, gives the length and answers 1", () => {
    const { memory, printed, store, load, system } = connect();
    memory.write(text, new TextEncoder().encode("hello"));
    expect(system(64n, 1n, BigInt(text), 5n)).toBe(5n);
    expect([load(tohost), load(fromhost)]).toEqual([0n, 1n]);
    store(fromhost, 0n);
    expect(system(64n, 2n, BigInt(text), 4n)).toBe(4n);
    expect(system(64n, 1n, 0n, 0n)).toBe(0n);
    expect(letters(printed)).toBe("hellohell");
  });

  test("write never leaves RAM", () => {
    const { printed, system } = connect();
    const end = BigInt(base) + 0x10000n;
    expect(system(64n, 1n, end - 1n, 1n)).toBe(1n);
    printed.length = 0;
    for (const [buffer, length] of [
      [end - 1n, 2n],
      [BigInt(base) - 1n, 1n],
      [0n, 1n],
      [BigInt(text), 0xffffffffffffffffn],
      [0xfffffffffffffff0n, 0x20n],
      [BigInt(text), (1n << 64n) - BigInt(text) + 8n],
    ]) {
      expect(system(64n, 1n, buffer, length)).toBe(-14n);
    }
    expect(system(64n, 0n, BigInt(text), 1n)).toBe(-9n);
    expect(system(64n, 3n, BigInt(text), 1n)).toBe(-9n);
    expect(printed).toEqual([]);
  });

  test("others give ENOSYS, an answer and a warning", () => {
    const { warnings, load, system } = connect();
    expect(system(63n, 0n, BigInt(text), 1n)).toBe(-38n);
    expect(load(fromhost)).toBe(1n);
    expect(warnings).toEqual(["HTIF: system call 63 is not there: ENOSYS"]);
  });

  test("outside RAM are answered, with a warning", () => {
    const { warnings, store, load } = connect();
    store(tohost, BigInt(base) + 0x10000n - 56n);
    expect(load(fromhost)).toBe(1n);
    expect(warnings).toEqual(["HTIF: system call at 0x8000ffc8, which is not in RAM"]);
  });
});

describe("a tohost that is written in parts", () => {
  test("is answered when both halves are there, in either order", () => {
    const { printed, exits, store } = connect();
    const high = BigInt(0x0101) << 16n;
    store(tohost, 0x41n, 4);
    expect(exits).toEqual([]);
    store(tohost + 4, high, 4);
    store(tohost + 4, high, 4);
    store(tohost, 0x42n, 4);
    expect(letters(printed)).toBe("AB");
    for (let byte = 0; byte < 8; byte++) store(tohost + byte, ((0x0101n << 48n) | 0x43n) >> BigInt(8 * byte), 1);
    expect(letters(printed)).toBe("ABC");
  });

  test("is not mistaken because zeros were written before", () => {
    const { printed, exits, store } = connect();
    store(tohost + 4, 0n, 4);
    store(tohost, 0x41n, 4);
    expect(exits).toEqual([]);
    store(tohost + 4, BigInt(0x0101) << 16n, 4);
    expect(letters(printed)).toBe("A");
  });

  test("is answered at the second poll if no other part comes, also if that part is written again and again", () => {
    const { htif, exits, store } = connect();
    for (let i = 0; i < 3; i++) store(tohost, 7n, 4);
    htif.poll();
    expect(exits).toEqual([]);
    store(tohost, 7n, 4);
    htif.poll();
    expect(exits).toEqual([3]);
  });
});

test("polling alone is enough where nobody tells of stores", () => {
  const { memory, htif, exits, store, load } = connect({ wired: false });
  htif.receive(new Uint8Array([5]));
  store(tohost, 0x0100n << 48n);
  htif.poll();
  expect(load(fromhost) & 0xffn).toBe(5n);
  store(fromhost, 0n);
  store(tohost, 9n);
  htif.poll();
  htif.poll();
  expect(exits).toEqual([4]);
  expect(memory.load(tohost, 8)).toBe(0n);
});

test("without fromhost the guest can print and exit", () => {
  const { exits, system, load } = connect({ answered: false });
  expect(system(64n, 1n, BigInt(text), 3n)).toBe(3n);
  system(93n, 1n);
  expect(exits).toEqual([1]);
  expect(load(fromhost)).toBe(0n);
});

test("pages are those of both words, two for a word across a border", () => {
  const { memory } = connect();
  const pages = (addresses: { tohost: number; fromhost?: number }) => {
    return new Htif(memory, addresses, { onOutput: () => {}, onExit: () => {} }).pages;
  };
  expect(pages({ tohost, fromhost })).toEqual([1]);
  expect(pages({ tohost: base + 0xffc, fromhost: base + 0x5000 })).toEqual([0, 1, 5]);
  expect(() => pages({ tohost: base + 0xfffc })).toThrow("tohost at 0x8000fffc is not in RAM");
  expect(() => pages({ tohost, fromhost: 0x1000 })).toThrow("fromhost at 0x1000 is not in RAM");
});

test("unknown devices and commands are ignored with a warning, and not with one each for ever", () => {
  const { warnings, store, load } = connect();
  for (let i = 0; i < 100; i++) store(tohost, 0x02ffn << 48n);
  expect(warnings[0]).toBe("HTIF: tohost = 0x2ff000000000000: device 2 has no command 255 here");
  expect(warnings).toHaveLength(16);
  expect([load(tohost), load(fromhost)]).toEqual([0n, 0n]);
});

test("no guest makes it throw or reach outside RAM", () => {
  const { memory, htif, printed, exits, warnings } = connect();
  const random = randomNumbers(5);
  const widths: AccessWidth[] = [1, 2, 4, 8];
  const addresses = [tohost - 4, tohost, tohost + 4, fromhost, fromhost - 2, block, block + 8, block + 16, block + 24];
  const words = [
    0n,
    1n,
    2n,
    63n,
    64n,
    93n,
    call,
    BigInt(text),
    0x0101n << 48n,
    0x0100n << 48n,
    0xffn,
    (1n << 64n) - 1n,
  ];
  for (let i = 0; i < 200_000; i++) {
    const value = words[random(words.length)] + (random(8) === 0 ? BigInt(random(0x7fffffff)) : 0n);
    memory.store(addresses[random(addresses.length)], widths[random(4)], BigInt.asUintN(64, value));
    if (random(50) === 0) htif.poll();
    if (random(50) === 0) htif.receive(new Uint8Array(random(4)));
    printed.length = 0;
    exits.length = 0;
  }
  expect(warnings.length).toBeLessThanOrEqual(16);
});
