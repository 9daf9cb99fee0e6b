import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodePath, encodePath } from "../../../src/supervisor/files/fileName.ts";
import { AT_FDCWD } from "./caller.ts";
import { O, Sandbox } from "./sandbox.ts";

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

const zeroEnded = (...bytes: number[]) => Uint8Array.of(...bytes, 0);
const hostPath = (...bytes: number[]) => Buffer.concat([Buffer.from(`${sandbox.root}/`), Buffer.from(bytes)]);

describe("names of files are bytes", () => {
  test("which are the same again, whatever they are", () => {
    const pieces = [
      [0x41],
      [0xc3, 0xa4],
      [0xff],
      [0xc3],
      [0xed, 0xb2, 0x80],
      [0xf0, 0x9f, 0x92, 0xa9],
      [0xf0, 0x9f],
      [0x80],
    ];
    const bytes = fc.array(fc.constantFrom(...pieces)).map((some) => Uint8Array.from(some.flat()));
    for (const arbitrary of [bytes, fc.uint8Array()]) {
      fc.assert(
        fc.property(arbitrary, (name) => {
          expect([...encodePath(decodePath(name))]).toEqual([...name]);
        }),
      );
    }
  });

  test("and lead to the host's files that are called so", () => {
    writeFileSync(hostPath(0xff, 0xfe), "odd");
    const c = sandbox.caller(false);
    const fd = c.call("openat", AT_FDCWD, zeroEnded(0xff, 0xfe), 0, 0) as number;
    expect(c.read(fd)).toBe("odd");
    expect(c.call("renameat2", AT_FDCWD, zeroEnded(0xff, 0xfe), AT_FDCWD, zeroEnded(0xc3), 0)).toBe(0);
    expect(existsSync(hostPath(0xc3))).toBe(true);
    expect(c.call("symlinkat", zeroEnded(0xc3), AT_FDCWD, "link")).toBe(0);
    expect(c.content("link")).toBe("odd");
    expect(c.call("openat", AT_FDCWD, zeroEnded(0x80, 0x0a), O.WRONLY | O.CREAT, 0o600)).toBe(4);
    const names = readdirSync(sandbox.root, { encoding: "buffer" }).map((name) => name.toString("hex"));
    expect(names).toEqual(expect.arrayContaining(["c3", "800a"]));
  });

  test("whose length counts in bytes", () => {
    const c = sandbox.caller(false);
    const name = (length: number) => zeroEnded(...new Array<number>(length).fill(0xff));
    expect(c.call("mkdirat", AT_FDCWD, name(255), 0o755)).toBe(0);
    expect(c.call("mkdirat", AT_FDCWD, name(256), 0o755)).toBe("ENAMETOOLONG");
  });
});

describe("pipes and sockets that programs make in a folder of the host's", () => {
  test("are there for programs, and not for the host", () => {
    const c = sandbox.caller(false);
    expect(c.call("mknodat", AT_FDCWD, "inside/pipe", 0o010600, 0)).toBe(0);
    expect(c.stat("inside/pipe")).toEqual({ mode: 0o010600, size: 0 });
    expect(c.names("inside")).toEqual(["file", "pipe"]);
    expect(readdirSync(`${sandbox.root}/inside`)).toEqual(["file"]);
    const both = c.open("inside/pipe", O.RDWR) as number;
    expect(c.write(both, "text")).toBe(4);
    expect(c.read(both)).toBe("text");
    expect(c.call("renameat2", AT_FDCWD, "inside/pipe", AT_FDCWD, "file", 0)).toBe(0);
    expect(readdirSync(sandbox.root)).toEqual(["inside"]);
    expect(c.call("linkat", AT_FDCWD, "file", AT_FDCWD, "inside/second", 0)).toBe(0);
    expect(c.call("unlinkat", AT_FDCWD, "inside/file", 0)).toBe(0);
    expect(c.call("unlinkat", AT_FDCWD, "inside", 0x200)).toBe("ENOTEMPTY");
    expect(c.call("unlinkat", AT_FDCWD, "inside/second", 0)).toBe(0);
    expect(c.call("unlinkat", AT_FDCWD, "inside", 0x200)).toBe(0);
  });

  test("are not made where nothing may be written", () => {
    const c = sandbox.caller();
    expect(c.call("mknodat", AT_FDCWD, "pipe", 0o010600, 0)).toBe("EROFS");
  });

  test("are limited in number", () => {
    const c = sandbox.caller(false);
    let answer: number | string = 0;
    for (let i = 0; answer === 0 && i < 20_000; i++) answer = c.call("mknodat", AT_FDCWD, `p${i}`, 0o010600, 0);
    expect(answer).toBe("ENOSPC");
    expect(c.call("unlinkat", AT_FDCWD, "p0", 0)).toBe(0);
    expect(c.call("mknodat", AT_FDCWD, "p0", 0o010600, 0)).toBe(0);
  });

  test("hide what the host makes of that name, for as long as they are there", () => {
    const c = sandbox.caller(false);
    c.call("mknodat", AT_FDCWD, "both", 0o010600, 0);
    mkdirSync(`${sandbox.root}/both`);
    expect(c.names("/")).toEqual(["both", "dev", "file", "inside", "proc", "program", "sys"]);
    expect(c.stat("both")).toMatchObject({ mode: 0o010600 });
    c.call("unlinkat", AT_FDCWD, "both", 0);
    expect(c.stat("both")).toMatchObject({ mode: 0o040755 });
  });
});
