import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";

/** Whether `npm run build` was run after the last change: what was built from other sources proves nothing. */
function isBuilt(): boolean {
  const command = "dist/cli/main.js";
  if (!existsSync(command)) return false;
  const built = statSync(command).mtimeMs;
  const sources = [...readdirSync("src", { recursive: true, encoding: "utf8" }).map((file) => `src/${file}`)];
  return sources.filter((file) => file.endsWith(".ts")).every((file) => statSync(file).mtimeMs <= built);
}

/** Before all tests: some run the built command, so it is built from the sources as they are. */
export function setup(): void {
  if (!isBuilt()) execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
}
