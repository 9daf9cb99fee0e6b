import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hostFiles, programOfHost } from "../../../src/cli/user/hostFiles.ts";

const folder = mkdtempSync(join(tmpdir(), "root-"));
writeFileSync(join(folder, "file"), "text");

afterAll(() => rmSync(folder, { recursive: true }));

describe("what run --user is told about files", () => {
  test("a root is only read unless it is writable", () => {
    expect(hostFiles({}).hostTree).toBeUndefined();
    expect(hostFiles({ root: folder }).hostTree?.isReadOnly).toBe(true);
    expect(hostFiles({ root: folder, writable: true }).hostTree?.isReadOnly).toBe(false);
  });

  test("a root must be a folder, and there must be one to be written to", () => {
    expect(() => hostFiles({ root: join(folder, "nothing") })).toThrow("no such file or directory");
    expect(() => hostFiles({ root: join(folder, "file") })).toThrow("not a directory");
    expect(() => hostFiles({ writable: true })).toThrow("name a folder with --root DIR");
  });

  test("the number of files is a whole number", () => {
    expect(hostFiles({ "max-files": "100" }).maxFiles).toBe(100);
    expect(() => hostFiles({ "max-files": "0" })).toThrow("--max-files 0");
    expect(() => hostFiles({ "max-files": "many" })).toThrow("--max-files many");
  });

  test("a program is a path in the root, or a file of the host's", () => {
    expect(programOfHost({ root: folder }, "/bin/sh")).toBe("/bin/sh");
    expect(programOfHost({ root: folder }, "bin/sh")).toBe("/bin/sh");
    const file = programOfHost({}, join(folder, "file"));
    expect(file).toMatchObject({ path: resolve(folder, "file"), size: 4 });
  });
});
