// What a worker of `pagewalk test` runs: tinypool calls the default export with each task.
export { runTest as default } from "./runTest.ts";
