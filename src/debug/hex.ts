/** `0x1f`. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** `0x000000000000001f`: a 64-bit value with all its digits. */
export function hex64(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16).padStart(16, "0")}`;
}
