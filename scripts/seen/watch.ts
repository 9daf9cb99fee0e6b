import type { Hart, Watcher } from "../../src/cpu/index.ts";
import { type Decoded, decoderOf, type InstructionDef } from "../../src/isa/index.ts";
import { HartInspector } from "../../src/machine/inspect.ts";
import type { Machine } from "../../src/machine/machine.ts";

/** What was seen of one instruction. */
export interface Seen {
  /** How often it was executed to its end. */
  results: number;
  /** How often it raised an exception, by cause. */
  readonly exceptions: Map<number, number>;
  /** How often it rounded in a mode, 0 to 4; and how often by frm. */
  readonly modes: number[];
  dynamic: number;
}

const dynamicMode = 7;

/** Looks on while guests run, and counts what becomes of each instruction. */
export class CoverageWatcher implements Watcher {
  readonly seen = new Map<InstructionDef, Seen>();
  /** Instructions looked at. */
  steps = 0;
  #inspector: HartInspector | undefined;
  #decoded: Decoded | undefined;
  #trapped: number | undefined;

  /** Looks on at all harts of a machine. */
  attach({ harts }: Machine): void {
    for (const hart of harts) {
      hart.watcher = this;
      hart.onTrap = ({ cause, interrupt }) => {
        if (!interrupt) this.#trapped = cause;
      };
    }
  }

  before(hart: Hart): void {
    this.#trapped = undefined;
    this.#decoded = this.#decode(hart);
  }

  after(hart: Hart): void {
    this.steps++;
    const decoded = this.#decoded;
    if (decoded === undefined) return; // it could not even be fetched
    const seen = this.of(decoded.def);
    if (this.#trapped !== undefined) {
      seen.exceptions.set(this.#trapped, (seen.exceptions.get(this.#trapped) ?? 0) + 1);
      return;
    }
    seen.results++;
    if (decoded.def.operands.rm === undefined) return;
    if (decoded.rm === dynamicMode) seen.dynamic++;
    seen.modes[decoded.rm === dynamicMode ? hart.state.frm : decoded.rm]++;
  }

  /** What was seen of an instruction. */
  of(def: InstructionDef): Seen {
    let seen = this.seen.get(def);
    if (seen === undefined) {
      seen = { results: 0, exceptions: new Map(), modes: [0, 0, 0, 0, 0], dynamic: 0 };
      this.seen.set(def, seen);
    }
    return seen;
  }

  #decode(hart: Hart): Decoded | undefined {
    const { state, physical } = hart;
    const pc = Number(state.pc);
    if (state.priv === 3 && physical.isRam(pc, 4)) {
      return decoderOf(hart.isa)(physical.view.getUint32(physical.hostOf(pc), true));
    }
    if (this.#inspector?.hart !== hart) this.#inspector = new HartInspector(hart);
    return this.#inspector.instructionAt(state.pc);
  }
}
