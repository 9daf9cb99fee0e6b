/** How many bytes one device access moves. */
export type AccessWidth = 1 | 2 | 4 | 8;

/**
 * A memory-mapped device. It knows offsets only: the board decides at which address it stands.
 * Values are unsigned and fit the width. A guest's nonsense never throws.
 */
export interface Device {
  /** For messages and memory maps: `uart`, `clint` … */
  readonly name: string;
  /** How many bytes of address space it answers to. */
  readonly size: number;
  /** The value at an offset, or undefined where the device answers with an access fault. */
  load(offset: number, width: AccessWidth): bigint | undefined;
  /** Writes; false where the device answers with an access fault. */
  store(offset: number, width: AccessWidth, value: bigint): boolean;
}
