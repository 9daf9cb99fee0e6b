// Bundles a TypeScript program into .cache and runs it: node scripts/typescript.mjs bench/main.ts [arguments]
import { spawnSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { rolldown } from "rolldown";

const [entry, ...rest] = process.argv.slice(2);
const file = join(".cache/typescript", basename(dirname(entry)), `${basename(entry, ".ts")}.mjs`);
const bundle = await rolldown({ input: entry, platform: "node", logLevel: "warn" });
await bundle.write({ file, format: "esm", codeSplitting: false });
await bundle.close();
const { status, signal } = spawnSync(process.execPath, [file, ...rest], { stdio: "inherit" });
process.exit(status ?? (signal === "SIGINT" ? 130 : 2));
