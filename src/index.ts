/**
 * Pagewalk as a library: a RISC-V RV64 computer with a complete MMU, to load programs into, to run, to stop and to
 * look into.
 *
 * ```ts
 * const machine = createMachine({ onOutput: (bytes) => process.stdout.write(bytes) });
 * machine.loadElf(readFileSync("program.elf"), "program.elf");
 * const end = machine.run({ maxInstructions: 1_000_000 });
 * const hart = machine.inspect();
 * console.log(end, hart.register("a0"), formatExplanation(hart.explain(0x8000_0000n, "load")));
 * ```
 *
 * @module
 */
export type { Privilege, TrapRecord, Watcher } from "./cpu/index.ts";
export { causeName } from "./debug/cause.ts";
export { CommitLog } from "./debug/commitLog.ts";
export { explainFaults } from "./debug/faultReport.ts";
export { listing } from "./debug/listing.ts";
export { pageTablePicture } from "./debug/pageTablePicture.ts";
export { tlbReport } from "./debug/tlbReport.ts";
export {
  type Assembled,
  assemble,
  type CsrName,
  createDecoder,
  csrName,
  csrNumber,
  type Decoded,
  disassemble,
  extensions,
  type Isa,
  parseIsa,
} from "./isa/index.ts";
export { type Boot, type BootFiles, loadBoot } from "./machine/boot.ts";
export { BootError, type BootFile } from "./machine/bootError.ts";
export {
  ElfError,
  type ElfFile,
  type LoadedElf,
  parseElf,
  type Section,
  type Segment,
  type SymbolTable,
} from "./machine/elf/index.ts";
export type { AsPrivilege, HartInspector, TlbContents, Translation } from "./machine/inspect.ts";
export { createMachine, type Machine, type MachineOptions, type RunEnd, type RunLimits } from "./machine/machine.ts";
export { memoryMap } from "./machine/memoryMap.ts";
export type { PhysicalMemory } from "./memory/physical.ts";
export {
  type Access,
  type ExplainedPte,
  type Explanation,
  formatExplanation,
  formatPteFlags,
  type Mode,
  type TlbCounters,
  type TlbEntry,
  type TlbGeometry,
} from "./mmu/index.ts";
