/** Where things stand: the addresses of QEMU's `virt` board. */
export const memoryMap = {
  finisher: 0x10_0000,
  rtc: 0x10_1000,
  clint: 0x200_0000,
  plic: 0xc00_0000,
  uart: 0x1000_0000,
  virtio: 0x1000_1000,
  ram: 0x8000_0000,
} as const;

/** Distance between two virtio-mmio slots, and how many there are. */
export const virtioSlots = { stride: 0x1000, count: 8 } as const;

/** Sources at the PLIC. */
export const interruptSource = { virtio: 1, uart: 10, rtc: 11 } as const;

/** Most RAM that fits beside the engine's own memory in 4 GiB. */
export const mostRamBytes = 3 * 2 ** 30;

/** Ticks of `mtime` a second, as QEMU's `virt` has it. */
export const timebaseFrequency = 10_000_000;

const pageBytes = 4096;
const align = (value: number, to: number) => Math.ceil(value / to) * to;

/** Where the parts of the machine lie inside its WebAssembly memory. */
export interface HostLayout {
  readonly hart: (id: number) => number;
  readonly fastTlb: (id: number) => number;
  readonly code: { readonly base: number; readonly pages: number };
  readonly pageStates: number;
  readonly ram: number;
  readonly totalBytes: number;
}

/**
 * Lays out the WebAssembly memory: harts, their fast TLBs, decoded code, the states of RAM's pages, RAM. The first 8 MiB stay empty, so that
 * arithmetic on op addresses (4 bytes a guest byte, jumps of 1 MiB) cannot wrap below zero.
 */
export function layOut(harts: number, sizes: { hart: number; fastTlb: number; code: number; ram: number }): HostLayout {
  const first = 8 << 20;
  const tlbs = align(first + harts * sizes.hart, pageBytes);
  const tlbBytes = align(sizes.fastTlb, pageBytes);
  const codePages = 4096;
  const code = tlbs + harts * tlbBytes;
  const pageStates = code + sizes.code * codePages;
  const ram = align(pageStates + Math.ceil(sizes.ram / pageBytes), 65536);
  return {
    hart: (id) => first + id * sizes.hart,
    fastTlb: (id) => tlbs + id * tlbBytes,
    code: { base: code, pages: codePages },
    pageStates,
    ram,
    totalBytes: align(ram + sizes.ram, 65536),
  };
}
