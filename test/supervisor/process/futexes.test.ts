import { describe, expect, test } from "vitest";
import { anyBit, Futexes, type FutexKey, type FutexWait } from "../../../src/supervisor/process/futexes.ts";
import type { Task } from "../../../src/supervisor/task.ts";

const space = {};
const at = (offset: number): FutexKey => ({ space, offset });

/** A task that waits at futexes, as far as these know it. */
function waiting(futexes: Futexes, keys: readonly FutexKey[], bitset = anyBit) {
  const state = { isAwake: false, call: { data: undefined as unknown } as { data: unknown } | undefined };
  const task = Object.assign(state, { wake: () => (state.isAwake = true) }) as unknown as Task;
  const wait: FutexWait = { task, waiters: [], wokenAt: undefined };
  keys.forEach((key, index) => {
    const waiter = { wait, index, bitset, key };
    wait.waiters.push(waiter);
    futexes.add(waiter);
  });
  state.call = { data: wait };
  return { wait, state };
}

describe("a futex", () => {
  test("wakes those that wait in order of arrival, as many as asked for", () => {
    const futexes = new Futexes();
    const waits = [1, 2, 3].map(() => waiting(futexes, [at(8)]));
    expect(futexes.wake(at(8), 2)).toBe(2);
    expect(waits.map(({ state }) => state.isAwake)).toEqual([true, true, false]);
    expect(futexes.wake(at(8), 5)).toBe(1);
    expect(futexes.wake(at(8), 5)).toBe(0);
  });

  test("at another address or in another space is another one", () => {
    const futexes = new Futexes();
    waiting(futexes, [at(8)]);
    expect(futexes.wake(at(16), 1)).toBe(0);
    expect(futexes.wake({ space: {}, offset: 8 }, 1)).toBe(0);
    expect(futexes.wake(at(8), 1)).toBe(1);
  });

  test("wakes only those with one of the bits", () => {
    const futexes = new Futexes();
    const waits = [1, 2, 4].map((bits) => waiting(futexes, [at(8)], bits));
    expect(futexes.wake(at(8), 10, 6)).toBe(2);
    expect(waits.map(({ state }) => state.isAwake)).toEqual([false, true, true]);
  });

  test("lets its waiters wait elsewhere", () => {
    const futexes = new Futexes();
    const waits = [1, 2, 3].map(() => waiting(futexes, [at(8)]));
    expect(futexes.requeue(at(8), at(16), 2)).toBe(2);
    expect(futexes.wake(at(16), 10)).toBe(2);
    expect(waits.map(({ state }) => state.isAwake)).toEqual([true, true, false]);
  });

  test("passes over who was taken out of the call by a signal", () => {
    const futexes = new Futexes();
    const [gone, there] = [waiting(futexes, [at(8)]), waiting(futexes, [at(8)])];
    gone.state.call = undefined;
    expect(futexes.first(at(8))).toBe(there.wait.task);
    expect(futexes.wake(at(8), 1)).toBe(1);
    expect([gone.state.isAwake, there.state.isAwake]).toEqual([false, true]);
  });

  test("of several that one task waits at wakes it once, and says which it was", () => {
    const futexes = new Futexes();
    const { wait } = waiting(futexes, [at(8), at(16), at(24)]);
    expect(futexes.wake(at(16), 1)).toBe(1);
    expect(wait.wokenAt).toBe(1);
    expect(futexes.wake(at(8), 1)).toBe(0);
    expect(futexes.wake(at(24), 1)).toBe(0);
  });
});
