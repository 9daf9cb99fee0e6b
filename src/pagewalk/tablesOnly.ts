import type { SharedLock, SpinLock } from "./lock.ts";
import type { MmStruct } from "./mm.ts";
import type { PageTables } from "./pageTables.ts";

const stopped: SharedLock = { name: "a stopped guest", isLocked: true, isWriteLocked: true };
const noLock: SpinLock = { name: "a stopped guest", isLocked: true, lock() {}, unlock() {} };

/**
 * An mm that is nothing but tables, for kernel walks over any guest's, whatever its kernel is: no VMAs, no pages, no
 * memory for tables, and all locks held, since the guest stands still while one looks.
 */
export function tablesOnly(tables: PageTables): MmStruct {
  return {
    name: "page tables",
    tables,
    mmapLock: stopped,
    findVma: () => null,
    pageTableLock: () => noLock,
    allocateTable: () => undefined,
    pageOf: () => null,
    isZeroPfn: () => false,
    isHugeZeroPfn: () => false,
    pageUnmapped: () => {},
  };
}
