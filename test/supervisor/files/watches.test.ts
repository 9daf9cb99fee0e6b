import { describe, expect, test } from "vitest";
import { endProcess } from "../../../src/supervisor/process/exit.ts";
import { elfOf } from "../userProgram.ts";
import { AT_FDCWD, Caller } from "./caller.ts";

const IN = { OPEN: 0x20, CREATE: 0x100, DELETE: 0x200, IGNORED: 0x8000, Q_OVERFLOW: 0x4000, ONESHOT: 0x8000_0000 };
const O_NONBLOCK = 0o4000;

/** A process with an inotify instance. */
class Watcher extends Caller {
  readonly fd = this.call("inotify_init1", O_NONBLOCK) as number;

  watch(path: string, mask: number): number | string {
    return this.call("inotify_add_watch", this.fd, path, mask);
  }

  /** What can be read: `wd:mask name`. */
  events(room = 4000): string[] | string {
    const count = this.call("read", this.fd, new Uint8Array(room), room);
    if (typeof count === "string") return count;
    const bytes = this.task.memory.read(this.memory(), count);
    const view = new DataView(bytes.buffer);
    const events: string[] = [];
    for (let at = 0; at < count; at += 16 + view.getUint32(at + 12, true)) {
      const name = bytes.subarray(at + 16, at + 16 + view.getUint32(at + 12, true));
      const text = new TextDecoder().decode(name).replace(/\0+$/, "");
      events.push(`${view.getInt32(at, true)}:${view.getUint32(at + 4, true).toString(16)} ${text}`.trim());
    }
    return events;
  }
}

/** What the tests of exec are told, by names. */
const IN_EXEC = { ACCESS: 1, CLOSE_NOWRITE: 0x10, OPEN: 0x20, ALL: 0x31 };

describe("inotify hears of exec", () => {
  /** A process whose memory of arguments is there again after exec. */
  class Executing extends Watcher {
    execute(path: string): number | string {
      const at = this.memory();
      const answer = this.call("execve", path, 0, 0);
      if (answer === 0) this.task.mm.map({ start: at, end: at + 0x10000, flags: 0x77 });
      return answer;
    }

    file(path: string, content: string | Uint8Array): void {
      const fd = this.open(path, 0o101, 0o755) as number;
      this.call("write", fd, content, content.length);
      this.call("close", fd);
    }
  }

  const told = (mask: number, name: string) => `1:${mask.toString(16)} ${name}`;

  test("a program is open until no memory is made of it, a child's included", () => {
    const c = new Executing();
    c.file("/tmp/one", elfOf([]));
    c.file("/tmp/two", elfOf([]));
    c.watch("/tmp", IN_EXEC.ALL);
    expect(c.execute("/tmp/one")).toBe(0);
    expect(c.events()).toEqual([told(IN_EXEC.OPEN, "one"), told(IN_EXEC.ACCESS, "one")]);
    const child = c.system.processes.get(c.call("clone", 17, 0, 0, 0, 0) as number);
    expect(c.execute("/tmp/two")).toBe(0);
    expect(c.events()).toEqual([told(IN_EXEC.OPEN, "two"), told(IN_EXEC.ACCESS, "two")]);
    endProcess(child!, { kind: "exited", code: 0 });
    expect(c.events()).toEqual([told(IN_EXEC.CLOSE_NOWRITE, "one")]);
  });

  test("a script is closed at once, and what cannot be executed as well", () => {
    const c = new Executing();
    c.file("/tmp/one", elfOf([]));
    c.file("/tmp/script", "#! /tmp/one\n");
    c.file("/tmp/none", "#! /tmp/nowhere\n");
    c.watch("/tmp", IN_EXEC.ALL);
    expect(c.execute("/tmp/none")).toBe("ENOENT");
    const all = (name: string) => [IN_EXEC.OPEN, IN_EXEC.ACCESS, IN_EXEC.CLOSE_NOWRITE].map((mask) => told(mask, name));
    expect(c.events()).toEqual(all("none"));
    expect(c.execute("/tmp/script")).toBe(0);
    const [opened, read, closed] = all("script");
    expect(c.events()).toEqual([opened, read, told(IN_EXEC.OPEN, "one"), told(IN_EXEC.ACCESS, "one"), closed]);
  });
});

describe("inotify", () => {
  test("tells several watchers of the same file, each what it asked for", () => {
    const c = new Watcher();
    const other = c.call("inotify_init1", O_NONBLOCK) as number;
    expect(c.watch("/tmp", IN.CREATE)).toBe(1);
    expect(c.call("inotify_add_watch", other, "/tmp", IN.CREATE | IN.DELETE)).toBe(1);
    c.call("mkdirat", AT_FDCWD, "/tmp/d", 0o755);
    c.call("unlinkat", AT_FDCWD, "/tmp/d", 0x200);
    expect(c.events()).toEqual(["1:40000100 d"]);
    expect(c.events()).toBe("EAGAIN");
    expect(c.call("read", other, new Uint8Array(100), 100)).toBe(64);
  });

  test("a task that reads it waits until something happens", () => {
    const c = new Watcher();
    const fd = c.call("inotify_init1", 0) as number;
    c.call("inotify_add_watch", fd, "/tmp", IN.CREATE);
    const thread = c.thread();
    expect(thread.call("read", fd, new Uint8Array(100), 100)).toBe("blocked");
    c.call("mkdirat", AT_FDCWD, "/tmp/d", 0o755);
    expect(thread.again()).toBe(32);
  });

  test("holds so many watches and instances, and no more", () => {
    const c = new Watcher();
    const fds: (number | string)[] = [];
    for (let i = 0; i < 128; i++) fds.push(c.call("inotify_init1", 0));
    expect(fds.slice(-2)).toEqual([(fds[0] as number) + 126, "EMFILE"]);
    let answer: number | string = 0;
    for (let i = 0; typeof answer === "number" && i < 9000; i++) {
      c.call("mkdirat", AT_FDCWD, `/tmp/${i}`, 0o755);
      answer = c.watch(`/tmp/${i}`, IN.OPEN);
    }
    expect(answer).toBe("ENOSPC");
    c.call("close", c.fd);
    expect(c.call("inotify_add_watch", fds[0] as number, "/tmp", IN.OPEN)).toBe(1);
  });

  test("ends with what it watches; a full queue says so once", () => {
    const c = new Watcher();
    c.call("mkdirat", AT_FDCWD, "/tmp/d", 0o755);
    c.watch("/tmp/d", IN.OPEN | IN.ONESHOT);
    c.call("close", c.open("/tmp/d") as number);
    expect(c.events()).toEqual(["1:40000020", "1:8000"]);
    c.watch("/tmp/d", IN.CREATE | IN.DELETE);
    for (let i = 0; i < 8193; i++) {
      c.call("symlinkat", "x", AT_FDCWD, "/tmp/d/l");
      c.call("unlinkat", AT_FDCWD, "/tmp/d/l", 0);
    }
    const all: string[] = [];
    for (let some = c.events(); typeof some !== "string"; some = c.events()) all.push(...some);
    expect(all.length).toBe(16385);
    expect(all.slice(-2)).toEqual(["2:200 l", "-1:4000"]);
  });
});
