import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readBootArguments } from "../../src/cli/boot/arguments.ts";
import { boot } from "../../src/cli/boot/boot.ts";
import { EscapeReader, type Request } from "../../src/cli/boot/escape.ts";
import type { ConsoleInput } from "../../src/cli/boot/input.ts";
import { Failure } from "../../src/cli/failure.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { bootCommand } from "../guests/linux/terminal.ts";
import { exit, Folder, pagewalk, print } from "./commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

const kernel = folder.program("kernel.elf", `${print("K")}${exit(3)}`);
/** Echoes what it receives, until a q. */
const echo = folder.program(
  "echo.elf",
  `
  lui s0, 0x10000
  lbu a0, 5(s0)
  andi a0, a0, 1
  beq a0, zero, pc-8
  lbu a1, 0(s0)
  sb a1, 0(s0)
  addi a2, zero, 113
  bne a1, a2, pc-24
  ${exit(0)}`,
);
/** Waits for interrupts that cannot come. */
const waits = folder.program("waits.elf", "wfi\njal zero, pc-4\n");

/** Boots with something typed after the machine has started. */
async function booted(args: readonly string[], typed = "", ends = true, later = "") {
  let output = "";
  const collect = (bytes: Uint8Array) => {
    output += Buffer.from(bytes).toString("latin1");
  };
  const input: ConsoleInput = {
    isTerminal: false,
    open(onBytes, onEnd) {
      onBytes(Buffer.from(typed));
      if (later !== "") setTimeout(() => onBytes(Buffer.from(later)), 50);
      if (ends) onEnd();
    },
    close() {},
  };
  const terminal = new Terminal(collect, collect);
  const code = await boot(args, { terminal, interrupted: () => false }, input);
  terminal.flush();
  return { code, output };
}

/** What `make qemu` says in courses that build on RISC-V. */
const courseWords = (path: string, image: string) =>
  [
    `-machine virt -bios none -kernel ${path} -m 128M -smp 3 -nographic -global virtio-mmio.force-legacy=false`,
    `-drive file=${image},if=none,format=raw,id=x0 -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0`,
  ].flatMap((words) => words.split(" "));

const bare = (path: string, ...more: string[]) => ["-bios", "none", "-kernel", path, "-m", "16M", ...more];

describe("pagewalk boot", () => {
  test("starts an ELF in M-mode with -bios none; the exit code is the guest's", async () => {
    expect(await booted(bare(kernel))).toEqual({ code: 3, output: "K" });
  });

  test("gives the guest what is typed, and its words back", async () => {
    expect(await booted(bare(echo), "hello, q")).toEqual({ code: 0, output: "hello, q" });
  });

  test("starts a course's kernel with the words of its Makefile: three harts, a disk, what is typed", async () => {
    const image = `${folder.path}/fs.img`;
    writeFileSync(image, new Uint8Array(96 << 10));
    const { code, output } = await bootCommand(
      courseWords("firmware/demos/course.elf", image),
      [["$ ", "hello\r"]],
      undefined,
      [],
    );
    expect(output).toBe("a kernel is booting\n3 harts, 48 blocks written and read back\n$ olleh\n");
    expect(code).toBe(0);
    const disk = readFileSync(image);
    for (let block = 0; block < 48; block++) expect(disk[block * 1024 + 3]).toBe(21 + block);
  });

  test("the UART's output goes to a file, or nowhere, where -serial says so", async () => {
    const path = `${folder.path}/serial.log`;
    expect(await booted(bare(kernel, "-serial", `file:${path}`))).toEqual({ code: 3, output: "" });
    expect(readFileSync(path, "latin1")).toBe("K");
    expect(await booted(bare(kernel, "-serial", "none"))).toEqual({ code: 3, output: "" });
    await expect(booted(bare(kernel, "-serial", "file:/nowhere/log"))).rejects.toThrow(
      "/nowhere/log: writing the guest's output: there is no such file",
    );
  });

  test("Ctrl-A X ends it; Ctrl-A A is a Ctrl-A for the guest", async () => {
    expect(await booted(bare(echo), "ab\u0001x", false)).toEqual({ code: 0, output: expect.any(String) });
    expect((await booted(bare(echo), "\u0001aq")).output).toBe("\u0001q");
  });

  test("a guest that waits for ever is told apart from one that waits for input", async () => {
    const { code, output } = await booted(bare(waits));
    expect(code).toBe(124);
    expect(output).toContain("all harts wait for an interrupt, and none can come");
    expect(await booted(bare(waits, "--timeout", "0.3"), "", false)).toMatchObject({ code: 124 });
  });

  test("starts again where the guest asks for a reset, and ends there with -no-reboot", async () => {
    // counts its starts on a disk would need a driver: it stops by a limit instead
    const again = folder.program(
      "again.elf",
      `${print("R")}
      lui t5, 0x100
      lui t6, 7
      addi t6, t6, 0x777
      sw t6, 0(t5)`,
    );
    const { code, output } = await booted(bare(again, "--max-instructions", "40"));
    expect(output).toMatch(/^RR+\n?pagewalk: .*--max-instructions is reached/);
    expect(code).toBe(124);
    expect(await booted(bare(again, "-no-reboot"))).toMatchObject({ code: 0, output: expect.stringMatching(/^R/) });
  });

  test("--dumpdtb writes the device tree and ends", async () => {
    const path = `${folder.path}/a.dtb`;
    expect(await booted(["--dumpdtb", path, "--smp", "2"])).toEqual({ code: 0, output: "" });
    expect(readFileSync(path).readUInt32BE(0)).toBe(0xd00dfeed);
    const { code } = await booted(bare(kernel, "--dtb", path));
    expect(code).toBe(3);
  });

  test("Ctrl-A C opens a monitor that shows the machine, and goes on or ends", async () => {
    const lines = ["info registers", "info mtree", "info tlb", "info mem", "info pagetable", "hart 1", "hart 7"];
    lines.push(
      "x/2i 0x80000000",
      "xp/4xb 0x80000000",
      "x/1xg 0",
      "translate 0x80000000",
      "walk 0x10",
      "nonsense",
      "x/9q 0",
      "info mem 0x8000000000080000",
      "info pagetable 0x8000000000080001",
      "info mem satp",
    );
    const typed = `\u0001c${lines.join("\n")}\nhelp\nstats\ncont\nzq`;
    const { code, output } = await booted(bare(echo, "--smp", "2"), typed);
    expect(output).toContain("hart 0: pc 0x0000000080000000 in M-mode");
    expect(output).toContain("0000000080000000-0000000080ffffff: ram");
    expect(output).toContain("No translation or protection");
    expect(output).toContain("no translation: satp.MODE is Bare");
    expect(output).toContain("harts are 0 to 1; this is hart 1");
    expect(output).toContain("0x0000000080000000: lui s0, 0x10000");
    expect(output).toContain("0x0000000080000000: 0x37 0x04 0x00 0x10");
    expect(output).toContain("load of 0x0: neither RAM");
    expect(output).toContain("load: 0x80000000 (Bare)");
    expect(output).toContain("load access fault, cause 5");
    expect(output).toContain("there is no command nonsense: see help");
    expect(output).toContain("/9q is no format");
    // a root that is nothing but a program: none of its words is a valid entry
    expect(output).toContain("vaddr            paddr            size             attr");
    expect(output).toContain("satp is no address");
    expect(output).toMatch(/zq$/);
    expect(code).toBe(0);
    expect((await booted(bare(echo), "\u0001cquit\n", false)).code).toBe(0);
  });

  test("what is typed can be recorded, and typed again at the same instructions", async () => {
    // prints a letter that depends on the moment at which each character comes
    const moment = folder.program(
      "moment.elf",
      `lui s0, 0x10000
      addi s1, s1, 1
      lbu a0, 5(s0)
      andi a0, a0, 1
      beq a0, zero, pc-12
      lbu a1, 0(s0)
      andi a3, s1, 15
      addi a3, a3, 97
      sb a3, 0(s0)
      addi a2, zero, 113
      bne a1, a2, pc-36
      ${exit(0)}`,
    );
    const path = `${folder.path}/journal`;
    const first = await booted(bare(moment, "--record", path, "--smp", "2"), "it", true, "me q");
    const again = await booted(bare(moment, "--replay", path, "--smp", "2"));
    expect(first.output).toHaveLength(6);
    expect(again).toEqual(first);
    const { code, stderr } = await pagewalk("boot", ...bare(moment, "--replay", kernel));
    expect(code).toBe(125);
    expect(stderr).toContain("line 1: it was not written by --record");
  });

  test("on the host's clock a second is a second", async () => {
    // waits until mtime has gone on by 3,000,000 ticks: 0.3 s
    const clock = folder.program(
      "clock.elf",
      `csrrs a0, time, zero
      lui a1, 0x2dc
      addi a1, a1, 0x6c0
      add a0, a0, a1
      csrrs a2, time, zero
      bltu a2, a0, pc-4
      ${exit(0)}`,
    );
    const begun = performance.now();
    expect((await booted(bare(clock, "--clock", "host"))).code).toBe(0);
    expect(performance.now() - begun).toBeGreaterThan(295);
  });
});

describe("arguments of boot", () => {
  test("QEMU's spellings and ours mean the same", () => {
    const qemu = ["-machine", "virt", "-nographic", "-kernel", "k", "-initrd", "i", "-append", "a b", "-m", "1G"];
    qemu.push(
      "-smp",
      "cpus=2",
      "-drive",
      "file=d,if=none,format=raw,id=x0",
      "-global",
      "virtio-mmio.force-legacy=false",
    );
    qemu.push("-device", "virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0", "-serial", "mon:stdio", "-cpu", "rv64");
    const ours = ["--kernel=k", "--initrd", "i", "--append=a b", "-m1024", "--smp", "2", "--drive", "d"];
    expect(readBootArguments(qemu)).toEqual(readBootArguments(ours));
  });

  test("drives are images that are written to, that are not, or over which the guest writes in memory", () => {
    const modes = ["a", "b,ro", "c,overlay", "file=d,readonly=on", "file=e,,f,snapshot=on,format=raw"];
    const { slots } = readBootArguments(modes.flatMap((drive) => ["--drive", drive]));
    expect(slots).toEqual([
      { device: "blk", path: "a", mode: "write" },
      { device: "blk", path: "b", mode: "ro" },
      { device: "blk", path: "c", mode: "overlay" },
      { device: "blk", path: "d", mode: "ro" },
      { device: "blk", path: "e,f", mode: "overlay" },
    ]);
  });

  test("a device goes to the bus it names, others to the first that is free", () => {
    const { slots, legacyVirtio } = readBootArguments([
      ...["-device", "virtio-rng-device,bus=virtio-mmio-bus.2", "--drive", "a"],
      ...["-global", "virtio-mmio.force-legacy=true"],
    ]);
    expect(slots.map((slot) => slot?.device)).toEqual(["blk", undefined, "rng"]);
    expect(legacyVirtio).toBe(true);
  });

  test("a teaching kernel's command line is understood as it is", () => {
    const line = `-machine virt -bios none -kernel kernel/kernel -m 128M -smp 3 -nographic
      -global virtio-mmio.force-legacy=false -drive file=fs.img,if=none,format=raw,id=x0
      -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0`;
    expect(readBootArguments(line.split(/\s+/))).toMatchObject({
      ...{ bios: "none", kernel: "kernel/kernel", legacyVirtio: false, serial: "stdio" },
      machine: { ramBytes: 128 << 20, harts: 3 },
      slots: [{ device: "blk", path: "fs.img", mode: "write" }],
    });
  });

  test("devices may stand before what they name; a disk has a serial number, random numbers a source", () => {
    const line = `-device virtio-blk-device,drive=hd0,serial=SN1 -device virtio-rng-device,rng=r0 -snapshot -accel tcg
      -drive if=none,file=a,id=hd0,media=disk,cache=none -object rng-random,filename=/dev/urandom,id=r0 -nodefaults`;
    expect(readBootArguments(line.split(/\s+/)).slots).toEqual([
      { device: "blk", path: "a", mode: "overlay", serial: "SN1" },
      { device: "rng" },
    ]);
  });

  test("consoles lead to the terminal, to a file or nowhere", () => {
    const line = `-device virtio-serial-device -device virtconsole,chardev=c0 -serial chardev:c1
      -chardev stdio,id=c0,mux=on,signal=off -chardev file,id=c1,path=log -mon chardev=c0,mode=readline`;
    const { slots, serial } = readBootArguments(line.split(/\s+/));
    expect(slots).toEqual([{ device: "console", backend: "stdio" }]);
    expect(serial).toEqual({ file: "log" });
    expect(readBootArguments(["-serial", "none"]).serial).toBe("null");
    expect(readBootArguments(["-serial", "file:a"]).serial).toEqual({ file: "a" });
  });

  const wrong: readonly (readonly [string, string])[] = [
    ["-netdev user", "-netdev: there is no network"],
    ["-usb", "-usb: pagewalk boot has no such option"],
    ["-S", "-S: there is no gdb server: look around in the monitor"],
    ["-gdb tcp::26000", "-gdb: there is no gdb server"],
    ["-d in_asm", "-d: there is no such log"],
    ["-serial pty", "there is no such line: mon:stdio, none, file:FILE or chardev:ID"],
    ["-serial chardev:c", 'there is no chardev "c"'],
    ["-serial none -serial none", "there is one UART"],
    ["-chardev pty,id=c", "stdio, null and file are there, no pty"],
    ["-chardev stdio", "it needs an id"],
    ["-chardev file,id=c", "it needs a path"],
    ["-chardev null,id=c,logfile=f", "pagewalk knows no logfile of chardevs"],
    ["-device virtconsole,chardev=c", "there is no virtio-serial-device"],
    ["-device virtio-serial-device -device virtconsole", "it needs a chardev=ID"],
    ["-device virtio-serial-device -device virtio-serial-device", "there is one already"],
    ["-device virtio-rng-device,rng=r", 'there is no object "r"'],
    ["-object memory-backend-ram,id=m", "pagewalk has no such object"],
    ["-mon chardev=c", "the monitor is on stdio and nowhere else"],
    ["-machine sifive_u", "there is no board sifive_u: write virt"],
    ["-machine virt,aia=aplic", "pagewalk's virt has no aia=aplic"],
    ["-device e1000", "pagewalk has no such device"],
    ["-device virtio-blk-device,drive=none", 'there is no drive "none"'],
    ["-device virtio-rng-device,bus=pcie.0", "there is no bus pcie.0"],
    ["-device virtio-rng-device,max-bytes=1", "no max-bytes of virtio-rng-device"],
    ["-drive file=a,if=pflash", "if=pflash is not known: none or virtio"],
    ["-drive file=a,format=qcow2", "format=qcow2 is not known: raw"],
    ["-drive file=a,if=none,id=x", "no device uses it"],
    ["-drive file=a,if=none", "with if=none it needs an id"],
    ["-drive if=none,id=x", "it has no file=…"],
    [
      "-drive file=a,if=none,id=x -device virtio-blk-device,drive=x -device virtio-blk-device,drive=x",
      'the drive "x" has a device already',
    ],
    ["--isa rv64imac", "the firmware needs CSRs: write rv64imac_zicsr_zifencei"],
    ["-global PIIX4.x=y", "only virtio-mmio.force-legacy"],
    ["-cpu thead-c906", "pagewalk knows only rv64 and max: choose extensions with --isa"],
    ["--smp 65", "--smp 65: this is no number that can be used"],
    ["--clock slow", "there is no such clock: write virtual or host"],
    ["--kernel", "--kernel: it needs a value after it"],
    ["--kernel a --kernel b", "it is given twice"],
    ["vmlinux", "boot takes options only"],
    ["--drive a ".repeat(9).trim(), "there are 8 virtio slots, and no more"],
  ];
  test.each(wrong)("%s is refused", (text, reason) => {
    const read = () => readBootArguments(text.split(" "));
    expect(read).toThrow(Failure);
    expect(read).toThrow(reason);
  });
});

describe("files that cannot be booted give one line and 125:", () => {
  const pipe = `${folder.path}/pipe`;
  spawnSync("mkfifo", [pipe]);
  const bad: readonly (readonly [string, readonly string[]])[] = [
    ["no kernel at all", []],
    ["a kernel that is not there", ["--kernel", "/nowhere/Image"]],
    ["a folder for a kernel", ["--kernel", folder.path]],
    ["an empty kernel", ["--kernel", folder.write("empty", "")]],
    ["a kernel that is a named pipe", ["--kernel", pipe]],
    ["a compressed kernel", ["--kernel", folder.write("gz", Uint8Array.of(0x1f, 0x8b, 8, 0, 0))]],
    ["a cut off ELF", ["--kernel", folder.write("cut.elf", readFileSync(kernel).subarray(0, 100))]],
    ["firmware that is not there", ["--kernel", kernel, "--bios", "/nowhere/fw"]],
    [
      "a device tree that is none",
      ["--bios", "none", "--kernel", kernel, "--dtb", folder.write("t", "no device tree, but some text")],
    ],
    [
      "an initial RAM disk that gzip cannot undo",
      [
        "--kernel",
        kernel,
        "--bios",
        "none",
        "--initrd",
        folder.write("i.gz", gzipSync("a".repeat(999)).subarray(0, 20)),
      ],
    ],
    [
      "an initial RAM disk whose data gzip finds changed",
      ["--kernel", kernel, "--bios", "none", "--initrd", folder.write("j.gz", gzipSync("abc").fill(1, 18))],
    ],
    ["a disk of half a sector", ["--kernel", kernel, "--drive", folder.write("d", new Uint8Array(700))]],
    ["a disk that is not there", ["--kernel", kernel, "--drive", "/nowhere/disk"]],
    ["a kernel where the firmware is", ["--kernel", kernel]],
  ];
  test.each(bad)("%s", async (_, args) => {
    const { code, stdout, stderr } = await pagewalk("boot", ...args);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(/^pagewalk: [^\n]+\n$/);
    expect(stderr).not.toMatch(/internal error|undefined|NaN/);
  });
});

test("help for boot lists its options", async () => {
  const { code, stdout } = await pagewalk("boot", "--help");
  expect(code).toBe(0);
  for (const option of ["--kernel", "--initrd", "--append", "--bios", "--drive", "--smp", "--clock", "--dumpdtb"]) {
    expect(stdout).toContain(option);
  }
});

test("keys after Ctrl-A are requests, however they are cut into pieces", () => {
  const reader = new EscapeReader();
  const seen: (string | Request)[] = [];
  for (const piece of ["ab\u0001", "Xcd", "\u0001c\u0001b", "\u0001\u0001e\u0001zf"]) {
    for (const part of reader.read(Buffer.from(piece))) {
      seen.push(part instanceof Uint8Array ? Buffer.from(part).toString() : part);
    }
  }
  expect(seen).toEqual(["ab", "end", "cd", "monitor", "break", "\u0001ef"]);
});
