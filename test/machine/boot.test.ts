import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VirtioEntropy } from "../../src/devices/virtio/index.ts";
import { type BootFiles, loadBoot } from "../../src/machine/boot.ts";
import { BootError } from "../../src/machine/bootError.ts";
import { flatten } from "../../src/machine/flattenedTree.ts";
import { unflatten } from "../../src/machine/flattenedTreeReader.ts";
import { createMachine } from "../../src/machine/machine.ts";

const firmware = { name: "sbi.elf", bytes: readFileSync("firmware/sbi/sbi.elf") };
const file = (name: string, bytes: Uint8Array) => ({ name, bytes });

const words = (...code: number[]) => new Uint8Array(Uint32Array.from(code).buffer);
/** csrr a3, mhartid; bne a0, a3, beyond the end; lui a4, 5; addiw a4, a4, 0x555; lui a5, 0x100; sw a4, 0(a5): exit code 0. */
const passIfHart = words(0xf14026f3, 0x00d51a63, 0x00005737, 0x5557071b, 0x001007b7, 0x00e7a023);

function image({ offset = 0x20_0000, bytes = 4096, size = 0x10_0000 } = {}): Uint8Array {
  const kernel = new Uint8Array(bytes);
  const view = new DataView(kernel.buffer);
  view.setUint32(0, 0x0000006f, true);
  view.setBigUint64(8, BigInt(offset), true);
  view.setBigUint64(16, BigInt(size), true);
  view.setUint32(56, 0x0543_5352, true);
  return kernel;
}

function booted(files: BootFiles, options: Parameters<typeof createMachine>[0] = {}) {
  const machine = createMachine({ ramBytes: 64 << 20, ...options });
  return { machine, ...loadBoot(machine, files) };
}

const failure = (files: BootFiles, ramBytes = 64 << 20) => {
  try {
    booted(files, { ramBytes });
  } catch (error) {
    if (error instanceof BootError) return error.message;
    throw error;
  }
  return "no failure";
};

describe("booting", () => {
  test("without firmware gives each hart M-mode at RAM's start, its number, the device tree and fw_dynamic_info", () => {
    const { machine, tree } = booted({ kernel: file("k", passIfHart) }, { harts: 2 });
    for (const { id, state } of machine.harts) {
      expect(state.pc).toBe(0x8000_0000n);
      expect(state.priv).toBe(3);
      expect(state.x(10)).toBe(BigInt(id));
      expect(machine.memory.read(Number(state.x(11)), tree.length)).toEqual(tree);
      expect(machine.memory.load(Number(state.x(12)), 8)).toBe(0x4942_534fn);
    }
    expect(machine.run({ maxInstructions: 1000 })).toEqual({ reason: "exit", code: 0 });
  });

  test("without firmware the hardware sets A and D, where it can, until the kernel says otherwise", () => {
    const adue = (files: BootFiles, isa: string) => {
      const { machine } = booted(files, { isa });
      return machine.inspect().csr("menvcfg") >> 61n;
    };
    const kernel = file("k", passIfHart);
    expect(adue({ kernel }, "max")).toBe(1n);
    expect(adue({ kernel }, "rv64gc_svade_sstc")).toBe(0n);
    expect(adue({ kernel, firmware }, "max")).toBe(0n);
  });

  test("without firmware, an ELF that leaves RAM's start empty begins at its entry", () => {
    const { machine } = booted({ kernel: firmware });
    expect(machine.harts[0].state.pc).toBe(0x8000_0000n);
  });

  test("puts an Image where its header says, the firmware at RAM's start, and says so in fw_dynamic_info", () => {
    const { machine } = booted({
      firmware,
      reservesFirmware: true,
      kernel: file("Image", image({ offset: 0x40_0000 })),
    });
    const { state } = machine.harts[0];
    const info = Number(state.x(12));
    expect(state.pc).toBe(0x8000_0000n);
    expect([1, 2, 3].map((n) => machine.memory.load(info + 8 * n, 8))).toEqual([2n, 0x8040_0000n, 1n]);
    expect(machine.memory.read(0x8040_0000, 4096)).toEqual(image({ offset: 0x40_0000 }));
  });

  test("puts a flat binary 2 MiB above RAM's start, behind the firmware", () => {
    const { machine } = booted({ firmware, kernel: file("u-boot.bin", passIfHart) });
    expect(machine.memory.read(0x8020_0000, passIfHart.length)).toEqual(passIfHart);
  });

  test("tells of the initial RAM disk, the command line, random bytes and the firmware's memory in the device tree", () => {
    const initrd = new TextEncoder().encode("anything");
    const { machine, tree } = booted({
      firmware,
      reservesFirmware: true,
      kernel: file("k", passIfHart),
      initrd: file("i", initrd),
      append: "console=ttyS0",
      seed: Uint8Array.of(1, 2, 3),
    });
    const { children = [] } = unflatten(tree).root;
    const chosen = children.find(({ name }) => name === "chosen")?.properties ?? {};
    const start = new DataView((chosen["linux,initrd-start"] as Uint8Array).buffer).getBigUint64(0);
    expect(machine.memory.read(Number(start), initrd.length)).toEqual(initrd);
    expect(new TextDecoder().decode(chosen.bootargs as Uint8Array)).toBe("console=ttyS0\0");
    expect(chosen["rng-seed"]).toEqual(Uint8Array.of(1, 2, 3));
    expect(children.some(({ name }) => name === "reserved-memory")).toBe(true);
  });

  test("takes another device tree, and puts the command line into it", () => {
    const other = flatten({ name: "", properties: { model: "mine" }, children: [{ name: "cpus" }] }, [[1n, 2n]]);
    const { tree } = booted({ kernel: file("k", passIfHart), tree: file("t.dtb", other), append: "quiet" });
    const { root, reservations } = unflatten(tree);
    expect(new TextDecoder().decode(root.properties?.model as Uint8Array)).toBe("mine\0");
    expect(root.children?.map(({ name }) => name)).toEqual(["chosen", "cpus"]);
    expect(reservations).toEqual([[1n, 2n]]);
  });

  /** Where Debian's device-tree-compiler is installed, as in CI. */
  const hasDtc = spawnSync("dtc", ["--version"]).status === 0;
  test.each(hasDtc ? ["max", "rv64gc"] : [])("makes a device tree that dtc has no complaints about (%s)", (isa) => {
    const virtio = [new VirtioEntropy({ fill: () => {} })];
    const { tree } = booted(
      { firmware, reservesFirmware: true, kernel: file("k", passIfHart), initrd: file("i", passIfHart), append: "a b" },
      { harts: 3, isa, virtio },
    );
    const { stdout, stderr } = spawnSync("dtc", ["-I", "dtb", "-O", "dts"], { input: tree });
    expect(stderr.toString()).toBe("");
    const source = stdout.toString();
    expect(source).toContain("virtio_mmio@10008000");
    expect(source).toContain('compatible = "google,goldfish-rtc"');
    expect(source.match(/device_type = "cpu"/g)).toHaveLength(3);
  });
});

describe("a file that cannot be booted", () => {
  test.each([
    [
      "an Image that is cut off",
      cutOff(),
      "Image header: it has 4096 bytes, its header speaks of 8192: the file is cut off",
    ],
    [
      "an Image of which there is hardly the header",
      cutOff().subarray(0, 64),
      "Image header: it has 64 bytes, its header speaks of",
    ],
    ["an Image with absurd sizes", image({ offset: 3 }), "these make no sense: the file is damaged"],
    ["an Image for another architecture", withMz(), "it begins like a Linux Image, but has no `RSC\\x05`"],
    [
      "a compressed kernel",
      Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0),
      "it is compressed (gzip): undo that with gunzip first",
    ],
    ["zeroes", new Uint8Array(64), "its first instruction is all zeroes"],
    ["nothing", new Uint8Array(0), "its 0 bytes are no program"],
  ])("%s", (_, bytes, reason) => {
    expect(failure({ firmware, kernel: file("kernel", bytes) })).toContain(reason);
  });

  test("an initial RAM disk for Linux that is cut off, damaged or none at all", () => {
    const kernel = file("Image", image());
    const member = `070701${"0".repeat(8 * 11)}${"00000002"}${"0".repeat(8)}a\0`;
    const check = (text: string) => failure({ firmware, kernel, initrd: file("i", new TextEncoder().encode(text)) });
    expect(check(member)).toContain("it is cut off");
    expect(check(`${member}${"\0".repeat(200)}`)).toContain("it is damaged");
    expect(check("hello, this is no archive")).toContain("it is no initial RAM disk");
    const whole = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4, 0, 0, 0x59, 0x5a];
    const packed = (...bytes: readonly number[]) =>
      failure({ firmware, kernel, initrd: file("i", new Uint8Array(bytes)) });
    expect(packed(...whole.slice(0, -1))).toContain("it does not end as an xz file does: it is cut off");
    const lz4 = [2, 0x21, 0x4c, 0x18, 3, 0, 0, 0, 1, 2, 3];
    expect(packed(...lz4)).toBe("no failure");
    expect(packed(...lz4, 4, 0, 0, 0, 1, 2, 3)).toContain("offset 11: the archive goes on after the file's 18 bytes");
    expect(packed(...lz4, ...new TextEncoder().encode("070701"))).toBe("no failure");
  });

  test("what does not fit", () => {
    expect(failure({ firmware, kernel: file("Image", image({ size: 60 << 20 })) }, 32 << 20)).toContain(
      "it does not fit into RAM of 32 MiB: use a larger -m",
    );
    const initrd = file("i", new Uint8Array(20 << 20));
    expect(failure({ firmware, kernel: file("k", passIfHart), initrd }, 16 << 20)).toContain("i: 0x7");
  });

  test("a kernel that is linked where the firmware is", () => {
    const kernel = { ...firmware, name: "kernel.elf" };
    expect(failure({ firmware, kernel })).toMatch(/it would overlap sbi.elf: link it at 0x80200000, or give it M-mode/);
  });
});

function withMz(): Uint8Array {
  const kernel = image();
  kernel.set([0x4d, 0x5a]);
  kernel[56] = 0;
  return kernel;
}

/** One section of 4 KiB at offset 4096. */
function cutOff(): Uint8Array {
  const kernel = withMz();
  kernel[56] = 0x52;
  const view = new DataView(kernel.buffer);
  view.setUint32(60, 64, true);
  view.setUint32(64, 0x4550, true);
  view.setUint16(70, 1, true);
  view.setUint32(64 + 24 + 16, 4096, true);
  view.setUint32(64 + 24 + 20, 4096, true);
  return kernel;
}
