import { describe, expect, test } from "vitest";
import { Caller } from "./caller.ts";

const O_RDWR = 2;
const TIOC = { GPTN: 0x80045430, SPTLCK: 0x40045431, GWINSZ: 0x5413, SWINSZ: 0x5414, SCTTY: 0x540e, GPGRP: 0x540f };
const TC = { GETS: 0x5401, SETS: 0x5402, SETSF: 0x5404, FLSH: 0x540b };
const FIONREAD = 0x541b;
const [SIGINT, SIGWINCH] = [2, 28];
const local = { ISIG: 1, ICANON: 2, ECHO: 8 };

/** A pair of a master and a terminal, whose session the caller leads. */
function openPair(c: Caller): [master: number, terminal: number] {
  const master = c.open("/dev/ptmx", O_RDWR) as number;
  expect(c.call("ioctl", master, TIOC.GPTN, new Uint8Array(4))).toBe(0);
  const path = `/dev/pts/${c.task.memory.u32(c.memory())}`;
  expect(c.open(path, O_RDWR)).toBe("EIO");
  expect(c.call("ioctl", master, TIOC.SPTLCK, new Uint8Array(4))).toBe(0);
  return [master, c.open(path, O_RDWR) as number];
}

/** Turns local flags off, as a program that reads single keys does; VMIN and VTIME may be given. */
function setLocal(c: Caller, fd: number, off: number, least = 1, time = 0) {
  expect(c.call("ioctl", fd, TC.GETS, new Uint8Array(36))).toBe(0);
  const termios = c.task.memory.read(c.memory(), 36);
  const view = new DataView(termios.buffer);
  view.setUint32(12, view.getUint32(12, true) & ~off, true);
  termios[17 + 6] = least;
  termios[17 + 5] = time;
  expect(c.call("ioctl", fd, TC.SETS, termios)).toBe(0);
}

describe("a terminal", () => {
  test("hands over whole lines, edited and echoed, with line ends as each side wants them", () => {
    const c = new Caller();
    const [master, terminal] = openPair(c);
    c.write(master, "abx\x7fc");
    expect(c.call("ioctl", terminal, FIONREAD, new Uint8Array(4))).toBe(0);
    expect(c.task.memory.u32(c.memory())).toBe(0);
    c.write(master, "\rnext\n");
    expect(c.read(terminal)).toBe("abc\n");
    expect(c.read(terminal, 2)).toBe("ne");
    expect(c.read(terminal)).toBe("xt\n");
    expect(c.read(master)).toBe("abx\b \bc\r\nnext\r\n");
    c.write(terminal, "out\n");
    expect(c.read(master)).toBe("out\r\n");
  });

  test("takes a line or a word back, ends one without a line end, and ends the input at its beginning", () => {
    const c = new Caller();
    const [master, terminal] = openPair(c);
    c.write(master, "all of it\x15one two\x17three\n");
    expect(c.read(terminal)).toBe("one three\n");
    c.write(master, "part\x04");
    expect(c.read(terminal)).toBe("part");
    c.write(master, "\x04");
    expect(c.read(terminal)).toBe("");
    c.write(master, "\x16\x03\n");
    expect(c.read(terminal)).toBe("\x03\n");
  });

  test("hands over single keys where a program wants them, with VMIN and VTIME", () => {
    const c = new Caller();
    const [master, terminal] = openPair(c);
    setLocal(c, terminal, local.ICANON | local.ECHO);
    c.write(master, "k");
    expect(c.read(terminal)).toBe("k");
    const other = c.thread();
    setLocal(c, terminal, 0, 3);
    expect(other.call("read", terminal, new Uint8Array(10), 10)).toBe("blocked");
    c.write(master, "ab");
    expect(other.again()).toBe("blocked");
    c.write(master, "c");
    expect(other.again()).toBe(3);
    setLocal(c, terminal, 0, 0);
    expect(c.read(terminal)).toBe("");
    setLocal(c, terminal, 0, 0, 2);
    expect(other.call("read", terminal, new Uint8Array(10), 10)).toBe("blocked");
    c.system.scheduler.fire(c.system.now() + 3e8);
    expect(other.again()).toBe(0);
    expect(c.call("ioctl", master, FIONREAD, new Uint8Array(4))).toBe(0);
    expect(c.task.memory.u32(c.memory())).toBe(0);
  });

  test("makes signals of keys and of a new size for the group in the foreground", () => {
    const c = new Caller();
    const [master, terminal] = openPair(c);
    expect(c.call("ioctl", terminal, TIOC.GPGRP, new Uint8Array(4))).toBe(0);
    expect(c.task.memory.u32(c.memory())).toBe(c.task.process.pgid);
    const pending = () => c.task.process.pending.set;
    // both have actions that are not the default, or nothing would be pending
    for (const number of [SIGINT, SIGWINCH])
      c.task.process.actions.set(number, { handler: 0x10100, flags: 0, mask: 0n });
    c.write(master, "typed\x03");
    expect(pending()).toBe(1n << BigInt(SIGINT - 1));
    c.write(master, "x\n");
    expect(c.read(terminal)).toBe("x\n");
    const size = new Uint8Array([50, 0, 132, 0, 0, 0, 0, 0]);
    expect(c.call("ioctl", master, TIOC.SWINSZ, size)).toBe(0);
    expect(pending() & (1n << BigInt(SIGWINCH - 1))).not.toBe(0n);
    expect(c.call("ioctl", terminal, TIOC.GWINSZ, new Uint8Array(8))).toBe(0);
    expect(c.task.memory.u32(c.memory())).toBe(50 | (132 << 16));
  });

  test("is what /dev/tty means to the session that it controls", () => {
    const c = new Caller();
    expect(c.open("/dev/tty")).toBe("ENXIO");
    const [master] = openPair(c);
    const tty = c.open("/dev/tty", O_RDWR) as number;
    c.write(tty, "here");
    expect(c.read(master)).toBe("here");
    const [, second] = openPair(c);
    expect(c.call("ioctl", second, TIOC.SCTTY, 0)).toBe("EPERM");
    expect(c.call("ioctl", second, TIOC.GPGRP, new Uint8Array(4))).toBe("ENOTTY");
  });

  test("is hung up when its master is closed, and its master when nobody has it open", () => {
    const c = new Caller();
    const [master, terminal] = openPair(c);
    c.write(terminal, "last");
    c.call("close", terminal);
    expect(c.read(master)).toBe("last");
    expect(c.read(master)).toBe("EIO");
    const [master2, terminal2] = openPair(c);
    expect(c.names("/dev/pts")).toEqual(["0", "1"]);
    c.call("close", master2);
    expect(c.read(terminal2)).toBe("");
    expect(c.write(terminal2, "x")).toBe("EIO");
    expect(c.names("/dev/pts")).toEqual(["0"]);
  });

  test("makes a writer wait when nobody reads what it shows", () => {
    const c = new Caller();
    const [master, terminal] = openPair(c);
    const other = c.thread();
    const much = new Uint8Array(60_000).fill(120);
    expect(other.call("write", terminal, much, much.length)).toBe(60_000);
    expect(other.call("write", terminal, much, much.length)).toBe("blocked");
    expect(c.read(master, 60_000)).toHaveLength(60_000);
    expect(other.again()).toBe(60_000);
  });

  test("is nothing that other files are", () => {
    const c = new Caller();
    for (const fd of [0, 1, c.open("/dev/null") as number]) {
      expect(c.call("ioctl", fd, TC.GETS, new Uint8Array(36))).toBe("ENOTTY");
      expect(c.call("ioctl", fd, TIOC.GWINSZ, new Uint8Array(8))).toBe("ENOTTY");
    }
  });
});

describe("the console", () => {
  test("is a terminal for what its user types and sees", () => {
    let output = "";
    const onOutput = (bytes: Uint8Array) => {
      output += new TextDecoder().decode(bytes);
    };
    const isTerminal = [true, true, false] as const;
    const c = new Caller({ onOutput, terminal: { columns: 100, rows: 30, isTerminal } });
    expect(c.call("ioctl", 0, TIOC.GWINSZ, new Uint8Array(8))).toBe(0);
    expect(c.task.memory.u32(c.memory())).toBe(30 | (100 << 16));
    expect(c.call("ioctl", 2, TC.GETS, new Uint8Array(36))).toBe("ENOTTY");
    expect(c.call("read", 0, new Uint8Array(10), 10)).toBe("blocked");
    expect(c.system.files.isInputAwaited).toBe(true);
    c.system.files.type(new TextEncoder().encode("yes\r"));
    expect(c.again()).toBe(4);
    expect(output).toBe("yes\r\n");
    expect(c.readlink("/proc/self/fd/0")).toBe("/dev/console");
  });
});
