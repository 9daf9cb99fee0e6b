export { type CleanedMapping, cleanMapping, writeProtectMapping } from "./cleanMapping.ts";
export { type ClearRefs, clearRefs, idlePages, markIdle } from "./clearRefs.ts";
export { countPages, type PageCount } from "./countPages.ts";
export {
  adviseCold,
  adviseDontNeed,
  adviseGuardInstall,
  adviseGuardRemove,
  discardRange,
  unmapMapping,
  zapRange,
} from "./madvise.ts";
export { mincore } from "./mincore.ts";
export { changeProtection, type Protection } from "./mprotect.ts";
export { pagemapBit, readPagemap } from "./pagemap.ts";
export { setMemoryNx, setMemoryRo, setMemoryRw, setMemoryX } from "./setMemory.ts";
export { formatSmaps, readSmaps, type Smaps } from "./smaps.ts";
