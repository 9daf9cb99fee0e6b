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

  test("of a stream stay in it where they cannot be put", () => {
    const c = new Caller();
    const [one, other] = pairOf(c, types.STREAM);
    expect(c.write(one, "stream")).toBe(6);
    expect(c.call("read", other, 8, 100)).toBe("EFAULT");
    expect(c.read(other, 4)).toBe("stre");
    expect(c.read(other)).toBe("am");
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
