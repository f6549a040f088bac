import { describe, expect, test } from "vitest";
import { predictedClass, softmaxCrossEntropy } from "../../../trainer/engine/cross-entropy.ts";

describe("softmax and cross-entropy", () => {
  test("of a hand-worked example", () => {
    // exp(0), exp(ln 2), exp(ln 5) = 1, 2, 5; their sum is 8.
    const logits = Float32Array.of(0, Math.log(2), Math.log(5), 0, 0, 0);

    const { probabilities, losses } = softmaxCrossEntropy(logits, Int32Array.of(1, 0), 3);

    expect([...probabilities].map((value) => value.toFixed(6))).toEqual(
      [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3].map((value) => value.toFixed(6)),
    );
    expect(losses[0]).toBeCloseTo(Math.log(4), 6);
    expect(losses[1]).toBeCloseTo(Math.log(3), 6);
  });

  test("stay finite where the probability of the true class rounds to 0", () => {
    const { probabilities, losses } = softmaxCrossEntropy(Float32Array.of(2000, -1000), Int32Array.of(1), 2);

    expect([...probabilities]).toEqual([1, 0]);
    expect([...losses]).toEqual([3000]);
  });

  test("are NaN if a logit is", () => {
    const { losses } = softmaxCrossEntropy(Float32Array.of(NaN, 1), Int32Array.of(1), 2);

    expect([...losses]).toEqual([NaN]);
  });
});

test("the predicted class is the first of the largest", () => {
  const scores = Float32Array.of(0.1, 0.4, 0.4, 0.1, 0.7, 0.2, 0.1, 0);

  expect([predictedClass(scores, 4, 0), predictedClass(scores, 4, 1)]).toEqual([1, 0]);
});
