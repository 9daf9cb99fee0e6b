import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bootCommand } from "../linux/terminal.ts";
import { Debian, debianFolder } from "./debian.ts";

/** Two of each at once on two harts, each checking what it has done. Little memory each, so that it is gone through often. */
const stressors = "--vm 2 --vm-bytes 16M --mmap 2 --mmap-bytes 16M --fork 2 --tlb-shootdown 2 --cpu 2";
const stress = (seconds: number) => `stress-ng ${stressors} --verify --metrics-brief --timeout ${seconds}s`;
/** How many lines of the kernel's log tell of trouble. */
const troubles = "dmesg | grep -c -E 'BUG|Oops|WARNING|stall|lockup|segfault|unhandled signal|EXT4-fs error'";

const allPassed = /passed: 10: vm \(2\) mmap \(2\) fork \(2\) tlb-shootdown \(2\) cpu \(2\)/;

describe("stress-ng's vm, mmap, fork, tlb-shootdown and cpu stressors on two harts", () => {
  test("find no error in five seconds of virtual time", () => {
    const debian = new Debian();
    try {
      expect(debian.logIn()).toBe(true);
      const { status, output } = debian.command(stress(5), 60e9);
      expect(output).toMatch(allPassed);
      expect(output).toMatch(/failed: 0/);
      expect(status).toBe(0);
      expect(debian.command(troubles).output).toMatch(/^0\r?$/m);
    } finally {
      debian.close();
    }
  });

  test("find no error in ten minutes of the host's time", async () => {
    const { code, output } = await bootCommand(
      [
        ...["-initrd", join(debianFolder, "initrd.cpio"), "-append", "console=ttyS0", "-m", "1G", "-smp", "2"],
        ...["--drive", `${join(debianFolder, "root.ext4")},overlay`, "--clock", "host", "--stats"],
      ],
      [
        ["pagewalk login: ", "root\n"],
        ["~# ", `${stress(600)}; echo "STATUS $?" "EN""DED"\n`],
        ["ENDED", `${troubles}; echo "TROUB""LES"\n`],
        ["TROUBLES", "poweroff\n"],
      ],
    );
    // what it took, for the record
    console.log(/stress-ng: metrc.*|^[\d,]+ instructions.*/gm[Symbol.match](output)?.join("\n"));
    expect(output).toMatch(allPassed);
    expect(output).toContain("STATUS 0 ENDED");
    expect(output).toMatch(/^0\r?\nTROUBLES/m);
    expect(code).toBe(0);
  });
});
