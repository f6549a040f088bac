import { defineConfig } from "vitest/config";

// `*.full.test.ts` are long or need installed components: they run with `npm run test:full` only.
const isFull = process.env["NIGHTSWEEP_TEST_FULL"] === "1";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: isFull ? [] : ["test/**/*.full.test.ts"],
    pool: "forks",
    setupFiles: ["test/fixed-seed.ts"],
    // What tests expect must not depend on which engines a machine has: those that need another one say so.
    env: { NIGHTSWEEP_ENGINE: "wasm" },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
