// Builds the library (dist/index.js and its modules) and the command line (dist/cli, bundled) from src/.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

/** elfy asserts in one method, which is not called here; Node takes 4 ms to load its module for that. */
const withoutAssert = {
  name: "elfy without assert",
  resolveId: (id, importer) => (id === "assert" && /[\\/]elfy[\\/]/.test(importer) ? "\0no-assert" : undefined),
  load: (id) => (id === "\0no-assert" ? "module.exports = {};" : undefined),
};

/** Scripts that no module loader knows cannot import packages: src/cli/chunk.ts does it for them. */
const importsElsewhere = {
  name: "imports of packages",
  transform: (code, file) =>
    /[\\/]dist[\\/]cli[\\/]/.test(file)
      ? { code: code.replace(/\bimport\((?=["']\w)/g, "importElsewhere("), map: null }
      : undefined,
};

rmSync("dist", { recursive: true, force: true });
run("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", ...(hasMaps ? ["--sourceMap"] : []));
run("scripts/pregenerate.mjs");

async function bundle(input, output, plugins) {
  const made = await rolldown({
    input,
    platform: "node",
    logLevel: "warn",
    // yargs has it for configuration files
    transform: { define: { "import.meta.resolve": "undefined" } },
    plugins: [hasMaps && mapsOfCompiler, ...plugins],
  });
  await made.write({
    dir: "dist/bundle",
    format: "cjs",
    strict: true,
    sourcemap: hasMaps,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    ...output,
  });
  await made.close();
}

// A few files start in a fraction of the time that a hundred modules take (docs/decisions/005-bundle.md): `core` is what
// `pagewalk run` needs, all else is loaded when it is asked for; `runTest` is what the workers of `pagewalk test` need of
// that. They are scripts, which src/cli/chunk.ts loads.
const rooms = "bits|wasm|isa|float|memory|mmu|cpu|devices|machine";
const running = "commandLine|descriptor|failure|guestInput|main|options|program|report|run|runLoop|syntax|terminal";
const core = new RegExp(
  `dist/(${rooms})/|dist/cli/(${running})\\.js$|dist/debug/(cause|hex|tlbReport)\\.js$|node_modules/(elfy|endian-reader)/|no-assert`,
);
await bundle(
  { command: "dist/cli/main.js", runTest: "dist/cli/testing/runTest.js" },
  {
    codeSplitting: { groups: [{ name: "core", test: core }] },
    postBanner: "(function (exports, require, module, __filename, __dirname, importElsewhere) {",
    postFooter: "})",
  },
  [withoutAssert, importsElsewhere],
);
// it has nothing that is not in core
rmSync("dist/bundle/command.js");
await bundle({ main: "dist/cli/launch.js" }, {}, []);
await bundle({ worker: "dist/cli/testing/worker.js" }, {}, []);
writeFileSync("dist/bundle/package.json", '{ "type": "commonjs" }\n');

/** The same code in ASCII, which takes less time to read and half the memory. */
function toAscii(file) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  writeFileSync(file, readFileSync(file, "utf8").replace(/[\u0080-\uffff]/g, escaped));
}

/** V8's code cache, without which all works too, but starts slower. Code from one has no line counts: none with maps. */
function makeCodeCache() {
  const files = () => readdirSync("dist/bundle").map((name) => `dist/bundle/${name}`);
  for (const file of files()) if (file.endsWith(".js")) toAscii(file);
  const options = { stdio: ["ignore", "ignore", "inherit"], timeout: 60_000 };
  if (spawnSync(process.execPath, ["scripts/codeCache.mjs"], options).status === 0) return;
  for (const file of files()) if (file.endsWith(".cache")) rmSync(file);
  console.error("build: no code cache could be made: the command line will start slower");
}

if (!hasMaps) makeCodeCache();
rmSync("dist/cli", { recursive: true });
renameSync("dist/bundle", "dist/cli");
chmodSync("dist/cli/main.js", 0o755);
