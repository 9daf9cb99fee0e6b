import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL("../../../src/pagewalk/users/", import.meta.url);

test("the walk's users stand on its public API alone", () => {
  for (const file of readdirSync(folder)) {
    const source = readFileSync(new URL(file, folder), "utf8");
    const imports = [...source.matchAll(/from "([^"]+)"/g)].map(([, path]) => path);
    const expected = file === "index.ts" ? /^\.\/\w+\.ts$/ : /^\.\.\/index\.ts$/;
    for (const path of imports) expect(path, file).toMatch(expected);
    expect(source.split("\n").length, file).toBeLessThan(160);
  }
});
