import type { HandlerTable } from "../interpreter/handlerTable.ts";
import { csrUse } from "./csr.ts";
import type { Region } from "./region.ts";

/** Registers that a region reads or writes, and those that it writes: indices, x0 left out. */
export interface RegisterUse {
  readonly x: readonly number[];
  readonly writtenX: readonly number[];
  readonly f: readonly number[];
  readonly writtenF: readonly number[];
}

/** What the meanings of a region's instructions read and write. */
export function registersOf(region: Region, handlers: HandlerTable): RegisterUse {
  const x = new Set<number>();
  const writtenX = new Set<number>();
  const f = new Set<number>();
  const writtenF = new Set<number>();
  for (const { instructions } of region.blocks) {
    for (const { decoded } of instructions) {
      const effects = handlers.effects(decoded.def);
      for (const slot of effects.readsX) x.add(decoded[slot]);
      for (const slot of effects.readsF) f.add(decoded[slot]);
      if (effects.writesX) writtenX.add(decoded.rd);
      if (effects.writesF) writtenF.add(decoded.rd);
      const csr = csrUse(decoded, handlers);
      if (csr?.register !== undefined) x.add(csr.register);
      if (csr !== undefined) writtenX.add(decoded.rd);
    }
  }
  writtenX.delete(0);
  for (const register of writtenX) x.add(register);
  for (const register of writtenF) f.add(register);
  x.delete(0);
  return { x: [...x], writtenX: [...writtenX], f: [...f], writtenF: [...writtenF] };
}
