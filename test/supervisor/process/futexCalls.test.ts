import { describe, expect, test } from "vitest";
import { labelled, nr, sys, words } from "../assembly.ts";
import { Caller } from "../files/caller.ts";
import { dataAt, elfOf, runProgram } from "../userProgram.ts";

const op = {
  WAIT: 0,
  WAKE: 1,
  REQUEUE: 3,
  CMP_REQUEUE: 4,
  WAKE_OP: 5,
  LOCK_PI: 6,
  UNLOCK_PI: 7,
  TRYLOCK_PI: 8,
  WAIT_BITSET: 9,
  WAKE_BITSET: 10,
  LOCK_PI2: 13,
};
const isPrivate = 128;
/** FUTEX2_ flags of `futex_wait` and the calls beside it: 32 bits, private. */
const flags2 = 2 | isPrivate;
const CLOCK_MONOTONIC = 1;
const WAITERS = 0x8000_0000;
const OWNER_DIED = 0x4000_0000;

/** A word of a page that nobody passes arguments in. */
class Word {
  readonly at: number;
  readonly #caller: Caller;

  constructor(caller: Caller, index = 0) {
    this.#caller = caller;
    this.at = caller.memory() + 0x8000 + 4 * index;
  }

  get value(): number {
    return this.#caller.task.memory.u32(this.at);
  }

  set value(value: number) {
    this.#caller.task.memory.setU32(this.at, value);
  }
}

/** Two threads besides the first. */
function threads(): [Caller, Caller, Caller] {
  const c = new Caller();
  return [c, c.thread(), c.thread()];
}

describe("a futex call", () => {
  test("waits as long as the word has the value, until woken", () => {
    const [c, one, other] = threads();
    const word = new Word(c);
    word.value = 5;
    expect(one.call("futex", word.at, op.WAIT, 4, 0)).toBe("EAGAIN");
    expect(one.call("futex", word.at, op.WAIT | isPrivate, 5, 0)).toBe("blocked");
    expect(other.call("futex", word.at, op.WAIT | isPrivate, 5, 0)).toBe("blocked");
    expect(c.call("futex", word.at, op.WAKE | isPrivate, 1)).toBe(1);
    expect([one.again(), other.again()]).toEqual([0, "blocked"]);
    expect(c.call("futex", word.at, op.WAKE | isPrivate, 10)).toBe(1);
    expect(other.again()).toBe(0);
    expect(c.call("futex", word.at + 2, op.WAKE, 1)).toBe("EINVAL");
    expect(c.call("futex", word.at, 99, 1)).toBe("ENOSYS");
    expect(c.call("futex", 8, op.WAIT, 0, 0)).toBe("EFAULT");
  });

  test("with bits wakes those that wait for one of them", () => {
    const [c, one, other] = threads();
    const word = new Word(c);
    expect(one.call("futex", word.at, op.WAIT_BITSET, 0, 0, 0, 1)).toBe("blocked");
    expect(other.call("futex", word.at, op.WAIT_BITSET, 0, 0, 0, 2)).toBe("blocked");
    expect(c.call("futex", word.at, op.WAKE_BITSET, 10, 0, 0, 2)).toBe(1);
    expect([one.again(), other.again()]).toEqual(["blocked", 0]);
    expect(c.call("futex", word.at, op.WAIT_BITSET, 0, 0, 0, 0)).toBe("EINVAL");
    expect(c.call("futex", word.at, op.WAKE_BITSET, 1, 0, 0, 0)).toBe("EINVAL");
  });

  test("lets those that it does not wake wait at another word, if the first has the value", () => {
    const [c, one, other] = threads();
    const [from, to] = [new Word(c), new Word(c, 1)];
    from.value = 7;
    one.call("futex", from.at, op.WAIT, 7, 0);
    other.call("futex", from.at, op.WAIT, 7, 0);
    expect(c.call("futex", from.at, op.CMP_REQUEUE, 1, 10, to.at, 6)).toBe("EAGAIN");
    expect(c.call("futex", from.at, op.CMP_REQUEUE, 1, 10, to.at, 7)).toBe(2);
    expect([one.again(), other.again()]).toEqual([0, "blocked"]);
    expect(c.call("futex", from.at, op.WAKE, 10)).toBe(0);
    expect(c.call("futex", to.at, op.REQUEUE, 0, 1, from.at)).toBe(1);
    expect(c.call("futex", from.at, op.WAKE, 10)).toBe(1);
    expect(other.again()).toBe(0);
    expect(c.call("futex", from.at, op.REQUEUE, -1, 1, to.at)).toBe("EINVAL");
  });

  // FUTEX_OP(operation, operand, comparison, with): futex(2)
  const encode = (operation: number, operand: number, comparison: number, than: number) =>
    ((operation & 15) << 28) | ((comparison & 15) << 24) | ((operand & 0xfff) << 12) | (than & 0xfff) | 0;

  test.each([
    ["set", 0, 12, 12],
    ["add", 1, -3, 7],
    ["or", 2, 5, 15],
    ["and not", 3, 2, 8],
    ["exclusive or", 4, 3, 9],
    ["set a bit by its number", 8, 4, 16],
  ])(
    "changes the second word by %s, and wakes at both if its old value compares",
    (_name, operation, operand, result) => {
      const [c, one, other] = threads();
      const [first, second] = [new Word(c), new Word(c, 1)];
      second.value = 10;
      one.call("futex", first.at, op.WAIT, 0, 0);
      other.call("futex", second.at, op.WAIT, 10, 0);
      // 10 == 11 does not hold, 10 < 11 does
      expect(c.call("futex", first.at, op.WAKE_OP, 1, 1, second.at, encode(operation, operand, 0, 11))).toBe(1);
      expect(second.value).toBe(result);
      expect([one.again(), other.again()]).toEqual([0, "blocked"]);
      second.value = 10;
      expect(c.call("futex", first.at, op.WAKE_OP, 1, 1, second.at, encode(operation, operand, 2, 11))).toBe(1);
      expect(other.again()).toBe(0);
    },
  );

  test("compares as ==, !=, <, <=, > and >= do; another operation or comparison there is not", () => {
    const [c, waiter] = threads();
    const [first, second] = [new Word(c), new Word(c, 1)];
    const holds = (comparison: number, than: number) => {
      second.value = 0xffff_fffe;
      waiter.call("futex", second.at, op.WAIT, -2, 0);
      const woken = c.call("futex", first.at, op.WAKE_OP, 1, 1, second.at, encode(1, 0, comparison, than));
      if (woken === 0) c.call("futex", second.at, op.WAKE, 1);
      waiter.again();
      return woken === 1;
    };
    const table = [0, 1, 2, 3, 4, 5].map((comparison) => [-3, -2, -1].map((than) => holds(comparison, than)));
    expect(table).toEqual([
      [false, true, false],
      [true, false, true],
      [false, false, true],
      [false, true, true],
      [true, false, false],
      [true, true, false],
    ]);
    expect(c.call("futex", first.at, op.WAKE_OP, 1, 1, second.at, encode(5, 0, 0, 0))).toBe("ENOSYS");
    expect(c.call("futex", first.at, op.WAKE_OP, 1, 1, second.at, encode(0, 0, 6, 0))).toBe("ENOSYS");
  });
});

describe("a mutex with priority inheritance", () => {
  test("has its owner's number, and the bit of those who wait, to whom it goes in turn", () => {
    const [c, one, other] = threads();
    const word = new Word(c);
    expect(c.call("futex", word.at, op.LOCK_PI, 0, 0)).toBe(0);
    expect(word.value).toBe(c.task.tid);
    expect(c.call("futex", word.at, op.LOCK_PI, 0, 0)).toBe("EDEADLK");
    expect(one.call("futex", word.at, op.TRYLOCK_PI, 0, 0)).toBe("EAGAIN");
    expect(one.call("futex", word.at, op.UNLOCK_PI, 0, 0)).toBe("EPERM");
    expect(one.call("futex", word.at, op.LOCK_PI, 0, 0)).toBe("blocked");
    expect(word.value).toBe(c.task.tid + WAITERS);
    expect(other.call("futex", word.at, op.LOCK_PI2, 0, 0)).toBe("blocked");
    expect(c.call("futex", word.at, op.UNLOCK_PI, 0, 0)).toBe(0);
    expect([one.again(), other.again()]).toEqual([0, "blocked"]);
    expect(word.value).toBe(one.task.tid + WAITERS);
    expect(one.call("futex", word.at, op.UNLOCK_PI, 0, 0)).toBe(0);
    expect(other.again()).toBe(0);
    expect(word.value).toBe(other.task.tid);
    expect(other.call("futex", word.at, op.UNLOCK_PI, 0, 0)).toBe(0);
    expect(word.value).toBe(0);
    expect(one.call("futex", word.at, op.TRYLOCK_PI, 0, 0)).toBe(0);
  });
});

describe("a mutex with priority inheritance whose owner ends", () => {
  test("goes to the first of those who wait, who is told so", () => {
    const [c, one, other] = threads();
    const word = new Word(c);
    expect(one.call("futex", word.at, op.LOCK_PI, 0, 0)).toBe(0);
    expect(c.call("futex", word.at, op.LOCK_PI, 0, 0)).toBe("blocked");
    expect(other.call("futex", word.at, op.LOCK_PI, 0, 0)).toBe("blocked");
    one.call("exit", 0);
    expect([c.again(), other.again()]).toEqual([0, "blocked"]);
    expect(word.value).toBe(c.task.tid + WAITERS + OWNER_DIED);
    expect(c.call("futex", word.at, op.UNLOCK_PI, 0, 0)).toBe(0);
    expect([other.again(), word.value]).toEqual([0, other.task.tid]);
  });

  test("cannot be had any more if nobody waited", () => {
    const [c, one] = threads();
    const word = new Word(c);
    one.call("futex", word.at, op.LOCK_PI, 0, 0);
    expect(one.call("futex", word.at, op.TRYLOCK_PI, 0, 0)).toBe("EDEADLK");
    one.call("exit", 0);
    expect(c.call("futex", word.at, op.LOCK_PI, 0, 0)).toBe("ESRCH");
    expect(c.call("futex", word.at, op.TRYLOCK_PI, 0, 0)).toBe("ESRCH");
  });
});

test("a futex is looked for where it can be read, and private ones at any address that there is", () => {
  const [c] = threads();
  const word = new Word(c);
  expect(c.call("futex", 8, op.WAKE, 1)).toBe("EFAULT");
  expect(c.call("futex", 8, op.WAKE | isPrivate, 1)).toBe(0);
  expect(c.call("futex", -8, op.WAKE | isPrivate, 1)).toBe("EFAULT");
  expect(c.call("futex", word.at, op.REQUEUE, 1, 1, 8)).toBe("EFAULT");
  expect(c.call("futex", word.at, op.WAKE | 256, 1)).toBe("ENOSYS");
});

/** `struct futex_waitv`s. */
function waiters(...words: readonly { readonly word: Word; readonly value: number; readonly flags?: number }[]) {
  const bytes = new Uint8Array(24 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach(({ word, value, flags = flags2 }, index) => {
    view.setBigUint64(24 * index, BigInt(value), true);
    view.setBigUint64(24 * index + 8, BigInt(word.at), true);
    view.setUint32(24 * index + 16, flags, true);
  });
  return bytes;
}

describe("the futex calls that took the place of one with operations", () => {
  test("wait at several words, and say which was woken", () => {
    const [c, waiter] = threads();
    const words = [0, 1, 2].map((index) => new Word(c, index));
    const all = waiters(...words.map((word) => ({ word, value: 0 })));
    expect(waiter.call("futex_waitv", all, 3, 0, 0, CLOCK_MONOTONIC)).toBe("blocked");
    expect(c.call("futex_wake", words[1].at, -1, 1, flags2)).toBe(1);
    expect(waiter.again()).toBe(1);
    words[2].value = 1;
    expect(waiter.call("futex_waitv", all, 3, 0, 0, CLOCK_MONOTONIC)).toBe("EAGAIN");
    for (const [count, flags] of [
      [0, 0],
      [129, 0],
      [3, 1],
    ]) {
      expect(waiter.call("futex_waitv", all, count, flags, 0, CLOCK_MONOTONIC)).toBe("EINVAL");
    }
  });

  test.each([
    ["futex_wait", 455, [0, -1, flags2, dataAt, CLOCK_MONOTONIC]],
    ["futex", nr.futex, [op.WAIT_BITSET, 0, dataAt, 0, -1]],
    ["futex", nr.futex, [op.WAIT, 0, dataAt, 0, 0]],
    ["futex", nr.futex, [op.LOCK_PI2, 0, dataAt, 0, 0]],
  ])("%s (%i) ends with ETIMEDOUT when its time has come", (_name, number, rest) => {
    // the mutex belongs to a child, which does nothing; 2 ms
    const owner = rest[0] === op.LOCK_PI2 ? 1001 : 0;
    const program = labelled(
      sys(nr.clone, 17, 0, 0, 0, 0),
      "beq a0, zero, @child",
      sys(number, dataAt + 64, ...rest),
      "sub a0, zero, a0",
      sys(nr.exitGroup),
      "child:",
      sys(nr.futex, dataAt + 128, op.WAIT, 0, 0),
    );
    const data = words(0, 2_000_000, 0, 0, 0, 0, 0, 0, owner);
    expect(runProgram(elfOf(program, data)).end).toMatchObject({ exit: { kind: "exited", code: 110 } });
  });

  test("know two clocks, and no bits are no bits to wait for", () => {
    const c = new Caller();
    const word = new Word(c);
    expect(c.call("futex_wait", word.at, 0, -1, flags2, new Uint8Array(16), 5)).toBe("EINVAL");
    expect(c.call("futex_wait", word.at, 0, 0, flags2, 0, 0)).toBe("EINVAL");
    expect(c.call("futex_wake", word.at, 0, 1, flags2)).toBe("EINVAL");
  });

  test("take words of 32 bits, whose address is a multiple of four", () => {
    const c = new Caller();
    const word = new Word(c);
    expect(c.call("futex_wake", word.at, -1, 1, 3)).toBe("EINVAL");
    expect(c.call("futex_wake", word.at, -1, 1, flags2 | 0x40)).toBe("EINVAL");
    expect(c.call("futex_wake", word.at + 2, -1, 1, flags2)).toBe("EINVAL");
    expect(c.call("futex_waitv", waiters({ word, value: 0, flags: 0 }), 1, 0, 0, 0)).toBe("EINVAL");
  });

  test("wake by bits, and let others wait elsewhere", () => {
    const [c, one, other] = threads();
    const [from, to] = [new Word(c), new Word(c, 1)];
    expect(one.call("futex_wait", from.at, 0, 1, flags2, 0, 0)).toBe("blocked");
    expect(other.call("futex_wait", from.at, 0, 2, flags2, 0, 0)).toBe("blocked");
    expect(c.call("futex_wake", from.at, 4, 10, flags2)).toBe(0);
    const both = (value: number) => waiters({ word: from, value }, { word: to, value: 0 });
    expect(c.call("futex_requeue", both(3), 0, 1, 10)).toBe("EAGAIN");
    expect(c.call("futex_requeue", both(0), 1, 1, 10)).toBe("EINVAL");
    expect(c.call("futex_requeue", both(0), 0, 1, 10)).toBe(2);
    expect([one.again(), other.again()]).toEqual([0, "blocked"]);
    expect(c.call("futex_wake", to.at, 2, 10, flags2)).toBe(1);
    expect(other.again()).toBe(0);
  });
});
