import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { trialFiles } from "../../src/contract/object-keys.ts";
import { resultsVersion } from "../../src/contract/results-version.ts";
import { attemptTrial, deterministicFiles } from "./run-trial.ts";
import { createTinyRun } from "./tiny-run.ts";

/**
 * Outcomes of the trial below by results version, first 16 hex digits of SHA-256. Made by this test on Node 20, 22 and
 * 24 (x86-64). Another outcome means that finished trials can't be reused any more: raise `resultsVersion` and add a line.
 */
const outcomes: Readonly<Record<number, { readonly weights: string; readonly predictions: string }>> = {
  1: { weights: "c48d66b54a5645b5", predictions: "99562cb92c68645e" },
};

test("the outcome of a trial is that of the results version", async () => {
  const run = await createTinyRun({
    model:
      "[{conv2d: {filters: 3, kernelSize: 3, padding: same, activation: relu}}, {averagePooling2d: {}}, " +
      "{conv2d: {filters: 4, kernelSize: 2, strides: 2}}, {maxPooling2d: {}}, flatten, {dropout: {rate: 0.3}}, " +
      "{dense: {units: 6, activation: tanh}}, {dense: {units: 4, activation: softmax}}]",
    training: "{epochs: 2, batchSize: 16, keepBest: validationLoss}",
  });

  await attemptTrial(run);

  const files = await deterministicFiles(run);
  const digest = (name: string): string =>
    createHash("sha256")
      .update(Buffer.from(files[name] ?? "", "latin1"))
      .digest("hex")
      .slice(0, 16);
  expect({ weights: digest(trialFiles.modelWeights), predictions: digest(trialFiles.predictions) }).toEqual(
    outcomes[resultsVersion],
  );
});
