import { execFileSync, spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ramBytes } from "./layout.ts";

/** A QEMU that can be had here. */
export interface Qemu {
  readonly command: string;
  readonly cpu: string;
  /** What it implements of our instruction sets. */
  readonly isa: string;
  readonly version: string;
  /** The mixes that make sense with it; undefined: all. */
  readonly mixes?: readonly string[];
  /** Instructions that it gets wrong too often to tell. */
  readonly without?: readonly string[];
}

/** Extensions of QEMU's `max` that we don't have: their encodings must be illegal on both sides. */
const foreign =
  "h v zabha zama16b zicfilp zicfiss smaia ssaia smcdeleg ssccfg sscsrind smcsrind smctr ssctr smepmp smmpm smnpm ssnpm " +
  "supm sspm ssdbltrp debug zk zkn zks zknd zkne zknh zkr zksed zksh zfbfmin zvfbfmin zvfbfwma zvfh zvfhmin " +
  "zvbb zvbc zvkb zvkg zvkn zvknc zvkned zvkng zvknha zvknhb zvks zvksc zvksed zvksg zvksh " +
  "zve32f zve32x zve64d zve64f zve64x";

/** Extensions of QEMU 7.2 that have to be asked for, as it spells them; it has no Zfa, Zacas, Zcb, Zicond or Zimop. */
const askedOf7 = "zba zbb zbc zbs zbkb zbkc zbkx Zfh Zfhmin svinval svnapot svpbmt";

/** What QEMU 7.2 is asked about: not CSRs and paging, where it follows older specifications, nor atomics: its
 * sc without a reservation does not look at the address. */
const mixesOf7 = ["integer", "compressed", "float", "memory", "branch", "modify"];

/** Zbb: ctzw of 0 is 32 (QEMU 7.2 counts on in the upper half). */
const wrongIn7 = ["ctzw"];

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

/**
 * QEMU 10 as scripts/qemu10.sh gives it; else the system's own with a reduced instruction set, which it says on
 * `warn`. Undefined: there is none. `given` is a command to use instead.
 */
export function findQemu(root: string, warn: (line: string) => void, given?: string): Qemu | undefined {
  if (given !== undefined) return describe(given);
  try {
    const command = execFileSync(join(root, "scripts/qemu10.sh"), { stdio: ["ignore", "pipe", "inherit"] });
    return describe(command.toString().trim());
  } catch {
    warn("QEMU 10 cannot be had; trying the system's qemu-system-riscv64");
  }
  try {
    const found = describe("qemu-system-riscv64");
    warn(`comparing with QEMU ${found.version} and the reduced instruction set ${found.isa}`);
    return found;
  } catch {
    return undefined;
  }
}

function describe(command: string): Qemu {
  const version = /version (\S+)/.exec(execFileSync(command, ["--version"]).toString())![1];
  const major = Number(version.split(".")[0]);
  if (major >= 10) {
    const cpu = ["max,g=off,pmu-mask=0xfffffff8", ...words(foreign).map((name) => `${name}=off`)].join(",");
    return { command, version, cpu, isa: "max" };
  }
  const asked = words(askedOf7);
  const cpu = ["rv64", "h=off", ...asked.map((name) => `${name}=on`)].join(",");
  return { command, version, cpu, isa: `rv64gc_${asked.join("_").toLowerCase()}`, mixes: mixesOf7, without: wrongIn7 };
}

/** Why a run did not end by itself. */
export type QemuEnd = "finished" | "timeout" | `failed: ${string}`;

/** Runs images on QEMU: RAM is a file that both processes see. */
export class QemuRunner {
  readonly #qemu: Qemu;
  readonly #folder: string;
  readonly #path: string;
  readonly #file: number;

  constructor(qemu: Qemu) {
    this.#qemu = qemu;
    this.#folder = mkdtempSync(join(sharedMemoryFolder(), "pagewalk-fuzz-"));
    this.#path = join(this.#folder, "ram");
    this.#file = openSync(this.#path, "w+");
    ftruncateSync(this.#file, ramBytes);
  }

  /** Runs the first `length` bytes of an image; afterwards {@link read} gives what became of them. */
  run(image: Uint8Array, length: number, timeoutMs: number): Promise<QemuEnd> {
    writeSync(this.#file, image, 0, length, 0);
    const child = spawn(
      this.#qemu.command,
      [
        ...["-machine", "virt,memory-backend=ram", "-cpu", this.#qemu.cpu, "-smp", "2", "-m", `${ramBytes >> 20}M`],
        ...["-object", `memory-backend-file,id=ram,size=${ramBytes},mem-path=${this.#path},share=on`],
        ...["-bios", "none", "-display", "none", "-monitor", "none", "-serial", "none", "-nodefaults"],
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    return new Promise((resolve) => {
      let said = "";
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill("SIGKILL");
      }, timeoutMs);
      child.stderr.on("data", (text) => {
        said += text;
      });
      child.on("error", (error) => resolve(`failed: ${error.message}`));
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        resolve(late ? "timeout" : code === 0 ? "finished" : `failed: ${signal ?? `exit code ${code}`} ${said.trim()}`);
      });
    });
  }

  /** The first bytes of RAM as the run left them. */
  read(into: Uint8Array, length: number): void {
    readSync(this.#file, into, 0, length, 0);
  }

  close(): void {
    fstatSync(this.#file);
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function sharedMemoryFolder(): string {
  try {
    return rmSync(mkdtempSync("/dev/shm/pagewalk-probe-"), { recursive: true }) ?? "/dev/shm";
  } catch {
    return tmpdir();
  }
}
