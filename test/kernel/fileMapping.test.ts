import { describe, expect, test } from "vitest";
import {
  copyMm,
  FileMapping,
  faultAnswer,
  faultIn,
  handleFault,
  Mm,
  reclaim,
  unmapRange,
} from "../../src/kernel/index.ts";
import { sv39 } from "../../src/mmu/index.ts";
import { vmFlag } from "../../src/pagewalk/index.ts";
import { adviseGuardInstall } from "../../src/pagewalk/users/index.ts";
import { kernel, page, readWrite } from "../pagewalk/fixture.ts";

const shared = readWrite | vmFlag.VM_SHARED | vmFlag.VM_MAYWRITE;

/** A file whose content can change its size, mapped shared at 0 and privately at 64 KiB. */
function mappedFile(text: string) {
  let bytes = new TextEncoder().encode(text);
  const file = new FileMapping("f", {
    get size() {
      return bytes.length;
    },
    read: (offset, into) => {
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
    write: (offset, from) => bytes.set(from, offset),
  });
  const made = kernel();
  const { mm, add, physical } = made;
  add(0n, 4, { file, flags: shared });
  add(0x10000n, 4, { file });
  const fault = (addr: bigint, access: "load" | "store") =>
    mm.mmapLock.reading(() => handleFault(mm as Mm, addr, access));
  const at = (addr: bigint) => mm.entryFor(addr)!.pfn * 4096 + Number(addr % page);
  const put = (addr: bigint, letter: string) => {
    expect(fault(addr, "store")).toBe(faultAnswer.done);
    physical.store(at(addr), 1, BigInt(letter.charCodeAt(0)));
  };
  const get = (addr: bigint) => {
    expect(fault(addr, "load")).toBe(faultAnswer.done);
    return String.fromCharCode(Number(physical.load(at(addr), 1)));
  };
  const resize = (size: number) => {
    const next = new Uint8Array(size);
    next.set(bytes.subarray(0, size));
    bytes = next;
  };
  const content = () => new TextDecoder().decode(bytes);
  return { ...made, file, fault, put, get, resize, content };
}

describe("a file that is mapped", () => {
  test("is a SIGBUS behind its last page, and zero in the rest of it", () => {
    const { fault, get } = mappedFile("hello");
    expect([get(1n), get(5n)]).toEqual(["e", "\0"]);
    expect(fault(page, "load")).toBe(faultAnswer.noPage);
    expect(fault(0x11000n, "store")).toBe(faultAnswer.noPage);
  });

  test("gets what was written through a shared mapping when asked, and hears of the next write", () => {
    const { file, put, content, mm } = mappedFile("hello");
    put(0n, "J");
    put(0x10001n, "x");
    expect(content()).toBe("hello");
    expect([file.writeBack(), content()]).toEqual([1, "Jello"]);
    expect([mm.entryFor(0n)!.w, mm.entryFor(0n)!.d, file.writeBack()]).toEqual([false, false, 0]);
    put(0n, "C");
    expect([file.writeBack(1), file.writeBack(0, 1), content()]).toEqual([0, 1, "Cello"]);
  });

  test("gets it at the latest with the last unmapping", () => {
    const { mm, put, content } = mappedFile("hello");
    put(4n, "!");
    mm.mmapLock.writing(() => unmapRange(mm, 0n, 0x20000n));
    expect(content()).toBe("hell!");
  });

  test("reads as it is in memory, and shows in memory what is written to it", () => {
    const { file, put, get } = mappedFile("hello");
    put(0n, "J");
    const into = new Uint8Array(8);
    expect([file.read(0, into), new TextDecoder().decode(into.subarray(0, 5))]).toEqual([5, "Jello"]);
    expect(file.read(9, into)).toBe(0);
    file.wrote(1, new TextEncoder().encode("u"));
    file.wrote(4096, new Uint8Array(1));
    expect(get(1n)).toBe("u");
  });

  test("that is truncated loses its pages, copies of them too, and the rest of its last page", () => {
    const { file, put, get, fault, resize } = mappedFile("x".repeat(9000));
    for (const addr of [0n, page, 0x10000n, 0x11000n, 0x12000n]) put(addr, "p");
    resize(10);
    file.truncate(10);
    expect([get(9n), get(10n), get(0x10000n)]).toEqual(["x", "\0", "p"]);
    expect([fault(page, "load"), fault(0x11000n, "load")]).toEqual([faultAnswer.noPage, faultAnswer.noPage]);
    resize(0);
    file.truncate(0);
    expect([file.pages.size, fault(0n, "load")]).toEqual([0, faultAnswer.noPage]);
    file.truncate(0);
  });

  test("can have a hole punched into it", () => {
    const { file, get, content } = mappedFile("y".repeat(8192));
    expect(get(page)).toBe("y");
    file.punch(1, 2);
    expect([get(page), get(0n), content()[4096]]).toEqual(["\0", "y", "\0"]);
  });
});

describe("memory that is shared without a file", () => {
  test("is gone with the last mapping of it", () => {
    const { mm, add, memory } = kernel();
    const free = memory.frames.freeFrames;
    const file = new FileMapping("shm", undefined, 2);
    add(0n, 2, { file, flags: shared });
    mm.mmapLock.writing(() => handleFault(mm, 0n, "store"));
    expect([memory.mappings.has(file), file.isMapped, file.read(0, new Uint8Array(4))]).toEqual([true, true, 0]);
    mm.mmapLock.writing(() => unmapRange(mm, 0n, 2n * page));
    expect([file.pages.size, memory.mappings.has(file), memory.frames.freeFrames]).toEqual([0, false, free]);
    expect(file.writeBack()).toBe(0);
  });
});

describe("a fault on a page of a file", () => {
  const setUp = (flags: number) => {
    const reads: string[] = [];
    const file = new FileMapping("f", {
      size: 40 * 4096,
      read: (offset, into) => {
        for (let at = 0; at < into.length; at += 4096) into[at] = offset / 4096 + at / 4096;
        reads.push(`${into.length / 4096} from ${offset / 4096}`);
        return into.length;
      },
    });
    const made = kernel();
    const { mm, add, physical, memory } = made;
    add(0x40_0000n + 3n * page, 36, { file, flags, pgoff: 3 });
    const access = (index: number, how: "load" | "store") =>
      expect(faultIn(mm, 0x40_0000n + BigInt(index) * page, how)).toBe(faultAnswer.done);
    const entryOf = (index: number) => mm.lowestEntry(mm.tables.vpnOf(0x40_0000n + BigInt(index) * page));
    const mapped = () => Array.from({ length: 40 }, (_, index) => index).filter((index) => entryOf(index).isLeaf);
    const byte = (index: number) => Number(physical.load(entryOf(index).pfn * 4096, 1));
    return { file, reads, access, entryOf, mapped, byte, mm, memory };
  };
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

  test("reads those about it, and maps them as not used yet, as far as the VMA and the file go", () => {
    const { reads, access, entryOf, mapped, byte, mm, memory } = setUp(readWrite);
    access(5, "load");
    expect([reads, mapped()]).toEqual([["16 from 0"], range(3, 16)]);
    expect([entryOf(5).a, entryOf(6).a, entryOf(6).w, byte(15)]).toEqual([true, false, false, 15]);
    access(38, "load");
    expect([reads.at(-1), mapped(), byte(33)]).toEqual(["8 from 32", [...range(3, 16), ...range(32, 39)], 33]);
    expect([mm.residentPages, memory.events.pgmajfault, memory.events.pgpgin]).toEqual([20, 2, 24 * 4]);
    mm.mmapLock.writing(() => unmapRange(mm, 0x40_0000n, 0x60_0000n));
    expect(reclaim(memory, 24)).toBe(24);
  });

  test("maps one alone where it is to be written, or memory is short; and reads one alone where order is random", () => {
    const { reads, access, mapped, memory } = setUp(readWrite);
    access(20, "store");
    expect([reads, mapped()]).toEqual([["16 from 16"], [20]]);
    while (memory.frames.freeFrames > 20) memory.frames.allocate();
    access(35, "load");
    expect([reads.at(-1), mapped()]).toEqual(["1 from 35", [20, 35]]);
    const random = setUp(readWrite | vmFlag.VM_RAND_READ);
    random.access(5, "load");
    random.access(6, "load");
    expect([random.reads, random.mapped()]).toEqual([
      ["1 from 5", "1 from 6"],
      [5, 6],
    ]);
  });
});

describe("guards in mappings of files", () => {
  test("outlive that the file becomes shorter, and are inherited where the mapping is shared", () => {
    const { mm, file, resize, memory, fault } = mappedFile("x".repeat(3 * 4096));
    mm.mmapLock.reading(() => adviseGuardInstall(mm, page, 2n * page));
    resize(0);
    file.truncate(0);
    expect([fault(0n, "load"), fault(page, "load")]).toEqual([faultAnswer.noPage, faultAnswer.noMapping]);
    const child = new Mm({ name: "child", memory, mode: sv39, asid: 2 });
    copyMm(mm, child);
    expect([faultIn(child, page, "load"), faultIn(child, 2n * page, "load")]).toEqual([
      faultAnswer.noMapping,
      faultAnswer.noPage,
    ]);
  });
});

test("memory that is shared without a file ends where it was made to end, wherever it is mapped", () => {
  const { mm, add } = kernel();
  add(0n, 3, { file: new FileMapping("shm", undefined, 2), flags: shared });
  expect([faultIn(mm, page, "store"), faultIn(mm, 2n * page, "store")]).toEqual([faultAnswer.done, faultAnswer.noPage]);
});
