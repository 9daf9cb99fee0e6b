import { type AccessCode, privilege } from "./access.ts";

/** Fields of one `pmpcfg` byte (privileged spec, PMP configuration register format). */
export const pmpConfig = { r: 1, w: 2, x: 4, a: 0x18, off: 0, tor: 0x08, na4: 0x10, napot: 0x18, l: 0x80 } as const;

const addressBits = 54;
const writable = pmpConfig.r | pmpConfig.w | pmpConfig.x | pmpConfig.a | pmpConfig.l;
const anyPermission = pmpConfig.r | pmpConfig.w | pmpConfig.x;

/** The permission of `pmpcfg` that an access needs, by {@link AccessCode}. */
export const pmpPermission: readonly number[] = [pmpConfig.r, pmpConfig.w, pmpConfig.x];

/** What decided an access: for messages. */
export interface PmpVerdict {
  readonly allowed: boolean;
  /** The deciding entry; undefined when none matches any byte of the access. */
  readonly entry?: number;
  /** The entry matches only some bytes of the access, which then fails whatever the permissions. */
  readonly partial: boolean;
  readonly config?: number;
  /** Bytes [from, to) that the entry covers. */
  readonly from?: bigint;
  readonly to?: bigint;
}

/**
 * Physical memory protection of one hart: registers as software sees them, and the check.
 *
 * The grain is 4 bytes (G = 0). Addresses are numbers: above 2^53, where they round, nothing is attached and every
 * access faults in any case.
 */
export class Pmp {
  /** How many entries exist: 0, 16 or 64 on hardware; any number up to 64 here. */
  readonly entries: number;
  /** Called after a write that changed something: what was derived from earlier checks is void. */
  onChange: () => void = () => {};
  readonly #config = new Uint8Array(64);
  readonly #address = new BigUint64Array(64);
  // The entries that are not OFF and not empty, in order of priority.
  #active = 0;
  readonly #from = new Float64Array(64);
  readonly #to = new Float64Array(64);
  readonly #permissions = new Uint8Array(64);
  readonly #index = new Uint8Array(64);

  constructor(entries = 16) {
    if (!Number.isInteger(entries) || entries < 0 || entries > 64) {
      throw new RangeError(`${entries} PMP entries: a hart has 0 to 64`);
    }
    this.entries = entries;
  }

  /** Puts every register back to its value at reset: all entries OFF and unlocked. */
  reset(): void {
    this.#config.fill(0);
    this.#address.fill(0n);
    this.#derive();
  }

  /** Reads `pmpcfg{register}`; on RV64 only even registers exist, each with eight entries. */
  readConfig(register: number): bigint {
    let value = 0n;
    for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(this.#config[register * 4 + i] ?? 0);
    return value;
  }

  /** Writes `pmpcfg{register}`. Locked entries keep their value; each other byte is made legal first. */
  writeConfig(register: number, value: bigint): void {
    let changed = false;
    for (let i = 0; i < 8; i++) {
      const entry = register * 4 + i;
      if (entry >= this.entries || this.isLocked(entry)) continue;
      const legal = legalConfig(Number((value >> BigInt(8 * i)) & 0xffn));
      changed ||= legal !== this.#config[entry];
      this.#config[entry] = legal;
    }
    if (changed) this.#derive();
  }

  /** Reads `pmpaddr{entry}`: bits 55:2 of an address. */
  readAddress(entry: number): bigint {
    return this.#address[entry] ?? 0n;
  }

  /** Writes `pmpaddr{entry}`, unless the entry is locked or is the bottom of a locked TOR entry. */
  writeAddress(entry: number, value: bigint): void {
    if (entry >= this.entries || this.isLocked(entry)) return;
    const above = this.#config[entry + 1] ?? 0;
    if (this.isLocked(entry + 1) && (above & pmpConfig.a) === pmpConfig.tor) return;
    const legal = BigInt.asUintN(addressBits, value);
    if (legal === this.#address[entry]) return;
    this.#address[entry] = legal;
    this.#derive();
  }

  /** Whether an entry's L bit is set: it is read-only until reset, and holds for M-mode too. */
  isLocked(entry: number): boolean {
    return ((this.#config[entry] ?? 0) & pmpConfig.l) !== 0;
  }

  /** Whether all of [pa, pa + size) may be accessed from a privilege level. */
  check(pa: number, size: number, access: AccessCode, priv: number): boolean {
    const end = pa + size;
    for (let i = 0; i < this.#active; i++) {
      const from = this.#from[i];
      const to = this.#to[i];
      if (end <= from || pa >= to) continue;
      // The first entry that matches any byte decides, and must match them all.
      if (pa < from || end > to) return false;
      return (permissionsFor(this.#permissions[i], priv) & pmpPermission[access]) !== 0;
    }
    return priv === privilege.m || this.entries === 0;
  }

  /** {@link uniform} of a 4 KiB page. */
  pageUniform(ppn: number, priv: number): number {
    return this.uniform(ppn * 4096, 4096, priv);
  }

  /**
   * The permissions (`pmpConfig.r | w | x`) that hold for every access inside [start, start + size), or -1: they are not
   * the same for all of it, and each access needs its own {@link check}.
   */
  uniform(start: number, size: number, priv: number): number {
    const end = start + size;
    for (let i = 0; i < this.#active; i++) {
      const from = this.#from[i];
      const to = this.#to[i];
      if (end <= from || start >= to) continue;
      return start < from || end > to ? -1 : permissionsFor(this.#permissions[i], priv);
    }
    return priv === privilege.m || this.entries === 0 ? anyPermission : 0;
  }

  /** The same decision as {@link check}, with what made it. */
  explain(pa: number, size: number, access: AccessCode, priv: number): PmpVerdict {
    const allowed = this.check(pa, size, access, priv);
    for (let i = 0; i < this.#active; i++) {
      if (pa + size <= this.#from[i] || pa >= this.#to[i]) continue;
      const entry = this.#index[i];
      const [from, to] = this.#range(entry);
      const partial = pa < this.#from[i] || pa + size > this.#to[i];
      return { allowed, entry, partial, config: this.#config[entry], from, to };
    }
    return { allowed, partial: false };
  }

  #derive(): void {
    this.#active = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      const [from, to] = this.#range(entry);
      if (from >= to) continue;
      this.#from[this.#active] = Number(from);
      this.#to[this.#active] = Number(to);
      this.#permissions[this.#active] = this.#config[entry];
      this.#index[this.#active++] = entry;
    }
    this.onChange();
  }

  /** The bytes [from, to) that an entry matches; from >= to: none. */
  #range(entry: number): [bigint, bigint] {
    const address = this.#address[entry];
    switch (this.#config[entry] & pmpConfig.a) {
      case pmpConfig.tor:
        return [entry === 0 ? 0n : this.#address[entry - 1] << 2n, address << 2n];
      case pmpConfig.na4:
        return [address << 2n, (address + 1n) << 2n];
      case pmpConfig.napot: {
        // The lowest clear bit says the size: yyyy…y011 is 32 bytes at yyyy…y000.
        const below = address ^ (address + 1n);
        const from = address & ~below;
        return [from << 2n, (from + below + 1n) << 2n];
      }
      default:
        return [0n, 0n];
    }
  }
}

/** A written `pmpcfg` byte made legal: R=0 with W=1 is reserved and becomes no permission at all. */
function legalConfig(byte: number): number {
  const legal = byte & writable;
  return (legal & (pmpConfig.r | pmpConfig.w)) === pmpConfig.w ? legal & ~anyPermission : legal;
}

/** What an entry grants: M-mode is bound by it only when it is locked. */
function permissionsFor(config: number, priv: number): number {
  return priv === privilege.m && (config & pmpConfig.l) === 0 ? anyPermission : config & anyPermission;
}
