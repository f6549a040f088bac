import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lossSchema } from "../../../src/spec/schema/loss.ts";
import { createLossFunction, meanGradient } from "../../../trainer/engine/loss-function.ts";

const lossOf = (loss: unknown) => createLossFunction(lossSchema.parse(loss));
const rounded = (values: Iterable<number>): number[] => Array.from(values, (value) => Number(value.toFixed(6)));

// Softmax of these: 1/8, 2/8, 5/8 and 1/3, 1/3, 1/3.
const logits = Float32Array.of(0, Math.log(2), Math.log(5), 0, 0, 0);
const labels = Int32Array.of(1, 0);

describe("a loss of hand-worked examples", () => {
  test("with label smoothing spreads the label as Keras does", () => {
    const { losses } = lossOf({ type: "categoricalCrossentropy", labelSmoothing: 0.3 })(logits, labels, 3);

    // The label is 0.1, 0.8, 0.1.
    const first = -(0.1 * Math.log(1 / 8) + 0.8 * Math.log(2 / 8) + 0.1 * Math.log(5 / 8));
    expect(rounded(losses)).toEqual(rounded([first, Math.log(3)]));
  });

  test("on top of a softmax takes probabilities for logits and keeps them as predictions", () => {
    const probabilities = Float32Array.of(0.125, 0.25, 0.625);
    const loss = lossOf({ type: "sparseCategoricalCrossentropy", fromLogits: true, allowSoftmaxOutput: true });

    const figures = loss(probabilities, labels, 3);

    const sum = Math.exp(0.125) + Math.exp(0.25) + Math.exp(0.625);
    expect(rounded(figures.losses)).toEqual(rounded([Math.log(sum) - 0.25]));
    expect(figures.probabilities).toEqual(probabilities);
  });

  test("of two classes by one output gives the probabilities of both", () => {
    const figures = lossOf("binaryCrossentropy")(Float32Array.of(Math.log(3), 0), Int32Array.of(1, 0), 1);

    expect(rounded(figures.probabilities)).toEqual([0.25, 0.75, 0.5, 0.5]);
    expect(rounded(figures.losses)).toEqual(rounded([-Math.log(0.75), -Math.log(0.5)]));
  });

  test("of two classes stays finite and exact where a probability rounds to 0", () => {
    const { losses } = lossOf("binaryCrossentropy")(Float32Array.of(-2000, 2000), Int32Array.of(1, 0), 1);

    expect([...losses]).toEqual([2000, 2000]);
  });

  test("of two classes with label smoothing moves the labels towards a half", () => {
    const loss = lossOf({ type: "binaryCrossentropy", labelSmoothing: 0.2 });

    const { losses } = loss(Float32Array.of(Math.log(3)), Int32Array.of(1), 1);

    expect(rounded(losses)).toEqual(rounded([-(0.9 * Math.log(0.75) + 0.1 * Math.log(0.25))]));
  });

  test("of squared errors is their mean over the classes", () => {
    const { losses } = lossOf("meanSquaredError")(logits, labels, 3);

    expect(rounded(losses)).toEqual(rounded([(1 / 64 + 9 / 16 + 25 / 64) / 3, (4 / 9 + 1 / 9 + 1 / 9) / 3]));
  });
});

describe("the gradient of the mean loss is that of finite differences", () => {
  const losses = [
    "sparseCategoricalCrossentropy",
    { type: "categoricalCrossentropy", labelSmoothing: 0.2 },
    { type: "categoricalCrossentropy", fromLogits: true, allowSoftmaxOutput: true, labelSmoothing: 0.1 },
    "meanSquaredError",
    "binaryCrossentropy",
    { type: "binaryCrossentropy", fromLogits: true, labelSmoothing: 0.2 },
  ];

  test.each(losses.flatMap((loss) => [[loss, false] as const, [loss, true] as const]))(
    "for %o, examples weighted: %s",
    (description, isWeighted) => {
      const loss = lossOf(description);
      const width = JSON.stringify(description).includes("binary") ? 1 : 3;
      const weightOf = isWeighted ? (example: number) => [0.5, 2, 0][example % 3] ?? 1 : undefined;
      const logit = fc.float({ min: -4, max: 4, noNaN: true });
      const example = fc.record({
        outputs: fc.array(logit, { minLength: width, maxLength: width }),
        label: fc.nat(Math.max(1, width - 1)),
      });

      fc.assert(
        fc.property(fc.array(example, { minLength: 1, maxLength: 4 }), (examples) => {
          const outputs = Float32Array.from(examples.flatMap((each) => each.outputs));
          const labels = Int32Array.from(examples.map(({ label }) => label));
          const lossAt = (index: number, shift: number): number => {
            const shifted = outputs.with(index, (outputs[index] ?? 0) + shift);
            const each = [...loss(shifted, labels, width).losses];
            return each.reduce((sum, value, at) => sum + value * (weightOf?.(at) ?? 1), 0) / labels.length;
          };

          const gradient = meanGradient(loss(outputs, labels, width).slopes(), labels.length, weightOf);

          const step = 1 / 128;
          for (const [index, slope] of gradient.entries())
            expect(slope).toBeCloseTo((lossAt(index, step) - lossAt(index, -step)) / (2 * step), 3);
        }),
        { numRuns: 30 },
      );
    },
  );
});
