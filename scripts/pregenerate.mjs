// Makes the interpreter of the usual machine now, so that starting one does not have to (src/cpu/interpreter/pregenerated.ts).
import { writeFileSync } from "node:fs";

const { createMachine } = await import("../dist/machine/machine.js");
const { interpreterKey, generateInterpreter } = await import("../dist/cpu/interpreter/generate.js");

const [hart] = createMachine({ ramBytes: 4096 }).harts;
const bytes = generateInterpreter(hart.interpreter);
const entries = { [interpreterKey(hart.interpreter, hart.isa)]: Buffer.from(bytes).toString("base64") };
const target = new URL("../dist/cpu/interpreter/pregenerated.js", import.meta.url);
writeFileSync(target, `export const pregenerated = ${JSON.stringify(entries)};\n`);
