import { BootError, type BootFile } from "./bootError.ts";
import { machineTree, type TreeOptions, withChosen } from "./deviceTree.ts";
import { type ElfFile, loadElf, parseElf } from "./elf/index.ts";
import { flatten } from "./flattenedTree.ts";
import { TreeError, unflatten } from "./flattenedTreeReader.ts";
import { checkInitialDisk } from "./initialDisk.ts";
import { kernelKind, linuxExtent } from "./kernelImage.ts";
import type { Machine } from "./machine.ts";

/** What a machine is started from. */
export interface BootFiles {
  /**
   * M-mode firmware, an ELF or a flat binary for RAM's start, which enters the kernel in S-mode where `fw_dynamic_info`
   * says. Without it the kernel gets M-mode, at RAM's start.
   */
  readonly firmware?: BootFile | undefined;
  /** Whether the device tree must tell the kernel to leave the firmware's memory alone. OpenSBI does that by itself. */
  readonly reservesFirmware?: boolean;
  /** A Linux Image, an ELF, or a flat binary. */
  readonly kernel?: BootFile | undefined;
  readonly initrd?: BootFile | undefined;
  /** The kernel's command line. */
  readonly append?: string | undefined;
  /** Random bytes for the kernel's generator, some 32. */
  readonly seed?: Uint8Array | undefined;
  /** A device tree blob in place of the machine's own; command line and initial RAM disk are put into it. */
  readonly tree?: BootFile | undefined;
}

/** What was loaded. */
export interface Boot {
  /** The device tree blob, as the guest finds it. */
  readonly tree: Uint8Array;
  /** What does not fit but does not matter: one line each. */
  readonly warnings: readonly string[];
}

/** A part of RAM that is taken. */
interface Region {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** OpenSBI's fw_dynamic_info: how a firmware is told where to go on. */
const dynamicInfo = { magic: 0x4942_534fn, version: 2n, supervisor: 1n, bytes: 48 } as const;

/** The number of `menvcfg`, and its bit 61. */
const menvcfg = 0x30a;
const adue = 1n << 61n;

/** Kernels lie 2 MiB above RAM's start, or as many times that as the firmware needs. */
const kernelAlign = 2 << 20;
/** Firmware adds to the device tree where it lies: there is room behind it. */
const treeSpare = 16 << 10;
const treeAlign = 64 << 10;

const down = (value: number, to: number) => Math.floor(value / to) * to;
const up = (value: number, to: number) => Math.ceil(value / to) * to;

/**
 * Loads firmware, kernel, initial RAM disk and device tree, and makes all harts ready to start, with QEMU's registers: a0
 * the hart's number, a1 the device tree, a2 `fw_dynamic_info`; without firmware, menvcfg.ADUE is set.
 * Throws a BootError or an ElfError that says what is wrong with a file, or that it does not fit.
 */
export function loadBoot(machine: Machine, files: BootFiles): Boot {
  return new BootLoader(machine, files).load();
}

class BootLoader {
  readonly #machine: Machine;
  readonly #files: BootFiles;
  readonly #taken: Region[] = [];
  readonly #warnings: string[] = [];

  constructor(machine: Machine, files: BootFiles) {
    this.#machine = machine;
    this.#files = files;
  }

  load(): Boot {
    const { memory, harts } = this.#machine;
    const { firmware, kernel, initrd } = this.#files;
    const firmwareEntry = firmware === undefined ? undefined : this.#loadProgram(firmware, memory.ramBase);
    const firmwareEnd = this.#taken.reduce((end, region) => Math.max(end, region.end), memory.ramBase);
    const entry = kernel === undefined ? 0 : this.#loadKernel(kernel, firmwareEnd);
    const { tree, treeAt } = this.#placeTree(initrd, firmwareEnd);
    const infoAt = this.#writeInfo(entry);
    for (const { id, state, csrs, isa } of harts) {
      // teaching kernels leave A and D to the hardware without asking for it; firmware has its own opinion
      if (firmware === undefined && isa.has("svadu")) csrs.poke(menvcfg, adue);
      state.pc = BigInt(firmwareEntry ?? this.#bareEntry(entry));
      state.setX(10, BigInt(id));
      state.setX(11, BigInt(treeAt));
      state.setX(12, BigInt(infoAt));
    }
    return { tree, warnings: this.#warnings };
  }

  /** Without firmware, the first instruction is at RAM's start, unless a program leaves that empty. */
  #bareEntry(entry: number): number {
    const { ramBase } = this.#machine.memory;
    return this.#taken.some(({ start, end }) => start <= ramBase && end > ramBase) ? ramBase : entry;
  }

  /** Loads an ELF where it wants to be, or anything else at an address. Answers its entry point. */
  #loadProgram(file: BootFile, at: number): number {
    const { memory } = this.#machine;
    if (kernelKind(file) !== "elf") return this.#put(file.name, at, file.bytes);
    const elf = parseElf(file.bytes, file.name);
    // linked at 0, it relocates itself
    const isMovable = elf.type === "dyn" && elf.segments.some(({ paddr }) => paddr < BigInt(memory.ramBase));
    const offset = isMovable ? at : 0;
    for (const { paddr, memSize } of elf.segments) {
      const start = Number(paddr) + offset;
      this.#take({ name: file.name, start, end: start + Number(memSize) });
    }
    if (!isMovable) return Number(loadElf(elf, memory).entry);
    for (const { paddr, bytes } of elf.segments) memory.write(Number(paddr) + offset, bytes);
    return Number(elf.entry) + offset;
  }

  #loadKernel(file: BootFile, firmwareEnd: number): number {
    const { memory } = this.#machine;
    const { ramBase } = memory;
    const kind = kernelKind(file);
    if (kind === "elf") return this.#loadKernelElf(parseElf(file.bytes, file.name));
    const above = up(firmwareEnd - ramBase, kernelAlign);
    if (kind === "raw") return this.#put(file.name, ramBase + above, file.bytes);
    const { offset, bytes } = linuxExtent(file);
    if (this.#files.initrd !== undefined) checkInitialDisk(this.#files.initrd);
    const start = ramBase + Math.max(offset, above);
    this.#take({ name: file.name, start, end: start + bytes });
    memory.write(start, file.bytes);
    return start;
  }

  #loadKernelElf(elf: ElfFile): number {
    const { entry, warnings } = this.#machine.loadElf(elf);
    this.#warnings.push(...warnings);
    for (const { paddr, memSize } of elf.segments) {
      if (memSize > 0n) this.#take({ name: elf.name, start: Number(paddr), end: Number(paddr + memSize) });
    }
    return Number(entry);
  }

  /** The initial RAM disk and the device tree lie at the end of RAM. Answers where the tree is. */
  #placeTree(initrd: BootFile | undefined, firmwareEnd: number) {
    const { ramBase, ramBytes } = this.#machine.memory;
    const { append, seed, reservesFirmware = false } = this.#files;
    const end = ramBase + ramBytes - dynamicInfo.bytes;
    // its length does not depend on the addresses in it
    const options = (disk: number): TreeOptions => ({
      ...(append !== undefined && { bootargs: append }),
      ...(seed !== undefined && { seed }),
      ...(initrd !== undefined && { initrd: { start: disk, end: disk + initrd.bytes.length } }),
      ...(reservesFirmware && { reserved: { start: ramBase, bytes: up(firmwareEnd - ramBase, kernelAlign) } }),
    });
    const { length } = this.#tree(options(0));
    const treeAt = down(end - length - treeSpare, treeAlign);
    const initrdAt = initrd === undefined ? treeAt : down(treeAt - initrd.bytes.length, 4096);
    if (initrd !== undefined) this.#put(initrd.name, initrdAt, initrd.bytes);
    const tree = this.#tree(options(initrdAt));
    this.#put("the device tree", treeAt, tree);
    return { tree, treeAt };
  }

  #tree(options: TreeOptions): Uint8Array {
    const { tree } = this.#files;
    if (tree === undefined) return flatten(machineTree(this.#machine, options));
    try {
      const { root, reservations } = unflatten(tree.bytes);
      return flatten(withChosen(root, options), reservations);
    } catch (error) {
      if (error instanceof TreeError) throw new BootError(tree.name, error.place, error.message);
      throw error;
    }
  }

  /** At RAM's very end. */
  #writeInfo(entry: number): number {
    const { memory } = this.#machine;
    const at = memory.ramBase + memory.ramBytes - dynamicInfo.bytes;
    const { magic, version, supervisor } = dynamicInfo;
    [magic, version, BigInt(entry), supervisor, 0n, 0n].forEach((word, n) => {
      memory.store(at + 8 * n, 8, word);
    });
    return at;
  }

  /** Writes bytes to RAM that nothing else has taken. */
  #put(name: string, at: number, bytes: Uint8Array): number {
    this.#take({ name, start: at, end: at + bytes.length });
    this.#machine.memory.write(at, bytes);
    return at;
  }

  #take(region: Region): void {
    const { ramBase, ramBytes } = this.#machine.memory;
    const { name, start, end } = region;
    const place = `0x${start.toString(16)}..0x${(end - 1).toString(16)}`;
    if (start < ramBase || end > ramBase + ramBytes) {
      const reason = `it does not fit into RAM of ${Math.floor(ramBytes / 2 ** 20)} MiB: use a larger -m`;
      throw new BootError(name, place, reason);
    }
    const other = this.#taken.find((taken) => taken.name !== name && taken.start < end && taken.end > start);
    if (other !== undefined) {
      const isFirmware = other.name === this.#files.firmware?.name;
      const way = isFirmware ? "link it at 0x80200000, or give it M-mode with --bios none" : "use a larger -m";
      throw new BootError(name, place, `it would overlap ${other.name}: ${way}`);
    }
    this.#taken.push(region);
  }
}
