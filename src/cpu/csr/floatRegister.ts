import type { CsrName } from "../../isa/csrNames.ts";
import type { HartState } from "../state.ts";
import { mstatusLow } from "./bits.ts";
import type { CsrContext, CsrDefinition } from "./definition.ts";
import { slot } from "./slots.ts";

const register = (
  name: CsrName,
  read: (state: HartState) => number,
  write: (state: HartState, value: number) => void,
): CsrDefinition => ({
  name,
  needs: "f",
  permits: ({ state }: CsrContext) => (state.csrHalves[2 * slot.mstatus] & mstatusLow.fs) !== 0,
  read: ({ state }) => BigInt(read(state)),
  write: ({ state }, value) => {
    write(state, Number(value & 0xffn));
    state.csrHalves[2 * slot.mstatus] |= mstatusLow.fs;
  },
});

/** fflags and frm, and fcsr, which is both. Closed while mstatus.FS is Off; a write makes it Dirty. */
export const floatRegisters: readonly CsrDefinition[] = [
  register(
    "fflags",
    (state) => state.fflags,
    (state, value) => {
      state.fflags = value & 31;
    },
  ),
  register(
    "frm",
    (state) => state.frm,
    (state, value) => {
      state.frm = value & 7;
    },
  ),
  register(
    "fcsr",
    (state) => (state.frm << 5) | state.fflags,
    (state, value) => {
      state.fflags = value & 31;
      state.frm = value >> 5;
    },
  ),
];
