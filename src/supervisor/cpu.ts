import { slot } from "../cpu/csr/slots.ts";
import type { Hart } from "../cpu/index.ts";
import { type CsrName, csrNumbers } from "../isa/csrNames.ts";
import type { UserMm } from "./memory/userMm.ts";
import type { Task } from "./task.ts";

/** No exception happened. */
export const noTrap = -1;

/** What U-mode finds: floating point on, counters readable, A and D set by hardware, cache-block operations allowed. */
const setUp: readonly (readonly [csr: CsrName, value: bigint])[] = [
  // without a PMP entry only M-mode may touch memory: one for all of it
  ["pmpaddr0", (1n << 54n) - 1n],
  ["pmpcfg0", 0x1fn],
  ["menvcfg", (1n << 61n) | 0xf0n],
  ["senvcfg", 0xf0n],
  ["mcounteren", 7n],
  ["scounteren", 7n],
  ["mstatus", 3n << 13n],
];

/** A hart under the supervisor: which task is on it, and why it stopped last. */
export class Cpu {
  readonly hart: Hart;
  /** The task that it runs, if any. */
  task: Task | undefined;
  /** The exception that ended the last run, or {@link noTrap}; and its tval. */
  cause = noTrap;
  tval = 0n;
  /** Whose registers the hart has, and whose page tables. */
  #loaded: Task | undefined;
  #mm: UserMm | undefined;

  constructor(hart: Hart) {
    this.hart = hart;
    const { state, csrs } = hart;
    for (const [name, value] of setUp) csrs.access(csrNumbers[name], "write", value, 3);
    state.priv = 0;
    state.supervise((cause, tval) => {
      this.cause = cause;
      this.tval = tval;
      hart.requestStop();
    });
    state.effects.contextChanged();
  }

  /** Lets the task execute up to `fuel` instructions, or until an exception: see {@link cause}. */
  run(task: Task, fuel: number): void {
    const { hart } = this;
    if (this.#loaded !== task || !task.regs.isOn(this.hart)) this.#load(task);
    if (this.#mm !== task.mm) this.#setMm(task.mm);
    this.cause = noTrap;
    const begun = hart.cycles;
    hart.run(fuel);
    task.used.cycles += hart.cycles - begun;
  }

  #load(task: Task): void {
    if (this.#loaded?.regs.isOn(this.hart)) this.#loaded.regs.save();
    task.regs.save();
    task.regs.load(this.hart);
    this.#loaded = task;
    this.hart.endTurn();
  }

  #setMm(mm: UserMm): void {
    this.#mm = mm;
    this.hart.state.csr[slot.satp] = mm.mm.satp;
    this.hart.state.effects.contextChanged();
  }

  /** An address space is gone: its number may be given to another. */
  forget(mm: UserMm): void {
    if (this.#mm === mm) this.#mm = undefined;
    this.hart.mmu.fence("asid", 0n, mm.mm.tables.asid);
  }
}
