import { afterAll, expect, test } from "vitest";
import { Folder, pagewalk } from "./commandUnderTest.ts";

const folder = new Folder();
afterAll(() => folder.remove());

test("pagewalk disasm prints code with symbols, bits and targets", async () => {
  const path = folder.program(
    "listed.elf",
    "main:\nc.li a0, 1\nbeq a0, zero, main\njal ra, end\nend:\n.word 0xffffffff",
  );
  expect(await pagewalk("disasm", path)).toEqual({
    code: 0,
    stderr: "",
    stdout: `
.seg0: 14 bytes at 0x80000000

0000000080000000 <main>:
0000000080000000  4505        c.li a0, 1
0000000080000002  fe050fe3    beq a0, zero, 0x80000000 <main>
0000000080000006  004000ef    jal ra, 0x8000000a <end>

000000008000000a <end>:
000000008000000a  ffffffff    illegal 0xffffffff
`,
  });
});

test("--isa says which instructions there are", async () => {
  const path = folder.program("multiplying.elf", "mul a0, a0, a1");
  expect((await pagewalk("disasm", path, "--isa", "rv64i")).stdout).toContain("illegal 0x02b50533");
});
