import type { MachineOptions } from "../../machine/machine.ts";
import type { DriveMode } from "../blockFile.ts";
import { usage } from "../failure.ts";
import { type Limits, limitOptions, machineOptions, parseCount } from "../options.ts";
import { addDevice, type DriveArgument, type PendingDrive, readDrive } from "./devices.ts";

/** What `pagewalk boot` is asked to do. */
export interface BootArguments {
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  /** A file, or `default` (pagewalk's own), or `none`. */
  readonly bios: string;
  readonly dtb: string | undefined;
  readonly dumpdtb: string | undefined;
  /** What is in each virtio slot. */
  readonly slots: readonly (SlotArgument | undefined)[];
  readonly legacyVirtio: boolean;
  readonly machine: MachineOptions;
  readonly limits: Limits;
  readonly stats: boolean;
  readonly clock: "virtual" | "host" | undefined;
  /** Files that input is written to, or read from, with the cycles at which it came. */
  readonly record: string | undefined;
  readonly replay: string | undefined;
  /** End where the guest asks for a reset, instead of starting it again. */
  readonly noReboot: boolean;
}

/** A device in a virtio slot. */
export type SlotArgument =
  | { readonly device: "blk"; readonly path: string; readonly mode: DriveMode }
  | { readonly device: "rng" }
  | { readonly device: "console" };

/** Options with a value, in our spelling and in QEMU's, which differ only in their dashes. */
const valued = [
  ...["kernel", "initrd", "append", "bios", "dtb", "dumpdtb", "clock", "record", "replay"],
  ...["memory", "isa", "tlb", "harts", "max-instructions", "timeout"],
] as const;
type Valued = (typeof valued)[number];

const mostHarts = 64;
const flags: ReadonlySet<string> = new Set(["stats", "no-reboot", "nographic"]);

/** QEMU's options that are so, whatever they say: there is one terminal, and nothing to see. */
const alwaysSo: Readonly<Record<string, { readonly known: readonly string[]; readonly instead: string }>> = {
  serial: { known: ["mon:stdio", "stdio"], instead: "leave it out" },
  display: { known: ["none"], instead: "leave it out" },
  monitor: { known: ["none"], instead: "leave it out" },
  vga: { known: ["none"], instead: "leave it out" },
  cpu: { known: ["rv64", "max"], instead: "choose extensions with --isa" },
};

/** Reads what stands after `pagewalk boot`, our spelling or QEMU's. Throws a Failure that names what is not known. */
export function readBootArguments(args: readonly string[]): BootArguments {
  return new ArgumentReader(args).read();
}

class ArgumentReader {
  readonly #rest: string[];
  readonly #given: Partial<Record<Valued, string>> = {};
  readonly #flags = new Set<string>();
  readonly #drives: DriveArgument[] = [];
  /** QEMU's `-drive if=none,id=…`, until a device takes it. */
  readonly #pending = new Map<string, PendingDrive>();
  readonly #slots: (SlotArgument | undefined)[] = [];
  #legacyVirtio = false;

  constructor(args: readonly string[]) {
    this.#rest = [...args];
  }

  read(): BootArguments {
    for (let arg = this.#rest.shift(); arg !== undefined; arg = this.#rest.shift()) this.#argument(arg);
    for (const drive of this.#drives) addDevice(this.#slots, { device: "blk", ...drive });
    const [unused] = this.#pending.keys();
    if (unused !== undefined) {
      throw usage(
        `-drive id=${unused}`,
        "no device uses it: add -device virtio-blk-device,drive=… or write --drive FILE",
      );
    }
    const { kernel, initrd, append, bios = "default", dtb, dumpdtb, clock, record, replay } = this.#given;
    if (clock !== undefined && clock !== "virtual" && clock !== "host") {
      throw usage(`--clock ${clock}`, "there is no such clock: write virtual or host");
    }
    const journal = record ?? replay;
    if (journal !== undefined && clock === "host") {
      throw usage(`--clock host, ${journal}`, "only runs on virtual time repeat: write --clock virtual");
    }
    if (record !== undefined && replay !== undefined) throw usage("--record, --replay", "one of them is enough");
    return {
      ...{ kernel, initrd, append, bios, dtb, dumpdtb, record, replay },
      clock: journal === undefined ? clock : "virtual",
      slots: this.#slots,
      legacyVirtio: this.#legacyVirtio,
      machine: machineOptions({ memory: "512M", ...this.#given }),
      limits: limitOptions(this.#given),
      stats: this.#flags.has("stats"),
      noReboot: this.#flags.has("no-reboot"),
    };
  }

  #argument(arg: string): void {
    const parts = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(arg);
    if (parts === null) {
      throw usage(arg, "boot takes options only: name the kernel with --kernel, see pagewalk boot --help");
    }
    const [, name, joined] = parts;
    const value = () => joined ?? this.#value(arg);
    const memory = /^m(\d.*)$/.exec(name);
    if (memory !== null) this.#set("memory", memory[1]);
    else if (flags.has(name)) this.#flags.add(name);
    else if (Object.hasOwn(alwaysSo, name)) {
      const { known, instead } = alwaysSo[name];
      oneOf(arg, value(), known, instead);
    } else if (valued.includes(name as Valued)) this.#set(name as Valued, value());
    else this.#structured(arg, name, value);
  }

  /** Options whose values are made of parts. */
  #structured(arg: string, name: string, value: () => string): void {
    switch (name) {
      case "m":
        this.#set("memory", withoutKey("size", value()));
        break;
      case "smp":
        this.#set("harts", `${parseCount("--smp", withoutKey("cpus", value()), mostHarts)}`);
        break;
      case "drive":
        this.#drive(value());
        break;
      case "device":
        this.#device(value());
        break;
      case "global":
        this.#global(value());
        break;
      case "machine":
      case "M":
        this.#machine(arg, value());
        break;
      default:
        throw usage(arg, "pagewalk boot has no such option: leave it out, or see pagewalk boot --help");
    }
  }

  #value(arg: string): string {
    const value = this.#rest.shift();
    if (value === undefined) throw usage(arg, "it needs a value after it");
    return value;
  }

  #set(name: Valued, value: string): void {
    if (this.#given[name] !== undefined) throw usage(`--${name} ${value}`, "it is given twice: leave one out");
    this.#given[name] = value;
  }

  #drive(text: string): void {
    const drive = readDrive(text);
    if (drive.id === undefined) this.#drives.push(drive);
    else if (this.#pending.has(drive.id)) throw usage(`-drive ${text}`, `there are two with the id ${drive.id}`);
    else this.#pending.set(drive.id, drive);
  }

  #device(text: string): void {
    const about = `-device ${text}`;
    const [name, ...settings] = text.split(",");
    const given = new Map(settings.map((setting) => setting.split("=", 2) as [string, string | undefined]));
    const take = (key: string) => {
      const value = given.get(key);
      given.delete(key);
      return value;
    };
    const bus = take("bus");
    const slot = bus === undefined ? undefined : /^virtio-mmio-bus\.([0-7])$/.exec(bus)?.[1];
    if (bus !== undefined && slot === undefined) throw usage(about, `there is no bus ${bus}: virtio-mmio-bus.0 to .7`);
    const device = this.#slotOf(about, name, take);
    take("id");
    for (const [key] of given) throw usage(about, `pagewalk's ${name} has no ${key}: leave it out`);
    addDevice(this.#slots, device, slot === undefined ? undefined : Number(slot));
  }

  #slotOf(about: string, name: string, take: (key: string) => string | undefined): SlotArgument {
    switch (name) {
      case "virtio-blk-device": {
        const id = take("drive") ?? "";
        const drive = this.#pending.get(id);
        if (drive === undefined)
          throw usage(about, `there is no drive "${id}": write -drive file=…,if=none,id=… before it`);
        this.#pending.delete(id);
        return { device: "blk", path: drive.path, mode: drive.mode };
      }
      case "virtio-rng-device":
        return { device: "rng" };
      case "virtio-serial-device":
        return { device: "console" };
      default: {
        const known = "virtio-blk-device, virtio-rng-device and virtio-serial-device";
        throw usage(about, `pagewalk has no such device: ${known} are there`);
      }
    }
  }

  #global(text: string): void {
    const legacy = /^virtio-mmio\.force-legacy=(on|off|true|false)$/.exec(text)?.[1];
    if (legacy === undefined) throw usage(`-global ${text}`, "only virtio-mmio.force-legacy=true or false is known");
    this.#legacyVirtio = legacy === "on" || legacy === "true";
  }

  #machine(arg: string, text: string): void {
    const [type, ...settings] = text.replace(/^type=/, "").split(",");
    if (type !== "virt") throw usage(`${arg} ${text}`, `there is no board ${type}: write virt`);
    for (const setting of settings) {
      const file = /^dumpdtb=(.+)$/.exec(setting)?.[1];
      if (file === undefined) throw usage(`${arg} ${text}`, `pagewalk's virt has no ${setting}: leave it out`);
      this.#set("dumpdtb", file);
    }
  }
}

/** `size=512M` is `512M`. */
function withoutKey(key: string, value: string): string {
  return value.startsWith(`${key}=`) ? value.slice(key.length + 1) : value;
}

function oneOf(arg: string, value: string, known: readonly string[], instead: string): void {
  if (!known.includes(value)) throw usage(`${arg} ${value}`, `pagewalk knows only ${known.join(" and ")}: ${instead}`);
}
