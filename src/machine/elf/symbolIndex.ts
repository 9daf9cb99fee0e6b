/** A symbol as the index sees it. */
export interface IndexedSymbol {
  /** What {@link SymbolIndex.find} answers with. */
  readonly entry: number;
  readonly start: bigint;
  /** 0 for a label: it reaches to the next symbol or to its limit. */
  readonly size: bigint;
  /** Where a label ends at the latest. */
  readonly limit: bigint | undefined;
  /** Of symbols at the same place the higher one names it. */
  readonly rank: number;
}

/**
 * Finds the symbol that an address lies in, among symbols that nest, overlap, repeat or have no size.
 *
 * Two lists are kept in address order. In `sized`, each symbol points to the nearest one before it that ends after
 * it: if a symbol ends before the address, only those of that chain can still cover it. `labels` have no size.
 */
export class SymbolIndex {
  #sized: IndexedSymbol[] = [];
  #labels: IndexedSymbol[] = [];
  #outer: Int32Array = new Int32Array();
  #sorted = true;

  add(symbol: IndexedSymbol): void {
    (symbol.size === 0n ? this.#labels : this.#sized).push(symbol);
    this.#sorted = false;
  }

  /** The entry of the symbol that covers an address, or undefined. */
  find(address: bigint): number | undefined {
    if (!this.#sorted) this.#sort();
    const covering = this.#covering(address);
    if (covering !== undefined) return covering.entry;
    const label = this.#labels[lastAtOrBefore(this.#labels, address)];
    if (label === undefined || label.start === address) return label?.entry;
    // a function that began after the label, or around it, has ended since: what follows is not the label's
    const last = this.#sized[lastAtOrBefore(this.#sized, address)];
    const interrupted = last !== undefined && last.start > label.start;
    if (interrupted || this.#covering(label.start) !== undefined) return undefined;
    return label.limit !== undefined && address >= label.limit ? undefined : label.entry;
  }

  #covering(address: bigint): IndexedSymbol | undefined {
    for (let at = lastAtOrBefore(this.#sized, address); at >= 0; at = this.#outer[at]) {
      if (address < endOf(this.#sized[at])) return this.#sized[at];
    }
    return undefined;
  }

  #sort(): void {
    // the last one at a place is found first: inner before outer, then the higher rank, then the earlier entry
    const order = (a: IndexedSymbol, b: IndexedSymbol) =>
      compare(a.start, b.start) || compare(b.size, a.size) || a.rank - b.rank || b.entry - a.entry;
    this.#sized.sort(order);
    this.#labels.sort(order);
    this.#outer = new Int32Array(this.#sized.length);
    for (let at = 0; at < this.#sized.length; at++) {
      let outer = at - 1;
      while (outer >= 0 && endOf(this.#sized[outer]) <= endOf(this.#sized[at])) outer = this.#outer[outer];
      this.#outer[at] = outer;
    }
    this.#sorted = true;
  }
}

function endOf(symbol: IndexedSymbol): bigint {
  return symbol.start + symbol.size;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The last position whose symbol starts at or before an address, -1 if there is none. */
function lastAtOrBefore(symbols: readonly IndexedSymbol[], address: bigint): number {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (symbols[middle].start <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
