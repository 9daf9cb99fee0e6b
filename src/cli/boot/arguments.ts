import type { MachineOptions } from "../../machine/machine.ts";
import { usage } from "../failure.ts";
import { type Limits, limitOptions, machineOptions, parseCount } from "../options.ts";
import { type Backend, readChardev, readSerial } from "./chardev.ts";
import {
  addDevice,
  chardevOf,
  type DriveArgument,
  type PendingDrive,
  placeDevice,
  readDrive,
  type SlotArgument,
} from "./devices.ts";
import { settingsOf } from "./settings.ts";

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
  /** What is at the other end of the UART. */
  readonly serial: Backend;
  readonly machine: MachineOptions;
  readonly limits: Limits;
  readonly stats: boolean;
  readonly profile: boolean;
  readonly clock: "virtual" | "host" | undefined;
  /** Files that input is written to, or read from, with the cycles at which it came. */
  readonly record: string | undefined;
  readonly replay: string | undefined;
  /** End where the guest asks for a reset, instead of starting it again. */
  readonly noReboot: boolean;
}

/** Options with a value, in our spelling and in QEMU's, which differ only in their dashes. */
const valued = [
  ...["kernel", "initrd", "append", "bios", "dtb", "dumpdtb", "clock", "record", "replay"],
  ...["memory", "isa", "tlb", "harts", "engine", "code-cache", "max-instructions", "timeout"],
] as const;
type Valued = (typeof valued)[number];

const mostHarts = 64;
/** Settings of the board that are so anyway. */
const machineAlready: ReadonlySet<string> = new Set(["accel=tcg", "acpi=off", "aia=none", "aclint=off", "usb=off"]);
const flags: ReadonlySet<string> = new Set(["stats", "profile", "no-reboot", "nographic", "snapshot", "nodefaults"]);

/** QEMU's options that are so, whatever they say: there is one terminal, and nothing to see. */
const alwaysSo: Readonly<Record<string, { readonly known: readonly string[]; readonly instead: string }>> = {
  display: { known: ["none"], instead: "leave it out" },
  monitor: { known: ["none"], instead: "leave it out" },
  vga: { known: ["none"], instead: "leave it out" },
  net: { known: ["none"], instead: "leave it out" },
  nic: { known: ["none"], instead: "leave it out" },
  accel: { known: ["tcg"], instead: "leave it out" },
  rtc: { known: ["base=utc"], instead: "leave it out" },
  cpu: { known: ["rv64", "max"], instead: "choose extensions with --isa" },
};

/** What people type out of habit and pagewalk does not have, and what there is instead. */
const absent: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["s", "S", "gdb"].map((name) => [name, "there is no gdb server: look around in the monitor (Ctrl-A C)"]),
  ),
  ...Object.fromEntries(["d", "D"].map((name) => [name, "there is no such log: pagewalk run --trace writes one"])),
  ...Object.fromEntries(["qmp", "vnc"].map((name) => [name, "there is one console, the terminal: leave it out"])),
  icount: "write --clock virtual: time made of instructions",
  netdev: "there is no network: leave it out",
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
  /** QEMU's `-drive if=none,id=…`. */
  readonly #pending = new Map<string, PendingDrive>();
  readonly #chardevs = new Map<string, Backend>();
  readonly #objects = new Set<string>();
  readonly #devices: string[] = [];
  readonly #slots: (SlotArgument | undefined)[] = [];
  #serial: string | undefined;
  #legacyVirtio = false;

  constructor(args: readonly string[]) {
    this.#rest = [...args];
  }

  read(): BootArguments {
    for (let arg = this.#rest.shift(); arg !== undefined; arg = this.#rest.shift()) this.#argument(arg);
    // what they name may stand behind them
    const named = { drives: this.#pending, chardevs: this.#chardevs, sources: this.#objects };
    for (const device of this.#devices) placeDevice(this.#slots, device, named);
    for (const drive of this.#drives) addDevice(this.#slots, { device: "blk", ...drive });
    const unused = [...this.#pending.values()].find(({ taken }) => !taken);
    if (unused !== undefined) {
      throw usage(
        `-drive id=${unused.id}`,
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
    const machine = machineOptions({ memory: "512M", ...this.#given });
    if (bios === "default" && typeof machine.isa === "object" && !machine.isa.has("zicsr")) {
      throw usage(`--isa ${this.#given.isa}`, `the firmware needs CSRs: write ${this.#given.isa}_zicsr_zifencei`);
    }
    return {
      ...{ kernel, initrd, append, bios, dtb, dumpdtb, record, replay },
      clock: journal === undefined ? clock : "virtual",
      slots: this.#flags.has("snapshot") ? this.#slots.map(overlaid) : this.#slots,
      serial: this.#serialBackend(),
      legacyVirtio: this.#legacyVirtio,
      machine,
      limits: limitOptions(this.#given),
      stats: this.#flags.has("stats"),
      profile: this.#flags.has("profile"),
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
        this.#devices.push(value());
        break;
      case "chardev": {
        const { id, backend } = readChardev(value());
        if (this.#chardevs.has(id)) throw usage(arg, `there are two with the id ${id}`);
        this.#chardevs.set(id, backend);
        break;
      }
      case "serial":
        if (this.#serial !== undefined) throw usage(arg, "there is one UART: leave one out");
        this.#serial = value();
        break;
      case "mon":
        this.#monitor(value());
        break;
      case "object":
        this.#object(value());
        break;
      case "global":
        this.#global(value());
        break;
      case "machine":
      case "M":
        this.#machine(arg, value());
        break;
      default:
        throw usage(arg, absent[name] ?? "pagewalk boot has no such option: leave it out, or see pagewalk boot --help");
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

  /** The monitor is on the terminal: Ctrl-A C. */
  #monitor(text: string): void {
    const about = `-mon ${text}`;
    const { name, settings } = settingsOf(about, text.replace(/^chardev=/, ""));
    settings.takeOneOf("mode", ["readline"]);
    settings.end("monitor");
    if (this.#chardevs.get(name) !== "stdio") throw usage(about, "the monitor is on stdio and nowhere else");
  }

  #object(text: string): void {
    const about = `-object ${text}`;
    const { name, settings } = settingsOf(about, text);
    if (name !== "rng-random" && name !== "rng-builtin") {
      throw usage(about, "pagewalk has no such object: rng-random and rng-builtin are there");
    }
    const id = settings.take("id");
    if (id === undefined) throw usage(about, "it needs an id, which a -device names");
    settings.takeOneOf("filename", ["/dev/urandom", "/dev/random"]);
    settings.end("objects");
    this.#objects.add(id);
  }

  #serialBackend(): Backend {
    const chardev = (about: string, id: string) => chardevOf(about, id, this.#chardevs);
    return this.#serial === undefined ? "stdio" : readSerial(this.#serial, chardev);
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
      if (machineAlready.has(setting)) continue;
      const file = /^dumpdtb=(.+)$/.exec(setting)?.[1];
      if (file === undefined) throw usage(`${arg} ${text}`, `pagewalk's virt has no ${setting}: leave it out`);
      this.#set("dumpdtb", file);
    }
  }
}

/** A disk that is not written to, while the guest believes it is. */
function overlaid(slot: SlotArgument | undefined): SlotArgument | undefined {
  return slot?.device === "blk" && slot.mode === "write" ? { ...slot, mode: "overlay" } : slot;
}

/** `size=512M` is `512M`. */
function withoutKey(key: string, value: string): string {
  return value.startsWith(`${key}=`) ? value.slice(key.length + 1) : value;
}

function oneOf(arg: string, value: string, known: readonly string[], instead: string): void {
  if (!known.includes(value)) throw usage(`${arg} ${value}`, `pagewalk knows only ${known.join(" and ")}: ${instead}`);
}
