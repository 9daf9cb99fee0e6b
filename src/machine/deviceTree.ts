import { flatten, type TreeNode, type TreeValue } from "./flattenedTree.ts";
import type { Machine } from "./machine.ts";
import { interruptSource, memoryMap, timebaseFrequency, virtioSlots } from "./memoryMap.ts";

/** What a device tree says beside what the machine is made of. */
export interface TreeOptions {
  /** The kernel's command line. */
  readonly bootargs?: string;
  /** Where the initial RAM disk lies: first address, and the first after it. */
  readonly initrd?: { readonly start: number; readonly end: number };
  /** Random bytes, from which a kernel's own generator can start at once. */
  readonly seed?: Uint8Array;
  /** RAM that belongs to firmware. */
  readonly reserved?: { readonly start: number; readonly bytes: number };
}

/** Phandles: the PLIC, the finisher's register block, the harts' interrupt controllers from here on. */
const phandle = { plic: 1, finisher: 2, harts: 16 } as const;

/** Interrupts of a hart's own controller. */
const local = { msi: 3, mti: 7, sei: 9, mei: 11 } as const;

const at = (name: string, address: number) => `${name}@${address.toString(16)}`;
const range = (base: number, bytes: number) => [BigInt(base), BigInt(bytes)];

function hartNode(machine: Machine, id: number): TreeNode {
  const { isa } = machine;
  const extensions = [...isa.extensions];
  const blocks = Object.fromEntries(
    (["zicbom", "zicbop", "zicboz"] as const)
      .filter((name) => isa.has(name))
      .map((name) => [`riscv,${name.slice(2)}-block-size`, [64]]),
  );
  return {
    name: `cpu@${id.toString(16)}`,
    properties: {
      device_type: "cpu",
      reg: [id],
      status: "okay",
      compatible: "riscv",
      "riscv,isa": isa.toString(),
      "riscv,isa-base": "rv64i",
      "riscv,isa-extensions": extensions,
      "mmu-type": "riscv,sv57",
      ...blocks,
    },
    children: [
      {
        name: "interrupt-controller",
        properties: {
          "#interrupt-cells": [1],
          "#address-cells": [0],
          "interrupt-controller": true,
          compatible: "riscv,cpu-intc",
          phandle: [phandle.harts + id],
        },
      },
    ],
  };
}

/** Which interrupts of which harts a controller drives. */
function wires(harts: number, ...interrupts: number[]): number[] {
  return Array.from({ length: harts }, (_, id) => interrupts.flatMap((n) => [phandle.harts + id, n])).flat();
}

function socNodes(machine: Machine): TreeNode[] {
  const harts = machine.harts.length;
  const plicInterrupt = { "interrupt-parent": [phandle.plic] };
  return [
    {
      name: at("test", memoryMap.finisher),
      properties: {
        compatible: ["sifive,test1", "sifive,test0", "syscon"],
        reg: range(memoryMap.finisher, 0x1000),
        phandle: [phandle.finisher],
      },
    },
    {
      name: at("clint", memoryMap.clint),
      properties: {
        compatible: ["sifive,clint0", "riscv,clint0"],
        reg: range(memoryMap.clint, 0x10000),
        "interrupts-extended": wires(harts, local.msi, local.mti),
      },
    },
    {
      name: at("plic", memoryMap.plic),
      properties: {
        compatible: ["sifive,plic-1.0.0", "riscv,plic0"],
        reg: range(memoryMap.plic, 0x60_0000),
        "#interrupt-cells": [1],
        "#address-cells": [0],
        "interrupt-controller": true,
        "interrupts-extended": wires(harts, local.mei, local.sei),
        "riscv,ndev": [95],
        phandle: [phandle.plic],
      },
    },
    {
      name: at("serial", memoryMap.uart),
      properties: {
        compatible: "ns16550a",
        reg: range(memoryMap.uart, 0x100),
        "clock-frequency": [3_686_400],
        interrupts: [interruptSource.uart],
        ...plicInterrupt,
      },
    },
    {
      name: at("rtc", memoryMap.rtc),
      properties: {
        compatible: "google,goldfish-rtc",
        reg: range(memoryMap.rtc, 0x1000),
        interrupts: [interruptSource.rtc],
        ...plicInterrupt,
      },
    },
    ...Array.from({ length: virtioSlots.count }, (_, slot) => {
      const address = memoryMap.virtio + slot * virtioSlots.stride;
      const properties = { compatible: "virtio,mmio", reg: range(address, virtioSlots.stride) };
      const interrupts = [interruptSource.virtio + slot];
      return { name: at("virtio_mmio", address), properties: { ...properties, interrupts, ...plicInterrupt } };
    }),
  ];
}

const poweroff = (name: string, value: number): TreeNode => ({
  name,
  properties: { compatible: `syscon-${name}`, regmap: [phandle.finisher], offset: [0], value: [value] },
});

function chosen(options: TreeOptions): TreeNode {
  const console = { "stdout-path": `/soc/${at("serial", memoryMap.uart)}` };
  return { name: "chosen", properties: { bootargs: "", ...console, ...chosenProperties(options) } };
}

/** What of {@link TreeOptions} is for the node `/chosen`. */
function chosenProperties({ bootargs, initrd, seed }: TreeOptions): Record<string, TreeValue> {
  return {
    ...(bootargs !== undefined && { bootargs }),
    ...(seed !== undefined && { "rng-seed": seed }),
    ...(initrd !== undefined && {
      "linux,initrd-start": [BigInt(initrd.start)],
      "linux,initrd-end": [BigInt(initrd.end)],
    }),
  };
}

/** Somebody else's tree with a command line and an initial RAM disk put in. */
export function withChosen(root: TreeNode, options: TreeOptions): TreeNode {
  const children = root.children ?? [];
  const old = children.find(({ name }) => name === "chosen");
  const properties = { ...old?.properties, ...chosenProperties(options) };
  const rest = children.filter((node) => node !== old);
  return { ...root, children: [{ name: "chosen", properties, children: old?.children ?? [] }, ...rest] };
}

function reservedMemory({ reserved }: TreeOptions): TreeNode[] {
  if (reserved === undefined) return [];
  const region = at("firmware", reserved.start);
  return [
    {
      name: "reserved-memory",
      properties: { "#address-cells": [2], "#size-cells": [2], ranges: true },
      children: [{ name: region, properties: { reg: range(reserved.start, reserved.bytes), "no-map": true } }],
    },
  ];
}

/**
 * The device tree of a machine as it is: harts and their instruction set, memory, devices (Devicetree Specification 0.4;
 * bindings as in Linux's Documentation/devicetree).
 */
export function machineTree(machine: Machine, options: TreeOptions = {}): TreeNode {
  const { ramBase, ramBytes } = machine.memory;
  return {
    name: "",
    properties: { "#address-cells": [2], "#size-cells": [2], compatible: "riscv-virtio", model: "pagewalk,virt" },
    children: [
      chosen(options),
      { name: at("memory", ramBase), properties: { device_type: "memory", reg: range(ramBase, ramBytes) } },
      ...reservedMemory(options),
      {
        name: "cpus",
        properties: { "#address-cells": [1], "#size-cells": [0], "timebase-frequency": [timebaseFrequency] },
        children: machine.harts.map(({ id }) => hartNode(machine, id)),
      },
      poweroff("poweroff", 0x5555),
      poweroff("reboot", 0x7777),
      {
        name: "soc",
        properties: { "#address-cells": [2], "#size-cells": [2], compatible: "simple-bus", ranges: true },
        children: socNodes(machine),
      },
    ],
  };
}

/** {@link machineTree}, flattened. */
export function machineTreeBlob(machine: Machine, options: TreeOptions = {}): Uint8Array {
  return flatten(machineTree(machine, options));
}
