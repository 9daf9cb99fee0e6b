import { defineConfig } from "vitest/config";

// Real guests: they need what scripts/guests.sh fetches, and minutes. `npm run test:guests`.
export default defineConfig({
  test: {
    include: ["test/guests/linux/**/*.guest.ts"],
    testTimeout: 900_000,
    maxWorkers: 2,
    globalSetup: ["test/freshBuild.ts"],
    setupFiles: ["test/spawnedCoverage.ts"],
  },
});
