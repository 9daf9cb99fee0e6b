// Builds the library (dist/index.js and its modules) and the command line (dist/cli, bundled) from src/.
import { spawnSync } from "node:child_process";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { rolldown } from "rolldown";

/** Runs a script of Node's. Half a build is worse than none: what there is of it goes if the script fails. */
function run(...script) {
  if (spawnSync(process.execPath, script, { stdio: "inherit" }).status === 0) return;
  rmSync("dist", { recursive: true, force: true });
  process.exit(1);
}

rmSync("dist", { recursive: true, force: true });
run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
run("scripts/pregenerate.mjs");

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
