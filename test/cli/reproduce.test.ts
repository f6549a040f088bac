import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { loadPlan } from "../../src/orchestrate/load-plan.ts";
import { runExperiment } from "../../src/orchestrate/run-experiment.ts";
import { FileStore } from "../../src/record/file-store.ts";
import { sha256Of } from "../../src/record/sha256-of.ts";
import { writeDigitFolder } from "./digit-folder.ts";
import { nightsweep } from "./nightsweep-process.ts";

const experiment = `name: digits
data:
  dataset: { format: idx, folder: ./digits }
  validation: { fraction: 0.25 }
model:
  layers:
    - flatten
    - dropout: { rate: 0.3 }
    - dense: { units: 4, activation: softmax }
training: { epochs: 2, batchSize: 20, checkpoint: { everyEpochs: 1, keep: 1 } }
sweep: { seeds: 2 }
`;

// Starts from the weights of a trial, which has to come along.
const tuned = experiment
  .replace("name: digits", "name: tuned")
  .replace("  layers:", "  initialWeights: { trial: digits:best }\n  layers:")
  .replace("seeds: 2", "seeds: 1");

let folder = "";
const inFolder = (...parameters: string[]) => nightsweep(parameters, { cwd: folder });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "nightsweep-reproduce-"));
  writeDigitFolder(path.join(folder, "digits"), { train: 200, test: 40 });
  writeFileSync(path.join(folder, "digits.yaml"), experiment);
  writeFileSync(path.join(folder, "tuned.yaml"), tuned);
  for (const file of ["digits.yaml", "tuned.yaml"]) {
    const run = await inFolder("run", file);
    if (run.exitCode !== 0) throw new Error(run.stderr);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the store. */
function copyStore(name: string): string {
  cpSync(path.join(folder, ".nightsweep"), path.join(folder, name), { recursive: true });
  return name;
}

/** Absolute paths of a store's files of the experiment `digits` with a name. */
function filesNamed(store: string, name: string): string[] {
  const files = readdirSync(path.join(folder, store), { recursive: true, encoding: "utf8" });
  const own = files.filter((file) => path.basename(file) === name && file.includes("experiments/digits"));
  return own.map((file) => path.join(folder, store, file));
}

function editText(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
}

describe("nightsweep reproduce", () => {
  test("trains a trial again to the same bytes, and leaves the store as it was", async () => {
    const before = readdirSync(path.join(folder, ".nightsweep"), { recursive: true, encoding: "utf8" }).toSorted();

    const { exitCode, stdout } = await inFolder("reproduce", "digits", "best");
    const json = await inFolder("reproduce", "tuned", "best", "--into", "again", "--output", "json");
    const kept = await inFolder("compare", "tuned", "--store", "again", "--output", "json");

    expect(stdout).toContain("the same as recorded: all that is known of code, versions and machine");
    expect(stdout).toMatch(/reproduced: all 6 files have the same SHA-256, \d+ figures are equal/);
    expect(exitCode).toBe(exitCodes.done);
    expect(json).toMatchObject({ exitCode: exitCodes.done });
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      outcome: "equal",
      recordProblems: [],
      comparison: { isEqual: true, largestWeightDifference: 0 },
    });
    expect(JSON.parse(kept.stdout)).toMatchObject({ trialCounts: { finished: 1, planned: 1 } });
    expect(readdirSync(path.join(folder, ".nightsweep"), { recursive: true, encoding: "utf8" }).toSorted()).toEqual(
      before,
    );
  });

  test("names a record that was changed by hand, and shows what comes out instead", async () => {
    const store = copyStore("edited");
    for (const file of filesNamed(store, "result.json")) editText(file, /("test": {[^}]*"loss": )[\d.]+/, "$10.001");

    const { exitCode, stdout } = await inFolder("reproduce", "digits", "best", "--store", store);

    expect(stdout).toMatch(/record: .*result\.json was changed/);
    expect(stdout).toMatch(/NOT reproduced: 1 of 6 files differ \(result\.json\)/);
    expect(stdout).toMatch(/test loss +0\.001 /);
    expect(exitCode).toBe(exitCodes.invalidInput);
  });

  test("has an exit code of its own for what comes out differently", async () => {
    const store = copyStore("other");
    // As if another machine had predicted otherwise: the record agrees with itself.
    for (const file of filesNamed(store, "seal.jsonl")) rmSync(file);
    for (const file of filesNamed(store, "predictions.csv")) {
      const hash = sha256Of(readFileSync(file));
      writeFileSync(file, `${readFileSync(file, "utf8")}\n`);
      editText(path.join(path.dirname(file), "result.json"), hash, sha256Of(readFileSync(file)));
    }

    const { exitCode, stdout } = await inFolder("reproduce", "digits", "best", "--store", store);

    expect(stdout).toContain("NOT reproduced: 2 of 6 files differ (predictions.csv, result.json)");
    expect(exitCode).toBe(exitCodes.differs);
  });

  test("trains nothing with other data, and says where the right ones can be named", async () => {
    cpSync(path.join(folder, "digits"), path.join(folder, "elsewhere/digits"), { recursive: true });
    const file = path.join(folder, "digits/train-images-idx3-ubyte");
    const original = readFileSync(file);
    const changed = Buffer.from(original);
    changed[100] = (changed[100] ?? 0) ^ 1;
    writeFileSync(file, changed);

    const refused = await inFolder("reproduce", "digits", "best");
    const found = await inFolder("reproduce", "digits", "best", "--data-root", "elsewhere");
    writeFileSync(file, original);

    expect(refused.stdout).toContain("is not the one that the trial was trained with");
    expect(refused.stdout).toContain("--data-root");
    expect(refused.stderr).not.toContain("Starting");
    expect(refused.exitCode).toBe(exitCodes.invalidInput);
    expect(found).toMatchObject({ exitCode: exitCodes.done });
  });

  test("says that a record comes from another version of nightsweep", async () => {
    const planned = await loadPlan(path.join(folder, "digits.yaml"), { packageVersion: "0.0.1", resultsVersion: 0 });
    if ("issues" in planned) throw new Error("not planned");
    const storeLocation = path.join(folder, "old");
    const never = new AbortController().signal;
    await runExperiment({
      ...planned,
      store: new FileStore(storeLocation),
      storeLocation,
      trainerEntry: fileURLToPath(new URL("../../dist/trainer/main.js", import.meta.url)),
      workers: 1,
      isCacheUsed: true,
      observer: { onOpen: () => undefined, onEvent: () => undefined, onStop: () => undefined },
      flags: {},
      stop: never,
      kill: never,
    });

    const checked = await inFolder("reproduce", "digits", "best", "--store", "old", "--check");
    const trained = await inFolder("reproduce", "digits", "best", "--store", "old", "--output", "json");

    expect(checked.stdout).toContain("results version: 0 → 1 (other results must be expected)");
    expect(checked.stderr).not.toContain("Starting");
    expect(checked.exitCode).toBe(exitCodes.done);
    expect(trained.exitCode).toBe(exitCodes.done);
    const { circumstances } = JSON.parse(trained.stdout) as { circumstances: { what: string; isDifferent: boolean }[] };
    expect(circumstances.flatMap(({ what, isDifferent }) => (isDifferent ? [what] : []))).toEqual([
      "results version",
      "nightsweep",
    ]);
    expect(circumstances.map(({ what }) => what)).toEqual(expect.arrayContaining(["engine", "threads", "processor"]));
  });
});
