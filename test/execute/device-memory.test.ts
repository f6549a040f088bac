import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { probeGpuMemory, probeMachineMemory } from "../../src/execute/device-memory.ts";

afterEach(() => vi.unstubAllEnvs());

/** Puts a program in the place of NVIDIA's that prints something, or isn't there. */
function withNvidiaSmi(script: string | undefined): void {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-nvidia-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (script !== undefined) {
    writeFileSync(path.join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(folder, "nvidia-smi"), 0o755);
  }
  vi.stubEnv("PATH", folder);
}

describe("the memory of a GPU", () => {
  test("is what nvidia-smi says of it", async () => {
    withNvidiaSmi(
      '[ "$*" = "--query-gpu=memory.used,memory.total --format=csv,noheader,nounits" ] && echo "1234, 15360"',
    );

    const reading = await probeGpuMemory();

    expect(reading).toEqual({ name: "memory of the GPU", usedBytes: 1234 * 2 ** 20, totalBytes: 15_360 * 2 ** 20 });
  });

  test.for([
    ["there is no such program", undefined, /^nvidia-smi can't be asked: .*ENOENT/],
    ["it fails", "echo no driver >&2; exit 9", /^nvidia-smi can't be asked: .*no driver/s],
    ["it doesn't know", 'echo "[N/A], 15360"', /knows 1 GPUs, or no memory of one: "\[N\/A\], 15360"/],
    ["there are two", 'printf "1, 2\\n3, 4\\n"', /knows 2 GPUs/],
  ] as const)("is unknown, with the reason, if %s", async ([, script, problem]) => {
    withNvidiaSmi(script);

    expect(await probeGpuMemory()).toEqual({ problem: expect.stringMatching(problem) });
  });
});

test("the memory of the machine is in use to a part", async () => {
  const reading = await probeMachineMemory();

  if ("problem" in reading) throw new Error(reading.problem);
  expect(reading.usedBytes).toBeGreaterThan(0);
  expect(reading.usedBytes).toBeLessThan(reading.totalBytes);
});
