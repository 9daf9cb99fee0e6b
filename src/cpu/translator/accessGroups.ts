import type { HandlerTable } from "../interpreter/handlerTable.ts";
import { loadKinds, storeKinds } from "../interpreter/memoryKinds.ts";
import type { Placed } from "./region.ts";

/** Several accesses of one block through the same value of a register, near each other. */
export interface PlannedGroup {
  readonly register: number;
  from: number;
  to: number;
  writes: boolean;
  count: number;
}

/** Accesses further apart than this do not share a probe: the more, the likelier it is that a page ends in between. */
const widest = 1024;

/**
 * Plans which accesses of a block share a probe of the TLB: those through the same register, not written in between, at
 * most {@link widest} bytes apart. By the instruction's number in the block.
 */
export function planGroups(instructions: readonly Placed[], handlers: HandlerTable): Map<number, PlannedGroup> {
  const open = new Map<number, PlannedGroup[]>();
  const plan = new Map<number, PlannedGroup>();
  instructions.forEach(({ decoded }, n) => {
    const effects = handlers.effects(decoded.def);
    const kind = effects.load ?? effects.store;
    if (kind !== undefined && effects.amo === undefined && decoded.rs1 !== 0) {
      const size = effects.load !== undefined ? loadKinds[effects.load].size : storeKinds[effects.store!].size;
      const group = join(open, decoded.rs1, decoded.imm, decoded.imm + size);
      group.writes ||= effects.store !== undefined;
      plan.set(n, group);
    }
    if (effects.writesX || effects.class === "system") open.delete(decoded.rd);
  });
  for (const [n, group] of plan) if (group.count < 2) plan.delete(n);
  return plan;
}

/** The group that has room for some bytes, made wide enough for them; a new one if there is none. */
function join(open: Map<number, PlannedGroup[]>, register: number, from: number, to: number): PlannedGroup {
  let groups = open.get(register);
  if (groups === undefined) {
    groups = [];
    open.set(register, groups);
  }
  let group = groups.find((g) => Math.max(g.to, to) - Math.min(g.from, from) <= widest);
  if (group === undefined) {
    group = { register, from, to, writes: false, count: 0 };
    groups.push(group);
  }
  group.from = Math.min(group.from, from);
  group.to = Math.max(group.to, to);
  group.count++;
  return group;
}
