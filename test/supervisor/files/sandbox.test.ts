import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostFolder } from "../../../src/cli/user/hostTree.ts";
import { AT_FDCWD } from "./caller.ts";
import { O, Sandbox, snapshot } from "./sandbox.ts";

let sandbox: Sandbox;
let folder: string;
let root: string;

beforeEach(() => {
  sandbox = new Sandbox();
  ({ folder, root } = sandbox);
});

afterEach(() => sandbox.remove());

const caller = (isReadOnly = true) => sandbox.caller(isReadOnly);

describe("what lies outside of --root", () => {
  test("is not reached by .., however many there are and wherever they stand", () => {
    const c = caller();
    const up = "../".repeat(30);
    for (const path of [`${up}secret`, `/${up}secret`, `inside/../../secret`, `${up}${folder}/secret`, "//../secret"]) {
      expect(c.content(path)).toBe("ENOENT");
    }
    expect(c.content("/inside/../../../file")).toBe("a file of the root");
  });

  test("is not reached by an absolute path of the host's", () => {
    const c = caller();
    expect(c.content(join(folder, "secret"))).toBe("ENOENT");
    expect(c.content("/etc/passwd")).toBe("ENOENT");
  });

  test("is not reached through links of the root, which lead where the programs' tree says", () => {
    symlinkSync(join(folder, "secret"), join(root, "absolute"));
    symlinkSync("../secret", join(root, "relative"));
    symlinkSync("../../outside", join(root, "inside", "folder"));
    symlinkSync("/", join(root, "top"));
    symlinkSync("/proc/self/root/../../secret", join(root, "throughProc"));
    const c = caller();
    for (const path of ["absolute", "relative", "inside/folder/secret", `top${folder}/secret`, "throughProc"]) {
      expect(c.content(path)).toBe("ENOENT");
    }
    expect(c.content("top/file")).toBe("a file of the root");
    expect(c.readlink("absolute")).toBe(join(folder, "secret"));
  });

  test("is not reached through a link that a program makes itself", () => {
    const c = caller(false);
    expect(c.call("symlinkat", join(folder, "outside"), AT_FDCWD, "mine")).toBe(0);
    expect(c.content("mine/secret")).toBe("ENOENT");
    expect(c.open("mine/new", O.WRONLY | O.CREAT)).toBe("ENOENT");
    expect(c.call("chdir", "mine")).toBe("ENOENT");
    expect(readdirSync(join(folder, "outside"))).toEqual(["secret"]);
  });

  test("is not made by following a dangling link with O_CREAT", () => {
    symlinkSync(join(folder, "outside", "new"), join(root, "dangling"));
    symlinkSync("../outside/new", join(root, "dangling2"));
    const c = caller(false);
    expect(c.open("dangling", O.WRONLY | O.CREAT)).toBe("ENOENT");
    expect(c.open("dangling2", O.WRONLY | O.CREAT)).toBe("ENOENT");
    expect(readdirSync(join(folder, "outside"))).toEqual(["secret"]);
  });

  test("is not reached by the magic links of /proc, which are those of the programs", () => {
    const c = caller();
    expect(c.content(`/proc/self/root${folder}/secret`)).toBe("ENOENT");
    expect(c.content("/proc/self/cwd/../secret")).toBe("ENOENT");
    expect(c.content("/proc/self/root/../secret")).toBe("ENOENT");
    expect(c.content("/proc/1/root/etc/passwd")).toBe("ENOENT");
    expect(c.content(`/proc/${process.pid}/root/etc/passwd`)).toBe("ENOENT");
    expect(c.readlink("/proc/self/cwd")).toBe("/");
    // descriptors of the host's process are not those of the program
    for (let fd = 3; fd < 40; fd++) expect(c.readlink(`/proc/self/fd/${fd}`)).toBe("ENOENT");
    expect(c.names("/proc/self/fd")).toEqual(["0", "1", "2", "3"]);
  });

  test("is not reached through descriptors of directories and of O_PATH", () => {
    const c = caller();
    const directory = c.open("/inside", O.DIRECTORY) as number;
    const place = c.open("/", O.PATH) as number;
    for (const fd of [directory, place]) {
      expect(c.call("openat", fd, "../../secret", 0, 0)).toBe("ENOENT");
      expect(c.call("openat", fd, join(folder, "secret"), 0, 0)).toBe("ENOENT");
      expect(c.call("openat", fd, `../..${folder}/secret`, 0, 0)).toBe("ENOENT");
    }
    expect(c.call("fchdir", directory)).toBe(0);
    expect(c.content("../../secret")).toBe("ENOENT");
    expect(c.content("../file")).toBe("a file of the root");
  });

  test("is not reached by chroot and back", () => {
    const c = caller();
    const outer = c.open("/", O.DIRECTORY) as number;
    expect(c.call("chroot", "inside")).toBe(0);
    expect(c.content("/../../secret")).toBe("ENOENT");
    expect(c.content("/file")).toBe("a file inside");
    expect(c.call("fchdir", outer)).toBe(0);
    expect(c.content(`${"../".repeat(20)}secret`)).toBe("ENOENT");
    expect(c.call("chroot", "..")).toBe(0);
    expect(c.content("/../secret")).toBe("ENOENT");
  });

  test("is not reached by names that Node or the host could read otherwise", () => {
    const c = caller();
    const names = [`file://${folder}/secret`, "inside\\..\\..\\secret", "~/secret", "%2e%2e/secret", "..\u2215secret"];
    for (const name of names) expect(c.content(name)).toBe("ENOENT");
    expect(c.call("openat", AT_FDCWD, new Uint8Array([0x2e, 0x2e, 0xaf, 0]), 0, 0)).toBe("ENOENT");
    expect(c.content("")).toBe("ENOENT");
    expect(c.content(`inside${"/./".repeat(600)}../../secret`)).toBe("ENOENT");
    expect(c.content(`${"a/".repeat(3000)}`)).toBe("ENAMETOOLONG");
    expect(c.content("x".repeat(256))).toBe("ENAMETOOLONG");
  });

  test("stays outside for every call that takes a path", () => {
    const before = snapshot(join(folder, "outside"));
    symlinkSync("../outside", join(root, "out"));
    const c = caller(false);
    for (const path of ["/../outside/secret", join(folder, "outside/secret"), "out/secret"]) {
      const buffer = new Uint8Array(256);
      expect(c.stat(path)).toBe("ENOENT");
      expect(c.call("statx", AT_FDCWD, path, 0, 0x7ff, buffer)).toBe("ENOENT");
      expect(c.call("statfs", path, buffer)).toBe("ENOENT");
      expect(c.call("faccessat", AT_FDCWD, path, 0)).toBe("ENOENT");
      expect(c.call("truncate", path, 0)).toBe("ENOENT");
      expect(c.call("fchmodat", AT_FDCWD, path, 0o777)).toBe("ENOENT");
      expect(c.call("fchownat", AT_FDCWD, path, 0, 0, 0)).toBe("ENOENT");
      expect(c.call("utimensat", AT_FDCWD, path, 0, 0)).toBe("ENOENT");
      expect(c.call("unlinkat", AT_FDCWD, path, 0)).toBe("ENOENT");
      expect(c.call("linkat", AT_FDCWD, path, AT_FDCWD, "/stolen", 0)).toBe("ENOENT");
      expect(c.call("renameat2", AT_FDCWD, path, AT_FDCWD, "/stolen", 0)).toBe("ENOENT");
      expect(c.call("renameat2", AT_FDCWD, "/file", AT_FDCWD, path, 0)).toBe("ENOENT");
      expect(c.call("linkat", AT_FDCWD, "/file", AT_FDCWD, path, 0)).toBe("ENOENT");
      expect(c.call("symlinkat", "x", AT_FDCWD, path)).toBe("ENOENT");
      expect(c.call("mkdirat", AT_FDCWD, path, 0o777)).toBe("ENOENT");
      expect(c.call("mknodat", AT_FDCWD, path, 0o100666, 0)).toBe("ENOENT");
      expect(c.call("chdir", path)).toBe("ENOENT");
      expect(c.call("chroot", path)).toBe("ENOENT");
      expect(c.call("execve", path, 0, 0)).toBe("ENOENT");
      expect(c.call("getxattr", path, "user.x", buffer, 10)).toBe("ENOENT");
    }
    expect(snapshot(join(folder, "outside"))).toEqual(before);
  });
});

describe("openat2", () => {
  const how = (resolve: number, flags = 0) => {
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(flags), true);
    view.setBigUint64(16, BigInt(resolve), true);
    return bytes;
  };
  const [NO_XDEV, NO_MAGICLINKS, NO_SYMLINKS, BENEATH, IN_ROOT] = [1, 2, 4, 8, 16];

  test("leads outside with no RESOLVE_ flag", () => {
    symlinkSync(join(folder, "secret"), join(root, "absolute"));
    const c = caller();
    const fd = c.open("/inside", O.DIRECTORY) as number;
    for (let resolve = 0; resolve < 32; resolve++) {
      for (const path of ["../../secret", "/absolute", "../absolute", join(folder, "secret"), "../../../../secret"]) {
        const answer = c.call("openat2", fd, path, how(resolve), 24);
        expect(["ENOENT", "EXDEV", "ELOOP", "EINVAL"]).toContain(answer);
      }
    }
  });

  test("keeps beneath a directory, or takes it as the root", () => {
    symlinkSync("/file", join(root, "inside", "link"));
    const c = caller();
    const fd = c.open("/inside", O.DIRECTORY) as number;
    expect(c.call("openat2", fd, "../file", how(BENEATH), 24)).toBe("EXDEV");
    expect(c.call("openat2", fd, "/file", how(BENEATH), 24)).toBe("EXDEV");
    expect(c.call("openat2", fd, "link", how(BENEATH), 24)).toBe("EXDEV");
    expect(c.call("openat2", fd, "../inside/file", how(BENEATH), 24)).toBe("EXDEV");
    for (const path of ["../file", "/file", "link", "/../../file"]) {
      const inside = c.call("openat2", fd, path, how(IN_ROOT), 24) as number;
      expect(c.read(inside)).toBe("a file inside");
    }
    expect(c.read(c.call("openat2", fd, "link", how(0), 24) as number)).toBe("a file of the root");
  });

  test("refuses links, magic links and other file systems where it is told to", () => {
    symlinkSync("file", join(root, "link"));
    const c = caller();
    expect(c.call("openat2", AT_FDCWD, "/link", how(NO_SYMLINKS), 24)).toBe("ELOOP");
    expect(c.call("openat2", AT_FDCWD, "/proc/self/root/file", how(NO_MAGICLINKS), 24)).toBe("ELOOP");
    expect(c.call("openat2", AT_FDCWD, "/proc/self/root/file", how(BENEATH), 24)).toBe("EXDEV");
    expect(c.call("openat2", AT_FDCWD, "/proc/version", how(NO_XDEV), 24)).toBe("EXDEV");
    expect(c.call("openat2", AT_FDCWD, "/file", how(NO_XDEV | NO_SYMLINKS), 24)).toBeGreaterThan(2);
  });

  test("refuses what it does not know", () => {
    const c = caller();
    expect(c.call("openat2", AT_FDCWD, "/file", how(0x100), 24)).toBe("EINVAL");
    expect(c.call("openat2", AT_FDCWD, "/file", how(BENEATH | IN_ROOT), 24)).toBe("EINVAL");
    expect(c.call("openat2", AT_FDCWD, "/file", how(0), 16)).toBe("EINVAL");
    const longer = new Uint8Array(32).fill(0);
    longer[24] = 1;
    expect(c.call("openat2", AT_FDCWD, "/file", longer, 32)).toBe("E2BIG");
  });
});

describe("the interface to the host", () => {
  test("takes single names only", () => {
    const { root: directory } = new HostFolder(root, false);
    for (const name of ["", ".", "..", "a/b", "../secret", "/etc", "a\0b", "inside/../../secret"]) {
      expect(() => directory.lookup(name)).toThrow("EINVAL");
      expect(() => directory.readLink(name)).toThrow("EINVAL");
      expect(() => directory.create(name, 0o644)).toThrow("EINVAL");
      expect(() => directory.unlink(name)).toThrow("EINVAL");
      expect(() => directory.rename("file", directory, name)).toThrow("EINVAL");
      expect(() => directory.link("file", directory, name)).toThrow("EINVAL");
      expect(() => directory.symlink(name, "x")).toThrow("EINVAL");
      expect(() => directory.makeDirectory(name, 0o755)).toThrow("EINVAL");
    }
  });

  test("refuses to write by itself, whatever the tree above it thinks", () => {
    const { root: directory } = new HostFolder(root, true);
    const { key } = directory.lookup("file");
    expect(() => directory.open("file", key, true)).toThrow("EROFS");
    expect(() => directory.create("new", 0o644)).toThrow("EROFS");
    expect(() => directory.unlink("file")).toThrow("EROFS");
    expect(() => directory.rename("file", directory, "x")).toThrow("EROFS");
    expect(() => directory.link("file", directory, "x")).toThrow("EROFS");
    expect(() => directory.symlink("x", "y")).toThrow("EROFS");
    expect(() => directory.makeDirectory("x", 0o755)).toThrow("EROFS");
    expect(() => directory.removeDirectory("inside")).toThrow("EROFS");
    expect(() => directory.setMode("file", key, 0o777)).toThrow("EROFS");
    expect(() => directory.setTimes("file", key, [0, 0], [0, 0])).toThrow("EROFS");
  });

  test("opens no socket, device or pipe of the host's", async () => {
    const server = await new Promise<Server>((ready) => {
      const listening = createServer().listen(join(root, "socket"), () => ready(listening));
    });
    const c = caller(false);
    for (const flags of [0, O.WRONLY, O.RDWR]) expect(c.open("/socket", flags)).toBe("ENXIO");
    server.close();
  });
});

describe("devices and descriptors", () => {
  test("/dev is the supervisor's, whatever the root has there", () => {
    mkdirSync(join(root, "dev"));
    writeFileSync(join(root, "dev", "null"), "not this");
    const c = caller(false);
    expect(c.content("/dev/null")).toBe("");
    expect(c.names("/dev")).not.toContain("sda");
    expect(c.open("/dev/mem")).toBe("ENOENT");
    expect(c.open("/dev/kmsg")).toBe("ENOENT");
    expect(c.call("unlinkat", AT_FDCWD, "/dev", 0x200)).toBe("EBUSY");
    expect(c.call("renameat2", AT_FDCWD, "/dev", AT_FDCWD, "/old", 0)).toBe("EBUSY");
  });

  test("a device that a program makes in memory is one of the supervisor's or none", () => {
    const c = caller();
    expect(c.call("mknodat", AT_FDCWD, "/tmp/mem", 0o020666, 0x101)).toBe(0);
    expect(c.open("/tmp/mem")).toBe("ENXIO");
    expect(c.call("mknodat", AT_FDCWD, "/tmp/null", 0o020666, 0x103)).toBe(0);
    expect(c.content("/tmp/null")).toBe("");
    expect(c.call("mknodat", AT_FDCWD, "/tmp/disk", 0o060666, 0x800)).toBe("EPERM");
  });

  test("descriptors that were never given are no files", () => {
    const c = caller();
    for (const fd of [-1, 3, 20, 1023, 1024, 2 ** 31 - 1]) {
      expect(c.call("read", fd, new Uint8Array(4), 4)).toBe("EBADF");
      expect(c.call("dup", fd)).toBe("EBADF");
      expect(c.call("ioctl", fd, 0x5401, new Uint8Array(60))).toBe("EBADF");
      expect(c.call("fstat", fd, new Uint8Array(128))).toBe("EBADF");
    }
  });

  test("mount, pivot_root and their likes are refused", () => {
    const c = caller(false);
    expect(c.call("mount", "/", "/inside", "none", 0x1000, 0)).toBe("EPERM");
    expect(c.call("pivot_root", "/inside", "/inside")).toBe("EPERM");
    expect(c.call("umount2", "/proc", 0)).toBe("EPERM");
  });
});
