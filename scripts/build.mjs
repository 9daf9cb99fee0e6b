// Builds the library (dist/index.js and its modules) and the command line (dist/cli, bundled) from src/.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { rolldown } from "rolldown";

/** Runs a script of Node's. Half a build is worse than none: what there is of it goes if the script fails. */
function run(...script) {
  if (spawnSync(process.execPath, script, { stdio: "inherit" }).status === 0) return;
  rmSync("dist", { recursive: true, force: true });
  process.exit(1);
}

/** Maps from the bundles to the sources, for scripts/lines. */
const hasMaps = process.env.PAGEWALK_MAPS !== undefined;
const mapsOfCompiler = {
  name: "maps of the compiler",
  load: (file) =>
    existsSync(`${file}.map`)
      ? { code: readFileSync(file, "utf8"), map: readFileSync(`${file}.map`, "utf8") }
      : undefined,
};

rmSync("dist", { recursive: true, force: true });
run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", ...(hasMaps ? ["--sourceMap"] : []));
run("scripts/pregenerate.mjs");

// A few files start in a fraction of the time that a hundred modules take (docs/decisions/005-bundle.md): `core` is what
// `pagewalk run` needs, all else is loaded when it is asked for. What the workers of `pagewalk test` run is a bundle of
// its own, so that it does not split the main one.
const rooms = "bits|wasm|isa|float|memory|mmu|cpu|devices|machine";
const running = "commandLine|descriptor|failure|guestInput|options|program|report|run|runLoop|syntax|terminal";
const core = new RegExp(
  `dist/(${rooms})/|dist/cli/(${running})\\.js$|dist/debug/(cause|hex|tlbReport)\\.js$|node_modules/(elfy|endian-reader)/`,
);
for (const input of ["dist/cli/main.js", "dist/cli/testing/worker.js"]) {
  const isMain = input.endsWith("main.js");
  const bundle = await rolldown({
    input,
    external: ["tinypool"],
    platform: "node",
    logLevel: "warn",
    plugins: [hasMaps && mapsOfCompiler],
  });
  await bundle.write({
    dir: "dist/bundle",
    format: "esm",
    sourcemap: hasMaps,
    entryFileNames: "[name].js",
    chunkFileNames: isMain ? "[name].js" : "worker-[name].js",
    ...(isMain && { codeSplitting: { groups: [{ name: "core", test: core }] } }),
  });
  await bundle.close();
}
rmSync("dist/cli", { recursive: true });
renameSync("dist/bundle", "dist/cli");
chmodSync("dist/cli/main.js", 0o755);
