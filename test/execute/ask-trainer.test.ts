import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { askTrainer } from "../../src/execute/ask-trainer.ts";

const start = {
  trainer: fileURLToPath(new URL("fake-trainer.mjs", import.meta.url)),
  environment: process.env,
  nodeOptions: [],
};

describe("a question about a saved model", () => {
  test("is answered by a trainer that is started for it", async () => {
    const answer = await askTrainer(start, { type: "predict", trialKey: "some/trial", examples: [3, 5] });

    expect(answer).toEqual({
      type: "predicted",
      predictions: [
        { example: 3, label: 1, predicted: 1, probabilities: [0, 1] },
        { example: 5, label: 1, predicted: 1, probabilities: [0, 1] },
      ],
    });
  });

  test("may be refused", async () => {
    const answer = await askTrainer(start, { type: "evaluate", trialKey: "refuse" });

    expect(answer).toEqual({ type: "refused", failure: { kind: "user", reason: "there is no saved model" } });
  });

  test("is refused with the exit code if the trainer dies of it", async () => {
    const answer = await askTrainer(start, { type: "evaluate", trialKey: "die" });

    expect(answer).toMatchObject({ type: "refused", failure: { kind: "bug" } });
    expect(JSON.stringify(answer)).toContain("exit code 70");
  });

  test("is refused with what the trainer wrote if it can't start", async () => {
    const environment = { ...process.env, FAKE_START: "exit 66", FAKE_GREETING: "there is no such data set\n" };

    const answer = await askTrainer({ ...start, environment }, { type: "evaluate", trialKey: "some/trial" });

    expect(answer).toMatchObject({ type: "refused", failure: { kind: "user" } });
    expect(JSON.stringify(answer)).toContain("there is no such data set");
  });
});
