// Builds the library (dist/index.js and its modules) and the command line (dist/cli, bundled) from src/.
import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { rolldown } from "rolldown";

rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
execFileSync(process.execPath, ["scripts/pregenerate.mjs"], { stdio: "inherit" });

// One file starts in a fraction of the time that a hundred modules take (docs/decisions/005-bundle.md). What the workers
// of `pagewalk test` run is a bundle of its own, so that it does not split the main one.
for (const input of ["dist/cli/main.js", "dist/cli/testing/worker.js"]) {
  const bundle = await rolldown({ input, external: ["tinypool"], platform: "node", logLevel: "warn" });
  const names = input.endsWith("main.js") ? "[name].js" : "worker-[name].js";
  await bundle.write({
    dir: "dist/bundle",
    format: "esm",
    minify: true,
    entryFileNames: "[name].js",
    chunkFileNames: names,
  });
  await bundle.close();
}
rmSync("dist/cli", { recursive: true });
renameSync("dist/bundle", "dist/cli");
chmodSync("dist/cli/main.js", 0o755);
