import type { Privilege } from "../state.ts";
import { envcfgBits as bits, mstatusLow } from "./bits.ts";
import { type CsrContext, type CsrDefinition, writable } from "./definition.ts";
import { slot } from "./slots.ts";

/** mstateen0: SE0 opens sstateen0, ENVCFG opens senvcfg. In mstateen1 to 3 only bit 63 exists. */
const stateEnable = 1n << 63n;
const stateEnvcfg = 1n << 62n;

/** CBIE is WARL: 2 is reserved, and such a write leaves the field as it was. */
function envcfg(mask: bigint, old: bigint, value: bigint): bigint {
  return writable((value & bits.cbie) === 2n << 4n ? mask & ~bits.cbie : mask)(old, value);
}

function cacheBits({ isa }: CsrContext): bigint {
  return bits.fiom | (isa.has("zicbom") ? bits.cbie | bits.cbcfe : 0n) | (isa.has("zicboz") ? bits.cbze : 0n);
}

function menvcfgBits(c: CsrContext): bigint {
  const { isa } = c;
  const pageTables = (isa.has("svadu") ? bits.adue : 0n) | (isa.has("svpbmt") ? bits.pbmte : 0n);
  return cacheBits(c) | pageTables | (isa.has("sstc") ? bits.stce : 0n);
}

function menvcfgChanged(c: CsrContext, old: bigint, value: bigint): void {
  const { state } = c;
  const differs = old ^ value;
  if (differs & (bits.adue | bits.pbmte)) state.effects.contextChanged();
  if (differs & bits.stce) {
    // what M-mode had written to STIP ends with its being writable
    state.csrHalves[2 * slot.mip] &= ~(1 << 5);
    c.updateTimer();
    state.effects.timerChanged();
    state.effects.interruptsChanged();
  }
}

const stateEnables = ([0, 1, 2, 3] as const).flatMap((index): CsrDefinition[] => [
  {
    name: `mstateen${index}`,
    needs: "smstateen",
    legalise: (_, value) => value & (index === 0 ? stateEnable | stateEnvcfg : stateEnable),
  },
  {
    // none of the states that sstateen could close to U-mode exist here
    name: `sstateen${index}`,
    needs: "smstateen",
    permits: (c, priv) => priv === 3 || (c.state.csr[slot[`mstateen${index}`]] & stateEnable) !== 0n,
    legalise: () => 0n,
  },
]);

const timerOpen = ({ state }: CsrContext, priv: Privilege) =>
  priv === 3 || (state.csrHalves[2 * slot.menvcfg + 1] < 0 && (state.csrHalves[2 * slot.mcounteren] & 2) !== 0);

/** What lower privileges may do and see: menvcfg, senvcfg, Smstateen, Sstc, and satp. */
export const environmentRegisters: readonly CsrDefinition[] = [
  { name: "menvcfg", legalise: (old, value, c) => envcfg(menvcfgBits(c), old, value), changed: menvcfgChanged },
  {
    name: "senvcfg",
    permits: (c, priv) => priv === 3 || !c.isa.has("smstateen") || (c.state.csr[slot.mstateen0] & stateEnvcfg) !== 0n,
    legalise: (old, value, c) => envcfg(cacheBits(c), old, value),
  },
  ...stateEnables,
  {
    name: "stimecmp",
    needs: "sstc",
    permits: timerOpen,
    changed: (c) => {
      c.updateTimer();
      c.state.effects.timerChanged();
    },
  },
  {
    name: "satp",
    permits: ({ state }, priv) => priv === 3 || (state.csrHalves[2 * slot.mstatus] & mstatusLow.tvm) === 0,
    // a MODE that there is not makes the whole write have no effect
    legalise: (old, value, c) => (c.satpModes.includes(Number(value >> 60n)) ? value : old),
    changed: ({ state }) => state.effects.contextChanged(),
  },
];
