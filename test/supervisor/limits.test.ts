import { describe, expect, test } from "vitest";
import { AT_FDCWD, Caller } from "./files/caller.ts";
import { codeAt } from "./userProgram.ts";

const EPOLL_CTL_ADD = 1;
const PROT_BOTH = 3;
const MAP_SHARED = 1;
const SIGRTMIN = 34;
/** Where a `struct msghdr` may be, behind what the calls of a test pass. */
const roomForHead = codeAt + 0x8000;

const epollEvent = (events: number) => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, events, true);
  return bytes;
};

/** `siginfo_t` of sigqueue. */
function queueInfo(): Uint8Array {
  const bytes = new Uint8Array(128);
  new DataView(bytes.buffer).setInt32(8, -1, true);
  return bytes;
}

describe("a program cannot make the host", () => {
  test("keep more in files in memory than half of what the machine has, wherever they are", () => {
    const c = new Caller();
    const chunk = new Uint8Array(0x8000).fill(1);
    let total = 0;
    const files = ["/tmp/f", "/dev/f", "/dev/shm/f", "/f"].map((path) => c.open(path, 0o102));
    for (const fd of [...files, c.call("memfd_create", "f", 0)]) {
      let count: number | string = 0;
      while (typeof count === "number") {
        total += count;
        count = c.call("write", fd, chunk, chunk.length);
      }
      expect(count).toBe("ENOSPC");
    }
    expect(total).toBeLessThanOrEqual(16 << 20);
  });

  test("keep more signals and timers than there may be", () => {
    const c = new Caller();
    const { pid } = c.task.process;
    c.call("rt_sigprocmask", 0, new Uint8Array(8).fill(255), 0, 8);
    let sent = 0;
    while (c.call("rt_sigqueueinfo", pid, SIGRTMIN, queueInfo()) === 0) sent++;
    expect(sent).toBe(4096);
    // one of each there is always room for, but not for what it has to tell
    expect(c.call("rt_sigqueueinfo", pid, SIGRTMIN + 1, queueInfo())).toBe("EAGAIN");
    expect(c.call("kill", pid, SIGRTMIN + 1)).toBe(0);
    expect(c.call("timer_create", 1, 0, new Uint8Array(4))).toBe("EAGAIN");
    expect(c.call("rt_sigtimedwait", new Uint8Array(8).fill(255), 0, 0, 8)).toBe(SIGRTMIN);
    expect(c.call("rt_sigtimedwait", new Uint8Array(8).fill(255), 0, 0, 8)).toBe(SIGRTMIN);
    expect(c.call("timer_create", 1, 0, new Uint8Array(4))).toBe(0);
    expect(c.call("timer_delete", 0)).toBe(0);
  });

  test("keep files open that sockets carry to each other in a circle", () => {
    const c = new Caller({ maxFiles: 64 });
    for (let round = 0; round < 100; round++) {
      expect(c.call("socketpair", 1, 2, 0, new Uint8Array(8))).toBe(0);
      const [one, other] = [c.task.memory.u32(c.memory()), c.task.memory.u32(c.memory() + 4)];
      const control = new Uint8Array(24);
      new DataView(control.buffer).setUint32(0, 24, true);
      new DataView(control.buffer).setUint32(8, 1, true);
      new DataView(control.buffer).setUint32(12, 1, true);
      new DataView(control.buffer).setUint32(16, one, true);
      new DataView(control.buffer).setUint32(20, other, true);
      const at = c.task.memory;
      const head = roomForHead;
      at.write(head, new Uint8Array(56));
      at.write(head + 64, control);
      at.setLong(head + 32, head + 64);
      at.setLong(head + 40, 24);
      for (const fd of [one, other]) expect(c.call("sendmsg", fd, head, 0)).toBe(0);
      for (const fd of [one, other]) c.call("close", fd);
    }
    expect(c.system.files.limit.count).toBeLessThanOrEqual(64);
  });

  test("follow sets of epoll through all ways that there are in them", () => {
    const c = new Caller();
    const sets = Array.from({ length: 100 }, () => c.call("epoll_create1", 0) as number);
    const answers: (number | string)[] = [];
    for (const set of sets) {
      for (const other of sets) answers.push(c.call("epoll_ctl", set, EPOLL_CTL_ADD, other, epollEvent(1)));
    }
    // chains of four, as in Linux: those of the first four sets with all that come behind them
    expect(answers.filter((answer) => answer === 0).length).toBe(99 + 98 + 97 + 96);
    expect(c.call("epoll_pwait", sets[0], new Uint8Array(16), 1, 0, 0, 8)).toBe(0);
    c.call("close", sets[1]);
    expect(c.call("epoll_ctl", sets[4], EPOLL_CTL_ADD, sets[5], epollEvent(1))).toBe(0);
  });

  test("look at each of a billion descriptors", () => {
    const c = new Caller();
    expect(c.call("pselect6", 0x3fff_ffff, 0, 0, 0, new Uint8Array(16), 0)).toBe(0);
    expect(c.call("ppoll", 0, 0xffff_ffff, 0, 0, 8)).toBe("EINVAL");
  });
});

describe("what was written through a mapping", () => {
  test("stays in memory while its file system has no room for it, and fsync says so", () => {
    const c = new Caller();
    const fd = c.call("memfd_create", "f", 0) as number;
    c.call("ftruncate", fd, 8192);
    const at = c.call("mmap", 0, 8192, PROT_BOTH, MAP_SHARED, fd, 0) as number;
    c.task.memory.setU32(at + 4096, 77);
    const other = c.open("/tmp/f", 0o102) as number;
    const chunk = new Uint8Array(0x8000);
    while (typeof c.call("write", other, chunk, chunk.length) === "number");
    expect(c.call("fsync", fd)).toBe("ENOSPC");
    expect(c.call("munmap", at, 8192)).toBe(0);
    expect(c.call("pread64", fd, new Uint8Array(4), 4, 4096)).toBe(4);
    expect(c.task.memory.u32(c.memory())).toBe(77);
    c.call("unlinkat", AT_FDCWD, "/tmp/f", 0);
    c.call("close", other);
    expect(c.call("fsync", fd)).toBe("ENOSPC");
    expect(c.call("fsync", fd)).toBe(0);
  });
});

describe("memory that no program can have", () => {
  test("is refused before anything is done with it", () => {
    const c = new Caller();
    const zero = c.open("/dev/zero", 2) as number;
    expect(c.call("read", zero, new Uint8Array(64).fill(1), 2 ** 62)).toBe("EFAULT");
    expect(c.task.memory.u8(c.memory())).toBe(1);
    expect(c.call("getrandom", new Uint8Array(64).fill(1), 2 ** 40, 0)).toBe("EFAULT");
    const [reader] = [c.call("pipe2", new Uint8Array(8), 0)];
    expect(reader).toBe(0);
    const fd = c.task.memory.u32(c.memory());
    expect(c.call("fcntl", fd, 1031, -1)).toBe("EINVAL");
    expect(c.call("fcntl", fd, 1031, 1 << 30)).toBe("EPERM");
  });
});
