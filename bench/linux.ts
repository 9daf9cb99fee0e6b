// npm run bench:linux -- [--only boot,disk] [--harts 1,2,4] [--runs 3] [--engine pagewalk,interpreter,qemu]
// Boots Debian's Linux on this build and on QEMU, in turns, with the same kernel, initial RAM disk and disk image.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./measure.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "boot,disk" },
    harts: { type: "string", default: "1,2,4" },
    engine: { type: "string", default: "pagewalk,qemu" },
    runs: { type: "string", default: "3" },
  },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs ${values.runs}: a number from 1 on`);

const pagewalk = [process.execPath, "dist/cli/main.js", "boot", "-nographic", "--stats"];
/** How an emulator is called; the rest of the words are the same for all. */
const emulators: Readonly<Record<string, readonly string[]>> = {
  pagewalk,
  interpreter: [...pagewalk, "--engine", "interpreter"],
  qemu: [process.env.QEMU ?? "qemu-system-riscv64", "-display", "none", "-monitor", "none", "-serial", "stdio"],
};

/** What had been used when the guest said a word: seconds by the clock, and of processors. */
interface Mark {
  readonly word: string;
  readonly wall: number;
  readonly cpu: number;
}

const ticksPerSecond = 100;
const secondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

/** Boots, and notes what was used at each line `MARK word` of the guest's. */
async function boot(command: readonly string[]): Promise<{ marks: Mark[]; output: string }> {
  const start = performance.now();
  const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const marks: Mark[] = [];
  let output = "";
  const note = (word: string) => {
    marks.push({ word, wall: (performance.now() - start) / 1000, cpu: secondsOf(child.pid!) });
  };
  child.stdout.on("data", (part: Buffer) => {
    output += part.toString("latin1");
    const said = [...output.matchAll(/^MARK (.*)\r$/gm)];
    for (const [, word] of said.slice(marks.length)) note(word);
  });
  child.stderr.on("data", (part: Buffer) => {
    output += part.toString("latin1");
  });
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${output.slice(-2000)}`);
  return { marks, output };
}

const folder = mkdtempSync(join(tmpdir(), "pagewalk-bench-"));
const guests = execFileSync("scripts/guests.sh", { encoding: "utf8" }).trim();

/** An initial RAM disk that executes a script. */
function ramDisk(name: string, script: string, modules: readonly string[] = []): string {
  const [init, file] = [join(folder, `${name}.sh`), join(folder, `${name}.cpio`)];
  writeFileSync(init, script);
  const loaded = modules.flatMap((module) => ["--module", module]);
  execFileSync(process.execPath, ["scripts/initramfs.mjs", file, "--init", init, ...loaded]);
  return file;
}

/** Boots on every emulator, in turns; by emulator, what each run has noted, and the output of the last. */
async function inTurns(harts: number, initrd: string, more: readonly string[] = []) {
  const noted = new Map<string, Mark[][]>();
  const outputs = new Map<string, string>();
  const guest = ["-machine", "virt", "-m", "512M", "-smp", `${harts}`, "-kernel", join(guests, "linux/Image")];
  for (let run = 0; run < runs; run++) {
    for (const name of values.engine.split(",")) {
      const emulator = emulators[name];
      if (emulator === undefined) throw new RangeError(`no engine ${name}: ${Object.keys(emulators).join(", ")}`);
      const words = [...emulator, ...guest, "-initrd", initrd, "-append", "console=ttyS0 quiet", ...more];
      const { marks, output } = await boot(words);
      noted.set(name, [...(noted.get(name) ?? []), marks]);
      outputs.set(name, output);
    }
  }
  return { noted, outputs };
}

const row = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
const show = (wall: number, cpu: number, digits = 2) => `${wall.toFixed(digits)} (${cpu.toFixed(digits)})`;

/** Medians over all runs of what lies between two marks; from the start where the first is undefined. */
function between(all: readonly Mark[][], from: string | undefined, to: string): { wall: number; cpu: number } {
  const of = (pick: "wall" | "cpu") =>
    median(
      all.map((marks) => {
        const at = (word: string) => marks.find((mark) => mark.word === word)![pick];
        return at(to) - (from === undefined ? 0 : at(from));
      }),
    );
  return { wall: of("wall"), cpu: of("cpu") };
}

async function benchBoot(): Promise<void> {
  const initrd = ramDisk("boot", "echo MARK up\npoweroff -f\n");
  const counters: string[] = [];
  row(["harts", ...values.engine.split(",").map((name) => `${name}: s (CPU)`), "ratio (CPU)"]);
  row(["--:", ...values.engine.split(",").map(() => "--:"), "--:"]);
  for (const harts of values.harts.split(",").map(Number)) {
    const { noted, outputs } = await inTurns(harts, initrd);
    const times = [...noted.values()].map((all) => between(all, undefined, "up"));
    const [first, last] = [times[0], times[times.length - 1]];
    const ratio = times.length < 2 ? "" : show(first.wall / last.wall, first.cpu / last.cpu);
    row([`${harts}`, ...times.map(({ wall, cpu }) => show(wall, cpu)), ratio]);
    const said = outputs.values().next().value ?? "";
    const lines =
      said.match(/^(?:[\d,]+ instructions| {2}fence| {2}TLB: (?:.* walks|fences)|code:|translator:).*$/gm) ?? [];
    counters.push(`\n${harts === 1 ? "one hart" : `${harts} harts`}:`, ...lines.map((line) => `    ${line}`));
  }
  console.log(counters.join("\n"));
}

const mebibytes = 128;
const passes = 3;
/** Ways of reading and writing a disk; before each, the page cache is emptied. */
const ways = [
  ["read, direct", `dd if=/dev/vda of=/dev/null bs=1M count=${mebibytes} iflag=direct`],
  ["read, page cache", `dd if=/dev/vda of=/dev/null bs=1M count=${mebibytes}`],
  ["cat", "cat /dev/vda > /dev/null"],
  ["written, fsync", `dd if=/dev/zero of=/dev/vda bs=1M count=${mebibytes} conv=fsync`],
  ["written, direct", `dd if=/dev/zero of=/dev/vda bs=1M count=${mebibytes} oflag=direct`],
] as const;

async function benchDisk(): Promise<void> {
  // the kernel's own tests of its cryptography take as long in the background
  const script = ["sleep 5", "echo 1 > /proc/sys/kernel/printk"];
  for (const [way, command] of ways) {
    for (let pass = 0; pass < passes; pass++) {
      script.push("echo 3 > /proc/sys/vm/drop_caches", `echo MARK ${way} ${pass}`);
      script.push(`${command} 2>/dev/null`, `echo MARK ${way} ${pass} done`);
    }
  }
  const initrd = ramDisk("disk", [...script, "poweroff -f", ""].join("\n"), ["virtio_mmio", "virtio_blk"]);
  const image = join(folder, "disk.img");
  writeFileSync(image, new Uint8Array(mebibytes << 20).fill(1));
  const drive = ["-drive", `file=${image},if=none,format=raw,id=x0`, "-device", "virtio-blk-device,drive=x0"];
  const { noted } = await inTurns(1, initrd, drive);
  console.log(`\nMiB a second (a second of processors), ${mebibytes} MiB at once, pass by pass:\n`);
  row(["", ...noted.keys()]);
  row(["---", ...[...noted.keys()].map(() => "---")]);
  for (const [way] of ways) {
    const cells = [...noted.values()].map((all) =>
      Array.from({ length: passes }, (_, pass) => {
        const { wall, cpu } = between(all, `${way} ${pass}`, `${way} ${pass} done`);
        return show(mebibytes / wall, mebibytes / cpu, 0);
      }).join(", "),
    );
    row([way, ...cells]);
  }
}

try {
  for (const part of values.only.split(",")) {
    if (part === "boot") await benchBoot();
    else if (part === "disk") await benchDisk();
    else throw new RangeError(`--only ${part}: boot, disk`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
