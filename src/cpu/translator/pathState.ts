import { constant64, type Expression } from "../../wasm/index.ts";

/** Accesses through one register that share a probe of the TLB. */
export interface AccessGroup {
  /** The lowest and the highest byte, counted from the register's value; the second is past the last. */
  readonly from: number;
  readonly to: number;
  /** Whether the page may be written: stores need it, loads may do with it. */
  readonly writable: boolean;
  /** A local, and the distance from it at which the byte at `from` stands in memory. */
  readonly host: Expression;
  readonly offset: number;
}

/** What is known at a place of the translated code, because of the way that led there. */
export class PathState {
  /** Registers whose value is a constant, or a constant's distance from the page of the region's entry. */
  readonly #known: Map<number, Expression>;
  readonly #groups: Map<number, readonly AccessGroup[]>;
  /** Instructions executed that have not been taken from the fuel yet. */
  pending: number;
  /** Whether floating point is known to be on and dirty. */
  floatReady: boolean;
  /** The privilege is this, or higher, and nobody watches instructions on CSRs. */
  privilege: number;

  constructor(from?: PathState) {
    this.#known = new Map(from === undefined ? [] : from.#known);
    this.#groups = new Map(from === undefined ? [] : from.#groups);
    this.pending = from?.pending ?? 0;
    this.floatReady = from?.floatReady ?? false;
    this.privilege = from?.privilege ?? 0;
  }

  /** The value of an integer register, where it is known. */
  known(register: number): Expression | undefined {
    return this.#known.get(register);
  }

  /** An integer register gets a value. */
  written(register: number, value: Expression, isKnown: boolean): void {
    this.#groups.delete(register);
    if (isKnown || constant64(value) !== undefined) this.#known.set(register, value);
    else this.#known.delete(register);
  }

  /** A group of accesses through a register that has these bytes. */
  group(register: number, from: number, to: number, writable: boolean): AccessGroup | undefined {
    return this.#groups
      .get(register)
      ?.find((group) => group.from <= from && group.to >= to && (group.writable || !writable));
  }

  addGroup(register: number, group: AccessGroup): void {
    this.#groups.set(register, [...(this.#groups.get(register) ?? []), group]);
  }
}
