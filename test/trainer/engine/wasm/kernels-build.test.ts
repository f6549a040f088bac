import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("kernels.wasm is what its source compiles to", () => {
  const script = fileURLToPath(new URL("../../../../scripts/build-kernels.mjs", import.meta.url));

  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });

  expect(stderr).toBe("");
  expect(status).toBe(0);
});
