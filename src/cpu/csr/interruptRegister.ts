import { envcfgBits, interrupts } from "./bits.ts";
import { type CsrContext, type CsrDefinition, writable } from "./definition.ts";
import { slot } from "./slots.ts";

const { ssi, msi, sti, mti, sei, mei, lcofi } = interrupts;
const mask = (...numbers: number[]) => numbers.reduce((bits, number) => bits | (1n << BigInt(number)), 0n);

const machineMask = mask(msi, mti, mei);
const supervisorMask = (c: CsrContext) => (c.isa.has("sscofpmf") ? mask(ssi, sti, sei, lcofi) : mask(ssi, sti, sei));

const interruptsChanged = ({ state }: CsrContext) => state.effects.interruptsChanged();

/** What is pending now; the timer's bit is made at the moment it is asked for. */
function pending(c: CsrContext): bigint {
  c.updateTimer();
  return BigInt(c.state.pending);
}

/** With Sstc in force STIP is a line, not a bit that M-mode writes. */
function mipWritable(c: CsrContext): bigint {
  const bits = supervisorMask(c);
  return c.state.csr[slot.menvcfg] & envcfgBits.stce ? bits & ~mask(sti) : bits;
}

/** In sip, SSIP and LCOFIP can be written; STIP and SEIP belong to M-mode and the platform. */
const sipWritable = (c: CsrContext) => mask(ssi, lcofi) & supervisorMask(c) & c.state.csr[slot.mideleg];

/** Interrupts: delegated, enabled, pending. */
export const interruptRegisters: readonly CsrDefinition[] = [
  {
    name: "mideleg",
    legalise: (old, value, c) => writable(supervisorMask(c))(old, value),
    changed: interruptsChanged,
  },
  {
    name: "mie",
    legalise: (_, value, c) => value & (machineMask | supervisorMask(c)),
    changed: interruptsChanged,
  },
  {
    name: "mip",
    read: pending,
    // a line that is high is read, but csrrs and csrrc do not write it back into SEIP
    modifies: (c) => {
      const sticky = c.state.csr[slot.mip] & mask(sei);
      return (pending(c) & ~mask(sei)) | sticky;
    },
    legalise: (old, value, c) => writable(mipWritable(c))(old, value),
    changed: interruptsChanged,
  },
  {
    name: "sie",
    word: "mie",
    read: (c) => c.state.csr[slot.mie] & c.state.csr[slot.mideleg],
    legalise: (old, value, c) => writable(c.state.csr[slot.mideleg])(old, value),
    changed: interruptsChanged,
  },
  {
    name: "sip",
    word: "mip",
    read: (c) => pending(c) & c.state.csr[slot.mideleg],
    legalise: (old, value, c) => writable(sipWritable(c))(old, value),
    changed: interruptsChanged,
  },
];
