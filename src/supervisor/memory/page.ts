/** Bytes of a small page. */
export const pageBytes = 4096;

/** An address or a size as the multiple of `unit` below or at it, and above or at it. */
export function down(value: number, unit = pageBytes): number {
  return value - (((value % unit) + unit) % unit);
}

export function up(value: number, unit = pageBytes): number {
  return Math.ceil(value / unit) * unit;
}
