import { interrupts } from "./bits.ts";
import { type CsrContext, type CsrDefinition, writeLow } from "./definition.ts";
import { slot } from "./slots.ts";

const { ssi, msi, sti, mti, sei, mei, lcofi } = interrupts;
const mask = (...numbers: number[]) => numbers.reduce((bits, number) => bits | (1 << number), 0);

const machine = mask(msi, mti, mei);
const supervisor = ({ isa }: CsrContext) => mask(ssi, sti, sei) | (isa.has("sscofpmf") ? 1 << lcofi : 0);

const low = ({ state }: CsrContext, name: "mideleg" | "mie" | "mip" | "lines") => state.csrHalves[2 * slot[name]];

/** A legalisation that writes the bits that `mask` names at the moment, and keeps the others. */
const masked = (mask: (c: CsrContext) => number) => (old: number, value: number, c: CsrContext) => {
  const bits = mask(c);
  return (old & ~bits) | (value & bits);
};

const interruptsChanged = ({ state }: CsrContext) => state.effects.interruptsChanged();

/** What is pending now; the timer's bit is made at the moment it is asked for. */
function pending(c: CsrContext): number {
  c.updateTimer();
  return c.state.pending;
}

/** With menvcfg.STCE, STIP is a line, not a bit that M-mode writes. */
const mipWritable = (c: CsrContext) =>
  c.state.csrHalves[2 * slot.menvcfg + 1] < 0 ? supervisor(c) & ~(1 << sti) : supervisor(c);

/** In sip, SSIP and LCOFIP can be written; STIP and SEIP belong to M-mode and the platform. */
const sipWritable = (c: CsrContext) => mask(ssi, lcofi) & supervisor(c) & low(c, "mideleg");

/** Interrupts: delegated, enabled, pending. All of their bits lie in the low half. */
export const interruptRegisters: readonly CsrDefinition[] = [
  { name: "mideleg", write: writeLow("mideleg", masked(supervisor), interruptsChanged) },
  {
    name: "mie",
    write: writeLow(
      "mie",
      masked((c) => machine | supervisor(c)),
      interruptsChanged,
    ),
  },
  {
    name: "mip",
    read: (c) => BigInt(pending(c)),
    // a line that is high is read, but csrrs and csrrc do not write it back into SEIP
    modifies: (c) => BigInt((pending(c) & ~(1 << sei)) | (low(c, "mip") & (1 << sei))),
    write: writeLow("mip", masked(mipWritable), interruptsChanged),
  },
  {
    name: "sie",
    read: (c) => BigInt(low(c, "mie") & low(c, "mideleg")),
    write: writeLow(
      "mie",
      masked((c) => low(c, "mideleg")),
      interruptsChanged,
    ),
  },
  {
    name: "sip",
    read: (c) => BigInt(pending(c) & low(c, "mideleg")),
    write: writeLow("mip", masked(sipWritable), interruptsChanged),
  },
];
