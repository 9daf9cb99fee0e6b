import { isSignalling } from "./format.ts";
import { type Environment, flag } from "./rounding.ts";

/** Raises NV; the canonical NaN. */
export function invalid(e: Environment): bigint {
  e.flags |= flag.nv;
  return e.shape.nan;
}

/** Raises NV if one of the magnitudes is a signalling NaN. */
export function raiseSignalling(e: Environment, a: bigint, b = 0n, c = 0n): void {
  if (isSignalling(e.shape, a) || isSignalling(e.shape, b) || isSignalling(e.shape, c)) e.flags |= flag.nv;
}

/** What an operation answers when an operand, given as magnitudes, is NaN: the canonical NaN, with NV for signalling. */
export function nanFrom(e: Environment, a: bigint, b = 0n, c = 0n): bigint {
  raiseSignalling(e, a, b, c);
  return e.shape.nan;
}
