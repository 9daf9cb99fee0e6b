export { type Assembled, assemble } from "./assemble.ts";
export { type CsrName, csrName, csrNumber, csrNumbers } from "./csrNames.ts";
export { createDecoder, type Decoded, type Decoder } from "./decode.ts";
export { CompressedDef, InstructionDef } from "./define.ts";
export { disassemble } from "./disassemble.ts";
export { extensions, type Isa, parseIsa } from "./extension.ts";
export { compressedInstructions, illegal, instructionNamed, instructions } from "./instruction.ts";
export type * from "./meaning.ts";
export { fNames, registerNumber, xNames } from "./registers.ts";
