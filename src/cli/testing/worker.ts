// dist/cli/worker.js, what a worker of `pagewalk test` runs: tinypool calls the default export with each task.
import { Chunks } from "../chunk.ts";

const chunks = new Chunks(import.meta.dirname, { require, import: (id) => import(id) });
const { runTest } = chunks.load("runTest.js") as typeof import("./runTest.ts");
export default runTest;
