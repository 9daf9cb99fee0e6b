import { defineConfig } from "vitest/config";

// Linux programs: they need a cross compiler, qemu-riscv64 and what scripts/userland.sh fetches. `npm run test:user`.
export default defineConfig({
  test: {
    include: ["test/user/**/*.user.ts"],
    testTimeout: 300_000,
    maxWorkers: 2,
    globalSetup: ["test/freshBuild.ts"],
    setupFiles: ["test/spawnedCoverage.ts"],
  },
});
