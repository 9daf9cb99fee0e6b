import { describe, expect, test } from "vitest";
import { AT_FDCWD, Caller } from "./caller.ts";

const O = { RDONLY: 0, WRONLY: 1, RDWR: 2, CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000, APPEND: 0o2000 };
const O_DIRECTORY = 0o200000;
const O_NOFOLLOW = 0o400000;
const O_TMPFILE = 0o20200000;
const SEEK = { SET: 0, CUR: 1, END: 2 };

function written(c: Caller, path: string, text: string): number {
  const fd = c.open(path, O.RDWR | O.CREAT) as number;
  c.write(fd, text);
  return fd;
}

describe("files in memory", () => {
  test("keep what is written at any offset, with zeros between", () => {
    const c = new Caller();
    const fd = written(c, "/tmp/f", "abc");
    expect(c.call("pwrite64", fd, "z", 1, 5000)).toBe(1);
    expect(c.stat("/tmp/f")).toEqual({ mode: 0o100644, size: 5001 });
    expect(c.call("lseek", fd, -3, SEEK.END)).toBe(4998);
    expect(c.read(fd)).toBe("\0\0z");
    expect(c.call("ftruncate", fd, 2)).toBe(0);
    expect(c.call("ftruncate", fd, 4)).toBe(0);
    expect(c.content("/tmp/f")).toBe("ab\0\0");
  });

  test("are appended to wherever the position is", () => {
    const c = new Caller();
    written(c, "/tmp/f", "one ");
    const fd = c.open("/tmp/f", O.RDWR | O.APPEND) as number;
    c.call("lseek", fd, 0, SEEK.SET);
    expect(c.write(fd, "two ")).toBe(4);
    expect(c.call("pwrite64", fd, "three", 5, 0)).toBe(5);
    expect(c.content("/tmp/f")).toBe("one two three");
  });

  test("live on without a name as long as they are open, and give their room back", () => {
    const c = new Caller();
    const { unnamed, tree } = c.system.files;
    const before = tree.root.inode.fs.usage().free;
    const fd = written(c, "/f", "x".repeat(9000));
    expect(tree.root.inode.fs.usage().free).toBeLessThan(before - 9000);
    expect(c.call("unlinkat", AT_FDCWD, "/f", 0)).toBe(0);
    expect(c.readlink(`/proc/self/fd/${fd}`)).toBe("/f (deleted)");
    expect(c.call("lseek", fd, 8999, SEEK.SET)).toBe(8999);
    expect(c.read(fd)).toBe("x");
    c.call("close", fd);
    expect(tree.root.inode.fs.usage().free).toBe(before);
    expect(unnamed.usage()).toEqual(tree.root.inode.fs.usage());
  });

  test("are limited to a share of the machine's memory", () => {
    const c = new Caller();
    const fd = c.open("/tmp/f", O.RDWR | O.CREAT) as number;
    const chunk = new Uint8Array(0x8000).fill(1);
    let answer: number | string = 0;
    for (let i = 0; i < 2000 && typeof answer === "number"; i++) answer = c.call("write", fd, chunk, chunk.length);
    expect(answer).toBe("ENOSPC");
    expect(c.call("lseek", fd, 0, SEEK.END)).toBeLessThanOrEqual(16 << 20);
    expect(c.call("ftruncate", fd, 2 ** 50)).toBe(0);
    expect(c.call("ftruncate", fd, 0)).toBe(0);
    expect(c.write(fd, "room again")).toBe(10);
  });

  test("a program sees the same bytes by read, write and mmap", () => {
    const c = new Caller();
    const fd = written(c, "/tmp/f", "a file");
    const at = c.call("mmap", 0, 4096, 3, 1, fd, 0) as number;
    expect(c.task.memory.string(at)).toBe("a file");
    c.call("pwrite64", fd, "A", 1, 0);
    expect(c.task.memory.string(at)).toBe("A file");
    c.task.memory.write(at + 2, new TextEncoder().encode("FILE"));
    expect(c.content("/tmp/f")).toBe("A FILE");
  });

  test("without a name come from memfd_create and O_TMPFILE", () => {
    const c = new Caller();
    const fd = c.call("memfd_create", "mine", 0) as number;
    expect(c.write(fd, "text")).toBe(4);
    expect(c.readlink(`/proc/self/fd/${fd}`)).toBe("/memfd:mine (deleted)");
    const again = c.open(`/proc/self/fd/${fd}`) as number;
    expect(c.read(again)).toBe("text");
    const unnamed = c.open("/tmp", O.RDWR | O_TMPFILE, 0o600) as number;
    expect(c.write(unnamed, "text")).toBe(4);
    expect(c.names("/tmp")).toEqual([]);
  });
});

describe("names", () => {
  test("are made, moved, linked and taken away", () => {
    const c = new Caller();
    expect(c.call("mkdirat", AT_FDCWD, "/a", 0o777)).toBe(0);
    expect(c.stat("/a")).toMatchObject({ mode: 0o040755 });
    written(c, "/a/f", "text");
    expect(c.call("linkat", AT_FDCWD, "/a/f", AT_FDCWD, "/a/g", 0)).toBe(0);
    expect(c.call("symlinkat", "a/f", AT_FDCWD, "/l")).toBe(0);
    expect(c.content("/l")).toBe("text");
    expect(c.stat("/l", 0x100)).toMatchObject({ mode: 0o120777, size: 3 });
    expect(c.call("renameat2", AT_FDCWD, "/a", AT_FDCWD, "/b", 0)).toBe(0);
    expect(c.names("/b")).toEqual(["f", "g"]);
    expect(c.content("/l")).toBe("ENOENT");
    expect(c.call("unlinkat", AT_FDCWD, "/b", 0x200)).toBe("ENOTEMPTY");
    expect(c.call("unlinkat", AT_FDCWD, "/b", 0)).toBe("EISDIR");
    for (const name of ["f", "g"]) expect(c.call("unlinkat", AT_FDCWD, `/b/${name}`, 0)).toBe(0);
    expect(c.call("unlinkat", AT_FDCWD, "/b", 0x200)).toBe(0);
  });

  test("are not made over others, nor moved into themselves", () => {
    const c = new Caller();
    for (const path of ["/a", "/a/b"]) c.call("mkdirat", AT_FDCWD, path, 0o755);
    written(c, "/f", "");
    expect(c.call("mkdirat", AT_FDCWD, "/f", 0o755)).toBe("EEXIST");
    expect(c.call("symlinkat", "x", AT_FDCWD, "/a")).toBe("EEXIST");
    expect(c.open("/f", O.WRONLY | O.CREAT | O.EXCL)).toBe("EEXIST");
    expect(c.open("/a", O.WRONLY)).toBe("EISDIR");
    expect(c.open("/f", O_DIRECTORY)).toBe("ENOTDIR");
    expect(c.open("/f/", O.RDONLY)).toBe("ENOTDIR");
    expect(c.open("/new/", O.WRONLY | O.CREAT)).toBe("EISDIR");
    expect(c.call("renameat2", AT_FDCWD, "/a", AT_FDCWD, "/a/b/c", 0)).toBe("EINVAL");
    expect(c.call("renameat2", AT_FDCWD, "/a", AT_FDCWD, "/f", 0)).toBe("ENOTDIR");
    expect(c.call("renameat2", AT_FDCWD, "/f", AT_FDCWD, "/a", 0)).toBe("EISDIR");
    expect(c.call("renameat2", AT_FDCWD, "/f", AT_FDCWD, "/a/b", 1)).toBe("EEXIST");
    expect(c.call("linkat", AT_FDCWD, "/a", AT_FDCWD, "/c", 0)).toBe("EPERM");
    expect(c.call("unlinkat", AT_FDCWD, "/a/.", 0x200)).toBe("EINVAL");
    expect(c.call("unlinkat", AT_FDCWD, "/a/b/..", 0x200)).toBe("ENOTEMPTY");
    expect(c.call("unlinkat", AT_FDCWD, "/", 0x200)).toBe("EBUSY");
  });

  test("of links are followed, up to forty, and not where that is not wanted", () => {
    const c = new Caller();
    written(c, "/l0", "end");
    for (let i = 1; i <= 41; i++) c.call("symlinkat", `l${i - 1}`, AT_FDCWD, `/l${i}`);
    expect(c.content("/l40")).toBe("end");
    expect(c.content("/l41")).toBe("ELOOP");
    expect(c.open("/l1", O_NOFOLLOW)).toBe("ELOOP");
    c.call("symlinkat", "round", AT_FDCWD, "/round");
    expect(c.content("/round")).toBe("ELOOP");
    expect(c.readlink("/round")).toBe("round");
    c.call("symlinkat", "new", AT_FDCWD, "/dangling");
    expect(c.open("/dangling", O.WRONLY | O.CREAT | O.EXCL)).toBe("EEXIST");
    expect(c.open("/dangling", O.WRONLY | O.CREAT)).toBeGreaterThan(2);
    expect(c.stat("/new")).toMatchObject({ size: 0 });
  });

  test("of the working directory follow it when it is moved, and end when it is taken away", () => {
    const c = new Caller();
    const cwd = () => {
      const answer = c.call("getcwd", new Uint8Array(100), 100);
      return typeof answer === "string" ? answer : c.task.memory.string(c.memory());
    };
    for (const path of ["/a", "/a/b"]) c.call("mkdirat", AT_FDCWD, path, 0o755);
    expect(c.call("chdir", "/a/b")).toBe(0);
    expect(cwd()).toBe("/a/b");
    c.call("renameat2", AT_FDCWD, "/a", AT_FDCWD, "/c", 0);
    expect(cwd()).toBe("/c/b");
    written(c, "f", "here");
    expect(c.content("/c/b/f")).toBe("here");
    c.call("unlinkat", AT_FDCWD, "f", 0);
    c.call("unlinkat", AT_FDCWD, "/c/b", 0x200);
    expect(cwd()).toBe("ENOENT");
    expect(c.open("f", O.WRONLY | O.CREAT)).toBe("ENOENT");
    expect(c.call("chdir", "..")).toBe(0);
    expect(cwd()).toBe("/c");
  });

  test("change places", () => {
    const c = new Caller();
    written(c, "/f", "file");
    c.call("mkdirat", AT_FDCWD, "/d", 0o755);
    written(c, "/d/g", "inside");
    expect(c.call("renameat2", AT_FDCWD, "/f", AT_FDCWD, "/d", 2)).toBe(0);
    expect(c.content("/d")).toBe("file");
    expect(c.content("/f/g")).toBe("inside");
    expect(c.call("renameat2", AT_FDCWD, "/f", AT_FDCWD, "/nothing", 2)).toBe("ENOENT");
  });
});

describe("what Linux answers", () => {
  test("to a name with a slash behind it that is to be made or taken away", () => {
    const c = new Caller();
    written(c, "/f", "");
    c.call("mkdirat", AT_FDCWD, "/d", 0o755);
    c.call("symlinkat", "d", AT_FDCWD, "/l");
    expect(c.call("mkdirat", AT_FDCWD, "/f/", 0o755)).toBe("EEXIST");
    expect(c.call("mkdirat", AT_FDCWD, "/l/", 0o755)).toBe("EEXIST");
    expect(c.call("unlinkat", AT_FDCWD, "/f/", 0)).toBe("ENOTDIR");
    expect(c.call("unlinkat", AT_FDCWD, "/l/", 0)).toBe("ENOTDIR");
    expect(c.call("unlinkat", AT_FDCWD, "/l/", 0x200)).toBe("ENOTDIR");
    expect(c.call("renameat2", AT_FDCWD, "/l/", AT_FDCWD, "/m", 0)).toBe("ENOTDIR");
    expect(c.call("mkdirat", AT_FDCWD, "/l/new/", 0o755)).toBe(0);
    expect(c.names("/d")).toEqual(["new"]);
  });

  test("to what cannot be made together, or has nothing to be made of", () => {
    const c = new Caller();
    expect(c.open("/new", O_DIRECTORY | O.CREAT)).toBe("EINVAL");
    const gone = written(c, "/gone", "");
    c.call("unlinkat", AT_FDCWD, "/gone", 0);
    const link = (fd: number) => c.call("linkat", AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, "/named", 0x400);
    expect(link(gone)).toBe("ENOENT");
    expect(link(c.open("/tmp/..", O.RDWR | O_TMPFILE | O.EXCL) as number)).toBe("ENOENT");
    expect(link(c.open("/tmp/..", O.RDWR | O_TMPFILE) as number)).toBe(0);
  });

  test("to questions about files", () => {
    const c = new Caller();
    const fd = written(c, "/f", "some text");
    c.call("lseek", fd, 4, SEEK.SET);
    expect(c.call("ioctl", fd, 0x541b, new Uint8Array(4))).toBe(0);
    expect(c.task.memory.u32(c.memory())).toBe(5);
    const omit = new Uint8Array(32);
    for (const at of [8, 24]) new DataView(omit.buffer).setUint32(at, 0x3fff_fffe, true);
    expect(c.call("utimensat", AT_FDCWD, "/none", omit, 0)).toBe(0);
    expect(c.call("getxattr", "/f", "user.a", 0, 0)).toBe("EOPNOTSUPP");
    expect(c.call("getxattr", "/none", "user.a", 0, 0)).toBe("ENOENT");
    expect(c.call("fgetxattr", c.open("/f", 0o10000000), "user.a", 0, 0)).toBe("EBADF");
    expect(c.call("copy_file_range", fd, 0, c.open("/tmp"), 0, 1, 0)).toBe("EISDIR");
  });
});

describe("/proc and /dev", () => {
  test("tell of the process and its descriptors", () => {
    const c = new Caller();
    const { pid } = c.task.process;
    expect(c.readlink("/proc/self")).toBe(String(pid));
    expect(c.readlink("/proc/self/exe")).toBe("/program");
    expect(c.readlink("/proc/self/fd/1")).toBe("pipe:[1]");
    expect(c.names("/proc")).toContain(String(pid));
    expect(c.names(`/proc/${pid}/task`)).toEqual([String(pid)]);
    expect(c.content("/proc/self/mounts")).toContain("proc /proc proc rw");
    expect(c.content("/proc/99999/maps")).toBe("ENOENT");
    expect(c.open("/proc/version", O.WRONLY)).toBe("EACCES");
    expect(c.open("/proc/new", O.WRONLY | O.CREAT)).toBe("EPERM");
  });

  test("an open directory of /proc stays the same directory", () => {
    const c = new Caller();
    expect(c.call("chdir", "/proc/self/fd")).toBe(0);
    c.names("/proc");
    expect(c.readlink("0")).toBe("pipe:[0]");
  });

  test("devices read and write as their names say", () => {
    const c = new Caller({ seed: 1 });
    expect(c.content("/dev/null")).toBe("");
    const zero = c.open("/dev/zero", O.RDWR) as number;
    expect(c.read(zero, 3)).toBe("\0\0\0");
    const full = c.open("/dev/full", O.RDWR) as number;
    expect(c.write(full, "x")).toBe("ENOSPC");
    const random = c.open("/dev/urandom") as number;
    expect(c.call("read", random, new Uint8Array(16), 16)).toBe(16);
    expect(c.open("/dev/tty")).toBe("ENXIO");
  });

  test("standard files can be opened once more by their names in /dev", () => {
    let output = "";
    const onOutput = (bytes: Uint8Array) => {
      output += new TextDecoder().decode(bytes);
    };
    const input = new TextEncoder().encode("typed");
    const onInput = (into: Uint8Array) => {
      into.set(input);
      return input.length;
    };
    const c = new Caller({ onOutput, onInput });
    expect(c.write(c.open("/dev/stdout", O.WRONLY) as number, "said")).toBe(4);
    expect(output).toBe("said");
    expect(c.content("/dev/stdin")).toBe("typed");
  });
});
