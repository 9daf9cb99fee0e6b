import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { walkAround } from "./example.ts";

const documented = readFileSync(new URL("../../docs/pagewalk.md", import.meta.url), "utf8");

test("the example says what docs/pagewalk.md says it does", () => {
  expect(documented).toContain(
    `\`\`\`\n${walkAround()
      .join("\n")
      .replaceAll(/pa 0x[0-9a-f]+/g, "pa 0x…")}\n\`\`\``,
  );
});

test("the example is what docs/pagewalk.md shows", () => {
  const source = readFileSync(new URL("./example.ts", import.meta.url), "utf8");
  const body = source.slice(source.indexOf("/** Makes"));
  expect(documented).toContain(body);
});
