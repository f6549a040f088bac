import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { pollVariable } from "../../src/contract/poll-variable.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep, startNightsweep } from "./nightsweep-process.ts";
import { deterministicFilesOf } from "./run-files.ts";

const experiment = (name: string, epochs: number, seeds: number): string => `name: ${name}
data:
  dataset: { format: idx, folder: ./digits }
model:
  layers:
    - conv2d: { filters: 4, kernelSize: 3, activation: relu }
    - flatten
    - dense: { units: 4, activation: softmax }
training: { epochs: ${epochs}, batchSize: 16 }
sweep: { seeds: ${seeds} }
`;

let folder = "";
const cores = availableParallelism();
// A cache folder of their own: runs of other tests must not give way to these.
const options = (cache = "cache") => ({
  cwd: folder,
  environment: { [pollVariable]: "200", XDG_CACHE_HOME: path.join(folder, cache) },
});
const inFolder = (...parameters: string[]) => nightsweep(parameters, options());
const start = (name: string, store: string, workers: number, ...flags: string[]) =>
  startNightsweep(["run", `${name}.yaml`, "--workers", String(workers), "--store", store, ...flags], options());

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-priority-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 400, test: 100 });
  writeFileSync(path.join(folder, "patient.yaml"), experiment("patient", 500, 1));
  writeFileSync(path.join(folder, "urgent.yaml"), experiment("urgent", 300, cores));
});

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

describe("of two runs on one machine, in two stores", () => {
  test("the one of lower priority waits at a checkpoint for the other, goes on by itself, and ends with the same bytes", async () => {
    const alone = ["run", "patient.yaml", "--workers", "1", "--store", "undisturbed"];
    const undisturbed = nightsweep(alone, options("other-cache"));
    const patient = start("patient", "patient", 1);
    await patient.reached(3);
    // However slow the machine is, it must not end before the other one has begun.
    await inFolder("pause", "patient", "--store", "patient");
    const other = start("urgent", "urgent", cores, "--priority", "5");
    await other.reached(1);
    await inFolder("resume", "patient", "--store", "patient");
    const urgent = await other.outcome;
    const ended = await patient.outcome;

    expect([await undisturbed, urgent, ended].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(ended.stderr).toMatch(
      /Giving way to urgent run \S+ \(priority 5\): nothing is trained here meanwhile\.[^]*(Giving way|used again)[^]*attempt 2: /,
    );
    expect(urgent.stderr).not.toContain("Giving way");
    expect(deterministicFilesOf(path.join(folder, "patient"), "patient")).toEqual(
      deterministicFilesOf(path.join(folder, "undisturbed"), "patient"),
    );
  });

  test("the one that is given a lower priority while it runs gives way at once, and says so", async () => {
    const other = start("patient", "other", cores);
    await other.reached(3);
    const lowered = start("urgent", "lowered", cores);
    await lowered.reached(1);
    const asked = await inFolder("set-priority", "urgent", "-5", "--store", "lowered", "--output", "json");
    await expect.poll(lowered.stderr, { timeout: 20_000 }).toContain("Giving way to patient run");
    const outcomes = await Promise.all([lowered.outcome, other.outcome]);
    const late = await inFolder("set-priority", "urgent", "5", "--store", "lowered");

    expect(JSON.parse(asked.stdout)).toMatchObject({ request: "set-priority -5", listening: 1, answered: 1 });
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([exitCodes.done, exitCodes.done]);
    expect(outcomes[1]?.stderr).not.toContain("Giving way");
    expect(late.exitCode).toBe(exitCodes.missingInput);
    expect(late.stderr).toContain("start it with `nightsweep run --priority 5`");
  });
});
