import { machineTreeBlob } from "./deviceTree.ts";
import { parseElf } from "./elf/index.ts";
import type { Machine } from "./machine.ts";

/** What an operating system is started from. */
export interface BootFiles {
  /** M-mode firmware, an ELF file: enters the kernel in S-mode at the address in `fw_dynamic_info`. */
  readonly firmware: Uint8Array;
  /** A flat Linux `Image`. */
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
  /** The kernel's command line. */
  readonly append?: string | undefined;
}

/** What went wrong with a file that is to be booted: one line. */
export class BootError extends Error {
  override readonly name = "BootError";
}

/** Fields of a RISC-V Image's header (Linux, Documentation/arch/riscv/boot-image-header.rst). */
const image = { textOffset: 8, imageSize: 16, magic2: 56, bytes: 64 } as const;
const imageMagic2 = 0x0543_5352;

/** OpenSBI's fw_dynamic_info: how a firmware is told where to go on. */
const dynamicMagic = 0x4942_534fn;
const dynamicVersion = 2n;
const supervisor = 1n;
const firmwareBytes = 2 << 20;
const align = (value: number, to: number) => Math.floor(value / to) * to;

/** Where a flat Image wants to lie above the start of RAM, and how much it needs there. */
function imageExtent(kernel: Uint8Array): { offset: number; bytes: number } {
  const view = new DataView(kernel.buffer, kernel.byteOffset, kernel.byteLength);
  if (kernel.length < image.bytes || view.getUint32(image.magic2, true) !== imageMagic2) {
    throw new BootError("the kernel is not a RISC-V Linux Image: its header has no `RSC\\x05` at offset 56");
  }
  const offset = Number(view.getBigUint64(image.textOffset, true));
  const bytes = Number(view.getBigUint64(image.imageSize, true));
  return { offset, bytes: Math.max(bytes, kernel.length) };
}

/**
 * Loads firmware, kernel, initial RAM disk and device tree, and makes all harts ready to start in the firmware.
 * Throws a BootError or an ElfError that says what does not fit.
 */
export function loadBoot(machine: Machine, files: BootFiles): void {
  const { memory } = machine;
  const { ramBase, ramBytes } = memory;
  const { kernel, initrd, append } = files;
  const { offset, bytes } = imageExtent(kernel);
  const kernelAt = ramBase + Math.max(offset, firmwareBytes);
  const top = ramBase + ramBytes;
  const treeAt = align(top - (1 << 16), 1 << 16);
  const initrdAt = initrd === undefined ? treeAt : align(treeAt - initrd.length, 1 << 12);
  if (kernelAt + bytes > initrdAt) {
    const needed = bytes + firmwareBytes + (initrd?.length ?? 0) + (1 << 16);
    throw new BootError(`the kernel needs ${bytes} bytes of RAM and does not fit: use -m of ${needed} bytes or more`);
  }
  machine.loadElf(parseElf(files.firmware, "firmware"));
  memory.write(kernelAt, kernel);
  if (initrd !== undefined) memory.write(initrdAt, initrd);
  const tree = machineTreeBlob(machine, {
    bootargs: append ?? "",
    ...(initrd !== undefined && { initrd: { start: initrdAt, end: initrdAt + initrd.length } }),
    reserved: { start: ramBase, bytes: firmwareBytes },
  });
  memory.write(treeAt, tree);
  const infoAt = treeAt + align(tree.length + 15, 8);
  const info = [dynamicMagic, dynamicVersion, BigInt(kernelAt), supervisor, 0n, 0n];
  info.forEach((word, n) => {
    memory.store(infoAt + 8 * n, 8, word);
  });
  for (const { state } of machine.harts) {
    state.setX(11, BigInt(treeAt));
    state.setX(12, BigInt(infoAt));
  }
}
