import { expect, test } from "vitest";
import { createMachine } from "../../../src/machine/machine.ts";
import { place } from "../../machine/assembled.ts";

test("a jump of nearly 1 MiB back, executed where its region cannot begin, goes where it should", () => {
  const near = 0x8000_0000n;
  const far = 0x800f_fff0n;
  const machine = createMachine({ ramBytes: 2 << 20, engine: "translator", hotAfter: 1 });
  place(machine, [`jal zero, 0x${near.toString(16)}`], Number(far));
  place(machine, [`jal zero, 0x${far.toString(16)}`], Number(near));
  machine.step(1000);
  const { state } = machine.harts[0];
  // one instruction at a time is too little for a region: the interpreter executes what the region's entry replaced
  const went: bigint[] = [];
  for (let n = 0; n < 4; n++) {
    machine.step(1);
    went.push(state.pc);
  }
  expect(went).toEqual([far, near, far, near]);
});
