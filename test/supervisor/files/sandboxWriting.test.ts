import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostFolder } from "../../../src/cli/user/hostTree.ts";
import { AT_FDCWD, type Caller } from "./caller.ts";
import { O, Sandbox, secret, snapshot } from "./sandbox.ts";

let sandbox: Sandbox;
let folder: string;
let root: string;

beforeEach(() => {
  sandbox = new Sandbox();
  ({ folder, root } = sandbox);
});

afterEach(() => sandbox.remove());

const caller = (isReadOnly = true) => sandbox.caller(isReadOnly);

describe("without --writable", () => {
  test("nothing of the root changes, whatever a program tries", () => {
    const before = snapshot(folder);
    const c = caller();
    for (const flags of [O.WRONLY, O.RDWR, O.TRUNC, O.RDWR | O.CREAT, O.WRONLY | O.TRUNC]) {
      expect(c.open("/file", flags)).toBe("EROFS");
    }
    const at = [AT_FDCWD, "/file"] as const;
    expect(c.open("/new", O.WRONLY | O.CREAT)).toBe("EROFS");
    expect(c.open("/", O.RDWR | O.TMPFILE)).toBe("EROFS");
    expect(c.call("truncate", "/file", 0)).toBe("EROFS");
    expect(c.call("unlinkat", ...at, 0)).toBe("EROFS");
    expect(c.call("unlinkat", AT_FDCWD, "/inside", 0x200)).toBe("EROFS");
    expect(c.call("renameat2", ...at, AT_FDCWD, "/other", 0)).toBe("EROFS");
    expect(c.call("renameat2", ...at, AT_FDCWD, "/tmp/other", 0)).toBe("EXDEV");
    expect(c.call("linkat", ...at, AT_FDCWD, "/other", 0)).toBe("EROFS");
    expect(c.call("linkat", ...at, AT_FDCWD, "/tmp/other", 0)).toBe("EXDEV");
    expect(c.call("symlinkat", "x", AT_FDCWD, "/other")).toBe("EROFS");
    expect(c.call("mkdirat", AT_FDCWD, "/other", 0o777)).toBe("EROFS");
    expect(c.call("mknodat", AT_FDCWD, "/other", 0o100666, 0)).toBe("EROFS");
    expect(c.call("fchmodat", ...at, 0o777)).toBe("EROFS");
    expect(c.call("fchownat", ...at, 1, 1, 0)).toBe("EROFS");
    expect(c.call("utimensat", ...at, 0, 0)).toBe("EROFS");
    expect(c.call("faccessat", ...at, 2)).toBe("EROFS");
    expect(snapshot(folder)).toEqual(before);
  });

  test("a descriptor that only reads does not write by any call", () => {
    const before = snapshot(folder);
    const c = caller();
    const fd = c.open("/file") as number;
    const bytes = new Uint8Array(16);
    expect(c.write(fd, "overwritten")).toBe("EBADF");
    expect(c.call("pwrite64", fd, "x", 1, 0)).toBe("EBADF");
    expect(c.call("writev", fd, bytes, 1)).toBe("EBADF");
    expect(c.call("ftruncate", fd, 0)).toBe("EINVAL");
    expect(c.call("fallocate", fd, 0, 0, 100)).toBe("EBADF");
    expect(c.call("fchmod", fd, 0o777)).toBe("EROFS");
    expect(c.call("fchown", fd, 1, 1)).toBe("EROFS");
    expect(c.call("utimensat", fd, 0, 0, 0)).toBe("EROFS");
    expect(c.call("copy_file_range", fd, 0, fd, 0, 5, 0)).toBe("EBADF");
    const source = c.open("/inside/file") as number;
    expect(c.call("sendfile", fd, source, 0, 5)).toBe("EBADF");
    expect(c.call("splice", source, 0, fd, 0, 5, 0)).toBe("EBADF");
    // F_SETFL does not change the access mode
    expect(c.call("fcntl", fd, 4, O.RDWR)).toBe(0);
    expect(c.write(fd, "overwritten")).toBe("EBADF");
    expect(c.open(`/proc/self/fd/${fd}`, O.RDWR)).toBe("EROFS");
    expect(c.open(`/dev/fd/${fd}`, O.WRONLY | O.TRUNC)).toBe("EROFS");
    for (const request of [0x5412, 0x40086602, 0xc0185879, 0x6601, 0x5421]) c.call("ioctl", fd, request, bytes);
    expect(snapshot(folder)).toEqual(before);
  });

  test("a shared mapping that could be written is refused, and a private one is only the program's", () => {
    const before = snapshot(folder);
    const c = caller();
    const fd = c.open("/file") as number;
    const [read, write, shared, privately] = [1, 2, 1, 2];
    expect(c.call("mmap", 0, 4096, read | write, shared, fd, 0)).toBe("EACCES");
    const readable = c.call("mmap", 0, 4096, read, shared, fd, 0) as number;
    expect(c.call("mprotect", readable, 4096, read | write)).toBe("EACCES");
    const own = c.call("mmap", 0, 4096, read | write, privately, fd, 0) as number;
    c.task.memory.setString(own, "overwritten");
    expect(c.call("msync", own, 4096, 4)).toBe(0);
    expect(c.content("/file")).toBe("a file of the root");
    expect(snapshot(folder)).toEqual(before);
  });

  test("/tmp can be written, in memory", () => {
    const before = snapshot(folder);
    const c = caller();
    const fd = c.open("/tmp/mine", O.RDWR | O.CREAT) as number;
    expect(c.write(fd, "text")).toBe(4);
    expect(c.content("/tmp/mine")).toBe("text");
    expect(snapshot(folder)).toEqual(before);
  });
});

describe("a file without a name in a root that may be written", () => {
  const follow = 0x400;
  const emptyPath = 0x1000;
  const statusOf = (c: Caller, fd: number) => {
    expect(c.call("fstat", fd, new Uint8Array(128))).toBe(0);
    const at = c.memory();
    return { mode: c.task.memory.u32(at + 16), nlink: c.task.memory.u32(at + 20), size: c.task.memory.long(at + 48) };
  };

  test("is nowhere to be seen, and gets a name with all that is in it", () => {
    const c = caller(false);
    const before = readdirSync(root);
    const fd = c.open("/", O.RDWR | O.TMPFILE, 0o640) as number;
    expect(c.write(fd, "hidden ")).toBe(7);
    const at = c.call("mmap", 0, 4096, 3, 1, fd, 0) as number;
    expect(readdirSync(root)).toEqual(before);
    expect(statusOf(c, fd)).toEqual({ mode: 0o100640, nlink: 0, size: 7 });
    expect(c.readlink(`/proc/self/fd/${fd}`)).toMatch(/^\/#\d+ \(deleted\)$/);
    c.task.memory.write(at, new TextEncoder().encode("H"));
    expect(c.call("linkat", AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, "/file", follow)).toBe("EEXIST");
    expect(c.call("linkat", AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, "/inside/named", follow)).toBe(0);
    expect(readFileSync(join(root, "inside/named"), "utf8")).toBe("Hidden ");
    expect(statSync(join(root, "inside/named")).mode).toBe(0o100640);
    expect(statusOf(c, fd)).toEqual({ mode: 0o100640, nlink: 1, size: 7 });
    expect(c.write(fd, "no more")).toBe(7);
    expect(c.content("/inside/named")).toBe("Hidden no more");
    expect(readFileSync(join(root, "inside/named"), "utf8")).toBe("Hidden no more");
    expect(c.call("linkat", fd, "", AT_FDCWD, "/second", emptyPath)).toBe(0);
    expect(statusOf(c, fd).nlink).toBe(2);
    expect(readdirSync(join(root, "inside")).sort()).toEqual(["file", "named"]);
  });

  test("is gone with its last descriptor; one with O_EXCL gets no name, one of 0400 can still be written", () => {
    const c = caller(false);
    const before = snapshot(folder);
    const fd = c.open("/inside", O.WRONLY | O.TMPFILE | O.EXCL, 0o400) as number;
    expect(c.write(fd, "x")).toBe(1);
    expect(c.call("linkat", fd, "", AT_FDCWD, "/named", emptyPath)).toBe("ENOENT");
    expect(c.open("/inside", O.TMPFILE)).toBe("EINVAL");
    expect(c.open("/file", O.RDWR | O.TMPFILE)).toBe("ENOTDIR");
    expect(c.call("close", fd)).toBe(0);
    const names = (of: Record<string, string>) => Object.keys(of).sort();
    expect(names(snapshot(folder))).toEqual(names(before));
  });

  test("leads nowhere else: a name outside of the root is none", () => {
    symlinkSync("../outside", join(root, "out"));
    const before = snapshot(join(sandbox.folder, "outside"));
    const c = caller(false);
    expect(c.open("/out", O.RDWR | O.TMPFILE)).toBe("ENOENT");
    const fd = c.open("/", O.RDWR | O.TMPFILE) as number;
    for (const path of ["/../named", "/out/named", "/inside/../../../named"]) {
      c.call("linkat", fd, "", AT_FDCWD, path, emptyPath);
    }
    expect(snapshot(join(sandbox.folder, "outside"))).toEqual(before);
    expect(readdirSync(sandbox.folder).sort()).toEqual(["outside", "root", "secret"]);
  });
});

describe("with --writable", () => {
  test("files change inside the root", () => {
    const c = caller(false);
    const fd = c.open("/inside/new", O.RDWR | O.CREAT, 0o640) as number;
    expect(c.write(fd, "new text")).toBe(8);
    expect(readFileSync(join(root, "inside/new"), "utf8")).toBe("new text");
    expect(statSync(join(root, "inside/new")).mode & 0o777).toBe(0o640);
    expect(c.call("renameat2", AT_FDCWD, "/inside/new", AT_FDCWD, "/moved", 0)).toBe(0);
    expect(c.readlink(`/proc/self/fd/${fd}`)).toBe("/moved");
    expect(c.call("unlinkat", AT_FDCWD, "/moved", 0)).toBe(0);
    expect(c.write(fd, " and more")).toBe(9);
    expect(c.call("lseek", fd, 0, 0)).toBe(0);
    expect(c.read(fd)).toBe("new text and more");
    expect(c.names("/inside")).toEqual(["file"]);
  });

  test("attributes are not to be had, and not to be set where nothing may be written", () => {
    const set = (c: Caller) => c.call("setxattr", "/file", "user.a", "b", 1, 0);
    expect(set(caller(false))).toBe("EOPNOTSUPP");
    expect(set(caller())).toBe("EROFS");
    expect(caller().call("removexattr", "/file", "user.a")).toBe("EROFS");
    expect(caller().call("fsetxattr", 1, "user.a", "b", 1, 0)).toBe("EOPNOTSUPP");
  });

  test("what a program changes has been changed by the program's clock, for the host as well", () => {
    const c = caller(false);
    const { epoch } = c.system;
    const fd = c.open("/inside/file", O.RDWR) as number;
    c.write(fd, "changed");
    const [now] = c.system.files.time();
    expect(now).toBeLessThan(epoch + 60);
    const mtime = (path: string) => {
      c.call("newfstatat", AT_FDCWD, path, new Uint8Array(128), 0);
      return c.task.memory.long(c.memory(path.length + 1) + 88);
    };
    expect(mtime("/inside/file")).toBe(now);
    c.write(fd, " again");
    c.call("close", fd);
    c.call("mkdirat", AT_FDCWD, "/inside/new", 0o755);
    expect(mtime("/inside")).toBe(now);
    for (const name of ["file", "new", "."]) {
      expect(Math.floor(statSync(join(root, "inside", name)).mtimeMs / 1000)).toBe(now);
    }
  });

  test("no file gets set-user-id or set-group-id, and no device, pipe or socket is made", () => {
    const c = caller(false);
    expect(c.call("fchmodat", AT_FDCWD, "/file", 0o6755)).toBe(0);
    expect(c.open("/new", O.WRONLY | O.CREAT, 0o6755)).toBeGreaterThan(2);
    expect(c.call("mkdirat", AT_FDCWD, "/folder", 0o6755)).toBe(0);
    for (const name of ["file", "new", "folder"]) expect(statSync(join(root, name)).mode & 0o6000).toBe(0);
    for (const type of [0o020000, 0o060000, 0o010000, 0o140000]) {
      const isBlock = type === 0o060000;
      expect(c.call("mknodat", AT_FDCWD, `/device${type}`, type | 0o666, 0x103)).toBe(isBlock ? "EPERM" : 0);
    }
    expect(readdirSync(root).sort()).toEqual(["file", "folder", "inside", "new"]);
    // a device is what its number says to programs: /dev/null
    const fd = c.open(`/device${0o020000}`, O.RDWR) as number;
    expect(c.write(fd, "nowhere")).toBe(7);
    expect(c.read(fd)).toBe("");
  });

  test("a shared mapping writes to its file, also when its descriptor is closed and its name is gone", () => {
    const c = caller(false);
    const fd = c.open("/file", O.RDWR) as number;
    const at = c.call("mmap", 0, 4096, 3, 1, fd, 0) as number;
    c.task.memory.write(at, new TextEncoder().encode("A FILE"));
    expect(c.content("/file")).toBe("A FILE of the root");
    linkSync(join(root, "file"), join(folder, "kept"));
    expect(c.call("close", fd)).toBe(0);
    expect(c.call("unlinkat", AT_FDCWD, "/file", 0)).toBe(0);
    c.task.memory.write(at, new TextEncoder().encode("Again!"));
    expect(c.call("munmap", at, 4096)).toBe(0);
    expect(readFileSync(join(folder, "kept"), "utf8")).toBe("Again! of the root");
  });
});

describe("while somebody else changes the root", () => {
  const exchange = (name: string) => {
    renameSync(join(root, name), join(root, `${name}.old`));
    symlinkSync(name === "file" ? join(folder, "secret") : join(folder, "outside"), join(root, name));
  };

  test("a file that becomes a link between the look and the open is not followed", () => {
    const tree = new HostFolder(root, false);
    const { key } = tree.root.lookup("file");
    exchange("file");
    expect(() => tree.root.open("file", key, false)).toThrow("ENOENT");
    expect(() => tree.root.open("file", key, true)).toThrow("ENOENT");
    expect(() => tree.root.setMode("file", key, 0o777)).toThrow("ENOENT");
    expect(() => tree.root.setTimes("file", key, [0, 0], [0, 0])).toThrow("ENOENT");
    const link = tree.root.lookup("file");
    expect(() => tree.root.open("file", link.key, false)).toThrow("ENXIO");
    expect(() => tree.root.create("file", 0o644)).toThrow("EEXIST");
    expect(readFileSync(join(folder, "secret"), "utf8")).toBe(secret);
  });

  test("a directory that becomes a link between the look and the use is not followed", () => {
    const tree = new HostFolder(root, false);
    const { key } = tree.root.lookup("inside");
    const held = tree.root.directory("inside", key);
    exchange("inside");
    expect(() => tree.root.directory("inside", key)).toThrow("ENOENT");
    expect(() => tree.root.directory("inside", tree.root.lookup("inside").key)).toThrow("ENOTDIR");
    // one that was open is still the same directory, wherever it is now
    held.create("new", 0o644);
    expect(readdirSync(join(root, "inside.old")).sort()).toEqual(["file", "new"]);
    expect(readdirSync(join(folder, "outside"))).toEqual(["secret"]);
  });

  test("a directory whose descriptor was given back is not found again by another's name", () => {
    const c = caller(false);
    const fd = c.open("/inside", O.DIRECTORY) as number;
    for (let i = 0; i < 100; i++) {
      mkdirSync(join(root, `d${i}`));
      expect(c.names(`/d${i}`)).toEqual([]);
    }
    exchange("inside");
    expect(c.call("openat", fd, "secret", 0, 0)).toBe("ENOENT");
    expect(c.call("openat", fd, "new", O.WRONLY | O.CREAT, 0o644)).toBe("ENOENT");
    expect(readdirSync(join(folder, "outside"))).toEqual(["secret"]);
  });

  test("a program sees a link that appears as the link that it is in its own tree", () => {
    const c = caller(false);
    expect(c.content("/inside/file")).toBe("a file inside");
    exchange("inside");
    expect(c.content("/inside/secret")).toBe("ENOENT");
    exchange("file");
    expect(c.content("/file")).toBe("ENOENT");
  });

  test("a thousand exchanges of a directory and a link to the outside lead nowhere", async () => {
    const before = snapshot(join(folder, "outside"));
    // another process, so that its exchanges fall between any two steps of ours
    const script = `const fs = require("node:fs");
      const [name, other, target] = process.argv.slice(1);
      process.stdout.write("begun");
      for (;;) {
        fs.renameSync(name, other);
        fs.symlinkSync(target, name);
        fs.unlinkSync(name);
        fs.renameSync(other, name);
      }`;
    const inside = join(root, "inside");
    const child = spawn(process.execPath, ["-e", script, inside, `${inside}.old`, join(folder, "outside")]);
    try {
      await once(child.stdout, "data");
      const c = caller(false);
      const seen = new Set<string>();
      for (let i = 0; i < 1000; i++) {
        seen.add(c.content("/inside/secret"));
        const fd = c.open("/inside/new", O.WRONLY | O.CREAT);
        if (typeof fd === "number") {
          c.write(fd, "written");
          c.call("close", fd);
        }
        c.call("fchmodat", AT_FDCWD, "/inside/secret", 0o777);
        c.call("unlinkat", AT_FDCWD, "/inside/secret", 0);
      }
      expect([...seen].filter((answer) => !/^E[A-Z]+$/.test(answer))).toEqual([]);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    expect(snapshot(join(folder, "outside"))).toEqual(before);
  });
});
