import { type CsrEnvironment, CsrFile } from "../../src/cpu/csr/file.ts";
import { HartState, type Privilege } from "../../src/cpu/state.ts";
import { type CsrName, csrNumbers } from "../../src/isa/csrNames.ts";
import { parseIsa } from "../../src/isa/extension.ts";
import { Pmp } from "../../src/mmu/pmp.ts";

/** A hart of CSRs only: what surrounds it is set by hand, and what it tells is counted. */
export class HartUnderTest {
  readonly state = new HartState(new WebAssembly.Memory({ initial: 1 }), 4096);
  readonly csrs: CsrFile;
  readonly pmp = new Pmp(16);
  /** The live counts. */
  cycles = 0n;
  retired = 0n;
  clock = 0n;
  /** How often each effect was told of. */
  readonly told = { context: 0, pmp: 0, interrupts: 0, timer: 0 };

  constructor(isa: string | { has(name: string): boolean } = "max", more: Partial<CsrEnvironment> = {}) {
    this.csrs = new CsrFile(this.state, {
      isa: typeof isa === "string" ? parseIsa(isa) : isa,
      pmp: this.pmp,
      counters: {
        cycles: () => this.cycles,
        instructionsRetired: () => this.retired,
        time: () => this.clock,
      },
      effects: {
        contextChanged: () => this.told.context++,
        pmpChanged: () => this.told.pmp++,
        interruptsChanged: () => this.told.interrupts++,
        timerChanged: () => this.told.timer++,
      },
      ...more,
    });
  }

  /** Lets instructions retire that touch no CSR. */
  execute(instructions: number): void {
    this.cycles += BigInt(instructions);
    this.retired += BigInt(instructions);
  }

  /** csrr: the value, or "illegal". */
  read(name: CsrName, priv: Privilege = this.state.priv): bigint | "illegal" {
    return this.#access(name, "set", undefined, priv);
  }

  /** csrrw: the old value, or "illegal". */
  write(name: CsrName, value: bigint, priv: Privilege = this.state.priv): bigint | "illegal" {
    return this.#access(name, "write", BigInt.asUintN(64, value), priv);
  }

  set(name: CsrName, value: bigint, priv: Privilege = this.state.priv): bigint | "illegal" {
    return this.#access(name, "set", value, priv);
  }

  clear(name: CsrName, value: bigint, priv: Privilege = this.state.priv): bigint | "illegal" {
    return this.#access(name, "clear", value, priv);
  }

  /** What can be read after a write. */
  written(name: CsrName, value: bigint): bigint | "illegal" {
    this.write(name, value);
    return this.read(name);
  }

  /** One CSR instruction: it retires when it is legal. */
  #access(name: CsrName, operation: "write" | "set" | "clear", value: bigint | undefined, priv: Privilege) {
    const old = this.csrs.access(csrNumbers[name], operation, value, priv);
    if (old !== undefined) this.execute(1);
    return old ?? "illegal";
  }
}

/** All 64 bits set. */
export const ones = (1n << 64n) - 1n;
