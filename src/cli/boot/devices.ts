import { virtioSlots } from "../../machine/memoryMap.ts";
import type { DriveMode } from "../blockFile.ts";
import { usage } from "../failure.ts";
import type { Backend } from "./chardev.ts";
import { type Settings, settingsAlone, settingsOf } from "./settings.ts";

/** A disk image, and how it is used. */
export interface DriveArgument {
  readonly path: string;
  readonly mode: DriveMode;
}

/** The same, of QEMU's kind: a device will name it by its id. */
export interface PendingDrive extends DriveArgument {
  readonly id?: string;
  /** Whether a device has named it. */
  readonly taken?: boolean;
}

/** A device in a virtio slot. */
export type SlotArgument =
  | { readonly device: "blk"; readonly path: string; readonly mode: DriveMode; readonly serial?: string }
  | { readonly device: "rng" }
  | { readonly device: "console"; readonly backend: Backend };

/** Reads `FILE[,ro|,overlay]`, or QEMU's `file=FILE,if=none,format=raw,id=x0[,readonly=on][,snapshot=on]`. */
export function readDrive(text: string): PendingDrive {
  if (/(^|,)file=/.test(text)) return readQemuDrive(text);
  if (/^(if|id|format)=/.test(text)) throw usage(`-drive ${text}`, "it has no file=…: name the disk image");
  const parts = /^(.+?)(?:,(ro|overlay))?$/s.exec(text);
  if (parts === null) throw usage(`--drive ${text}`, "write --drive FILE, FILE,ro or FILE,overlay");
  return { path: parts[1], mode: (parts[2] as DriveMode | undefined) ?? "write" };
}

function readQemuDrive(text: string): PendingDrive {
  const about = `-drive ${text}`;
  const settings = settingsAlone(about, text);
  const path = settings.take("file") ?? "";
  const id = settings.take("id");
  settings.takeOneOf("format", ["raw"]);
  settings.takeOneOf("media", ["disk"]);
  // a flush is durable in all of these
  settings.takeOneOf("cache", ["writeback", "none"]);
  const isFree = settings.takeOneOf("if", ["none", "virtio"]) === "none";
  const readOnly = settings.takeOneOf("readonly", ["on", "off"]) === "on";
  const overlay = settings.takeOneOf("snapshot", ["on", "off"]) === "on";
  settings.end("drives");
  if (isFree && id === undefined) throw usage(about, "with if=none it needs an id, which a -device names");
  const mode = overlay ? "overlay" : readOnly ? "ro" : "write";
  return { path, mode, ...(isFree && id !== undefined && { id }) };
}

/** What `-device` can name: each is there once it was used. */
export interface Named {
  /** QEMU's `-drive if=none,id=…`. */
  readonly drives: Map<string, PendingDrive>;
  readonly chardevs: ReadonlyMap<string, Backend>;
  /** Sources of random numbers, by `-object`. */
  readonly sources: ReadonlySet<string>;
}

/** Puts what `-device TEXT` says into a slot. */
export function placeDevice(slots: (SlotArgument | undefined)[], text: string, named: Named): void {
  const about = `-device ${text}`;
  const { name, settings } = settingsOf(about, text);
  settings.take("id");
  if (name === "virtconsole") {
    placeConsole(slots, about, settings, named);
    return;
  }
  const bus = settings.take("bus");
  const slot = bus === undefined ? undefined : /^virtio-mmio-bus\.([0-7])$/.exec(bus)?.[1];
  if (bus !== undefined && slot === undefined) throw usage(about, `there is no bus ${bus}: virtio-mmio-bus.0 to .7`);
  const device = deviceOf(about, name, settings, named);
  settings.end(name);
  addDevice(slots, device, slot === undefined ? undefined : Number(slot));
}

/** The port of a virtio-serial-device, which has one: where its console leads. */
function placeConsole(slots: (SlotArgument | undefined)[], about: string, settings: Settings, named: Named): void {
  const at = slots.findIndex((slot) => slot?.device === "console");
  if (at < 0) throw usage(about, "there is no virtio-serial-device: write one before it");
  const id = settings.take("chardev");
  settings.take("name");
  const bus = settings.take("bus");
  if (bus !== undefined && !/^[\w-]+\.0$/.test(bus)) throw usage(about, `there is no bus ${bus}: leave it out`);
  settings.takeOneOf("nr", ["0"]);
  settings.end("virtconsole");
  if (id === undefined) throw usage(about, "it needs a chardev=ID: name one of -chardev");
  slots[at] = { device: "console", backend: chardevOf(about, id, named.chardevs) };
}

/** The backend with an id. */
export function chardevOf(about: string, id: string, chardevs: ReadonlyMap<string, Backend>): Backend {
  const backend = chardevs.get(id);
  if (backend === undefined) throw usage(about, `there is no chardev "${id}": write -chardev stdio,id=${id}`);
  return backend;
}

function deviceOf(about: string, name: string, settings: Settings, named: Named): SlotArgument {
  switch (name) {
    case "virtio-blk-device": {
      const id = settings.take("drive") ?? "";
      const serial = settings.take("serial");
      const drive = named.drives.get(id);
      if (drive === undefined) throw usage(about, `there is no drive "${id}": write -drive file=…,if=none,id=…`);
      if (drive.taken) throw usage(about, `the drive "${id}" has a device already: give each one of its own`);
      named.drives.set(id, { ...drive, taken: true });
      return { device: "blk", path: drive.path, mode: drive.mode, ...(serial !== undefined && { serial }) };
    }
    case "virtio-rng-device": {
      const source = settings.take("rng");
      if (source !== undefined && !named.sources.has(source)) {
        throw usage(about, `there is no object "${source}": write -object rng-builtin,id=${source}`);
      }
      return { device: "rng" };
    }
    case "virtio-serial-device":
      return { device: "console", backend: "stdio" };
    default: {
      const known = "virtio-blk-device, virtio-rng-device, virtio-serial-device and virtconsole";
      throw usage(about, `pagewalk has no such device: ${known} are there`);
    }
  }
}

/** Puts a device into a slot, or the first that is free. */
export function addDevice(slots: (SlotArgument | undefined)[], device: SlotArgument, slot?: number): void {
  const at = slot ?? Array.from({ length: virtioSlots.count }, (_, n) => n).find((n) => slots[n] === undefined);
  if (at === undefined) throw usage("devices", `there are ${virtioSlots.count} virtio slots, and no more`);
  if (slots[at] !== undefined) throw usage(`bus virtio-mmio-bus.${at}`, "there is a device already");
  if (device.device === "console" && slots.some((other) => other?.device === "console")) {
    throw usage("virtio-serial-device", "there is one already, and there can be no second: leave one out");
  }
  while (slots.length < at) slots.push(undefined);
  slots[at] = device;
}
