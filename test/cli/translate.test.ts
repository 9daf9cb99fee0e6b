import { afterAll, describe, expect, test } from "vitest";
import { parseAddress } from "../../src/cli/translate.ts";
import { parseElf } from "../../src/machine/elf/index.ts";
import { assembleProgram } from "../debug/program.ts";
import { exit, Folder, pagewalk } from "./commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

/** Turns Sv39 on in M-mode's satp: 0x80000000 and up is one page of 1 GiB, of U-mode. */
const source = `
start:
  auipc t0, 1
  lui t3, 0x20000
  addi t3, t3, 0xdf
  sd t3, 16(t0)
  srli t0, t0, 12
  addi t1, zero, 8
  slli t1, t1, 60
  or t0, t0, t1
  csrrw zero, satp, t0
  addi t1, zero, -1
  csrrw zero, pmpaddr0, t1
  csrrwi zero, pmpcfg0, 0x1d
mapped:
  addi zero, zero, 0
  csrrs a1, mhartid, zero
  bne a1, zero, mapped
  ${exit(0)}
`;
const path = folder.program("mapping.elf", source);

describe("pagewalk translate", () => {
  test("explains all three accesses at the moment that pc first reaches a symbol", async () => {
    const { code, stdout, stderr } = await pagewalk("translate", path, "--at", "mapped", "0x80000123", "--priv", "U");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`hart 0 after 12 instructions, at 0x80000030 <mapped>

load of 0x0000000080000123 in U-mode, Sv39, asid 0, SUM=0 MXR=0, root table at 0x80001000
  level 2: pte[2] at 0x80001010 = 0x00000000200000df DA-UXWRV leaf
  physical address 0x80000123, 1 GiB page

store of 0x0000000080000123 in U-mode, Sv39, asid 0, SUM=0 MXR=0, root table at 0x80001000
  level 2: pte[2] at 0x80001010 = 0x00000000200000df DA-UXWRV leaf
  physical address 0x80000123, 1 GiB page
  store access fault, cause 7: PMP forbids the access to the physical address
  PMP entry 0 (0x0 to 0x1ffffffffffffff, R-X) decides at 0x80000123

fetch of 0x0000000080000123 in U-mode, Sv39, asid 0, SUM=0 MXR=0, root table at 0x80001000
  level 2: pte[2] at 0x80001010 = 0x00000000200000df DA-UXWRV leaf
  physical address 0x80000123, 1 GiB page
`);
  });

  test("goes to a number of instructions, and explains one access in the hart's own privilege", async () => {
    const { stdout } = await pagewalk("translate", path, "--at", "4", "--access", "load", "start+0x8");
    expect(stdout).toBe(`hart 0 after 4 instructions, at 0x80000010 <start+0x10>

load of 0x0000000080000008 in M-mode, Bare
  physical address 0x80000008
`);
  });

  test("begins where the program begins when no moment is named", async () => {
    expect((await pagewalk("translate", path, "0x80000000")).stdout).toContain(
      "hart 0 after 0 instructions, at 0x80000000 <start>",
    );
  });

  test("asks the hart that reached the moment, or the one that is named", async () => {
    const at = ["translate", path, "--harts", "2", "--at", "mapped", "0x80000000"];
    expect((await pagewalk(...at)).stdout).toContain("hart 0 after 12 instructions");
    expect((await pagewalk(...at, "--hart", "1")).stdout).toContain(
      "hart 1 after 12 instructions, at 0x80000000 <start>",
    );
  });

  test("ends with 124 and a report when a limit comes before the moment", async () => {
    const { code, stderr } = await pagewalk("translate", path, "0", "--at", "0x1234", "--max-instructions", "3");
    expect(code).toBe(124);
    expect(stderr).toContain("--max-instructions is reached, after 3 instructions");
  });
});

describe("an address on the command line", () => {
  const { symbols } = parseElf(
    assembleProgram("addi zero, zero, 0\nmain:\naddi zero, zero, 0\ndeadbeef:\n.word 0").elf,
    "it",
  );

  test.each([
    ["0x80001000", 0x8000_1000n],
    ["0xFFFF_FFFF_8000_0000", 0xffff_ffff_8000_0000n],
    ["4096", 4096n],
    ["main", 0x8000_0004n],
    ["main+0x10", 0x8000_0014n],
    ["main+8", 0x8000_000cn],
    ["deadbeef", 0x8000_0008n],
  ])("%s", (text, address) => {
    expect(parseAddress(text, symbols, "address")).toBe(address);
  });

  test.each(["", "main+", "main-4", "0x", "beef", "12g"])("is not %j", (text) => {
    expect(() => parseAddress(text, symbols, "address")).toThrow(/no symbol/);
  });
});
