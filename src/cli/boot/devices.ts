import { virtioSlots } from "../../machine/memoryMap.ts";
import type { DriveMode } from "../blockFile.ts";
import { usage } from "../failure.ts";
import type { SlotArgument } from "./arguments.ts";

/** A disk image, and how it is used. */
export interface DriveArgument {
  readonly path: string;
  readonly mode: DriveMode;
}

/** The same, of QEMU's kind: a device will name it by its id. */
export interface PendingDrive extends DriveArgument {
  readonly id?: string;
}

/** Reads `FILE[,ro|,overlay]`, or QEMU's `file=FILE,if=none,format=raw,id=x0[,readonly=on][,snapshot=on]`. */
export function readDrive(text: string): PendingDrive {
  if (/(^|,)file=/.test(text)) return readQemuDrive(text);
  const parts = /^(.+?)(?:,(ro|overlay))?$/s.exec(text);
  if (parts === null) throw usage(`--drive ${text}`, "write --drive FILE, FILE,ro or FILE,overlay");
  return { path: parts[1], mode: (parts[2] as DriveMode | undefined) ?? "write" };
}

function readQemuDrive(text: string): PendingDrive {
  const about = `-drive ${text}`;
  // a comma in a value is written twice
  const settings = text.split(/(?<!,),(?!,)/).map((setting) => setting.replaceAll(",,", ","));
  const given = new Map(settings.map((setting) => [setting.replace(/=.*/s, ""), setting.replace(/^[^=]*=?/, "")]));
  const take = (key: string, known: readonly string[], otherwise: string) => {
    const value = given.get(key) ?? otherwise;
    given.delete(key);
    if (!known.includes(value)) throw usage(about, `${key}=${value} is not known: ${known.join(" or ")}`);
    return value;
  };
  const path = given.get("file") ?? "";
  const id = given.get("id");
  given.delete("file");
  given.delete("id");
  take("format", ["raw"], "raw");
  const isFree = take("if", ["none", "virtio"], "virtio") === "none";
  const readOnly = take("readonly", ["on", "off"], "off") === "on";
  const overlay = take("snapshot", ["on", "off"], "off") === "on";
  for (const [key] of given) throw usage(about, `pagewalk's drives have no ${key}: leave it out`);
  if (isFree && id === undefined) throw usage(about, "with if=none it needs an id, which a -device names");
  const mode = overlay ? "overlay" : readOnly ? "ro" : "write";
  return { path, mode, ...(isFree && id !== undefined && { id }) };
}

/** Puts a device into a slot, or the first that is free. */
export function addDevice(slots: (SlotArgument | undefined)[], device: SlotArgument, slot?: number): void {
  const at = slot ?? Array.from({ length: virtioSlots.count }, (_, n) => n).find((n) => slots[n] === undefined);
  if (at === undefined) throw usage("devices", `there are ${virtioSlots.count} virtio slots, and no more`);
  if (slots[at] !== undefined) throw usage(`bus virtio-mmio-bus.${at}`, "there is a device already");
  while (slots.length < at) slots.push(undefined);
  slots[at] = device;
}
