import { defineConfig } from "vitest/config";

// Debian with systemd: it needs what scripts/debian.sh builds, and twenty minutes. `npm run test:debian`.
export default defineConfig({
  test: { include: ["test/guests/debian/**/*.guest.ts"], testTimeout: 3_600_000, maxWorkers: 1 },
});
