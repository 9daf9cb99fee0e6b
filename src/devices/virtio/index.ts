export { VirtioBlock, type VirtioBlockOptions } from "./block.ts";
export { BlockError, type BlockStore, MemoryStore, sectorBytes } from "./blockStore.ts";
export { type TerminalSize, VirtioConsole, type VirtioConsoleOptions } from "./console.ts";
export type { VirtioDevice, VirtioLink } from "./device.ts";
export { type EntropySource, SeededEntropy, VirtioEntropy } from "./entropy.ts";
export { VirtioMmio, type VirtioMmioOptions } from "./mmio.ts";
export { OverlayStore } from "./overlayStore.ts";
