import type { AccessWidth, Device } from "../memory/device.ts";

/** The machine's real-time counter, in its own ticks. Values are unsigned and have 64 bits. */
export interface Clock {
  now(): bigint;
  /** The guest has written mtime: from now on the counter goes on from this value. */
  set(value: bigint): void;
}

/** Whom the CLINT tells what, within the store that caused it. Harts count from 0. */
export interface ClintEvents {
  /** A hart's software interrupt line (MSIP) has changed. */
  softwareInterrupt(hart: number, level: boolean): void;
  /** When a hart's timer fires has changed: ask {@link Clint.timerPending} and {@link Clint.deadline} again. */
  timerChanged(hart: number): void;
}

/** The memory map has room for this many harts below mtime. */
const mostHarts = 4095;

/** Offsets of the SiFive CLINT: `msip` 4 bytes a hart, `mtimecmp` 8 bytes a hart, `mtime`. */
const msipAt = 0;
const mtimecmpAt = 0x4000;
const mtimeAt = 0xbff8;

/**
 * SiFive's core-local interruptor: software interrupts, and the timer.
 *
 * Registers are read and written in 4 or 8 bytes, aligned; anything else is an access fault, as on QEMU. What lies
 * between registers, and registers of absent harts, read as 0 and ignore writes. `mtimecmp` is 0 at reset, as on
 * QEMU and Spike, so that the timer interrupt is pending from the start until software sets it.
 */
export class Clint implements Device {
  readonly name = "clint";
  readonly size = 0x10000;
  readonly harts: number;
  readonly #clock: Clock;
  readonly #events: ClintEvents;
  readonly #msip: Uint8Array;
  readonly #mtimecmp: BigUint64Array;

  /** Throws a RangeError for more harts than the registers have room for. */
  constructor(harts: number, clock: Clock, events: ClintEvents) {
    if (!Number.isInteger(harts) || harts < 1 || harts > mostHarts) {
      throw new RangeError(`a CLINT serves 1 to ${mostHarts} harts, not ${harts}`);
    }
    this.harts = harts;
    this.#clock = clock;
    this.#events = events;
    this.#msip = new Uint8Array(harts);
    this.#mtimecmp = new BigUint64Array(harts);
  }

  /** Whether a hart's timer interrupt (MTIP) is pending now. Harts count from 0. */
  timerPending(hart: number): boolean {
    return this.#clock.now() >= this.#mtimecmp[hart];
  }

  /** The time at which a hart's timer interrupt becomes pending, or did. */
  deadline(hart: number): bigint {
    return this.#mtimecmp[hart];
  }

  load(offset: number, width: AccessWidth): bigint | undefined {
    if (!this.#isRegisterAccess(offset, width)) return undefined;
    if (offset < mtimecmpAt) {
      const low = this.#loadMsip(offset);
      return width === 4 ? low : low | (this.#loadMsip(offset + 4) << 32n);
    }
    const aligned = offset & ~7;
    const word = aligned === mtimeAt ? this.#clock.now() : (this.#mtimecmp[(aligned - mtimecmpAt) / 8] ?? 0n);
    if (width === 8) return word;
    return offset === aligned ? BigInt.asUintN(32, word) : BigInt.asUintN(32, word >> 32n);
  }

  store(offset: number, width: AccessWidth, value: bigint): boolean {
    if (!this.#isRegisterAccess(offset, width)) return false;
    if (offset < mtimecmpAt) {
      this.#storeMsip(offset, value);
      if (width === 8) this.#storeMsip(offset + 4, value >> 32n);
      return true;
    }
    const aligned = offset & ~7;
    const hart = (aligned - mtimecmpAt) / 8;
    if (aligned === mtimeAt) {
      this.#clock.set(merge(this.#clock.now(), offset, width, value));
      for (let each = 0; each < this.harts; each++) this.#events.timerChanged(each);
    } else if (hart < this.harts) {
      this.#mtimecmp[hart] = merge(this.#mtimecmp[hart], offset, width, value);
      this.#events.timerChanged(hart);
    }
    return true;
  }

  #isRegisterAccess(offset: number, width: AccessWidth): boolean {
    return width >= 4 && offset % width === 0 && offset >= 0 && offset + width <= this.size;
  }

  #loadMsip(offset: number): bigint {
    return BigInt(this.#msip[(offset - msipAt) / 4] ?? 0);
  }

  #storeMsip(offset: number, value: bigint): void {
    const hart = (offset - msipAt) / 4;
    const level = Number(value & 1n);
    if (hart >= this.harts || this.#msip[hart] === level) return;
    this.#msip[hart] = level;
    this.#events.softwareInterrupt(hart, level === 1);
  }
}

/** A 64-bit register after a store of all of it or of one half. */
function merge(old: bigint, offset: number, width: AccessWidth, value: bigint): bigint {
  if (width === 8) return BigInt.asUintN(64, value);
  const half = BigInt.asUintN(32, value);
  return offset % 8 === 0 ? ((old >> 32n) << 32n) | half : (half << 32n) | BigInt.asUintN(32, old);
}
