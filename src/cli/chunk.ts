import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";

/** What a chunk takes from elsewhere: Node's own modules, and packages that are not bundled. */
export interface Elsewhere {
  readonly require: (id: string) => unknown;
  readonly import: (id: string) => Promise<unknown>;
}

/** What a chunk's script evaluates to: the function that Node wraps a CommonJS module in, with an `import` for it too. */
type Code = (
  exports: object,
  require: Elsewhere["require"],
  module: { exports: object },
  file: string,
  folder: string,
  importElsewhere: Elsewhere["import"],
) => void;

/** Only the very same Node reads its code cache: another would refuse it, or might not. */
const suffix = `${process.version}-${process.platform}-${process.arch}.cache`;

/**
 * The chunks of the built command line (scripts/build.mjs) in a folder. One beside which V8's code cache lies is not
 * compiled (docs/decisions/005-bundle.md).
 */
export class Chunks {
  readonly #folder: string;
  readonly #elsewhere: Elsewhere;
  readonly #scripts = new Map<string, Script>();
  readonly #modules = new Map<string, { exports: object }>();

  constructor(folder: string, elsewhere: Elsewhere) {
    this.#folder = folder;
    this.#elsewhere = elsewhere;
  }

  /** What a chunk exports, by its file's name. It is loaded once. */
  load(name: string): object {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const file = join(this.#folder, name);
    const script = compile(file);
    const module = { exports: {} };
    this.#scripts.set(file, script);
    this.#modules.set(name, module);
    const code = script.runInThisContext() as Code;
    const { require, import: importElsewhere } = this.#elsewhere;
    const requireAny = (id: string) => (id.startsWith("./") ? this.load(id.slice(2)) : require(id));
    code.call(module.exports, module.exports, requireAny, module, file, this.#folder, importElsewhere);
    return module.exports;
  }

  /** A code cache for each loaded chunk, with every function that was called so far, and the path where it belongs. */
  *caches(): Iterable<[path: string, cache: Uint8Array]> {
    for (const [file, script] of this.#scripts) yield [`${file}.${suffix}`, script.createCachedData()];
  }
}

/** V8 compiles the source as usual where the cache is not one for it. */
function compile(filename: string): Script {
  const cachedData = readCache(filename);
  if (cachedData === undefined) return new Script(readFileSync(filename, "utf8"), { filename });
  // chunks that have a cache are ASCII
  return new Script(readFileSync(filename, "latin1"), { filename, cachedData });
}

function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(`${file}.${suffix}`);
  } catch {
    return undefined;
  }
}
