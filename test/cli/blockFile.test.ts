import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BlockFile, type FileIo, openDrive } from "../../src/cli/blockFile.ts";
import { Failure } from "../../src/cli/failure.ts";
import { BlockError } from "../../src/devices/virtio/index.ts";

let folder = "";
beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "pagewalk-disk-"));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const content = Uint8Array.from({ length: 16 * 512 }, (_, i) => (i * 7 + (i >> 9)) & 0xff);
let images = 0;
/** A new image of 16 sectors, or of other bytes. */
function image(bytes = content): string {
  const path = join(folder, `disk${images++}.img`);
  fs.writeFileSync(path, bytes);
  return path;
}

function sector(fill: number): Uint8Array {
  return new Uint8Array(512).fill(fill);
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

describe("an image that is written to", () => {
  test("has the guest's writes at once, where they belong", () => {
    const path = image();
    const { store, close } = openDrive(path, "write");
    expect(store.sectors).toBe(16);
    store.write(3, sector(1));
    store.flush();
    const expected = content.slice();
    expected.fill(1, 3 * 512, 4 * 512);
    expect(Buffer.compare(fs.readFileSync(path), expected)).toBe(0);
    const found = sector(0);
    store.read(3, found);
    expect(found).toEqual(sector(1));
    close();
  });

  test("takes and fills parts of a WebAssembly memory", () => {
    const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer);
    const { store, close } = openDrive(image(), "write");
    store.read(1, memory.subarray(100, 100 + 1024));
    expect(Buffer.compare(memory.subarray(100, 1124), content.subarray(512, 1536))).toBe(0);
    store.write(5, memory.subarray(100, 100 + 512));
    store.read(5, memory.subarray(2000, 2512));
    expect(Buffer.compare(memory.subarray(2000, 2512), content.subarray(512, 1024))).toBe(0);
    close();
  });
});

describe.each(["ro", "overlay"] as const)("an image used as %s", (mode) => {
  test("is not changed, though its file could be", () => {
    const path = image();
    const before = fs.statSync(path).mtimeMs;
    const { store, close } = openDrive(path, mode);
    expect(store.readOnly).toBe(mode === "ro");
    if (mode === "ro") expect(() => store.write(0, sector(1))).toThrow(BlockError);
    else store.write(0, sector(1));
    store.flush();
    const found = sector(0);
    store.read(0, found);
    expect(found).toEqual(mode === "ro" ? content.slice(0, 512) : sector(1));
    close();
    expect(Buffer.compare(fs.readFileSync(path), content)).toBe(0);
    expect(fs.statSync(path).mtimeMs).toBe(before);
  });

  test("may be one that nobody may write", () => {
    const path = image();
    fs.chmodSync(path, 0o444);
    const { store, close } = openDrive(path, mode);
    store.read(0, sector(0));
    close();
  });
});

describe("the system's failures", () => {
  const broken = (io: Partial<FileIo>) => {
    const file = fs.openSync(image(), "r+");
    return new BlockFile(file, 16, false, { ...fs, ...io } as FileIo);
  };

  test("to read or write become errors of the disk, with their cause", () => {
    const store = broken({
      readSync: () => {
        throw failure("EIO");
      },
      writeSync: () => {
        throw failure("ENOSPC");
      },
    });
    expect(() => store.read(0, sector(0))).toThrow(BlockError);
    expect(() => store.write(0, sector(0))).toThrow(BlockError);
    try {
      store.write(0, sector(0));
    } catch (error) {
      expect(((error as Error).cause as { code: string }).code).toBe("ENOSPC");
    }
    store.close();
  });

  test("to do all at once are made good", () => {
    const store = broken({
      readSync: ((file: number, bytes: Uint8Array, offset: number, length: number, position: number) =>
        fs.readSync(file, bytes, offset, Math.min(length, 100), position)) as FileIo["readSync"],
      writeSync: ((file: number, bytes: Uint8Array, offset: number, length: number, position: number) =>
        fs.writeSync(file, bytes, offset, Math.min(length, 7), position)) as FileIo["writeSync"],
    });
    store.write(2, content.subarray(0, 1024));
    const found = new Uint8Array(1024);
    store.read(2, found);
    expect(Buffer.compare(found, content.subarray(0, 1024))).toBe(0);
    store.close();
  });

  test("to make writes durable are never forgotten: what was lost stays lost", () => {
    let failing = false;
    const store = broken({
      fsyncSync: () => {
        if (failing) throw failure("EIO");
      },
    });
    store.flush();
    failing = true;
    expect(() => store.flush()).toThrow(BlockError);
    failing = false;
    expect(() => store.flush()).toThrow(BlockError);
    store.close();
  });

  test("include an image that has become shorter", () => {
    const path = image();
    const { store, close } = openDrive(path, "write");
    fs.truncateSync(path, 5 * 512 + 100);
    store.read(4, sector(0));
    expect(() => store.read(5, sector(0))).toThrow(BlockError);
    expect(() => store.read(9, sector(0))).toThrow(BlockError);
    close();
  });

  test("include a file that has been closed", () => {
    const { store, close } = openDrive(image(), "write");
    close();
    expect(() => store.read(0, sector(0))).toThrow(BlockError);
    expect(() => store.write(0, sector(0))).toThrow(BlockError);
    expect(() => store.flush()).toThrow(BlockError);
  });
});

describe("what is no disk image is refused in one line", () => {
  test.each([
    ["that is not there", () => join(folder, "nothing"), "there is no such file"],
    ["that is a directory", () => folder, "directory"],
    ["that is empty", () => image(new Uint8Array(0)), "it is empty"],
    ["that was cut off", () => image(content.subarray(0, 1000)), "its 1000 bytes are not whole sectors of 512"],
    ["that is a device", () => "/dev/zero", "it is not a regular file"],
  ])("a path %s", (_, path, reason) => {
    for (const mode of ["write", "ro", "overlay"] as const) {
      expect(() => openDrive(path(), mode)).toThrow(Failure);
      expect(() => openDrive(path(), mode)).toThrow(reason);
    }
  });
});
