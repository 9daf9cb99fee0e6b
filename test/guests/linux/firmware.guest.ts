import { describe, expect, test } from "vitest";
import { initramfs } from "../../../scripts/initramfs.mjs";
import { MemoryStore, VirtioBlock } from "../../../src/devices/virtio/index.ts";
import { Guest, guestFile, guests } from "./guest.ts";

const init = `
echo "HARTS $(grep -c ^processor /proc/cpuinfo)"
for cpu in 0 1; do taskset $((1 << cpu)) sh -c 'i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done; echo "RAN $i"' & done
wait
poweroff -f
`;

describe("firmware of others", () => {
  test("OpenSBI 1.6 starts Linux on two harts", () => {
    const guest = new Guest({ bios: "opensbi.elf", init, harts: 2 });
    const end = guest.run();
    expect(guest.output).toContain("OpenSBI v1.6");
    expect(guest.output).toContain("HARTS 2");
    expect(guest.output.match(/RAN 2000/g)).toHaveLength(2);
    expect(end).toEqual({ reason: "exit", code: 0 });
  });

  test("our own firmware starts Linux on four harts", () => {
    const guest = new Guest({ init: init.replace("0 1;", "0 1 2 3;"), harts: 4 });
    const end = guest.run(6e9);
    expect(guest.output).toContain("HARTS 4");
    expect(guest.output.match(/RAN 2000/g)).toHaveLength(4);
    expect(end).toEqual({ reason: "exit", code: 0 });
  });

  test("Linux comes up on a plain rv64gc, with the timer and the counters of the firmware", () => {
    const guest = new Guest({ init: "echo UP; poweroff -f\n", isa: "rv64gc" });
    const end = guest.run();
    expect(guest.output).toContain("UP");
    expect(end).toEqual({ reason: "exit", code: 0 });
  });
});

const prompt = "\n=> ";

/** Lets U-Boot count no further, and waits for its prompt. */
function toPrompt(guest: Guest): boolean {
  guest.runUntil("stop autoboot");
  guest.machine.uart.receive(new Uint8Array([32]));
  return guest.runUntil(prompt, 5e9);
}

describe("U-Boot", () => {
  test("for M-mode comes to its prompt as firmware", () => {
    const guest = new Guest({ bios: "uboot-m.bin", kernel: "" });
    expect(toPrompt(guest)).toBe(true);
  });

  test("for S-mode comes to its prompt as a kernel, with our firmware and with OpenSBI as a flat binary", () => {
    expect(toPrompt(new Guest({ kernel: "uboot-s.bin" }))).toBe(true);
    expect(toPrompt(new Guest({ kernel: "uboot-s.bin", bios: "opensbi.bin" }))).toBe(true);
  });

  test("starts Linux from a disk", () => {
    const { bytes: kernel } = guestFile("linux/Image");
    const disk = initramfs({ guests, init: "echo FROM DISK; poweroff -f\n" });
    const sectors = (bytes: Uint8Array) => Math.ceil(bytes.length / 512);
    const image = new Uint8Array((sectors(kernel) + sectors(disk)) * 512);
    image.set(kernel);
    image.set(disk, sectors(kernel) * 512);
    const guest = new Guest({ kernel: "uboot-s.bin", virtio: [new VirtioBlock(new MemoryStore(image))] });
    expect(toPrompt(guest)).toBe(true);
    const hex = (value: number) => value.toString(16);
    const commands = [
      "virtio scan",
      `virtio read 84000000 0 ${hex(sectors(kernel))}`,
      `virtio read 88000000 ${hex(sectors(kernel))} ${hex(sectors(disk))}`,
      "setenv bootargs console=ttyS0",
      // U-Boot writes to the tree, which must not be its own
      "fdt move $fdtcontroladdr 8c000000 10000",
    ];
    for (const command of commands) {
      guest.type(command);
      expect(guest.runUntil(prompt)).toBe(true);
    }
    guest.type(`booti 84000000 88000000:${hex(disk.length)} 8c000000`);
    expect(guest.run()).toEqual({ reason: "exit", code: 0 });
    expect(guest.output).toContain("FROM DISK");
  });
});
