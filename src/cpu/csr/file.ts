import { csrNumbers } from "../../isa/csrNames.ts";
import type { HartEffects, HartState, Privilege } from "../state.ts";
import { interrupts } from "./bits.ts";
import { type CounterEvent, Counters, type LiveCounters } from "./counter.ts";
import { counterRegisters } from "./counterRegister.ts";
import {
  type CsrContext,
  type CsrDefinition,
  type Extensions,
  legalisePlain,
  type PmpRegisters,
} from "./definition.ts";
import { environmentRegisters } from "./environment.ts";
import { floatRegisters } from "./floatRegister.ts";
import { interruptRegisters } from "./interruptRegister.ts";
import { identityRegisters, pmpCsrs } from "./machineRegister.ts";
import { type SlotName, slot } from "./slots.ts";
import { statusRegisters } from "./status.ts";
import { trapRegisters } from "./trapRegister.ts";

/** What surrounds the CSRs. */
export interface CsrEnvironment {
  readonly isa: Extensions;
  readonly counters: LiveCounters;
  readonly pmp: PmpRegisters;
  readonly effects: HartEffects;
  /** mhartid; 0 when left out. */
  readonly hartId?: number;
  /** The satp.MODE values that there are; Bare, Sv39, Sv48 and Sv57 when left out. */
  readonly satpModes?: readonly number[];
  /** What mhpmevent can select beside cycles (1) and retired instructions (2). */
  readonly events?: readonly CounterEvent[];
}

/** How a CSR instruction combines what it brings with what is there. */
export type CsrOperation = "write" | "set" | "clear";

/** A definition with what its number and its name say, worked out once. */
interface CompiledCsr extends CsrDefinition {
  readonly least: number;
  readonly readOnly: boolean;
  readonly slot: number;
}

/** The satp.MODE values of Bare, Sv39, Sv48 and Sv57. */
export const allSatpModes: readonly number[] = [0, 8, 9, 10];

/** An instruction's address has bit 0 clear, and bit 1 too where instructions are aligned to four bytes. */
export const pcMask = (isa: Extensions): bigint => (isa.has("c") || isa.has("zca") ? ~1n : ~3n);

function compile(definition: CsrDefinition): CompiledCsr {
  const number = csrNumbers[definition.name];
  const legalise = definition.plain === undefined ? definition.legalise : legalisePlain[definition.plain];
  return {
    ...definition,
    ...(legalise !== undefined && { legalise }),
    least: (number >> 8) & 3,
    readOnly: number >> 10 === 3,
    slot: slot[definition.name as SlotName] ?? -1,
  };
}

/** The control and status registers of one hart. */
export class CsrFile {
  /** Set by whatever an access changed for the engine: {@link HartEffects} says what. Whoever looks resets it. */
  touched = false;
  readonly counters: Counters;
  readonly #state: HartState;
  readonly #context: CsrContext;
  readonly #table: (CompiledCsr | undefined)[] = new Array(4096).fill(undefined);

  /** Takes over the state's effects: they reach `env.effects`. */
  constructor(state: HartState, env: CsrEnvironment) {
    const { isa, pmp, satpModes = allSatpModes, hartId = 0 } = env;
    this.#state = state;
    this.counters = new Counters(state, env.counters, env.events ?? [], isa.has("sscofpmf"));
    this.#context = {
      state,
      isa,
      pmp,
      counters: this.counters,
      hartId: BigInt(hartId),
      satpModes,
      pcMask: pcMask(isa),
      updateTimer: () => this.updateTimer(),
    };
    state.effects = this.#watched(env.effects);
    state.beforePrivilegeChange = (retires) => this.counters.beforePrivilegeChange(retires);
    for (const definition of [...fixedRegisters, ...pmpCsrs(pmp.entries)]) {
      if (definition.needs !== undefined && !isa.has(definition.needs)) continue;
      this.#table[csrNumbers[definition.name]] = compile(definition);
    }
  }

  /**
   * What a CSR instruction does. `value` undefined means that it does not write (csrrs and csrrc with x0).
   * Returns the old value; undefined means an illegal instruction, and that nothing has changed.
   */
  access(number: number, operation: CsrOperation, value: bigint | undefined, priv: Privilege): bigint | undefined {
    const csr = this.#table[number];
    if (csr === undefined || priv < csr.least) return undefined;
    if (value !== undefined && csr.readOnly) return undefined;
    const context = this.#context;
    if (csr.permits !== undefined && !csr.permits(context, priv)) return undefined;
    const old = csr.read === undefined ? this.#state.csr[csr.slot] : csr.read(context, priv);
    if (value === undefined) return old;
    if (operation !== "write") {
      const base = csr.modifies === undefined ? old : csr.modifies(context);
      value = operation === "set" ? base | value : base & ~value;
    }
    this.#write(csr, value);
    return old;
  }

  /** Whether there is such a CSR, whoever may access it. */
  has(number: number): boolean {
    return this.#table[number] !== undefined;
  }

  /** A CSR's value as M-mode would read it, for debuggers; undefined where there is no such CSR. */
  peek(number: number): bigint | undefined {
    const csr = this.#table[number];
    if (csr === undefined) return undefined;
    return csr.read === undefined ? this.#state.csr[csr.slot] : csr.read(this.#context, 3);
  }

  /** Writes between two instructions, legalised, for debuggers; false where that cannot be written. */
  poke(number: number, value: bigint): boolean {
    const csr = this.#table[number];
    if (csr === undefined || csr.readOnly) return false;
    this.counters.step = 0n;
    this.#write(csr, BigInt.asUintN(64, value));
    this.counters.step = 1n;
    return true;
  }

  /** Brings the STIP line up to date: with menvcfg.STCE it is high while time >= stimecmp, without it is low. */
  updateTimer(): void {
    const deadline = this.timerDeadline();
    this.#state.setLine(interrupts.sti, deadline !== undefined && this.counters.time() >= deadline);
  }

  /** The time at which the STIP line must be updated: stimecmp, where menvcfg.STCE is set. */
  timerDeadline(): bigint | undefined {
    const { csr, csrHalves } = this.#state;
    // STCE is menvcfg's highest bit
    return csrHalves[2 * slot.menvcfg + 1] < 0 ? csr[slot.stimecmp] : undefined;
  }

  /** See {@link Counters.nextOverflow}. */
  nextOverflow(): bigint | undefined {
    return this.counters.nextOverflow();
  }

  /** See {@link Counters.checkOverflow}. */
  checkOverflow(): void {
    this.counters.checkOverflow();
  }

  #write(csr: CompiledCsr, value: bigint): void {
    if (csr.write !== undefined) {
      csr.write(this.#context, value);
      return;
    }
    const words = this.#state.csr;
    const old = words[csr.slot];
    const now = csr.legalise === undefined ? value : csr.legalise(old, value, this.#context);
    if (now === old) return;
    words[csr.slot] = now;
    csr.changed?.(this.#context, old, now);
  }

  #watched(effects: HartEffects): HartEffects {
    const watch = (effect: () => void) => () => {
      this.touched = true;
      effect();
    };
    return {
      contextChanged: watch(() => effects.contextChanged()),
      pmpChanged: watch(() => effects.pmpChanged()),
      interruptsChanged: watch(() => effects.interruptsChanged()),
      timerChanged: watch(() => effects.timerChanged()),
    };
  }
}

const fixedRegisters: readonly CsrDefinition[] = [
  ...floatRegisters,
  ...statusRegisters,
  ...interruptRegisters,
  ...trapRegisters,
  ...environmentRegisters,
  ...counterRegisters,
  ...identityRegisters,
];
