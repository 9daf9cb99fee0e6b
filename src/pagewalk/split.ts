import { pagesOfLevel } from "../mmu/modes.ts";
import { makePte, pteField, withPteField } from "../mmu/pte.ts";
import type { EntryPtr } from "./entry.ts";
import { errno } from "./errno.ts";
import type { MmStruct } from "./mm.ts";
import { isMigration, makeSoftEntry, softEntryAt, softEntryOf } from "./softEntry.ts";

/**
 * Splits a huge leaf, or a migration entry of one, into the 512 entries of the level below: the same permissions, A,
 * D, G, memory type and software bits, frame by frame. What the guest sees does not change.
 *
 * @returns 0, -ENOMEM when there is no page for the table, or -EINVAL: it is neither.
 */
export function splitEntry(mm: MmStruct, entry: EntryPtr): number {
  const isMoving = entry.level > 0 && isMigration(softEntryAt(entry));
  if (!isMoving && (entry.level === 0 || entry.kind !== "leaf")) return -errno.EINVAL;
  const table = mm.allocateTable();
  if (table === undefined) return -errno.ENOMEM;
  const { memory } = entry.tables;
  const step = pagesOfLevel[entry.level - 1];
  const value = entry.get();
  for (let i = 0; i < 512; i++) {
    memory.store(table + i * 8, 8, isMoving ? movedBy(value, i * step) : leafBy(value, i * step));
  }
  entry.set(makePte({ v: 1, ppn: table / 4096 }));
  return 0;
}

function leafBy(leaf: bigint, pages: number): bigint {
  return withPteField(leaf, "ppn", pteField(leaf, "ppn") + BigInt(pages));
}

function movedBy(value: bigint, pages: number): bigint {
  const { type, offset } = softEntryOf(value)!;
  return (value & 0x7fn) | makeSoftEntry({ type, offset: offset + pages });
}
