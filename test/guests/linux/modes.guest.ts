import { describe, expect, test } from "vitest";
import { Guest } from "./guest.ts";

const init = `
echo "MMU $(sed -n 's/^mmu[^a-z]*//p' /proc/cpuinfo | head -n 1)"
echo "HARTS $(grep -c ^processor /proc/cpuinfo)"
echo "MEMORY $(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
dd if=/dev/urandom of=/tmp/a bs=64k count=16 2>/dev/null
cp /tmp/a /tmp/b && cmp /tmp/a /tmp/b && echo "FILES same"
i=0; while [ $i -lt 50 ]; do i=$((i + $(echo 1 | cat))); done; echo "PIPES $i"
before=$(date +%s); sleep 3; echo "SLEPT $(($(date +%s) - before))"
echo "YEAR $(date +%Y)"
poweroff -f
`;

function boot(append: string) {
  const guest = new Guest({ init, append });
  const end = guest.run();
  const { tlb } = guest.machine.inspect();
  return { end, output: guest.output, instructions: guest.machine.instructions, counters: tlb.counters };
}

describe("Debian's Linux 6.12 with pagewalk's firmware", () => {
  test.each([
    ["sv39", "no4lvl"],
    ["sv48", "no5lvl"],
  ])("comes to userland in %s, works there, and switches itself off", (mode, append) => {
    const { end, output } = boot(append);
    expect(output).toContain(`MMU ${mode}`);
    expect(output).toContain("HARTS 1");
    expect(output).toMatch(/MEMORY 4\d{5} kB/);
    expect(output).toContain("FILES same");
    expect(output).toContain("PIPES 50");
    expect(output).toContain("SLEPT 3");
    expect(end).toEqual({ reason: "exit", code: 0 });
  });

  test("chooses sv57 by itself, and a boot repeats to the instruction and to the byte", () => {
    const first = boot("");
    expect(first.output).toContain("MMU sv57");
    expect(first.output).toContain("YEAR 2026");
    expect(first.end).toEqual({ reason: "exit", code: 0 });
    // fences name addresses; hardly ever the whole TLB is dropped
    expect(first.counters.fences.va).toBeGreaterThan(80_000);
    expect(first.counters.fences.all).toBeLessThan(50);
    expect(first.counters.misses).toBeLessThan(150_000);
    expect(boot("")).toEqual(first);
  });
});
