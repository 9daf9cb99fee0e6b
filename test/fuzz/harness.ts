import { Assembly } from "./assembly.ts";
import {
  codeBytes,
  contextLayout as context,
  contextAt,
  descriptorAt as descriptor,
  descriptorBytes,
  descriptorsAt,
  dumpBytes,
  dumpedCsrs,
  dumpWords,
  harnessAt,
  logBytes,
  resultLayout,
} from "./layout.ts";

/** Registers whose values the trap handler keeps in its context while it works: t0 … t3. */
const scratch = [5, 6, 7, 28] as const;
/** Registers that the descriptor gives before each round, in place of the pool. */
const given = { sp: 2, s0: 8, s1: 9 } as const;

const dumpAt = (word: string) => 8 * dumpWords.indexOf(word);

/** The guest program that runs a batch: in M-mode, at {@link harnessAt}. */
export function harness(): Uint8Array {
  const code = new Assembly(harnessAt);
  // mtvec is set when the handler's address is known: the first jump goes over it.
  code.add("jal zero, @start");
  handler(code);
  roundEnd(code);
  // With two harts QEMU's atomic instructions are atomic: with one they would be a load and then a store, which can
  // fault one after the other. The second hart sleeps.
  code.add(`
    park:
      wfi
      jal zero, @park
    start:
      csrrs t0, mhartid, zero
      bne t0, zero, @park`);
  code.address32("t0", code.address("handler"));
  code.add("csrrw zero, mtvec, t0");
  code.address32("sp", contextAt);
  code.address32("t0", descriptorsAt);
  code.add(`sd t0, ${context.descriptor}(sp)`);
  // no timer interrupt: mtimecmp of hart 0 is far away
  code.add(`
      lui t1, 0x2004
      addi t2, zero, -1
      sd t2, 0(t1)
      jal zero, @test`);
  testEnd(code);
  testStart(code);
  roundStart(code);
  finish(code);
  return code.bytes();
}

/** Logs a trap and goes on behind the instruction; after a fetch that failed, where t6 says. */
function handler(code: Assembly): void {
  code.add(`
    handler:
      csrrw sp, mscratch, sp
      sd t0, 0(sp)
      sd t1, 8(sp)
      sd t2, 16(sp)
      sd t3, 24(sp)
      ld t0, ${context.descriptor}(sp)
      csrrs t1, mepc, zero
      csrrs t2, mcause, zero
      blt t2, zero, @interrupt
      ld t3, ${descriptor.end}(t0)
      beq t1, t3, @roundEnd
      ld t3, ${descriptor.supervisorVa}(t0)
      bne t1, t3, @machineTrap
      addi t3, zero, 9
      beq t2, t3, @supervisorTrap
    machineTrap:
      ld t3, ${context.log}(sp)
      sd t2, 0(t3)
      sd t1, 8(t3)
      csrrs t2, mtval, zero
      sd t2, 16(t3)
      csrrs t2, mstatus, zero
      sd t2, 24(t3)
      jal t2, @advance
      csrrs t2, mcause, zero
      jal t3, @resume
      csrrw zero, mepc, t1
      jal zero, @leave
    interrupt:
      ld t3, ${context.log}(sp)
      sd t2, 0(t3)
      sd t1, 8(t3)
      csrrs t2, mip, zero
      sd t2, 16(t3)
      csrrs t2, mstatus, zero
      sd t2, 24(t3)
      csrrw zero, mie, zero
      jal t2, @advance
      jal zero, @leave
    supervisorTrap:
      ld t3, ${context.log}(sp)
      csrrs t1, scause, zero
      csrrs t2, sepc, zero
      addi t0, zero, 1
      slli t0, t0, 32
      or t1, t1, t0
      sd t1, 0(t3)
      sd t2, 8(t3)
      csrrs t2, stval, zero
      sd t2, 16(t3)
      csrrs t2, sstatus, zero
      sd t2, 24(t3)
      jal t2, @advance
      ld t0, ${context.descriptor}(sp)
      csrrs t1, sepc, zero
      csrrs t2, scause, zero
      bge t2, zero, @exception
      csrrw zero, mie, zero
      jal zero, @advanceHandler
    exception:
      jal t3, @resume
      csrrw zero, sepc, t1
    advanceHandler:
      csrrs t1, mepc, zero
      addi t1, t1, 4
      csrrw zero, mepc, t1
    leave:
      ld t0, 0(sp)
      ld t1, 8(sp)
      ld t2, 16(sp)
      ld t3, 24(sp)
      csrrw sp, mscratch, sp
      mret

    advance:
      addi t3, t3, 32
      sd t3, ${context.log}(sp)
      ld t1, ${context.logEnd}(sp)
      bgeu t3, t1, @testEnd
      csrrs t1, mepc, zero
      jalr zero, 0(t2)

    resume:
      sd t3, 32(sp)
      beq t2, zero, @recover
      addi t3, zero, 1
      beq t2, t3, @recover
      addi t3, zero, 12
      beq t2, t3, @recover
      ld t2, ${descriptor.codeVa}(t0)
      sub t2, t1, t2
      lui t3, ${codeBytes >> 12}
      bgeu t2, t3, @recover
      ld t3, ${descriptor.codeDelta}(t0)
      add t3, t3, t1
      lhu t3, 0(t3)
      addi t1, t1, 2
      andi t3, t3, 3
      addi t2, zero, 3
      bne t3, t2, @resumed
      addi t1, t1, 2
    resumed:
      ld t3, 32(sp)
      jalr zero, 0(t3)
    recover:
      andi t1, t6, -2
      ld t3, 32(sp)
      jalr zero, 0(t3)
  `);
}

/** Dumps the state. The code goes on in {@link roundStart} or {@link testEnd}. */
function roundEnd(code: Assembly): void {
  code.add(`
    roundEnd:
      ld t0, ${context.dump}(sp)
      csrrs t1, mscratch, zero
      sd t1, ${dumpAt("x2")}(t0)
      csrrw zero, mscratch, sp`);
  scratch.forEach((register, n) => {
    code.add(`ld t1, ${8 * n}(sp)\nsd t1, ${dumpAt(`x${register}`)}(t0)`);
  });
  for (let n = 1; n < 32; n++) {
    if (n !== 2 && !(scratch as readonly number[]).includes(n)) code.add(`sd x${n}, ${dumpAt(`x${n}`)}(t0)`);
  }
  code.add(`csrrs t1, mstatus, zero\nsd t1, ${dumpAt("mstatus")}(t0)\nlui t1, 6\ncsrrs zero, mstatus, t1`);
  for (const name of dumpedCsrs.slice(1)) code.add(`csrrs t1, ${name}, zero\nsd t1, ${dumpAt(name)}(t0)`);
  for (let n = 0; n < 32; n++) code.add(`fsd f${n}, ${dumpAt(`f${n}`)}(t0)`);
  code.add(`
      addi t0, t0, ${dumpBytes}
      sd t0, ${context.dump}(sp)
      ld t1, ${context.round}(sp)
      addi t1, t1, 1
      sd t1, ${context.round}(sp)
      ld t0, ${context.descriptor}(sp)
      ld t2, ${descriptor.rounds}(t0)
      bltu t1, t2, @round
      jal zero, @testEnd`);
}

/** Writes how many rounds ended and where the log ends; goes on to the next test. */
function testEnd(code: Assembly): void {
  code.label("testEnd");
  code.address32("sp", contextAt);
  code.add(`
      ld t0, ${context.descriptor}(sp)
      ld t1, ${descriptor.result}(t0)
      ld t2, ${context.log}(sp)
      sd t2, 0(t1)
      ld t2, ${context.round}(sp)
      sd t2, 8(t1)
      addi t0, t0, ${descriptorBytes}
      sd t0, ${context.descriptor}(sp)`);
}

function testStart(code: Assembly): void {
  const set = (name: string, word: keyof typeof descriptor) =>
    `ld t1, ${descriptor[word]}(t0)\ncsrrw zero, ${name}, t1`;
  code.add(`
    test:
      ld t1, ${descriptor.entry}(t0)
      beq t1, zero, @finish
      csrrw zero, satp, zero
      csrrw zero, mie, zero
      csrrw zero, mip, zero
      csrrw zero, pmpcfg0, zero
      csrrw zero, pmpcfg2, zero
      csrrw zero, mcountinhibit, zero`);
  for (let n = 0; n < 8; n++) code.add(set(`pmpaddr${n}`, `pmpaddr${n}` as keyof typeof descriptor));
  for (let n = 8; n < 16; n++) code.add(`csrrw zero, pmpaddr${n}, zero`);
  for (const name of ["pmpcfg0", "medeleg", "mideleg", "menvcfg", "senvcfg", "mcounteren", "scounteren"] as const) {
    code.add(set(name, name));
  }
  code.add(`
      ${set("stvec", "supervisorVa")}
      ${set("satp", "satp")}
      csrrw zero, sepc, zero
      csrrw zero, scause, zero
      csrrw zero, stval, zero
      csrrw zero, mtval, zero
      sfence.vma zero, zero
      fence.i
      ld t1, ${descriptor.result}(t0)
      addi t2, t1, ${resultLayout.dumps}
      sd t2, ${context.dump}(sp)
      lui t2, ${resultLayout.log >> 12}
      add t1, t1, t2
      sd t1, ${context.log}(sp)
      lui t2, ${logBytes >> 12}
      add t1, t1, t2
      sd t1, ${context.logEnd}(sp)
      sd zero, ${context.round}(sp)`);
}

/** Loads the registers and enters the test. sp is the context, t0 the descriptor. */
function roundStart(code: Assembly): void {
  code.add(`
    round:
      csrrw zero, mscratch, sp
      ld t1, ${descriptor.mstatus}(t0)
      csrrw zero, mstatus, t1
      lui t1, 6
      csrrs zero, mstatus, t1
      ld t1, ${descriptor.sscratch}(t0)
      csrrw zero, sscratch, t1
      ld t1, ${descriptor.entry}(t0)
      csrrw zero, mepc, t1
      ld t2, ${context.round}(sp)
      add t1, t0, t2
      lbu t1, ${descriptor.fcsr}(t1)
      ld t3, ${descriptor.pool}(t0)
      slli t2, t2, 6
      add t3, t3, t2`);
  for (let n = 0; n < 32; n++) code.add(`fld f${n}, ${512 + 8 * n}(t3)`);
  code.add(`
      csrrw zero, fcsr, t1
      ld t1, ${descriptor.mstatus}(t0)
      csrrw zero, mstatus, t1`);
  for (const [name, register] of Object.entries(given)) {
    code.add(`ld x${register}, ${descriptor[name as keyof typeof given]}(t0)`);
  }
  code.add(`ld t6, ${descriptor.end}(t0)`);
  for (let n = 1; n < 31; n++) {
    if (n !== 28 && !Object.values(given).includes(n as 2)) code.add(`ld x${n}, ${8 * n}(t3)`);
  }
  code.add("ld t3, 224(t3)\nmret");
}

/** Says so to the test finisher. */
function finish(code: Assembly): void {
  code.add(`
    finish:
      lui t0, 0x100
      lui t1, 5
      addi t1, t1, 0x555
      sw t1, 0(t0)
    forever:
      jal zero, @forever`);
}
