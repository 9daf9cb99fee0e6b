import type { CsrName } from "../../isa/csrNames.ts";
import type { Privilege } from "../state.ts";
import type { CsrContext, CsrDefinition } from "./definition.ts";
import { slot } from "./slots.ts";

const hpm = Array.from({ length: 29 }, (_, i) => i + 3);

/** Whether S- or U-mode may read counter `index`: mcounteren opens it to S, both registers to U. */
const enabled = (index: number) => (c: CsrContext, priv: Privilege) => {
  if (priv === 3) return true;
  const enables =
    priv === 1
      ? c.state.csrHalves[2 * slot.mcounteren]
      : c.state.csrHalves[2 * slot.mcounteren] & c.state.csrHalves[2 * slot.scounteren];
  return ((enables >>> index) & 1) !== 0;
};

/** A machine counter and its read-only shadow. */
const counter = (index: number, machine: CsrName, shadow: CsrName, needs: string): CsrDefinition[] => [
  { name: machine, read: (c) => c.counters.read(index), write: (c, value) => c.counters.write(index, value) },
  { name: shadow, needs, permits: enabled(index), read: (c) => c.counters.read(index) },
];

/** OF and the three privileges' bits are Sscofpmf's; the VS and VU bits read as zero without a hypervisor. */
const eventConfigBits = 0xf000_0000_0000_0000n;
const eventBits = (1n << 56n) - 1n;

/** mhpmevent is WARL: an event that there is not becomes event 0, which never happens. */
function eventOf(c: CsrContext, value: bigint): bigint {
  const id = value & eventBits;
  const event = id < 1n << 31n && c.counters.hasEvent(Number(id)) ? id : 0n;
  return c.isa.has("sscofpmf") ? event | (value & eventConfigBits) : event;
}

/** Smcntrpmf: MINH, SINH and UINH of mcycle and minstret. */
const filter = (index: number, name: CsrName): CsrDefinition => ({
  name,
  needs: "smcntrpmf",
  write: (c, value) => c.counters.configure(index, value & 0x7000_0000_0000_0000n),
});

const enables: readonly CsrDefinition[] = [
  { name: "mcounteren", legalise: (_, value) => value & 0xffff_ffffn },
  { name: "scounteren", legalise: (_, value) => value & 0xffff_ffffn },
  { name: "mcountinhibit", write: (c, value) => c.counters.writeInhibit(value & 0xffff_fffdn) },
];

/** Counters, what they count, and who may see them. */
export const counterRegisters: readonly CsrDefinition[] = [
  ...enables,
  ...counter(0, "mcycle", "cycle", "zicntr"),
  ...counter(2, "minstret", "instret", "zicntr"),
  ...hpm.flatMap((index) => counter(index, `mhpmcounter${index}`, `hpmcounter${index}`, "zihpm")),
  ...hpm.map(
    (index): CsrDefinition => ({
      name: `mhpmevent${index}`,
      read: (c) => {
        c.counters.checkOverflow();
        return c.state.csr[slot[`mhpmevent${index}`]];
      },
      write: (c, value) => c.counters.configure(index, eventOf(c, value)),
    }),
  ),
  filter(0, "mcyclecfg"),
  filter(2, "minstretcfg"),
  { name: "time", needs: "zicntr", permits: enabled(1), read: (c) => c.counters.time() },
  {
    name: "scountovf",
    needs: "sscofpmf",
    // M-mode sees all OF bits, S-mode those of the counters it may read
    read: (c, priv) => {
      c.counters.checkOverflow();
      const bits = c.counters.overflowed();
      return BigInt((priv === 3 ? bits : bits & c.state.csrHalves[2 * slot.mcounteren]) >>> 0);
    },
  },
];
