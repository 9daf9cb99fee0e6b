import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mutants } from "../scripts/mutants/mutants.ts";

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  "the place of a planted bug is in the sources, once: %s",
  (_, { file, find, replace }) => {
    expect(readFileSync(file, "utf8").split(find).length - 1).toBe(1);
    expect(replace).not.toBe(find);
  },
);
