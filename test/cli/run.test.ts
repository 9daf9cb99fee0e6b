import { readFileSync, statSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { exit, Folder, pagewalk, print } from "./commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

const program = (name: string, source: string) => folder.program(`${name}.elf`, source);
const forever = "loop:\naddi a0, a0, 1\njal zero, loop";

/** A kernel in S-mode under Sv39 whose store at `faulty` faults, and a handler in M-mode that ends with code 3. */
const faulting = `
start:
  auipc t0, 0
  addi t1, t0, 0x300
  csrrw zero, mtvec, t1
  addi t1, zero, -1
  csrrw zero, pmpaddr0, t1
  csrrwi zero, pmpcfg0, 0x1f
  lui t2, 1
  add t2, t0, t2
  lui t3, 0x20000
  addi t3, t3, 0xef
  sd t3, 16(t2)
  srli t2, t2, 12
  addi t3, zero, 8
  slli t3, t3, 60
  or t2, t2, t3
  csrrw zero, satp, t2
  sfence.vma zero, zero
  lui t1, 1
  addi t1, t1, -2048
  csrrs zero, mstatus, t1
  auipc t1, 0
  addi t1, t1, 16
  csrrw zero, mepc, t1
  mret
  lui t1, 0x40000
faulty:
  sd t0, 8(t1)
  ${"addi zero, zero, 0\n".repeat(0xc0 - 26)}
handler:
  ${exit(3)}
`;

describe("the exit code of pagewalk run", () => {
  test.each([0, 1, 42, 123, 255])("is the guest's own: %i", async (code) => {
    expect(await pagewalk("run", program(`exit${code}`, exit(code)))).toEqual({ code, stdout: "", stderr: "" });
  });

  test("is 255 where the guest's own does not fit 8 bits, and that is said", async () => {
    const path = program("exit512", exit(512));
    expect(await pagewalk("run", path)).toEqual({
      code: 255,
      stdout: "",
      stderr: `pagewalk: ${path}: the guest's exit code 512 does not fit 8 bits: 255 stands for it\n`,
    });
  });

  test("is 0 where the guest asks for a reset, and that is said", async () => {
    const reset = "lui t5, 0x100\nlui t6, 7\naddi t6, t6, 0x777\nsw t6, 0(t5)";
    const { code, stderr } = await pagewalk("run", program("reset", reset));
    expect(code).toBe(0);
    expect(stderr).toContain("asked for a reset");
  });

  test("is 124 when --max-instructions is reached, with pc, symbol and count", async () => {
    const { code, stderr } = await pagewalk("run", program("forever", forever), "--max-instructions", "1001");
    expect(code).toBe(124);
    expect(stderr).toContain("--max-instructions is reached, after 1,001 instructions");
    expect(stderr).toContain("hart 0: pc 0x80000004 <loop+0x4> in M-mode; no trap was taken");
  });

  test("is 124 when --timeout is reached", async () => {
    const { code, stderr } = await pagewalk("run", program("forever", forever), "--timeout", "0.1");
    expect(code).toBe(124);
    expect(stderr).toContain("--timeout is reached, after ");
    expect(stderr).toContain("<loop");
  });

  test("is 124 when the guest jumps into nothing, with the cause", async () => {
    const { code, stderr } = await pagewalk("run", program("nothing", "there:\naddi a0, zero, 0x40\njalr zero, 0(a0)"));
    expect(code).toBe(124);
    expect(stderr).toContain("hart 0 is stuck");
    expect(stderr).toContain("last trap: instruction access fault (cause 1) at 0x0 in M-mode, tval 0x0");
    expect(stderr).toContain("it began with: instruction access fault (cause 1) at 0x40 in M-mode, tval 0x40");
  });

  test("is 124 when the guest loops in its own trap handler, with the handler's symbol", async () => {
    const source = "auipc t0, 0\naddi t0, t0, 16\ncsrrw zero, mtvec, t0\necall\nhandler:\n.word 0";
    const { code, stderr } = await pagewalk("run", program("handler", source));
    expect(code).toBe(124);
    expect(stderr).toContain("its trap handler at 0x80000010 <handler> only traps again (illegal instruction)");
  });

  test("is 124 when all harts wait and nothing can wake them", async () => {
    const { code, stderr } = await pagewalk(
      "run",
      program("asleep", "wfi\nsleep:\nwfi\njal zero, sleep"),
      "--harts",
      "2",
    );
    expect(code).toBe(124);
    expect(stderr).toContain("all harts wait for an interrupt, and none can come");
    expect(stderr).toContain("hart 1: pc");
    expect(stderr).toContain("waiting in wfi");
  });
});

describe("what pagewalk run prints", () => {
  test("is what the guest prints, in order", async () => {
    const { stdout } = await pagewalk("run", program("abc", `${print("a")}${print("b")}${print("c")}${exit(0)}`));
    expect(stdout).toBe("abc");
  });

  test("with --stats is instructions, speed, traps and TLB, on standard error", async () => {
    const { stdout, stderr } = await pagewalk(
      "run",
      program("stats", `${print("a")}${exit(0)}`),
      "--stats",
      "--tlb",
      "64x4",
    );
    expect(stdout).toBe("a");
    expect(stderr).toMatch(/^10 instructions \(10 retired\) in \d+\.\d{3} s: [\d.]+ MIPS$/m);
    expect(stderr).toContain("traps: none");
    expect(stderr).toContain("64 sets x 4 ways, 0 entries in use");
    expect(stderr).toContain("fence.i: 0");
    expect(stderr).toContain(
      "code: 1 page decoded; 0 writes undid some of it; 0 pages let go; all of it dropped 0 times",
    );
  });

  test("with --trace FILE leaves a commit log in the file", async () => {
    const trace = `${folder.path}/trace.log`;
    const { code, stdout } = await pagewalk("run", program("traced", exit(7)), "--trace", trace);
    expect([code, stdout]).toEqual([7, ""]);
    const lines = readFileSync(trace, "utf8").split("\n");
    expect(lines[0]).toBe("core   0: 3 0x0000000080000000 (0x00100f37) x30 0x0000000000100000");
    expect(lines).toHaveLength(8);
    expect(lines[6]).toBe("core   0: 3 0x0000000080000018 (0x01ff2023) mem 0x0000000000100000 0x00073333");
  });

  test("with --trace - is nothing but the commit log; what the guest prints is on standard error", async () => {
    const { stdout, stderr } = await pagewalk("run", program("mixed", `${print("a")}${exit(0)}`), "--trace", "-");
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .every((line) => line.startsWith("core   0: 3 0x")),
    ).toBe(true);
    expect(stderr).toBe("a");
  });

  test("with --explain-faults is the walk of each page fault, with the symbol of the instruction", async () => {
    const { code, stderr } = await pagewalk("run", program("faulting", faulting), "--explain-faults");
    expect(code).toBe(3);
    expect(stderr).toBe(
      [
        "hart 0: store page fault at 0x40000008: sd t0, 8(t1) at 0x80000064 <faulty>, in S-mode",
        "  store of 0x0000000040000008 in S-mode, Sv39, asid 0, SUM=0 MXR=0, root table at 0x80001000",
        "    level 2: pte[1] at 0x80001008 = 0x0000000000000000 -------- bad",
        "    store page fault, cause 15 (step 3): V=0: the entry is not valid",
        "",
      ].join("\n"),
    );
  });
});

describe("the options of the machine", () => {
  test("--isa turns extensions off", async () => {
    const path = program("compressed", `c.li a0, 1\n${exit(0)}`);
    expect((await pagewalk("run", path, "--isa", "rv64gc")).code).toBe(0);
    expect((await pagewalk("run", path, "--isa", "rv64i", "--max-instructions", "100")).stderr).toContain(
      "last trap: instruction",
    );
  });

  test("-m gives RAM: the program that needs more is told how to get it", async () => {
    const path = program("small", `lui a0, 0x80040\nslli a0, a0, 32\nsrli a0, a0, 32\nsd a0, 0(a0)\n${exit(0)}`);
    expect((await pagewalk("run", path, "-m", "1M")).code).toBe(0);
    expect((await pagewalk("run", path, "-m256K")).code).toBe(124);
    const { code, stderr } = await pagewalk("run", path, "--memory=32K");
    expect([code, stderr]).toEqual([125, expect.stringContaining("run it with -m 1M")]);
  });

  test("--harts starts as many, each with its number in a0", async () => {
    const path = program("harts", `addi a1, zero, 2\nbne a0, a1, wait\n${exit(9)}\nwait:\nwfi\njal zero, wait`);
    expect((await pagewalk("run", path, "--harts", "3")).code).toBe(9);
  });
});

test("a trace that would overwrite the program is refused, and the program is whole", async () => {
  const path = program("precious", exit(0));
  const { size } = statSync(path);
  const { code, stderr } = await pagewalk("run", path, "--trace", path);
  expect([code, statSync(path).size]).toEqual([125, size]);
  expect(stderr).toBe(
    `pagewalk: ${path}: opening the trace: it is the program itself: write the trace to another file\n`,
  );
});
