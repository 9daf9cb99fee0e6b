import { privilegeName } from "../../debug/cause.ts";
import { hex, hex64 } from "../../debug/hex.ts";
import { pageTablePicture } from "../../debug/pageTablePicture.ts";
import { tlbReport } from "../../debug/tlbReport.ts";
import { xNames } from "../../isa/index.ts";
import { type AsPrivilege, type HartInspector, type Translation, translationOf } from "../../machine/inspect.ts";
import type { Machine } from "../../machine/machine.ts";
import { formatExplanation, formatSize } from "../../mmu/index.ts";
import { PageTables } from "../../pagewalk/index.ts";
import { ptdump } from "../../pagewalk/ptdump/index.ts";
import { statistics } from "../report.ts";
import { type DumpFormat, dump, parseDump } from "./memoryDump.ts";

/** What a line made of the monitor: lines to print, or what to do. */
export type MonitorAnswer = readonly string[] | "continue" | "quit";

/** Lines of a picture or a list, at most. */
const mostLines = 2_000;

const help = [
  "info registers     registers and CSRs that matter",
  "info mem [SATP]    what satp, or a value for it, maps: address, physical address, size, attributes",
  "info tlb           the architectural TLB and its counters",
  "info mtree         RAM and devices",
  "info pagetable [SATP]  the tables that it names, as a tree",
  "x/NFS ADDRESS      memory at a virtual address: N units, format x d u o c s or i, size b h w g",
  "xp/NFS ADDRESS     memory at a physical address",
  "translate VA       the physical address that a load, a store and a fetch reach",
  "walk VA            every step of a translation",
  "hart N             look at another hart",
  "stats              instructions, MIPS, traps and TLB of all harts",
  "cont               go on (or Ctrl-A C)",
  "quit               end",
];

const csrs = [
  ...["mstatus", "mip", "mie", "mideleg", "medeleg", "mtvec", "mepc", "mcause", "mtval"],
  ...["stvec", "sepc", "scause", "stval", "satp"],
] as const;

/** Commands about a machine that stands still. Nothing but `hart` changes anything, and that only the monitor. */
export class Monitor {
  readonly #machine: Machine;
  readonly #begun = performance.now();
  #hart = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Carries out a line. What is wrong with it is a line of the answer. */
  command(line: string): MonitorAnswer {
    const [name = "", ...args] = line.trim().split(/\s+/);
    try {
      return this.#command(name, args);
    } catch (error) {
      if (error instanceof RangeError) return [error.message];
      throw error;
    }
  }

  #command(name: string, args: string[]): MonitorAnswer {
    const dumping = /^(xp?)(?:\/(\w+))?$/.exec(name);
    if (dumping !== null) return this.#dump(dumping[1] === "xp", parseDump(dumping[2] ?? ""), args);
    switch (name) {
      case "":
        return [];
      case "help":
      case "?":
        return help;
      case "info":
      case "i":
        return this.#info(args[0] ?? "", args[1]);
      case "translate":
        return this.#translate(this.#address(args));
      case "walk":
        return formatExplanation(this.#inspector.explain(this.#address(args))).split("\n");
      case "hart":
      case "cpu":
        return this.#choose(args[0]);
      case "stats":
        return statistics(this.#machine, (performance.now() - this.#begun) / 1000).slice(1);
      case "cont":
      case "c":
        return "continue";
      case "quit":
      case "q":
        return "quit";
      default:
        return [`there is no command ${name}: see help`];
    }
  }

  get #inspector(): HartInspector {
    return this.#machine.inspect(this.#hart);
  }

  #info(what: string, satp?: string): readonly string[] {
    switch (what) {
      case "registers":
        return this.#registers();
      case "mem":
        return this.#mem(this.#translation(satp));
      case "tlb":
        return this.#tlb();
      case "mtree":
        return this.#mtree();
      case "pagetable":
        return pageTablePicture(this.#machine.memory, this.#translation(satp), mostLines);
      default:
        return ["info what? registers, mem, tlb, mtree or pagetable"];
    }
  }

  #choose(text: string | undefined): string[] {
    const hart = Number(text);
    if (text === undefined || this.#machine.harts[hart] === undefined) {
      return [`harts are 0 to ${this.#machine.harts.length - 1}; this is hart ${this.#hart}`];
    }
    this.#hart = hart;
    return [];
  }

  #address([text]: readonly string[]): bigint {
    const symbol = text === undefined ? undefined : this.#machine.symbols?.find(text);
    if (symbol !== undefined) return symbol;
    if (text !== undefined && /^(0x[0-9a-f]+|\d+)$/i.test(text)) return BigInt.asUintN(64, BigInt(text));
    if (/^(pc|sp|ra|[astf]\d+|x\d+)$/.test(text?.replace(/^\$/, "") ?? "")) {
      return this.#inspector.register((text as string).replace(/^\$/, ""));
    }
    throw new RangeError(`${text ?? "nothing"} is no address: write 0x80200000, a symbol or a register`);
  }

  #registers(): string[] {
    const hart = this.#inspector;
    const waiting = hart.hart.waiting ? ", waiting in wfi" : "";
    const lines = [`hart ${this.#hart}: pc ${hex64(hart.pc)} in ${privilegeName(hart.priv)}-mode${waiting}`];
    const row = (pairs: readonly (readonly [string, bigint])[], perLine: number) => {
      for (let at = 0; at < pairs.length; at += perLine) {
        const part = pairs.slice(at, at + perLine);
        lines.push(part.map(([name, value]) => ` ${name.padEnd(8)}${hex64(value)}`).join(""));
      }
    };
    const numbers = Array.from({ length: 32 }, (_, n) => n);
    row(
      numbers.map((n) => [`x${n}/${xNames[n]}`, hart.register(`x${n}`)] as const),
      4,
    );
    row(
      csrs.map((name) => [name, hart.csr(name)] as const),
      3,
    );
    return lines;
  }

  /** What a value of satp says; without one, the hart's own. */
  #translation(satp: string | undefined): Translation {
    return satp === undefined ? this.#inspector.translation : translationOf(this.#address([satp]));
  }

  #mem({ mode, root }: Translation): string[] {
    const { memory } = this.#machine;
    if (mode.levels === 0) return ["No translation or protection"];
    if (!memory.isRam(Number(root), 4096)) return [`the root table at ${hex(root)} is not in RAM`];
    return ptdump(new PageTables({ memory, mode, root: Number(root) }), "qemu")
      .trimEnd()
      .split("\n");
  }

  #tlb(): string[] {
    const { tlb } = this.#inspector;
    const entries = tlb.entries.slice(0, mostLines).map(({ mode, asid, va, pa, pageSize, perms, filledBy }) => {
      return `${mode} asid ${asid} ${hex64(va)} -> ${hex(pa)} ${formatSize(pageSize)} ${perms}, filled by a ${filledBy}`;
    });
    const more = tlb.entries.length - entries.length;
    return [...tlbReport(tlb), ...entries, ...(more > 0 ? [`... and ${more} more`] : [])];
  }

  #mtree(): string[] {
    const { ramBase, ramBytes, mappings } = this.#machine.memory;
    const all = mappings.map(({ base, device }) => ({ base, bytes: device.size, name: device.name }));
    return [...all, { base: ramBase, bytes: ramBytes, name: "ram" }]
      .sort((a, b) => a.base - b.base)
      .map(({ base, bytes, name }) => {
        const digits = (value: number) => value.toString(16).padStart(16, "0");
        return `${digits(base)}-${digits(base + bytes - 1)}: ${name}`;
      });
  }

  #translate(va: bigint): string[] {
    return (["load", "store", "fetch"] as const).map((access) => {
      const { outcome, pa, mode, pageSize, says } = this.#inspector.explain(va, access);
      if (outcome !== "translated") return `${access}: ${outcome}: ${says}`;
      const page = pageSize === undefined ? "" : `, ${formatSize(pageSize)} page`;
      return `${access}: ${hex(pa ?? 0n)} (${mode}${page})`;
    });
  }

  #dump(isPhysical: boolean, format: DumpFormat, args: readonly string[]): readonly string[] {
    const at = this.#address(args);
    const hart = this.#inspector;
    const { memory } = this.#machine;
    const read = (address: bigint, bytes: number) => {
      return isPhysical ? memory.read(Number(address), bytes) : readMapped(hart, address, bytes);
    };
    return dump(at, format, read, hart.hart.isa);
  }
}

/** Memory as the hart reads it, or where its privilege forbids that, as another would: somebody wants to see it. */
function readMapped(hart: HartInspector, address: bigint, bytes: number): Uint8Array {
  const isReadable = (as?: AsPrivilege) => hart.explain(address, "load", as).outcome === "translated";
  const others = [{ priv: 1 }, { priv: 0 }] as const;
  return hart.readVirtual(address, bytes, "load", isReadable() ? undefined : others.find(isReadable));
}
