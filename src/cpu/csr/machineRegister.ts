import type { CsrDefinition } from "./definition.ts";

const zero = () => 0n;

/** Who the machine says it is. Zero means: not given. */
export const identityRegisters: readonly CsrDefinition[] = [
  { name: "mvendorid", read: zero },
  { name: "marchid", read: zero },
  { name: "mimpid", read: zero },
  { name: "mhartid", read: (c) => c.hartId },
  { name: "mconfigptr", read: zero },
];

/** The PMP registers of so many entries. */
export function pmpCsrs(entries: number): CsrDefinition[] {
  const configs = Array.from({ length: Math.ceil(entries / 8) }, (_, i): CsrDefinition => {
    const index = 2 * i;
    return {
      name: `pmpcfg${index}`,
      read: ({ pmp }) => pmp.readConfig(index),
      write: ({ pmp, state }, value) => {
        pmp.writeConfig(index, value);
        state.effects.pmpChanged();
      },
    };
  });
  const addresses = Array.from(
    { length: entries },
    (_, index): CsrDefinition => ({
      name: `pmpaddr${index}`,
      read: ({ pmp }) => pmp.readAddress(index),
      write: ({ pmp, state }, value) => {
        pmp.writeAddress(index, value);
        state.effects.pmpChanged();
      },
    }),
  );
  return [...configs, ...addresses];
}
