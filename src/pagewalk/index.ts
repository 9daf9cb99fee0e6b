export { type Mode, sv39, sv48, sv57 } from "../mmu/modes.ts";
export { makePte, type PteField } from "../mmu/pte.ts";
export { Descent } from "./descent.ts";
export {
  EntryPtr,
  P4dPtr,
  PgdPtr,
  PmdPtr,
  PtePtr,
  PudPtr,
  p4dOffset,
  pfnOf,
  pgdOffset,
  pmdOffset,
  pteOffset,
  pudOffset,
} from "./entry.ts";
export { type EntryKind, entryKind, isNapotLeaf } from "./entryKind.ts";
export { errno } from "./errno.ts";
export {
  FolioWalk,
  type FolioWalkLevel,
  FW_LEVEL_PMD,
  FW_LEVEL_PTE,
  FW_LEVEL_PUD,
  FW_MIGRATION,
  FW_ZEROPAGE,
  folioWalkEnd,
  folioWalkStart,
  normalPage,
} from "./folioWalk.ts";
export { hugePteOffset, hugeSize } from "./hugetlb.ts";
export { bytesOfLevel, type Depth, depthOfLevel } from "./level.ts";
export {
  assertLocked,
  assertWriteLocked,
  LockError,
  type ReadLock,
  type SharedLock,
  type SpinLock,
  type VmaLock,
} from "./lock.ts";
export {
  type AddressSpace,
  type Folio,
  getInitMm,
  type Hugetlb,
  type MmStruct,
  type Page,
  rswSoftDirty,
  rswSpecial,
  setInitMm,
  type VmArea,
  vmFlag,
} from "./mm.ts";
export * from "./ops.ts";
export { PageTables, type PageTablesOptions } from "./pageTables.ts";
export {
  guardEntry,
  holdsPage,
  isMigration,
  isProtNone,
  isSwap,
  makeSoftEntry,
  markerGuard,
  type SoftEntry,
  softEntryAt,
  softEntryOf,
  swapSoftDirty,
  swapType,
} from "./softEntry.ts";
export { splitEntry } from "./split.ts";
export { tablesOnly } from "./tablesOnly.ts";
export {
  walkKernelPageTableRange,
  walkKernelPageTableRangeLockless,
  walkPageMapping,
  walkPageRange,
  walkPageRangeVma,
  walkPageVma,
} from "./walk.ts";
