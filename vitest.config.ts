import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    globalSetup: ["test/freshBuild.ts"],
    setupFiles: ["test/spawnedCoverage.ts"],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/**/*.d.ts"],
      // scripts/lines adds what commands in processes of their own executed
      reporter: ["json"],
      reportsDirectory: ".cache/coverage/here",
    },
  },
});
