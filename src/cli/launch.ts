#!/usr/bin/env node
// dist/cli/main.js: loads the built command line, and starts it.
import { Chunks } from "./chunk.ts";

const chunks = new Chunks(import.meta.dirname, { require, import: (id) => import(id) });
const { main } = chunks.load("core.js") as typeof import("./main.ts");
main(process.argv.slice(2)).then((code) => process.exit(code));
