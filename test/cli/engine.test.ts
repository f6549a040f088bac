import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { nightsweep } from "./nightsweep-process.ts";

const withoutNative = { cwd: tmpdir(), environment: { NIGHTSWEEP_ENGINE_HOME: "/nowhere" } };

test("engine list shows what is there and how to get what isn't", async () => {
  const { stdout, exitCode } = await nightsweep(["engine", "list", "--output", "json"], withoutNative);

  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    engines: [
      { engine: "wasm", isInstalled: true },
      { engine: "tensorflow", isInstalled: false, where: expect.stringContaining("nightsweep engine install") },
    ],
  });
  expect(exitCode).toBe(exitCodes.done);
});

test("engine doctor holds the embedded engine to known figures", async () => {
  const { stdout, exitCode } = await nightsweep(["engine", "doctor"], withoutNative);

  expect(stdout).toMatch(/wasm +a tiny training +ok/);
  expect(stdout).toMatch(/wasm +the gradient of a convolution's weight +ok/);
  expect(stdout).toContain("tensorflow: it is not installed");
  expect(exitCode).toBe(exitCodes.done);
});

test("an engine that doesn't exist is refused with those that do", async () => {
  const { stderr, exitCode } = await nightsweep(["run", "any.yaml", "--engine", "abacus"], withoutNative);

  expect(stderr).toContain("Allowed choices are auto, wasm, tensorflow");
  expect(exitCode).toBe(exitCodes.usage);
});
