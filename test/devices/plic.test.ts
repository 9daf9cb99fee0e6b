import { describe, expect, test } from "vitest";
import { Plic } from "../../src/devices/plic.ts";
import { hammer, randomNumbers } from "./random.ts";

const priority = (source: number) => 4 * source;
const pending = (source: number) => 0x1000 + 4 * (source >> 5);
const enable = (context: number, source: number) => 0x2000 + 0x80 * context + 4 * (source >> 5);
const threshold = (context: number) => 0x20_0000 + 0x1000 * context;
const claim = (context: number) => threshold(context) + 4;
const bit = (source: number) => 1n << BigInt(source & 31);

function connect(harts = 2) {
  const heard: string[] = [];
  const plic = new Plic(harts, { externalInterrupt: (context, level) => heard.push(`${context} ${level}`) });
  const get = (offset: number) => plic.load(offset, 4);
  const set = (offset: number, value: number | bigint) => plic.store(offset, 4, BigInt(value));
  /** Gives sources priorities and enables them for contexts. */
  const route = (priorities: Record<number, number>, ...contexts: number[]) => {
    for (const [source, level] of Object.entries(priorities)) {
      set(priority(Number(source)), level);
      for (const context of contexts) {
        const at = enable(context, Number(source));
        set(at, (get(at) as bigint) | bit(Number(source)));
      }
    }
  };
  return { plic, heard, get, set, route };
}

describe("a source", () => {
  test("notifies the contexts for which it is enabled, and no others", () => {
    const { plic, heard, route } = connect();
    route({ 10: 1 }, 1, 2);
    plic.setLine(10, true);
    expect(heard).toEqual(["1 true", "2 true"]);
  });

  test("of priority 0 never interrupts", () => {
    const { plic, heard, get, route } = connect();
    route({ 10: 0 }, 0);
    plic.setLine(10, true);
    expect(heard).toEqual([]);
    expect(get(pending(10))).toBe(bit(10));
    expect(get(claim(0))).toBe(0n);
  });

  test("is pending whether it is enabled or not, and notifies as soon as it is", () => {
    const { plic, heard, get, set, route } = connect();
    plic.setLine(64, true);
    expect(get(pending(64))).toBe(1n);
    set(priority(64), 3);
    expect(heard).toEqual([]);
    route({ 64: 3 }, 3);
    expect(heard).toEqual(["3 true"]);
    set(enable(3, 64), 0);
    expect(heard).toEqual(["3 true", "3 false"]);
  });
});

describe("a claim", () => {
  test("answers the pending source of the highest priority, of equals the lowest number, and then 0", () => {
    const { plic, get, route } = connect();
    route({ 3: 1, 9: 5, 40: 5, 41: 7, 95: 7 }, 0);
    for (const source of [3, 9, 40, 41, 95]) plic.setLine(source, true);
    const claims = Array.from({ length: 6 }, () => get(claim(0)));
    expect(claims).toEqual([41n, 95n, 9n, 40n, 3n, 0n]);
  });

  test("takes the source's pending bit, for every context", () => {
    const { plic, heard, get, route } = connect();
    route({ 10: 1 }, 0, 1);
    plic.setLine(10, true);
    expect(get(claim(1))).toBe(10n);
    expect(get(pending(10))).toBe(0n);
    expect(get(claim(0))).toBe(0n);
    expect(heard).toEqual(["0 true", "1 true", "0 false", "1 false"]);
  });

  test("leaves the notification standing while others are pending", () => {
    const { plic, heard, get, route } = connect();
    route({ 1: 2, 2: 1 }, 0);
    plic.setLine(1, true);
    plic.setLine(2, true);
    get(claim(0));
    expect(heard).toEqual(["0 true"]);
    get(claim(0));
    expect(heard).toEqual(["0 true", "0 false"]);
  });

  test("does not look at the threshold", () => {
    const { plic, heard, get, set, route } = connect();
    set(threshold(0), 7);
    route({ 10: 7 }, 0);
    plic.setLine(10, true);
    expect(heard).toEqual([]);
    expect(get(claim(0))).toBe(10n);
  });

  test("does not see what is not enabled for its context", () => {
    const { plic, get, route } = connect();
    route({ 10: 1 }, 0);
    plic.setLine(10, true);
    expect(get(claim(1))).toBe(0n);
  });
});

describe("a threshold", () => {
  test("masks priorities up to itself, for its own context", () => {
    const { plic, heard, set, route } = connect();
    route({ 10: 3 }, 0, 1);
    set(threshold(0), 3);
    plic.setLine(10, true);
    expect(heard).toEqual(["1 true"]);
    set(threshold(0), 2);
    expect(heard).toEqual(["1 true", "0 true"]);
    set(priority(10), 2);
    expect(heard).toEqual(["1 true", "0 true", "0 false"]);
  });

  test("and a priority keep 3 bits of what is written", () => {
    const { get, set } = connect();
    set(threshold(2), 0xffffffff);
    set(priority(95), 0xfffffffa);
    expect([get(threshold(2)), get(priority(95))]).toEqual([7n, 2n]);
  });
});

describe("a completion", () => {
  test("lets a source whose line is still high be pending again", () => {
    const { plic, heard, get, set, route } = connect();
    route({ 10: 1 }, 0);
    plic.setLine(10, true);
    get(claim(0));
    plic.setLine(10, true);
    expect(get(pending(10))).toBe(0n);
    expect(get(claim(0))).toBe(0n);
    set(claim(0), 10);
    expect(get(pending(10))).toBe(bit(10));
    expect(heard).toEqual(["0 true", "0 false", "0 true"]);
  });

  test("ends it if the line has fallen meanwhile, and the next rise counts", () => {
    const { plic, heard, get, set, route } = connect();
    route({ 10: 1 }, 0);
    plic.setLine(10, true);
    get(claim(0));
    plic.setLine(10, false);
    set(claim(0), 10);
    expect(get(pending(10))).toBe(0n);
    plic.setLine(10, true);
    expect(heard).toEqual(["0 true", "0 false", "0 true"]);
  });

  test("may come from another context than the claim, if the source is enabled there", () => {
    const { plic, get, set, route } = connect();
    route({ 10: 1 }, 0, 3);
    plic.setLine(10, true);
    get(claim(0));
    set(claim(3), 10);
    expect(get(claim(0))).toBe(10n);
  });

  test("of a source that is not enabled for the context, or does not exist, is ignored", () => {
    const { plic, get, set, route } = connect();
    route({ 10: 1 }, 0);
    plic.setLine(10, true);
    get(claim(0));
    set(claim(1), 10);
    set(claim(0), 11);
    for (const source of [0, 96, 1024, 0x8000000a, 0xffffffff]) set(claim(0), source);
    expect(get(pending(10))).toBe(0n);
    set(claim(0), 10);
    expect(get(pending(10))).toBe(bit(10));
  });
});

describe("source 0", () => {
  test("does not exist: its priority and enable bit stay 0", () => {
    const { get, set } = connect();
    set(priority(0), 7);
    set(enable(0, 0), 0xffffffff);
    set(enable(0, 32), 0xffffffff);
    expect([get(priority(0)), get(enable(0, 0)), get(enable(0, 32))]).toEqual([0n, 0xfffffffen, 0xffffffffn]);
  });
});

describe("registers", () => {
  test("are accessed in 4 aligned bytes; others are faults", () => {
    const { plic } = connect();
    for (const [offset, width] of [
      [4, 8],
      [4, 2],
      [4, 1],
      [6, 4],
    ] as const) {
      expect(plic.load(offset, width)).toBeUndefined();
      expect(plic.store(offset, width, 1n)).toBe(false);
    }
  });

  test("of absent sources and contexts read 0 and ignore writes; pending bits cannot be written", () => {
    const { get, set } = connect(1);
    for (const offset of [
      priority(96),
      0xffc,
      0x100c,
      pending(10),
      enable(0, 96),
      enable(2, 10),
      threshold(2),
      0x5f_fffc,
    ]) {
      set(offset, 0xffffffff);
      expect(get(offset)).toBe(0n);
    }
  });

  test("of each of 64 harts are its own", () => {
    const { plic, heard, set, get, route } = connect(64);
    route({ 5: 1 }, 127);
    plic.setLine(5, true);
    expect(heard).toEqual(["127 true"]);
    set(threshold(126), 4);
    expect([get(threshold(126)), get(threshold(127)), get(claim(127))]).toEqual([4n, 0n, 5n]);
  });

  test("take any access without throwing", () => {
    const { plic } = connect();
    const random = randomNumbers(3);
    const registers = [
      priority(1),
      priority(95),
      pending(1),
      enable(0, 1),
      enable(3, 64),
      threshold(0),
      claim(0),
      claim(3),
    ];
    hammer(plic, registers, 200_000, () => plic.setLine(1 + random(95), random(2) === 0));
  });
});

describe("any course of events", () => {
  test("goes as the specification's text has it, told in the plainest way", () => {
    const { plic, get, set } = connect();
    const levels: boolean[] = new Array(4).fill(false);
    const model = new Plain();
    const watched = new Plic(2, { externalInterrupt: (context, level) => (levels[context] = level) });
    for (const each of [plic, watched]) each.setLine(1, false);
    const random = randomNumbers(11);
    const sources = [1, 2, 31, 32, 33, 63, 64, 95];
    for (let i = 0; i < 50_000; i++) {
      const source = sources[random(sources.length)];
      const context = random(4);
      const value = random(8);
      const write = (offset: number, word: number | bigint) => {
        watched.store(offset, 4, BigInt(word));
        set(offset, word);
      };
      switch (random(6)) {
        case 0:
          write(priority(source), value);
          model.priority[source] = value;
          break;
        case 1:
          write(enable(context, source), ((get(enable(context, source)) as bigint) ^ bit(source)) & 0xffffffffn);
          model.toggle(context, source);
          break;
        case 2:
          write(threshold(context), value >> 1);
          model.threshold[context] = value >> 1;
          break;
        case 3:
          // a line falls only while its source is claimed or not pending: devices wait to be served
          if (model.line[source] && model.pending.has(source)) break;
          for (const each of [plic, watched]) each.setLine(source, !model.line[source]);
          model.setLine(source, !model.line[source]);
          break;
        case 4: {
          const expected = model.claim(context);
          expect([Number(watched.load(claim(context), 4)), Number(get(claim(context)))]).toEqual([expected, expected]);
          break;
        }
        default:
          write(claim(context), source);
          model.complete(context, source);
      }
      for (let each = 0; each < 4; each++) {
        if (levels[each] !== model.notified(each)) throw new Error(`step ${i}: context ${each} is ${levels[each]}`);
      }
    }
  });
});

/** The specification's gateways and core, without a thought for speed. */
class Plain {
  readonly priority: number[] = new Array(96).fill(0);
  readonly threshold = [0, 0, 0, 0];
  readonly enabled = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()];
  readonly line: boolean[] = new Array(96).fill(false);
  readonly pending = new Set<number>();
  /** Sources whose gateway waits for a completion. */
  readonly waiting = new Set<number>();

  toggle(context: number, source: number): void {
    if (!this.enabled[context].delete(source)) this.enabled[context].add(source);
  }

  setLine(source: number, level: boolean): void {
    this.line[source] = level;
    this.forward(source);
  }

  /** The gateway forwards one request, and no other until it is completed. */
  forward(source: number): void {
    if (this.line[source] && !this.waiting.has(source)) this.pending.add(source);
  }

  best(context: number): number {
    const candidates = [...this.pending].filter(
      (source) => this.enabled[context].has(source) && this.priority[source] > 0,
    );
    return candidates.sort((a, b) => this.priority[b] - this.priority[a] || a - b)[0] ?? 0;
  }

  notified(context: number): boolean {
    return (this.priority[this.best(context)] ?? 0) > this.threshold[context];
  }

  claim(context: number): number {
    const source = this.best(context);
    if (this.pending.delete(source)) this.waiting.add(source);
    return source;
  }

  complete(context: number, source: number): void {
    if (!this.enabled[context].has(source)) return;
    this.waiting.delete(source);
    this.forward(source);
  }
}
