import { describe, expect, test } from "vitest";
import { CommitLog } from "../../src/debug/commitLog.ts";
import { logPlan } from "../../src/debug/logPlan.ts";
import { compressedInstructions, createDecoder, evaluate, instructions, parseIsa } from "../../src/isa/index.ts";
import { createMachine, type MachineOptions } from "../../src/machine/machine.ts";
import { assembleProgram } from "./program.ts";

interface LogOptions extends MachineOptions {
  /** Instructions to execute; default as many as it takes to the end. */
  readonly count?: number;
}

/** Runs a program and returns the lines of its commit log. */
function logOf(source: string, options: LogOptions = {}): string[] {
  const machine = createMachine({ ramBytes: 1 << 20, ...options });
  machine.loadElf(assembleProgram(source).elf);
  const decoder = new TextDecoder();
  let text = "";
  const log = new CommitLog(machine.harts, (bytes) => {
    text += decoder.decode(bytes);
  });
  machine.run({ maxInstructions: options.count ?? 1000 });
  log.flush();
  return text.split("\n").slice(0, -1);
}

/** Ends a program: a store to the test finisher. */
const finish = `
  lui t5, 0x100
  lui t6, 0x5
  addi t6, t6, 0x555
  sw t6, 0(t5)`;

describe("a line of the commit log", () => {
  test("names hart, privilege, pc, bits and the register written, in Spike's columns", () => {
    expect(logOf("auipc t0, 0\naddi t5, t0, -1", { count: 2 })).toEqual([
      "core   0: 3 0x0000000080000000 (0x00000297) x5  0x0000000080000000",
      "core   0: 3 0x0000000080000004 (0xfff28f13) x30 0x000000007fffffff",
    ]);
  });

  test("has four digits for a compressed instruction", () => {
    expect(logOf("c.li a0, 1", { count: 1 })).toEqual([
      "core   0: 3 0x0000000080000000 (0x4505) x10 0x0000000000000001",
    ]);
  });

  test("tells no register for x0, branches and plain jumps", () => {
    expect(logOf("addi zero, zero, 0\njal zero, next\nnext:\nbeq zero, zero, next", { count: 3 })).toEqual([
      "core   0: 3 0x0000000080000000 (0x00000013)",
      "core   0: 3 0x0000000080000004 (0x0040006f)",
      "core   0: 3 0x0000000080000008 (0x00000063)",
    ]);
  });

  test("tells the address of a load, and of a store the value in its width", () => {
    const lines = logOf(
      `auipc t0, 0
       lui a0, 0x12345
       addi a0, a0, 0x678
       sd a0, 0x100(t0)
       sw a0, 0x10e(t0)
       sh a0, 0x110(t0)
       sb a0, 0x113(t0)
       lbu a1, 0x101(t0)`,
      { count: 8 },
    );
    expect(lines.slice(3)).toEqual([
      "core   0: 3 0x000000008000000c (0x10a2b023) mem 0x0000000080000100 0x0000000012345678",
      "core   0: 3 0x0000000080000010 (0x10a2a723) mem 0x000000008000010e 0x12345678",
      "core   0: 3 0x0000000080000014 (0x10a29823) mem 0x0000000080000110 0x5678",
      "core   0: 3 0x0000000080000018 (0x10a289a3) mem 0x0000000080000113 0x78",
      "core   0: 3 0x000000008000001c (0x1012c583) x11 0x0000000000000056 mem 0x0000000080000101",
    ]);
  });

  test("tells the address of a negative offset", () => {
    const lines = logOf("lui t0, 0x80001\nslli t0, t0, 32\nsrli t0, t0, 32\nsd t0, -8(t0)", { count: 4 });
    expect(lines[3]).toBe("core   0: 3 0x000000008000000c (0xfe52bc23) mem 0x0000000080000ff8 0x0000000080001000");
  });

  test("tells what an atomic operation read and wrote", () => {
    const lines = logOf(
      `auipc t0, 0
       addi t0, t0, 0x200
       addi a0, zero, 3
       sd a0, 0(t0)
       amoadd.w a1, a0, (t0)
       amoswap.d zero, a1, (t0)`,
      { count: 6 },
    );
    expect(lines.slice(4)).toEqual([
      "core   0: 3 0x0000000080000010 (0x00a2a5af) x11 0x0000000000000003 mem 0x0000000080000200 mem 0x0000000080000200 0x00000006",
      "core   0: 3 0x0000000080000014 (0x08b2b02f) mem 0x0000000080000200 mem 0x0000000080000200 0x0000000000000003",
    ]);
  });

  test("tells the store of a store-conditional and of a compare-and-swap only when they store", () => {
    const lines = logOf(
      `auipc t0, 0
       addi t0, t0, 0x200
       addi a0, zero, 3
       lr.d a1, (t0)
       sc.d a2, a0, (t0)
       sc.d a2, a0, (t0)
       sc.d zero, a0, (t0)
       amocas.d a0, t0, (t0)
       amocas.d a2, t0, (t0)`,
      { count: 9 },
    );
    expect(lines.slice(3).map((line) => line.replace(/^.*\) ?/, ""))).toEqual([
      "x11 0x0000000000000000 mem 0x0000000080000200",
      "x12 0x0000000000000000 mem 0x0000000080000200 0x0000000000000003",
      "x12 0x0000000000000001",
      "",
      "x10 0x0000000000000003 mem 0x0000000080000200 mem 0x0000000080000200 0x0000000080000200",
      "x12 0x0000000080000200 mem 0x0000000080000200",
    ]);
  });

  test("tells the pair of amocas.q, registers and memory", () => {
    const lines = logOf(
      `auipc t0, 0
       addi t0, t0, 0x200
       addi s2, zero, 5
       addi s3, zero, 6
       amocas.q a0, s2, (t0)`,
      { count: 5 },
    );
    expect(lines[4].replace(/^.*?\) /, "")).toBe(
      "x10 0x0000000000000000 x11 0x0000000000000000 mem 0x0000000080000200 mem 0x0000000080000200 0x00000000000000060000000000000005",
    );
  });

  test("tells the 64 bytes that cbo.zero clears", () => {
    const parts = logOf("auipc t0, 1\ncbo.zero (t0)", { count: 2 })[1].split(" mem ");
    expect(parts).toHaveLength(65);
    expect([parts[1], parts[64]]).toEqual(["0x0000000080001000 0x00", "0x000000008000103f 0x00"]);
  });

  test("tells CSRs that were written, after the integer register and by number", () => {
    const lines = logOf(
      `addi a0, zero, 1
       csrrw sp, mscratch, a0
       csrrs a1, mscratch, zero
       csrrwi zero, fcsr, 0`,
      { count: 4 },
    );
    expect(lines[1]).toBe(
      "core   0: 3 0x0000000080000004 (0x34051173) x2  0x0000000000000000 c832_mscratch 0x0000000000000001",
    );
    expect(lines[2]).toBe("core   0: 3 0x0000000080000008 (0x340025f3) x11 0x0000000000000001");
    // FS is Off: fcsr does not exist
    expect(lines[3]).toBe("core   0: exception trap_illegal_instruction, epc 0x000000008000000c");
  });

  test("tells what is behind CSRs that are views: fcsr, sstatus, sie, sip", () => {
    const lines = logOf(
      `lui a0, 0x6
       csrrs zero, mstatus, a0
       csrrwi zero, fcsr, 0x11
       csrrsi a1, fcsr, 2
       csrrwi zero, sstatus, 2
       lui a1, 1
       addi a1, a1, -1
       csrrw zero, mideleg, a1
       csrrwi zero, sie, 2
       csrrwi zero, sip, 2`,
      { count: 10 },
    );
    expect(lines.map((line) => line.replace(/^.*?\) ?/, "")).filter((line) => line.includes("c"))).toEqual([
      "c768_mstatus 0x8000000a00006000",
      "c1_fflags 0x0000000000000011 c2_frm 0x0000000000000000",
      "c1_fflags 0x0000000000000013 c2_frm 0x0000000000000000 x11 0x0000000000000011",
      "c768_mstatus 0x0000000a00000002",
      "c771_mideleg 0x0000000000000222",
      "c772_mie 0x0000000000000002",
      "c836_mip 0x0000000000000082",
    ]);
  });

  test("tells mstatus when an instruction makes FS Dirty, and the flags that it raises, also where they were raised", () => {
    const lines = logOf(
      `lui a0, 0x2
       csrrs zero, mstatus, a0
       fcvt.d.l ft0, a0
       fcvt.d.l ft11, zero
       fdiv.d ft2, ft0, ft11
       fdiv.d ft1, ft0, ft11
       fadd.d ft1, ft0, ft0
       csrrs a1, fflags, zero`,
      { count: 8 },
    );
    expect(lines.slice(2).map((line) => line.replace(/^.*?\) ?/, ""))).toEqual([
      "f0  0x40c0000000000000 c768_mstatus 0x8000000a00006000",
      "f31 0x0000000000000000",
      "c1_fflags 0x0000000000000008 f2  0x7ff0000000000000",
      "f1  0x7ff0000000000000 c1_fflags 0x0000000000000008",
      "f1  0x40d0000000000000",
      "x11 0x0000000000000008",
    ]);
  });

  test("tells loads and stores of floating-point registers", () => {
    const lines = logOf(
      `lui a0, 0x6
       csrrs zero, mstatus, a0
       auipc t0, 0
       flw fs0, 0x100(t0)
       fsw fs0, 0x108(t0)
       fsd fs0, 0x108(t0)`,
      { count: 6 },
    );
    expect(lines.slice(3).map((line) => line.replace(/^.*?\) ?/, ""))).toEqual([
      "f8  0xffffffff00000000 mem 0x0000000080000108",
      "mem 0x0000000080000110 0x00000000",
      "mem 0x0000000080000110 0xffffffff00000000",
    ]);
  });
});

describe("the commit log", () => {
  test("gives a trap its name, epc and tval, but an environment call no tval, and a trapped instruction no line", () => {
    const lines = logOf(
      `auipc t0, 0
       addi t0, t0, 0x30
       csrrw zero, mtvec, t0
       ecall
       ebreak
       ld a0, 0(zero)
       .word 0
       jal zero, end
       .word 0
       .word 0
       .word 0
       .word 0
       csrrs t1, mepc, zero
       addi t1, t1, 4
       csrrw zero, mepc, t1
       mret
       end:${finish}`,
    );
    expect(lines.filter((line) => /exception|tval/.test(line))).toEqual([
      "core   0: exception trap_machine_ecall, epc 0x000000008000000c",
      "core   0: exception trap_breakpoint, epc 0x0000000080000010",
      "core   0:           tval 0x0000000080000010",
      "core   0: exception trap_load_access_fault, epc 0x0000000080000014",
      "core   0:           tval 0x0000000000000000",
      "core   0: exception trap_illegal_instruction, epc 0x0000000080000018",
      "core   0:           tval 0x0000000000000000",
    ]);
    expect(lines[7]).toBe("core   0: 3 0x000000008000003c (0x30200073) c768_mstatus 0x0000000a00000080");
  });

  test("names interrupts by number", () => {
    const lines = logOf(
      `auipc t0, 0
       addi t0, t0, 0x20
       csrrw zero, mtvec, t0
       csrrwi zero, mie, 8
       lui t1, 0x2000
       addi t2, zero, 1
       csrrsi zero, mstatus, 8
       sw t2, 0(t1)
       addi zero, zero, 0`,
      { count: 9 },
    );
    expect(lines).toContain("core   0: exception interrupt #3, epc 0x0000000080000020");
    expect(lines.join("\n")).not.toContain("tval");
  });

  test("tells U-mode as 0 and S-mode as 1", () => {
    const lines = logOf(
      `auipc t0, 0
       addi t0, t0, 0x20
       csrrw zero, mepc, t0
       addi t1, zero, -1
       csrrw zero, pmpaddr0, t1
       csrrwi zero, pmpcfg0, 0x1f
       mret
       .word 0
       addi zero, zero, 0`,
      { count: 8 },
    );
    expect(lines.at(-1)).toBe("core   0: 0 0x0000000080000020 (0x00000013)");
  });

  test("leaves the program the same: flags, counters and results", () => {
    const source = `
       lui a0, 0x6
       csrrs zero, mstatus, a0
       fcvt.d.l ft0, a0
       addi a1, zero, 7
       fcvt.d.l ft1, a1
       fdiv.d ft2, ft0, ft1
       fadd.d ft3, ft0, ft0
       csrrs a2, fflags, zero
       csrrs a3, cycle, zero
       csrrs a4, instret, zero
       fmv.x.d a5, ft2
       ecall`;
    const states = [false, true].map((isLogged) => {
      const machine = createMachine({ ramBytes: 1 << 20 });
      machine.loadElf(assembleProgram(source).elf);
      if (isLogged) new CommitLog(machine.harts, () => {});
      machine.run({ maxInstructions: 20 });
      const hart = machine.inspect();
      const registers = Array.from({ length: 32 }, (_, n) => [hart.register(`x${n}`), hart.register(`f${n}`)]);
      return { registers, fcsr: hart.csr("fcsr"), cycle: hart.csr("mcycle"), instret: hart.csr("minstret") };
    });
    expect(states[1]).toEqual(states[0]);
    expect(states[0].registers[12][0]).toBe(1n);
  });

  test("tells the turns of several harts, which are the same as without it", () => {
    const source = `loop:\ncsrrs a0, mhartid, zero\naddi a1, a1, 1\njal zero, loop`;
    const plain = createMachine({ ramBytes: 1 << 20, harts: 2 });
    plain.loadElf(assembleProgram(source).elf);
    plain.run({ maxInstructions: 30_001 });
    const logged = createMachine({ ramBytes: 1 << 20, harts: 2 });
    logged.loadElf(assembleProgram(source).elf);
    const count = [0, 0];
    const decoder = new TextDecoder();
    let rest = "";
    const log = new CommitLog(logged.harts, (bytes) => {
      const lines = (rest + decoder.decode(bytes)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) count[Number(line.slice(4, 8))]++;
    });
    logged.run({ maxInstructions: 30_001 });
    log.flush();
    expect(count).toEqual(plain.harts.map((hart) => hart.cycles));
    expect(logged.harts.map((hart) => hart.state.pc)).toEqual(plain.harts.map((hart) => hart.state.pc));
  });

  test("follows code that is not in RAM's op cache: an instruction across two pages", () => {
    const filler = "c.nop\n".repeat(2046);
    const lines = logOf(`c.li a0, 1\n${filler}addi a0, a0, 1`, { count: 2048 });
    expect(lines.at(-1)).toBe("core   0: 3 0x0000000080000ffe (0x00150513) x10 0x0000000000000002");
  });
});

describe("what a plan says of an instruction's access", () => {
  const decode = createDecoder(parseIsa());

  test("is the address, size and sort that the instruction's meaning has, for every one that loads or stores", () => {
    const words = [
      ...instructions.slice(1).map(({ match }) => match),
      ...compressedInstructions.map(({ match }) => match | 0x40),
    ];
    let accesses = 0;
    for (const word of words) {
      const decoded = decode(word);
      const plan = logPlan(decoded);
      if (!["load", "store", "amo", "cas"].includes(plan.memory)) continue;
      const seen: [string, string, bigint][] = [];
      const x = (index: number) => BigInt(index) * 0x1000n;
      evaluate(decoded, {
        pc: 0n,
        x,
        setX: () => {},
        f: () => 0n,
        setF: () => {},
        load: (kind, address) => {
          seen.push(["load", kind, address]);
          return 0n;
        },
        store: (kind, address) => {
          seen.push(["store", kind, address]);
        },
        amo: (width, address) => {
          seen.push(["amo", width, address]);
          return 0n;
        },
        float: () => 0n,
        system: () => undefined,
      });
      const [[sort, kind, address]] = seen;
      expect([decoded.def.name, sort, address]).toEqual([
        decoded.def.name,
        plan.memory === "cas" ? "amo" : plan.memory,
        BigInt.asUintN(64, x(plan.base) + BigInt(plan.offset)),
      ]);
      expect(plan.size).toBe(Number(/\d+/.exec(kind)?.[0]) / 8);
      accesses++;
    }
    expect(accesses).toBeGreaterThan(40);
  });
});
