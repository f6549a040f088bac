import { describe, expect, test } from "vitest";
import { objectKeys } from "../../src/contract/object-keys.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { listRuns, loadRunDocument } from "../../src/record/run-store.ts";
import { syncRun } from "../../src/record/sync-run.ts";
import { verifyRun } from "../../src/record/verify-run.ts";
import { attemptTrial } from "../trainer/run-trial.ts";
import { createTinyRun, type TinyRun } from "../trainer/tiny-run.ts";

/** A run of two trials that were really trained. */
async function trainedRun(): Promise<{ readonly run: TinyRun; readonly runId: string }> {
  const run = await createTinyRun({ sweep: "{seeds: [7, 8]}", train: 40, training: "{epochs: 2, batchSize: 8}" });
  for (const trialIndex of [0, 1]) await attemptTrial(run, { trialIndex });
  const [document] = await listRuns(run.store, "tiny");
  return { run, runId: document?.runId ?? "" };
}

/** Changes a text in an object by hand. */
async function edit({ store }: TinyRun, key: string, from: string | RegExp, to: string): Promise<void> {
  const text = new TextDecoder().decode(await store.get(key));
  expect(text).toMatch(from);
  await store.put(key, Buffer.from(text.replace(from, to)));
}

describe("verifying a run", () => {
  test("finds nothing in records that nobody touched", async () => {
    const { run, runId } = await trainedRun();

    const { trials, problems } = await verifyRun(run.store, "tiny", runId);

    expect(problems).toEqual([]);
    expect(trials.map(({ state, problems }) => [state, problems])).toEqual([
      ["intact", []],
      ["intact", []],
    ]);
  });

  test.each([
    ["metrics.jsonl", /"accuracy":[\d.]+/, '"accuracy":1', "SHA-256"],
    ["confusion.json", /\d+/, "9", "SHA-256"],
    ["predictions.csv", /\n/, "\n\n", "SHA-256"],
    ["model/model.json", "{", "{ ", "SHA-256"],
    ["result.json", /("train": {\s*"loss": )/, "$11", "metrics.jsonl says another `train`"],
    ["result.json", /("validation": {\s*"loss": )/, "$11", "metrics.jsonl says another `validation`"],
    ["result.json", /("test": {[^}]*"accuracy": )[\d.]+/, "$10.999", "confusion.json says another `test`"],
    ["result.json", /"macroF1": [\d.]+/, '"macroF1": 0.999', "confusion.json says another `test`"],
    ["result.json", "{", "", "is no valid JSON"],
    ["trial.json", /"learningRate": [\d.]+/, '"learningRate": 0.5', "doesn't have the trial's id"],
    ["trial.json", /"seed": \d+/, '"seed": 9', "doesn't have the trial's id"],
  ])("names %s that was changed (%s)", async (name, from, to, problem) => {
    const { run, runId } = await trainedRun();
    const key = `${run.trialKey(1)}/${name}`;

    await edit(run, key, from, to);
    const { trials } = await verifyRun(run.store, "tiny", runId);

    expect(trials.map(({ state }) => state)).toEqual(["intact", "changed"]);
    expect(trials[1]?.problems.map((found) => found.key)).toEqual([key]);
    expect(trials[1]?.problems[0]?.problem).toContain(problem);
  });

  test("names a file that was deleted", async () => {
    const { run, runId } = await trainedRun();
    const key = `${run.trialKey(0)}/model/weights.bin`;

    await run.store.delete(key);
    const { trials } = await verifyRun(run.store, "tiny", runId);

    expect(trials[0]?.problems).toEqual([{ key, problem: "is missing, though result.json lists it" }]);
  });

  test("names a plan whose trials were changed", async () => {
    const { run, runId } = await trainedRun();
    const key = objectKeys.plan(objectKeys.run("tiny", runId));

    await edit(run, key, /"planId": ?"[0-9a-f]/, '"planId":"x');
    const { problems } = await verifyRun(run.store, "tiny", runId);

    expect(problems.map((found) => found.key)).toContain(key);
  });

  test("gives the same SHA-256 in every store, and another one for other results", async () => {
    const { run, runId } = await trainedRun();
    const copy = new MemoryStore();
    const document = await loadRunDocument(run.store, "tiny", runId);
    if (document === undefined) throw new Error("no run");
    await syncRun({ from: run.store, to: copy }, document);

    const original = await verifyRun(run.store, "tiny", runId);
    const copied = await verifyRun(copy, "tiny", runId);
    await edit(run, `${run.trialKey(0)}/result.json`, '"epochs": 2', '"epochs": 3');
    const edited = await verifyRun(run.store, "tiny", runId);

    expect(original.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(copied.sha256).toBe(original.sha256);
    expect(edited.sha256).not.toBe(original.sha256);
  });

  test("counts trials that aren't finished as neither intact nor changed", async () => {
    const run = await createTinyRun({ sweep: "{seeds: [7, 8]}" });
    const [document] = await listRuns(run.store, "tiny");

    const { trials } = await verifyRun(run.store, "tiny", document?.runId ?? "");

    expect(trials.map(({ state }) => state)).toEqual(["unfinished", "unfinished"]);
  });
});
