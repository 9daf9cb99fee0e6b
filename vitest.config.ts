import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    globalSetup: ["test/freshBuild.ts"],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // types only; and what needs a process of its own, which test/cli runs as such
      exclude: ["src/**/*.d.ts", "src/cli/main.ts"],
      reporter: ["text-summary", "json-summary", "html"],
      reportsDirectory: "coverage",
      thresholds: { lines: 95 },
    },
  },
});
