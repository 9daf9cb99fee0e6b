import { describe, expect, test } from "vitest";
import { pendingInterrupt, wakes } from "../../src/cpu/interrupts.ts";
import type { Privilege } from "../../src/cpu/state.ts";
import { HartUnderTest, ones } from "./hartUnderTest.ts";

const [sie, mie] = [1n << 1n, 1n << 3n];
const all = [11, 3, 7, 9, 1, 5, 13];

/** A hart with every interrupt enabled in mie; `pending` ones are raised by their lines, LCOFI by software. */
function hartWith(pending: readonly number[], options: { priv: Privilege; mideleg?: bigint; mstatus?: bigint }) {
  const hart = new HartUnderTest();
  hart.write("mie", ones);
  hart.write("mideleg", options.mideleg ?? 0n);
  hart.write("mstatus", options.mstatus ?? 0n);
  if (pending.includes(13)) hart.set("mip", 1n << 13n);
  for (const interrupt of pending) if (interrupt !== 13) hart.state.setLine(interrupt, true);
  hart.state.priv = options.priv;
  return hart;
}

const taken = (pending: readonly number[], options: Parameters<typeof hartWith>[1]) =>
  pendingInterrupt(hartWith(pending, options).state);

describe("priorities", () => {
  test("to M-mode: MEI, MSI, MTI, SEI, SSI, STI, LCOFI", () => {
    for (let i = 0; i < all.length; i++) expect(taken(all.slice(i), { priv: 0 })).toBe(all[i]);
    expect(taken([], { priv: 0 })).toBeUndefined();
  });

  test("to S-mode: SEI, SSI, STI, LCOFI", () => {
    const delegated = [9, 1, 5, 13];
    for (let i = 0; i < delegated.length; i++) {
      expect(taken(delegated.slice(i), { priv: 0, mideleg: ones })).toBe(delegated[i]);
    }
  });

  test("every interrupt to M-mode comes before those to S-mode", () => {
    expect(taken([9, 5], { priv: 0, mideleg: 1n << 9n })).toBe(5);
    expect(taken([9, 7], { priv: 1, mideleg: 1n << 9n, mstatus: sie })).toBe(7);
  });
});

describe("global enables", () => {
  test("to M-mode: in M with MIE only; in S and U always", () => {
    expect(taken([7], { priv: 3 })).toBeUndefined();
    expect(taken([7], { priv: 3, mstatus: mie })).toBe(7);
    expect(taken([7], { priv: 1 })).toBe(7);
    expect(taken([7], { priv: 0 })).toBe(7);
  });

  test("to S-mode: never in M; in S with SIE only; in U always", () => {
    const mideleg = 1n << 5n;
    expect(taken([5], { priv: 3, mideleg, mstatus: mie | sie })).toBeUndefined();
    expect(taken([5], { priv: 1, mideleg, mstatus: mie })).toBeUndefined();
    expect(taken([5], { priv: 1, mideleg, mstatus: sie })).toBe(5);
    expect(taken([5], { priv: 0, mideleg })).toBe(5);
  });

  test("a supervisor interrupt that is not delegated goes to M-mode, even from S with SIE clear", () => {
    expect(taken([5], { priv: 1 })).toBe(5);
    expect(taken([5], { priv: 3 })).toBeUndefined();
    expect(taken([5], { priv: 3, mstatus: mie })).toBe(5);
  });

  test("with M-mode interrupts off in M, delegated ones do not slip in", () => {
    expect(taken([7, 9], { priv: 3, mideleg: 1n << 9n, mstatus: sie })).toBeUndefined();
  });
});

describe("enables of one interrupt", () => {
  test("an interrupt that mie does not enable is not taken", () => {
    const hart = hartWith([7, 3], { priv: 0 });
    hart.write("mie", 1n << 7n, 3);
    expect(pendingInterrupt(hart.state)).toBe(7);
    hart.write("mie", 0n, 3);
    expect(pendingInterrupt(hart.state)).toBeUndefined();
  });

  test("written bits of mip count as lines do", () => {
    const hart = hartWith([], { priv: 0 });
    hart.write("mip", 1n << 1n, 3);
    expect(pendingInterrupt(hart.state)).toBe(1);
  });
});

describe("waking", () => {
  test("wfi wakes for what is pending and enabled in mie, whatever the global enables and delegation say", () => {
    for (const mideleg of [0n, ones]) {
      expect(wakes(hartWith([5], { priv: 3, mideleg }).state)).toBe(true);
      expect(wakes(hartWith([5], { priv: 1, mideleg }).state)).toBe(true);
    }
    expect(wakes(hartWith([], { priv: 3 }).state)).toBe(false);
  });

  test("wfi does not wake for what mie does not enable", () => {
    const hart = hartWith([5], { priv: 3 });
    hart.write("mie", 1n << 7n);
    expect(wakes(hart.state)).toBe(false);
  });
});
