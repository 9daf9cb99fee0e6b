import { describe, expect, test } from "vitest";
import { Caller } from "./caller.ts";

const O_NONBLOCK = 0o4000;
const POLL = { IN: 1, OUT: 4, ERR: 8, HUP: 16, NVAL: 32 };
const EPOLL = { ADD: 1, DEL: 2, MOD: 3, ONESHOT: 2 ** 30, ET: 2 ** 31 };
const F = { GETFL: 3, SETFL: 4, SETPIPE_SZ: 1031, GETPIPE_SZ: 1032 };

function pipe(c: Caller, flags = 0): [reader: number, writer: number] {
  expect(c.call("pipe2", new Uint8Array(8), flags)).toBe(0);
  return [c.task.memory.u32(c.memory()), c.task.memory.u32(c.memory() + 4)];
}

/** Memory of so many bytes, behind which there is none. */
function lastBytes(c: Caller, bytes: number): number {
  const at = c.call("mmap", 0, 16384, 3, 0x22, -1, 0) as number;
  expect(c.call("munmap", at + 8192, 8192)).toBe(0);
  return at + 8192 - bytes;
}

/** `struct iovec []`. */
function vectors(...all: readonly (readonly [base: number, length: number])[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(all.flat(), (word) => BigInt(word)).buffer);
}

/** What poll says of each descriptor, without waiting. */
function poll(c: Caller, wanted: readonly (readonly [fd: number, events: number])[], wait = false) {
  const fds = new Uint8Array(8 * wanted.length);
  const view = new DataView(fds.buffer);
  wanted.forEach(([fd, events], index) => {
    view.setInt32(8 * index, fd, true);
    view.setUint16(8 * index + 4, events, true);
  });
  const answer = wait
    ? c.call("ppoll", fds, wanted.length, 0, 0, 8)
    : c.call("ppoll", fds, wanted.length, new Uint8Array(16), 0, 8);
  if (answer === "blocked") return answer;
  return wanted.map((_, index) => c.task.memory.u16(c.memory() + 8 * index + 6));
}

function watch(c: Caller, set: number, fd: number, events: number, operation = EPOLL.ADD) {
  const event = new Uint8Array(16);
  const view = new DataView(event.buffer);
  view.setUint32(0, events >>> 0, true);
  view.setUint32(8, fd, true);
  return c.call("epoll_ctl", set, operation, fd, event);
}

/** What epoll_wait tells: descriptors with their events. */
function told(c: Caller, set: number, milliseconds = 0): (readonly [number, number])[] | string {
  const count = c.call("epoll_pwait", set, new Uint8Array(160), 10, milliseconds, 0, 8);
  if (typeof count === "string") return count;
  const at = c.memory();
  return Array.from(
    { length: count },
    (_, i) => [c.task.memory.u32(at + 16 * i + 8), c.task.memory.u32(at + 16 * i)] as const,
  );
}

describe("pipes", () => {
  test("a reader waits for bytes, and finds the end when no writer is left", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c);
    const other = c.thread();
    expect(other.call("read", reader, new Uint8Array(10), 10)).toBe("blocked");
    expect(c.write(writer, "bytes")).toBe(5);
    expect(other.again()).toBe(5);
    expect(other.call("read", reader, new Uint8Array(10), 10)).toBe("blocked");
    c.call("close", writer);
    expect(other.again()).toBe(0);
  });

  test("a writer waits for room until all is written, or gets EPIPE and SIGPIPE", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c);
    const other = c.thread();
    const much = new Uint8Array(50_000);
    expect(other.call("write", writer, much, much.length)).toBe(50_000);
    expect(other.call("write", writer, much, much.length)).toBe("blocked");
    expect(c.read(reader, 60_000)).toHaveLength(60_000);
    expect(other.again()).toBe(50_000);
    c.call("close", reader);
    expect(other.call("write", writer, "x", 1)).toBe("EPIPE");
    expect(other.task.hasSignal).toBe(true);
  });

  test("O_NONBLOCK answers EAGAIN, writes part of much, and up to 4,096 bytes not in parts", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c, O_NONBLOCK);
    expect(c.call("read", reader, new Uint8Array(1), 1)).toBe("EAGAIN");
    const much = new Uint8Array(60_000);
    expect(c.call("write", writer, much, much.length)).toBe(60_000);
    expect(c.call("write", writer, much, much.length)).toBe(5536);
    expect(c.read(reader, 4000)).toHaveLength(4000);
    expect(c.call("write", writer, much, 4096)).toBe("EAGAIN");
    expect(c.call("write", writer, much, 4097)).toBe(4000);
    expect(c.call("lseek", reader, 0, 0)).toBe("ESPIPE");
    expect(c.call("pread64", reader, much, 1, 0)).toBe("ESPIPE");
    expect(c.call("read", writer, much, 1)).toBe("EBADF");
    expect(c.call("fcntl", reader, F.GETPIPE_SZ, 0)).toBe(65536);
    expect(c.call("fcntl", reader, F.SETPIPE_SZ, 100_000)).toBe(131_072);
    expect(c.call("write", writer, much, 60_000)).toBe(60_000);
  });

  test("take whole pages from memory of which only the first part can be read", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c);
    const at = lastBytes(c, 6000);
    expect(c.call("write", writer, at, 9000)).toBe(4096);
    expect(c.call("write", writer, at + 4096, 3000)).toBe("EFAULT");
    expect(c.read(reader, 9000)).toHaveLength(4096);
    expect(c.call("writev", writer, vectors([at + 1000, 5000], [at, 7000]), 2)).toBe(8192);
    expect(c.call("writev", writer, vectors([at + 5999, 1], [at + 6000, 1]), 2)).toBe("EFAULT");
  });

  test("keep what the reader's memory has no room for", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c);
    const at = lastBytes(c, 6000);
    expect(c.call("write", writer, new Uint8Array(9000).fill(65), 9000)).toBe(9000);
    expect(c.call("read", reader, at, 9000)).toBe(4096);
    expect(c.call("read", reader, at + 5000, 4000)).toBe("EFAULT");
    expect(c.read(reader, 9000)).toBe("A".repeat(4904));
  });

  test("take what writev has as one piece", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c, O_NONBLOCK);
    const much = new Uint8Array(65536 - 3000);
    expect(c.call("write", writer, much, much.length)).toBe(much.length);
    const at = lastBytes(c, 4096);
    expect(c.call("writev", writer, vectors([at, 2000], [at, 2000]), 2)).toBe("EAGAIN");
    expect(c.read(reader, 65536)).toHaveLength(much.length);
  });

  test("and files for events: no bytes are nothing to a pipe, and too few for an event", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c);
    const event = c.call("eventfd2", 1, O_NONBLOCK) as number;
    for (const call of ["read", "write"]) {
      expect(c.call(call, call === "read" ? reader : writer, new Uint8Array(1), 0)).toBe(0);
      expect(c.call(call, event, new Uint8Array(8), 0)).toBe("EINVAL");
    }
    expect(c.call("write", event, new Uint8Array(16), 16)).toBe("EINVAL");
    expect(c.call("read", event, new Uint8Array(16), 16)).toBe(8);
  });

  test("with a name are opened at both ends before either goes on", () => {
    const c = new Caller();
    expect(c.call("mknodat", -100, "/tmp/fifo", 0o010666, 0)).toBe(0);
    expect(c.open("/tmp/fifo", 1 | O_NONBLOCK)).toBe("ENXIO");
    const other = c.thread();
    expect(other.open("/tmp/fifo")).toBe("blocked");
    const writer = c.open("/tmp/fifo", 1) as number;
    const reader = other.again() as number;
    c.write(writer, "through");
    expect(c.read(reader)).toBe("through");
  });

  test("splice, tee and sendfile move bytes without the program", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c);
    const [reader2, writer2] = pipe(c);
    const file = c.open("/tmp/f", 0o102) as number;
    c.write(file, "moved along");
    expect(c.call("sendfile", writer, file, 6n, 5)).toBe(5);
    expect(c.call("tee", reader, writer2, 100, 0)).toBe(5);
    expect(c.read(reader)).toBe("along");
    expect(c.call("splice", reader2, 0, file, 0, 100, 0)).toBe(5);
    expect(c.content("/tmp/f")).toBe("moved alongalong");
    expect(c.call("copy_file_range", file, 0n, file, 20n, 5, 0)).toBe(5);
    expect(c.content("/tmp/f")).toBe("moved alongalong\0\0\0\0moved");
  });
});

describe("poll and select", () => {
  test("tell what is ready of files, pipes, closed ends and descriptors that are none", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c);
    expect(
      poll(c, [
        [reader, POLL.IN],
        [writer, POLL.OUT],
        [99, POLL.IN],
        [-1, POLL.IN],
      ]),
    ).toEqual([0, POLL.OUT, POLL.NVAL, 0]);
    c.write(writer, "x");
    expect(poll(c, [[reader, POLL.IN | 0x40]])).toEqual([POLL.IN | 0x40]);
    c.call("close", writer);
    expect(poll(c, [[reader, POLL.IN]])).toEqual([POLL.IN | POLL.HUP]);
    const [reader2, writer2] = pipe(c);
    c.call("close", reader2);
    expect(poll(c, [[writer2, 0]])).toEqual([POLL.ERR]);
    const file = c.open("/tmp/f", 0o102) as number;
    expect(poll(c, [[file, POLL.IN | POLL.OUT]])).toEqual([POLL.IN | POLL.OUT]);
  });

  test("wait until something is ready", () => {
    const c = new Caller();
    const [reader, writer] = pipe(c);
    const other = c.thread();
    expect(poll(other, [[reader, POLL.IN]], true)).toBe("blocked");
    c.write(writer, "x");
    expect(other.again()).toBe(1);
    const bits = new Uint8Array(128);
    bits[reader >> 3] |= 1 << (reader & 7);
    expect(c.call("pselect6", reader + 1, bits, 0, 0, new Uint8Array(16), 0)).toBe(1);
    bits[12] = 8;
    expect(c.call("pselect6", 100, bits, 0, 0, new Uint8Array(16), 0)).toBe("EBADF");
  });
});

describe("epoll", () => {
  test("tells of a level as long as it is there, of an edge once, of a one-shot until it is set again", () => {
    const c = new Caller();
    const set = c.call("epoll_create1", 0) as number;
    const pairs = [pipe(c), pipe(c), pipe(c)];
    const [level, edge, once] = pairs.map(([reader]) => reader);
    expect(watch(c, set, level, POLL.IN)).toBe(0);
    expect(watch(c, set, edge, POLL.IN | EPOLL.ET)).toBe(0);
    expect(watch(c, set, once, POLL.IN | EPOLL.ONESHOT)).toBe(0);
    expect(told(c, set)).toEqual([]);
    for (const [, writer] of pairs) c.write(writer, "xy");
    const all = [level, edge, once].map((fd) => [fd, POLL.IN] as const);
    expect(told(c, set)).toEqual(all);
    expect(told(c, set)).toEqual([[level, POLL.IN]]);
    expect(c.read(edge, 1)).toBe("x");
    expect(told(c, set)).toEqual([[level, POLL.IN]]);
    c.write(pairs[1][1], "z");
    expect(watch(c, set, once, POLL.IN | EPOLL.ONESHOT, EPOLL.MOD)).toBe(0);
    expect((told(c, set) as [number, number][]).map(([fd]) => fd).sort()).toEqual([level, edge, once].sort());
  });

  test("waits, also for what is added meanwhile, and forgets files that are closed", () => {
    const c = new Caller();
    const set = c.call("epoll_create1", 0) as number;
    const [reader, writer] = pipe(c);
    const other = c.thread();
    expect(told(other, set, -1)).toBe("blocked");
    c.write(writer, "x");
    expect(watch(c, set, reader, POLL.IN)).toBe(0);
    expect(other.again()).toBe(1);
    c.call("close", reader);
    expect(told(c, set)).toEqual([]);
  });

  test("refuses what cannot be watched", () => {
    const c = new Caller();
    const set = c.call("epoll_create1", 0) as number;
    const [reader] = pipe(c);
    const file = c.open("/tmp/f", 0o102) as number;
    expect(watch(c, set, file, POLL.IN)).toBe("EPERM");
    expect(watch(c, set, set, POLL.IN)).toBe("EINVAL");
    expect(watch(c, set, 99, POLL.IN)).toBe("EBADF");
    expect(watch(c, set, reader, POLL.IN, EPOLL.MOD)).toBe("ENOENT");
    watch(c, set, reader, POLL.IN);
    expect(watch(c, set, reader, POLL.IN)).toBe("EEXIST");
    const outer = c.call("epoll_create1", 0) as number;
    expect(watch(c, outer, set, POLL.IN)).toBe(0);
    expect(watch(c, set, outer, POLL.IN)).toBe("ELOOP");
    expect(c.call("epoll_pwait", reader, new Uint8Array(16), 1, 0, 0, 8)).toBe("EINVAL");
  });
});

describe("eventfd", () => {
  test("counts, waits at zero and where it would overflow", () => {
    const c = new Caller();
    const fd = c.call("eventfd2", 3, 0) as number;
    expect(c.call("write", fd, 4n, 8)).toBe(8);
    expect(c.call("read", fd, new Uint8Array(8), 8)).toBe(8);
    expect(c.task.memory.u64(c.memory())).toBe(7n);
    const other = c.thread();
    expect(other.call("read", fd, new Uint8Array(8), 8)).toBe("blocked");
    expect(c.call("write", fd, 1n, 8)).toBe(8);
    expect(other.again()).toBe(8);
    expect(c.call("write", fd, 0xffff_ffff_ffff_fffen, 8)).toBe(8);
    expect(other.call("write", fd, 1n, 8)).toBe("blocked");
    expect(c.call("write", fd, 0xffff_ffff_ffff_ffffn, 8)).toBe("EINVAL");
    expect(c.call("read", fd, new Uint8Array(4), 4)).toBe("EINVAL");
    const semaphore = c.call("eventfd2", 2, 1 | O_NONBLOCK) as number;
    const reads = [1, 2, 3].map(() => c.call("read", semaphore, new Uint8Array(8), 8));
    expect(reads).toEqual([8, 8, "EAGAIN"]);
  });
});

describe("pairs of sockets", () => {
  const pair = (c: Caller, type: number): [number, number] => {
    expect(c.call("socketpair", 1, type, 0, new Uint8Array(8))).toBe(0);
    return [c.task.memory.u32(c.memory()), c.task.memory.u32(c.memory() + 4)];
  };

  test("carry bytes both ways, or messages, up to their end", () => {
    const c = new Caller();
    const [one, other] = pair(c, 1);
    for (const text of ["ab", "cd"]) c.write(one, text);
    c.write(other, "back");
    expect(c.read(other, 3)).toBe("abc");
    expect(c.read(one)).toBe("back");
    expect(c.call("shutdown", one, 1)).toBe(0);
    expect([c.read(other), c.read(other)]).toEqual(["d", ""]);
    expect(c.write(one, "x")).toBe("EPIPE");
    const [from, to] = pair(c, 5);
    for (const text of ["ab", "cd"]) c.write(from, text);
    expect([c.read(to, 1), c.read(to)]).toEqual(["a", "cd"]);
    c.call("close", from);
    expect(c.read(to)).toBe("");
  });

  test("with names and those of the machine's own network are all the sockets that there are", () => {
    const c = new Caller();
    for (const domain of [10, 16, 17]) expect(c.call("socket", domain, 1, 0)).toBe("EAFNOSUPPORT");
    expect(c.call("socket", 1, 1, 0)).toBe(3);
    expect(c.call("connect", 3, "\x01\0/none", 7)).toBe("ENOENT");
    expect(c.call("connect", 3, "\x01\0\0none", 7)).toBe("ECONNREFUSED");
    expect(c.call("sendto", 1, "x", 1, 0, 0, 0)).toBe("ENOTSOCK");
  });
});

describe("limits of open files", () => {
  test("RLIMIT_NOFILE is EMFILE, --max-files is ENFILE for all processes together", () => {
    const c = new Caller({ maxFiles: 20 });
    const answers = Array.from({ length: 25 }, () => c.open("/dev/null"));
    expect(answers.filter((answer) => typeof answer === "number")).toHaveLength(17);
    expect(answers.at(-1)).toBe("ENFILE");
    expect(c.call("pipe2", new Uint8Array(8), 0)).toBe("ENFILE");
    expect(c.call("dup", 5)).toBe("EMFILE");
    c.call("close", 5);
    expect(c.open("/dev/null")).toBe(5);
    c.task.files.limit = 1_000_000;
    expect(c.call("dup3", 0, 20, 0)).toBe("EBADF");
    const many = new Caller();
    for (let i = 3; i < 1024; i++) expect(many.call("dup", 0)).toBe(i);
    expect(many.call("dup", 0)).toBe("EMFILE");
    expect(many.call("dup3", 0, 1024, 0)).toBe("EBADF");
    expect(many.call("close_range", 3, 2000, 0)).toBe(0);
    expect(many.call("fcntl", 0, 0, 7)).toBe(7);
  });
});

describe("what programs have of the host's memory", () => {
  test("pipes grow only so far together", () => {
    const c = new Caller();
    const large = () => {
      const [reader, writer] = pipe(c);
      return [c.call("fcntl", reader, F.SETPIPE_SZ, 1 << 20), reader, writer];
    };
    const all = Array.from({ length: 100 }, large);
    expect(all.filter(([answer]) => answer === 1 << 20)).toHaveLength(68);
    expect(all[99][0]).toBe("EPERM");
    for (const fd of all[0].slice(1)) c.call("close", fd);
    expect(large()[0]).toBe(1 << 20);
    expect(c.call("fcntl", all[1][1] as number, F.SETPIPE_SZ, 2 << 20)).toBe("EPERM");
  });

  test("files, names and locks end before it does", () => {
    const c = new Caller();
    c.call("close", c.open("/f", 0o102) as number);
    let links = 0;
    while (c.call("linkat", -100, "/f", -100, `/f${links}`, 0) === 0) links++;
    expect(links).toBeLessThan(40_000);
    expect(c.open("/g", 0o102)).toBe("ENOSPC");
    const fd = c.open("/f", 2) as number;
    const lock = new Uint8Array(32);
    const view = new DataView(lock.buffer);
    view.setUint32(16, 1, true);
    let locks = 0;
    do view.setUint32(8, 2 * locks, true);
    while (c.call("fcntl", fd, 6, lock) === 0 && ++locks < 5000);
    expect(locks).toBe(4096);
  });
});

describe("locks", () => {
  const flock = (type: number, start: number, length: number) => {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, type, true);
    view.setBigInt64(8, BigInt(start), true);
    view.setBigInt64(16, BigInt(length), true);
    return bytes;
  };

  test("of open files keep others from the same bytes, and are given back with the last descriptor", () => {
    const c = new Caller();
    const [one, other] = [c.open("/tmp/f", 0o102) as number, c.open("/tmp/f", 2) as number];
    const [SETLK, SETLKW] = [37, 38];
    expect(c.call("fcntl", one, SETLK, flock(1, 0, 10))).toBe(0);
    expect(c.call("fcntl", other, SETLK, flock(0, 5, 10))).toBe("EAGAIN");
    expect(c.call("fcntl", other, SETLK, flock(0, 10, 10))).toBe(0);
    const thread = c.thread();
    expect(thread.call("fcntl", other, SETLKW, flock(1, 0, 1))).toBe("blocked");
    c.call("close", one);
    expect(thread.again()).toBe(0);
  });

  test("flock's are for whole files: shared by many or exclusive", () => {
    const c = new Caller();
    const [one, other] = [c.open("/tmp/f", 0o102) as number, c.open("/tmp/f", 2) as number];
    const [SH, EX, NB, UN] = [1, 2, 4, 8];
    expect([c.call("flock", one, SH), c.call("flock", other, SH)]).toEqual([0, 0]);
    expect(c.call("flock", one, EX | NB)).toBe("EAGAIN");
    expect(c.call("flock", other, UN)).toBe(0);
    expect(c.call("flock", one, EX | NB)).toBe(0);
    expect(c.call("flock", other, SH | NB)).toBe("EAGAIN");
  });
});

describe("standard input", () => {
  test("is ready when something has come, all of which is then read; and at its end", () => {
    const coming = ["three", " words come", ""].map((text) => new TextEncoder().encode(text));
    let waits = true;
    const onInput = (into: Uint8Array) => {
      if (waits) return -11;
      const [first] = coming;
      if (into.length === 0 || first.length === 0) return 0;
      const part = first.subarray(0, into.length);
      into.set(part);
      if (part.length === first.length) {
        coming.shift();
        waits = true;
      } else coming[0] = first.subarray(part.length);
      return part.length;
    };
    const c = new Caller({ onInput });
    const other = c.thread();
    const ready = () => poll(c, [[0, POLL.IN]]);
    const comes = () => {
      waits = false;
      c.system.files.input.readers.wake();
    };
    expect(ready()).toEqual([0]);
    expect(poll(other, [[0, POLL.IN]], true)).toBe("blocked");
    comes();
    expect(other.again()).toBe(1);
    expect(ready()).toEqual([POLL.IN]);
    expect(c.read(0)).toBe("three");
    expect(ready()).toEqual([0]);
    comes();
    expect(c.read(0, 6)).toBe(" words");
    expect(ready()).toEqual([POLL.IN]);
    expect(c.read(0, 2)).toBe(" c");
    expect(c.read(0)).toBe("ome");
    comes();
    expect(ready()).toEqual([POLL.IN]);
    expect(c.read(0)).toBe("");
    expect(c.read(0)).toBe("");
    // output is always ready, input of it never
    expect(poll(c, [[1, POLL.IN | POLL.OUT]])).toEqual([POLL.OUT]);
    expect(c.call("read", 1, new Uint8Array(1), 1)).toBe("EBADF");
  });
});
