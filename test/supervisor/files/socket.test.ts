import { describe, expect, test } from "vitest";
import { Caller } from "./caller.ts";

describe("messages", () => {
  const types = { STREAM: 1, DGRAM: 2, SEQPACKET: 5 };

  function pairOf(c: Caller, type: number): [number, number] {
    expect(c.call("socketpair", 1, type, 0, new Uint8Array(8))).toBe(0);
    return [c.task.memory.u32(c.memory()), c.task.memory.u32(c.memory() + 4)];
  }

  /** `struct iovec []` of parts of the memory for arguments, from 1,000 bytes on. */
  function vectors(c: Caller, ...lengths: readonly number[]): Uint8Array {
    let at = c.memory() + 1000;
    const words = lengths.flatMap((length) => {
      at += length;
      return [BigInt(at - length), BigInt(length)];
    });
    return new Uint8Array(BigUint64Array.from(words).buffer);
  }

  test("are one for a writev, and fill what readv has, whatever parts there are", () => {
    const c = new Caller();
    for (const type of [types.DGRAM, types.SEQPACKET]) {
      const [one, other] = pairOf(c, type);
      c.task.memory.write(c.memory() + 1000, new TextEncoder().encode("a message in three parts"));
      expect(c.call("writev", one, vectors(c, 9, 0, 3, 12), 4)).toBe(24);
      expect(c.write(one, "next")).toBe(4);
      expect(c.call("readv", other, vectors(c, 2, 3, 4), 3)).toBe(9);
      expect(new TextDecoder().decode(c.task.memory.read(c.memory() + 1000, 9))).toBe("a message");
      expect(c.read(other)).toBe("next");
    }
  });

  test("are waited for until there is as much as MSG_WAITALL wants, or the end", () => {
    const c = new Caller();
    const [one, other] = pairOf(c, types.STREAM);
    const MSG = { DONTWAIT: 0x40, WAITALL: 0x100 };
    const thread = c.thread();
    const receive = (flags: number) => thread.call("recvfrom", other, new Uint8Array(10), 10, flags, 0, 0);
    expect(receive(MSG.WAITALL)).toBe("blocked");
    for (const part of ["abc", "defg"]) {
      c.write(one, part);
      expect(thread.again()).toBe("blocked");
    }
    c.write(one, "hijkl");
    expect(thread.again()).toBe(10);
    expect(thread.task.memory.read(thread.memory(), 10)).toEqual(new TextEncoder().encode("abcdefghij"));
    expect(receive(MSG.WAITALL | MSG.DONTWAIT)).toBe(2);
    c.write(one, "x");
    expect(receive(MSG.WAITALL)).toBe("blocked");
    c.call("close", one);
    expect(thread.again()).toBe(1);
  });

  test("of a stream stay in it where they cannot be put", () => {
    const c = new Caller();
    const [one, other] = pairOf(c, types.STREAM);
    expect(c.write(one, "stream")).toBe(6);
    expect(c.call("read", other, 8, 100)).toBe("EFAULT");
    expect(c.read(other, 4)).toBe("stre");
    expect(c.read(other)).toBe("am");
  });
});

describe("sockets with names", () => {
  const types = { STREAM: 1, DGRAM: 2, SEQPACKET: 5 };
  const NONBLOCK = 0o4000;
  const name = (text: string) => Uint8Array.from([1, 0, 0, ...new TextEncoder().encode(text)]);

  function make(c: Caller, type: number, bound?: string): number {
    const fd = c.call("socket", 1, type | NONBLOCK, 0) as number;
    if (bound !== undefined) expect(c.call("bind", fd, name(bound), 3 + bound.length)).toBe(0);
    return fd;
  }

  test("that are no paths have them by their type", () => {
    const c = new Caller();
    const [stream, datagram] = [make(c, types.STREAM, "n"), make(c, types.DGRAM, "n")];
    expect(c.call("bind", make(c, types.DGRAM), name("n"), 4)).toBe("EADDRINUSE");
    expect(c.call("connect", make(c, types.DGRAM), name("n"), 4)).toBe(0);
    expect(c.call("connect", make(c, types.SEQPACKET), name("n"), 4)).toBe("ECONNREFUSED");
    expect(c.call("connect", make(c, types.STREAM), name("n"), 4)).toBe("ECONNREFUSED");
    c.call("listen", stream, 1);
    expect(c.call("connect", make(c, types.STREAM), name("n"), 4)).toBe(0);
    expect(c.read(datagram)).toBe("EAGAIN");
  });

  test("hear datagrams of nobody else once they are connected, and forget what others have sent", () => {
    const c = new Caller();
    const [one, other] = [make(c, types.DGRAM, "one"), make(c, types.DGRAM, "other")];
    const third = make(c, types.DGRAM);
    expect(c.call("connect", third, name("one"), 6)).toBe(0);
    expect(c.write(third, "heard")).toBe(5);
    expect(c.call("connect", one, name("other"), 8)).toBe(0);
    expect(c.read(one)).toBe("heard");
    expect(c.write(third, "x")).toBe("EPERM");
    expect(c.call("connect", make(c, types.DGRAM), name("one"), 6)).toBe("EPERM");
    expect(c.call("connect", other, name("one"), 6)).toBe(0);
    expect(c.write(other, "lost")).toBe(4);
    make(c, types.DGRAM, "new");
    expect(c.call("connect", one, name("new"), 6)).toBe(0);
    expect(c.read(one)).toBe("EAGAIN");
  });

  test("take ten datagrams and one before the sender has to wait", () => {
    const c = new Caller();
    make(c, types.DGRAM, "slow");
    const sender = make(c, types.DGRAM);
    c.call("connect", sender, name("slow"), 7);
    for (let i = 0; i < 11; i++) expect(c.write(sender, "x")).toBe(1);
    expect(c.write(sender, "x")).toBe("EAGAIN");
  });

  test("give what is in them after a shutdown for reading, and tell a lost message before anything else", () => {
    const c = new Caller();
    const pair = (type: number) => {
      expect(c.call("socketpair", 1, type | NONBLOCK, 0, new Uint8Array(8))).toBe(0);
      return [c.task.memory.u32(c.memory()), c.task.memory.u32(c.memory() + 4)];
    };
    const [from, to] = pair(types.STREAM);
    c.write(from, "still there");
    expect(c.call("shutdown", to, 0)).toBe(0);
    expect(c.read(to)).toBe("still there");
    expect(c.read(to)).toBe("");
    expect(c.write(from, "x")).toBe("EPIPE");
    const [one, other] = pair(types.SEQPACKET);
    c.write(one, "never read");
    c.call("close", other);
    expect(c.write(one, "x")).toBe("ECONNRESET");
    expect(c.write(one, "x")).toBe("EPIPE");
  });
});

describe("the network", () => {
  /** `struct sockaddr_in`. */
  function address(port: number, ...bytes: readonly number[]): Uint8Array {
    return Uint8Array.of(2, 0, port >> 8, port & 0xff, ...bytes, ...new Array<number>(8).fill(0));
  }

  const STREAM = 1;
  const DGRAM = 2;
  const socket = (c: Caller, type: number) => c.call("socket", 2, type, 0) as number;
  const own = [127, 0, 0, 1] as const;

  test("has one machine: nothing else is reached, and no address of another is given", () => {
    const c = new Caller();
    for (const bytes of [
      [8, 8, 8, 8],
      [10, 0, 0, 1],
      [192, 168, 1, 1],
      [255, 255, 255, 255],
      [126, 255, 255, 255],
    ]) {
      expect(c.call("connect", socket(c, STREAM), address(80, ...bytes), 16)).toBe("ENETUNREACH");
      expect(c.call("connect", socket(c, DGRAM), address(53, ...bytes), 16)).toBe("ENETUNREACH");
      expect(c.call("sendto", socket(c, DGRAM), "x", 1, 0, address(53, ...bytes), 16)).toBe("ENETUNREACH");
      expect(c.call("bind", socket(c, STREAM), address(80, ...bytes), 16)).toBe("EADDRNOTAVAIL");
    }
    expect(c.call("connect", socket(c, STREAM), address(80, ...own), 16)).toBe("ECONNREFUSED");
  });

  test("has a port for one socket that listens, and again when that is closed", () => {
    const c = new Caller();
    const [one, other] = [socket(c, STREAM), socket(c, STREAM)];
    const reuse = Uint8Array.of(1, 0, 0, 0);
    for (const fd of [one, other]) expect(c.call("setsockopt", fd, 1, 2, reuse, 4)).toBe(0);
    expect(c.call("bind", one, address(80, ...own), 16)).toBe(0);
    expect(c.call("listen", one, 1)).toBe(0);
    expect(c.call("bind", other, address(80, 0, 0, 0, 0), 16)).toBe("EADDRINUSE");
    expect(c.call("bind", socket(c, DGRAM), address(80, ...own), 16)).toBe(0);
    c.call("close", one);
    expect(c.call("bind", other, address(80, ...own), 16)).toBe(0);
  });

  test("makes those wait who connect where too many do, and those who accept where nobody does", () => {
    const c = new Caller();
    const server = socket(c, STREAM);
    c.call("bind", server, address(80, ...own), 16);
    c.call("listen", server, 0);
    const thread = c.thread();
    expect(thread.call("accept", server, 0, 0)).toBe("blocked");
    const first = socket(c, STREAM);
    expect(c.call("connect", first, address(80, ...own), 16)).toBe(0);
    const peer = thread.again() as number;
    expect(c.write(first, "over the network")).toBe(16);
    expect(c.read(peer)).toBe("over the network");
    expect(c.call("connect", socket(c, STREAM), address(80, ...own), 16)).toBe(0);
    expect(thread.call("connect", socket(c, STREAM), address(80, ...own), 16)).toBe("blocked");
    expect(c.call("accept", server, 0, 0)).toBeGreaterThan(peer);
    expect(thread.again()).toBe(0);
  });

  test("forgets datagrams that nobody has room for, and keeps nobody waiting", () => {
    const c = new Caller();
    const [from, to] = [socket(c, DGRAM), socket(c, DGRAM)];
    c.call("bind", to, address(53, ...own), 16);
    const much = new Uint8Array(30_000);
    for (let i = 0; i < 20; i++)
      expect(c.call("sendto", from, much, much.length, 0, address(53, ...own), 16)).toBe(30_000);
    let received = 0;
    while (c.call("recvfrom", to, much, much.length, 0x40, 0, 0) === 30_000) received++;
    expect(received).toBe(7);
  });
});

describe("files sent along with a message", () => {
  /** `struct msghdr` with one vector of 16 bytes, and control data of so many bytes behind it. */
  function receive(c: Caller, fd: number, controlBytes: number) {
    const bytes = new Uint8Array(56 + 16 + 16 + 64);
    const at = c.memory();
    const view = new DataView(bytes.buffer);
    view.setBigUint64(16, BigInt(at + 56), true);
    view.setBigUint64(24, 1n, true);
    view.setBigUint64(32, BigInt(controlBytes === 0 ? 0 : at + 88), true);
    view.setBigUint64(40, BigInt(controlBytes), true);
    view.setBigUint64(56, BigInt(at + 72), true);
    view.setBigUint64(64, 16n, true);
    // the message is in front of descriptor and flags
    const answer = c.call("recvmsg", fd, bytes, 0);
    const { memory } = c.task;
    return {
      answer,
      truncated: (memory.u32(at + 48) & 8) !== 0,
      length: memory.long(at + 88),
      fd: memory.u32(at + 104),
    };
  }

  function sendTwo(c: Caller, to: number, fds: readonly number[]) {
    const bytes = new Uint8Array(56 + 16 + 16 + 32);
    const at = c.memory();
    const view = new DataView(bytes.buffer);
    view.setBigUint64(16, BigInt(at + 56), true);
    view.setBigUint64(24, 1n, true);
    view.setBigUint64(32, BigInt(at + 88), true);
    view.setBigUint64(40, BigInt(16 + 4 * fds.length), true);
    view.setBigUint64(56, BigInt(at + 72), true);
    view.setBigUint64(64, 3n, true);
    view.setBigUint64(88, BigInt(16 + 4 * fds.length), true);
    view.setUint32(96, 1, true);
    view.setUint32(100, 1, true);
    fds.forEach((fd, index) => {
      view.setUint32(104 + 4 * index, fd, true);
    });
    return c.call("sendmsg", to, bytes, 0);
  }

  function pair(c: Caller): [number, number] {
    expect(c.call("socketpair", 1, 1, 0, new Uint8Array(8))).toBe(0);
    return [c.task.memory.u32(c.memory()), c.task.memory.u32(c.memory() + 4)];
  }

  function pipe(c: Caller): [number, number] {
    expect(c.call("pipe2", new Uint8Array(8), 0)).toBe(0);
    return [c.task.memory.u32(c.memory()), c.task.memory.u32(c.memory() + 4)];
  }

  test("are received as far as there is room; the others are closed, and MSG_CTRUNC says so", () => {
    const c = new Caller();
    const [one, other] = pair(c);
    const [reader, writer] = pipe(c);
    expect(sendTwo(c, one, [reader, writer])).toBe(3);
    c.call("close", writer);
    // room for one: the reader comes, the writer is closed, and the pipe has ended
    const received = receive(c, other, 20);
    expect(received).toMatchObject({ answer: 3, truncated: true, length: 20 });
    expect(c.read(received.fd)).toBe("");
    expect(c.call("read", received.fd, new Uint8Array(1), 1)).toBe(0);
  });

  test("are closed where nobody has room for any, or when the socket is closed with them in it", () => {
    const c = new Caller();
    const [one, other] = pair(c);
    const [reader, writer] = pipe(c);
    sendTwo(c, one, [writer]);
    c.call("close", writer);
    expect(receive(c, other, 0)).toMatchObject({ answer: 3, truncated: true });
    expect(c.call("read", reader, new Uint8Array(1), 1)).toBe(0);
    const [reader2, writer2] = pipe(c);
    sendTwo(c, one, [writer2]);
    c.call("close", writer2);
    const waiting = c.thread();
    expect(waiting.call("read", reader2, new Uint8Array(1), 1)).toBe("blocked");
    c.call("close", other);
    expect(waiting.again()).toBe(0);
  });

  test("cannot be what is no descriptor", () => {
    const c = new Caller();
    const [one] = pair(c);
    expect(sendTwo(c, one, [77])).toBe("EBADF");
    expect(sendTwo(c, one, [])).toBe(3);
  });
});
