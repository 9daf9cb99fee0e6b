import type { Tinypool } from "tinypool";
import type { TestResult, TestSettings, TestTask } from "./task.ts";

/** A worker that has not answered so long after a test's own time limit is lost. */
const usualGraceMs = 5_000;

/** Heap of a worker: enough for any program, and little enough that what tests leave behind is soon collected. */
const youngMb = 8;
const oldMb = 512;

/** So often somebody may ask to stop. */
const interruptMs = 100;

/** Node's timers can wait no longer than so many milliseconds, 25 days. */
const longestTimer = 2 ** 31 - 1;

/** A run of many tests. */
export interface PoolRun {
  readonly paths: readonly string[];
  readonly settings: TestSettings;
  readonly jobs: number;
  /** Milliseconds after a test's own time limit, when its worker is taken for lost. */
  readonly graceMs?: number;
  /** Told of each result as it comes; answers whether to go on. If not, tests that are running are given up. */
  onResult(result: TestResult, index: number): boolean;
  /** Whether somebody has asked to stop. */
  interrupted(): boolean;
}

/** The module that workers run; its default export takes a {@link TestTask}. */
export const workerModule = new URL("./worker.js", import.meta.url);

/**
 * Runs tests on a pool of workers, each of which does one at a time. A worker that dies, or does not answer when its
 * test's time is over, is replaced, and its test has failed. Resolves when all are done, or have been stopped: those have no result.
 */
export async function runPool(run: PoolRun, worker: URL = workerModule): Promise<void> {
  const { paths, settings, graceMs = usualGraceMs } = run;
  const jobs = Math.max(1, Math.min(run.jobs, paths.length));
  const resourceLimits = { maxYoungGenerationSizeMb: youngMb, maxOldGenerationSizeMb: oldMb };
  const { Tinypool } = await import("tinypool");
  const pool = new Tinypool({
    resourceLimits,
    filename: worker.href,
    minThreads: jobs,
    maxThreads: jobs,
    concurrentTasksPerWorker: 1,
  });
  // A worker that dies between two tests is replaced by the pool: nothing is lost.
  (pool as unknown as NodeJS.EventEmitter).on("error", () => {});
  let next = 0;
  let stopped = false;
  const running = new Set<AbortController>();
  const stop = () => {
    stopped = true;
    for (const guard of running) guard.abort();
  };
  const watch = setInterval(() => {
    if (run.interrupted()) stop();
  }, interruptMs);
  const lane = async () => {
    while (!stopped && !run.interrupted() && next < paths.length) {
      const index = next++;
      const guard = new AbortController();
      running.add(guard);
      const result = await runGuarded(pool, { path: paths[index], settings }, graceMs, guard);
      running.delete(guard);
      // what was given up has no result
      if (!stopped && !run.onResult(result, index)) stop();
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, lane));
  } finally {
    clearInterval(watch);
    await pool.destroy();
  }
}

/** Runs one test in a worker that may die, and is ended with `guard`. */
async function runGuarded(
  pool: Tinypool,
  task: TestTask,
  graceMs: number,
  guard: AbortController,
): Promise<TestResult> {
  const begun = performance.now();
  const timer = setTimeout(() => guard.abort(), Math.min(task.settings.timeout * 1000 + graceMs, longestTimer));
  try {
    return (await pool.run(task, { signal: guard.signal })) as TestResult;
  } catch (error) {
    const why = guard.signal.aborted
      ? `its worker did not answer ${graceMs / 1000} s after --timeout, and was ended`
      : `its worker died: ${(error as Error).message.replace(/\s*\n\s*/g, " ")}`;
    const ms = performance.now() - begun;
    return { path: task.path, passed: false, ms, instructions: 0, problem: `${why}; a new one goes on` };
  } finally {
    clearTimeout(timer);
  }
}
