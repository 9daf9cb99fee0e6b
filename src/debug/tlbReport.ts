import type { TlbContents } from "../machine/inspect.ts";

/**
 * A TLB's counters as lines for people. Most accesses are answered by the engine's own arrays, which hold nothing that
 * the TLB does not hold: they are hits too, and not counted.
 */
export function tlbReport({ geometry, counters, entries }: TlbContents): string[] {
  const { hits, misses, walks, evictions, pageFaults, accessFaults, fences } = counters;
  const { sets, ways } = geometry;
  const kinds = [
    ["all", "everything"],
    ["asid", "an address space"],
    ["va", "an address"],
    ["va+asid", "an address in an address space"],
  ] as const;
  const fenced = kinds
    .filter(([kind]) => fences[kind] > 0)
    .map(([kind, of]) => `${fences[kind].toLocaleString("en-US")} of ${of}`);
  return [
    `${plural(sets, "set", "sets")} x ${plural(ways, "way", "ways")}, ${plural(entries.length, "entry", "entries")} in use`,
    `${plural(misses, "miss", "misses")}, ${plural(walks, "walk", "walks")}, ${plural(evictions, "eviction", "evictions")}, ${plural(hits, "hit", "hits")} beside those of the engine's own arrays`,
    `${plural(pageFaults, "page fault", "page faults")}, ${plural(accessFaults, "access fault", "access faults")} on translated addresses`,
    `fences: ${fenced.length === 0 ? "none" : fenced.join(", ")}`,
  ];
}

/** `1 walk`, `2,000 walks`. */
export function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
