import type { VirtioDevice } from "../devices/index.ts";
import type { Isa } from "../isa/index.ts";
import type { TlbGeometry } from "../mmu/index.ts";
import type { Machine } from "./machine.ts";

/** What a machine is made of. Everything has a default. */
export interface MachineOptions {
  /** Bytes of RAM, a multiple of 4096 of at most 3 GiB. Default 128 MiB. */
  readonly ramBytes?: number;
  /** The instruction set: `rv64gc`, `rv64imac_zba` … Default: everything there is. */
  readonly isa?: string | Isa;
  /** How many harts, 1 to 64. */
  readonly harts?: number;
  /** The architectural TLB. */
  readonly tlb?: TlbGeometry;
  /** What the guest prints, as it prints it. */
  readonly onOutput?: (bytes: Uint8Array) => void;
  /** Count every load and store, so that TLB hits are exact; costs some speed. */
  readonly countAccesses?: boolean;
  /**
   * Time made of executed instructions, so that runs repeat exactly (the default), or the host's own. On the host's time
   * a run ends with `idle` where all harts wait.
   */
  readonly clock?: "virtual" | "host" | undefined;
  /** Nanoseconds since 1970 in UTC at which a machine on virtual time begins. Default: the start of 2026. */
  readonly startTime?: bigint | undefined;
  /** What is in the virtio slots, from the first on; a device belongs to one machine. At most eight. */
  readonly virtio?: readonly (VirtioDevice | undefined)[] | undefined;
  /** Virtio slots have the legacy interface in place of the modern one. */
  readonly legacyVirtio?: boolean | undefined;
  /**
   * A machine that nobody uses any more: if the new one needs the same memory, it takes that over, cleared, which is
   * much cheaper than to get it from the system.
   */
  readonly replaces?: Machine | undefined;
  /** How guest code is executed. See {@link Engine}; default `auto`. */
  readonly engine?: Engine | undefined;
  /** Bytes of translated code to keep, roughly. Default 256 MiB. */
  readonly codeCacheBytes?: number | undefined;
  /** How often control must come to an instruction before it is translated; for tests. */
  readonly hotAfter?: number | undefined;
  /** Leave translated code before every access to memory; for tests. */
  readonly exitAtAccesses?: boolean | undefined;
}

/**
 * `interpreter`: every instruction is interpreted. `translator` and `auto`: what is executed often becomes WebAssembly.
 * Registers, memory, traps and counts are the same, bit for bit.
 */
export type Engine = "interpreter" | "translator" | "auto";

/** When a run ends without the guest's word. */
export interface RunLimits {
  /** Instructions begun by all harts together. */
  readonly maxInstructions?: number;
  /** Milliseconds of the host's time. */
  readonly timeoutMs?: number;
  /** A value of {@link Machine.cycles}: the run ends there with `instructions`. */
  readonly untilCycle?: number | undefined;
}

/**
 * Why a run ended: the guest gave an exit code or asked for a reset; a limit was reached; a hart takes the same
 * exception over and over without executing anything (stuck); all harts wait and nothing but input can wake them
 * (asleep); on the host's clock, all harts wait and a timer will wake them after some milliseconds (idle); a hart came to
 * the address of {@link Machine.runTo} (reached).
 */
export type RunEnd =
  | { readonly reason: "exit"; readonly code: number }
  | { readonly reason: "reset" }
  | { readonly reason: "instructions" }
  | { readonly reason: "timeout" }
  | { readonly reason: "stuck"; readonly hart: number }
  | { readonly reason: "asleep" }
  | { readonly reason: "idle"; readonly milliseconds: number }
  | { readonly reason: "reached"; readonly hart: number };
