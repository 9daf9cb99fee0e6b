// Builds the differential fuzzer of test/fuzz into .cache/fuzz and runs it with this command's arguments.
import { execFileSync, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, ".cache/fuzz");
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "test/fuzz/tsconfig.json"], {
  cwd: root,
  stdio: "inherit",
});
const main = join(out, "test/fuzz/main.js");
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exit(status ?? 2);
