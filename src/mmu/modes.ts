/** A value of `satp.MODE`: how many levels its tables have and how many bits of a virtual address they translate. */
export interface Mode {
  readonly name: "Bare" | "Sv39" | "Sv48" | "Sv57";
  readonly satpMode: 0 | 8 | 9 | 10;
  /** 0 for Bare. The root table is level `levels - 1`. */
  readonly levels: number;
  readonly vaBits: number;
  /** 0 Bare, 1 Sv39, 2 Sv48, 3 Sv57: the mode as a tag of two bits. */
  readonly index: number;
}

export const bare: Mode = { name: "Bare", satpMode: 0, levels: 0, vaBits: 64, index: 0 };
export const sv39: Mode = { name: "Sv39", satpMode: 8, levels: 3, vaBits: 39, index: 1 };
export const sv48: Mode = { name: "Sv48", satpMode: 9, levels: 4, vaBits: 48, index: 2 };
export const sv57: Mode = { name: "Sv57", satpMode: 10, levels: 5, vaBits: 57, index: 3 };

/** Every mode, by its index. */
export const modes: readonly Mode[] = [bare, sv39, sv48, sv57];

const bySatpMode: readonly (Mode | undefined)[] = [
  bare,
  ...Array<undefined>(7).fill(undefined),
  sv39,
  sv48,
  sv57,
  ...Array<undefined>(5).fill(undefined),
];

/** The mode with this value of `satp.MODE`, or undefined: a reserved value, which a write to satp must ignore. */
export function modeOf(satpMode: number): Mode | undefined {
  return bySatpMode[satpMode];
}

/** Whether a virtual address, in 32-bit halves, is one of this mode: bits 63 … vaBits-1 are all equal. */
export function isCanonical(mode: Mode, vaHi: number): boolean {
  if (mode.levels === 0) return true;
  const top = vaHi >> (mode.vaBits - 33);
  return top === 0 || top === -1;
}

/** `va.vpn[level]`, 9 bits, from the halves of a virtual address. */
export function vpnField(vaLo: number, vaHi: number, level: number): number {
  switch (level) {
    case 0:
      return (vaLo >>> 12) & 511;
    case 1:
      return (vaLo >>> 21) & 511;
    case 2:
      return (vaLo >>> 30) | ((vaHi & 127) << 2);
    case 3:
      return (vaHi >>> 7) & 511;
    default:
      return (vaHi >>> 16) & 511;
  }
}

/** 4 KiB pages in one leaf of a level: 1, 512, 512², … */
export const pagesOfLevel: readonly number[] = [1, 2 ** 9, 2 ** 18, 2 ** 27, 2 ** 36];
