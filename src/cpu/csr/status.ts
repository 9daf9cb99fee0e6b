import type { HartState } from "../state.ts";
import { mstatusBits as bits } from "./bits.ts";
import type { CsrContext, CsrDefinition } from "./definition.ts";
import { slot } from "./slots.ts";

const sstatusWritable = bits.sie | bits.spie | bits.spp | bits.fs | bits.sum | bits.mxr;
const mstatusWritable = sstatusWritable | bits.mie | bits.mpie | bits.mpp | bits.mprv | bits.tvm | bits.tw | bits.tsr;
const sstatusVisible = sstatusWritable | bits.uxl64;

/** A change of these changes how addresses are translated; one of MPP does while MPRV is set. */
const contextBits = bits.mprv | bits.sum | bits.mxr;
const interruptBits = bits.mie | bits.sie;

/** The misa letters this machine can have; M, S and U modes are always there. */
const misaLetters = ["a", "b", "c", "d", "f", "i", "m"];

/** The word, with SD made from FS: VS and XS are always Off. */
function read(state: HartState, visible: bigint): bigint {
  const word = state.csr[slot.mstatus] & visible;
  return (word & bits.fs) === bits.fs ? word | bits.sd : word;
}

function legalise(mask: bigint, old: bigint, value: bigint, c: CsrContext): bigint {
  let now = (old & ~mask) | (value & mask);
  // MPP is WARL: 2 is no privilege; it becomes the least one that there is
  if ((now & bits.mpp) === 2n << 11n) now &= ~bits.mpp;
  if (!c.isa.has("f")) now &= ~bits.fs;
  return now;
}

function changed({ state }: CsrContext, old: bigint, value: bigint): void {
  const differs = old ^ value;
  if (differs & (value & bits.mprv ? contextBits | bits.mpp : contextBits)) state.effects.contextChanged();
  if (differs & interruptBits) state.effects.interruptsChanged();
}

function misa({ isa }: CsrContext): bigint {
  let value = 2n << 62n;
  const set = (letter: string) => {
    value |= 1n << BigInt(letter.charCodeAt(0) - 97);
  };
  for (const letter of misaLetters) if (isa.has(letter)) set(letter);
  set("s");
  set("u");
  return value;
}

/** mstatus, its supervisor view, and misa, whose WARL bits cannot be written. */
export const statusRegisters: readonly CsrDefinition[] = [
  {
    name: "mstatus",
    read: (c) => read(c.state, (1n << 64n) - 1n),
    legalise: (old, value, c) => legalise(mstatusWritable, old, value, c),
    changed,
  },
  {
    name: "sstatus",
    word: "mstatus",
    read: (c) => read(c.state, sstatusVisible),
    legalise: (old, value, c) => legalise(sstatusWritable, old, value, c),
    changed,
  },
  { name: "misa", read: misa, write: () => {} },
];
