import type { HartState } from "../state.ts";
import { mstatusLow as bits } from "./bits.ts";
import { type CsrContext, type CsrDefinition, writeLow } from "./definition.ts";
import { slot } from "./slots.ts";

/** The bits of mstatus' low half that S-mode and M-mode may write. */
export const sstatusWritable = bits.sie | bits.spie | bits.spp | bits.fs | bits.sum | bits.mxr;
export const mstatusWritable =
  sstatusWritable | bits.mie | bits.mpie | bits.mpp | bits.mprv | bits.tvm | bits.tw | bits.tsr;
/** What S-mode sees of mstatus. */
export const sstatusVisible = (2n << 32n) | BigInt(sstatusWritable);
const sd = 1n << 63n;

/** A change of these changes how addresses are translated; one of MPP does while MPRV is set. */
export const contextBits = bits.mprv | bits.sum | bits.mxr;
/** A change of these may make an interrupt due. */
export const interruptBits = bits.mie | bits.sie;

/** The letters of misa that depend on the instruction set; M, S and U modes are always there. */
const misaLetters = ["a", "b", "c", "d", "f", "i", "m"];

/** SD is made from FS: VS and XS are always Off. */
const withSd = (state: HartState, value: bigint) =>
  (state.csrHalves[2 * slot.mstatus] & bits.fs) === bits.fs ? value | sd : value;

/** Only the low half of mstatus can be written: what is above it is UXL and SXL, always 2, and zeros. */
const writeStatus = (mask: number) =>
  writeLow(
    "mstatus",
    (old, value, { isa }) => {
      let now = (old & ~mask) | (value & mask);
      // MPP is WARL: 2 is no privilege; it becomes the least one that there is
      if ((now & bits.mpp) === 2 << bits.mppShift) now &= ~bits.mpp;
      return isa.has("f") ? now : now & ~bits.fs;
    },
    ({ state }, old, now) => {
      const differs = old ^ now;
      if (differs & (now & bits.mprv ? contextBits | bits.mpp : contextBits)) state.effects.contextChanged();
      if (differs & interruptBits) state.effects.interruptsChanged();
    },
  );

function misa({ isa }: CsrContext): bigint {
  const letters = [...misaLetters.filter((letter) => isa.has(letter)), "s", "u"];
  return letters.reduce((value, letter) => value | (1n << BigInt(letter.charCodeAt(0) - 97)), 2n << 62n);
}

/** mstatus, its supervisor view, and misa, whose WARL bits cannot be written. */
export const statusRegisters: readonly CsrDefinition[] = [
  {
    name: "mstatus",
    read: ({ state }) => withSd(state, state.csr[slot.mstatus]),
    write: writeStatus(mstatusWritable),
  },
  {
    name: "sstatus",
    read: ({ state }) => withSd(state, state.csr[slot.mstatus] & sstatusVisible),
    write: writeStatus(sstatusWritable),
  },
  { name: "misa", read: misa, write: () => {} },
];
