import { describe, expect, test } from "vitest";
import { inferShapes } from "../../src/plan/infer-shapes.ts";
import type { PlannedModel, Shape } from "../../src/plan/plan.ts";
import { parseSection } from "../../src/spec/parse-section.ts";
import { type Model, modelSchema } from "../../src/spec/schema/layer.ts";
import { type Entry, modelOf } from "./reference-models.ts";

function planned(model: Model, inputShape: Shape = [8, 8, 3]): PlannedModel {
  const result = inferShapes(model, inputShape);
  if (!result.planned) throw new Error(JSON.stringify(result.issues, null, 2));
  return result.planned;
}

const conv = (filters: number, more: object = {}): Entry => ({
  conv2d: { filters, kernelSize: 3, padding: "same", ...more },
});
const table = (model: PlannedModel) =>
  model.layers.map(({ name, outputShape, inputs }) => [name, outputShape.join("×"), inputs?.join("+") ?? ""].join(" "));
const issuesOf = (...layers: readonly Entry[]) => inferShapes(modelOf(...layers), [8, 8, 3]).issues;

describe("a residual", () => {
  test("is its layers, its shortcut, the sum and the activation, each with what it computes on", () => {
    const shortcut = [{ conv2d: { filters: 4, kernelSize: 1, strides: 2 } }];
    const model = modelOf(conv(2), {
      residual: { layers: [conv(4, { strides: 2 }), conv(4)], shortcut, activation: "relu" },
    });

    expect(table(planned(model))).toEqual([
      "conv2d_1 8×8×2 ",
      "conv2d_2 4×4×4 ",
      "conv2d_3 4×4×4 ",
      "conv2d_4 4×4×4 conv2d_1",
      "add_1 4×4×4 conv2d_3+conv2d_4",
      "activation_1 4×4×4 ",
    ]);
  });

  test("without a shortcut adds its own input, which may be the model's", () => {
    const model = modelOf({ residual: { layers: [conv(3)] } }, { residual: { layers: [conv(3)] } });

    expect(table(planned(model))).toEqual([
      "conv2d_1 8×8×3 ",
      "add_1 8×8×3 conv2d_1+$input",
      "conv2d_2 8×8×3 ",
      "add_2 8×8×3 conv2d_2+add_1",
    ]);
  });

  test("whose shapes differ is refused with the shortcut that mends it", () => {
    expect(issuesOf({ residual: { layers: [conv(16, { strides: 2 })] } })).toEqual([
      {
        code: "shape-mismatch",
        path: ["model", "layers", 0],
        message:
          "layer 2 (add_1): the layers of the residual give 4×4×16, its shortcut 8×8×3; only equal shapes can be added",
        fix: "use `shortcut: [{ conv2d: { filters: 16, kernelSize: 1, strides: 2 } }]`",
      },
    ]);
  });

  test("with the shortcut that was suggested fits", () => {
    const shortcut = [{ conv2d: { filters: 16, kernelSize: 1, strides: 2 } }];

    expect(issuesOf({ residual: { layers: [conv(16, { strides: 2 })], shortcut } })).toEqual([]);
  });

  test("that loses its border is told to pad", () => {
    expect(issuesOf({ residual: { layers: [{ conv2d: { filters: 3, kernelSize: 3 } }] } })[0]?.fix).toBe(
      "use `padding: same` in the residual's layers, so that only their strides make the image smaller",
    );
  });

  test("of rows is told to use a dense shortcut", () => {
    expect(issuesOf("flatten", { residual: { layers: [{ dense: { units: 5 } }] } })[0]?.fix).toBe(
      "use `shortcut: [{ dense: { units: 5 } }]`",
    );
  });
});

describe("a concat", () => {
  test("puts its branches side by side along the channels; an empty branch is its input", () => {
    const model = modelOf(conv(2), { concat: { branches: [[], [conv(4)], [conv(1), conv(5)]] } });

    expect(table(planned(model))).toEqual([
      "conv2d_1 8×8×2 ",
      "conv2d_2 8×8×4 ",
      "conv2d_3 8×8×1 conv2d_1",
      "conv2d_4 8×8×5 ",
      "concatenate_1 8×8×11 conv2d_1+conv2d_2+conv2d_4",
    ]);
  });

  test("of images of different sizes is refused with all of them", () => {
    expect(issuesOf({ concat: { branches: [[conv(4)], [{ maxPooling2d: {} }]] } })).toEqual([
      {
        code: "shape-mismatch",
        path: ["model", "layers", 0],
        message:
          "layer 3 (concatenate_1): its branches give 8×8×4, 4×4×3; height and width must agree, only channels may differ",
        fix: "give all branches the same strides, and `padding: same`",
      },
    ]);
  });

  test("a branch that doesn't fit does not hide mistakes in another", () => {
    const tooLarge = { conv2d: { filters: 1, kernelSize: 9 } };

    const issues = issuesOf({ concat: { branches: [[tooLarge], [tooLarge]] } });

    expect(issues.map(({ path }) => path.join("."))).toEqual([
      "model.layers.0.concat.branches.0.0",
      "model.layers.0.concat.branches.1.0",
    ]);
  });
});

describe("what layers take and give", () => {
  test.each<[string, Entry, Shape, number, number]>([
    // 3×3×3×2 + 1×1×6×5 + 5 weights; 16 positions of (9 + 5) × 6 products.
    [
      "separableConv2d",
      { separableConv2d: { filters: 5, kernelSize: 3, strides: 2, padding: "same", depthMultiplier: 2 } },
      [4, 4, 5],
      54 + 30 + 5,
      16 * 6 * 14,
    ],
    ["depthwiseConv2d", { depthwiseConv2d: { kernelSize: 3, depthMultiplier: 2 } }, [6, 6, 6], 54 + 6, 36 * 6 * 9],
    ["globalMaxPooling2d", "globalMaxPooling2d", [3], 0, 0],
    [
      "zeroPadding2d",
      {
        zeroPadding2d: {
          padding: [
            [1, 2],
            [0, 3],
          ],
        },
      },
      [11, 11, 3],
      0,
      0,
    ],
    ["batchNormalization", "batchNormalization", [8, 8, 3], 6, 192],
    ["layerNormalization", { layerNormalization: { center: false } }, [8, 8, 3], 3, 192],
  ])("%s", (_, entry, outputShape, parameterCount, multiplyAdds) => {
    expect(planned(modelOf(entry)).layers[0]).toMatchObject({ outputShape, parameterCount, multiplyAdds });
  });

  test.each(["globalAveragePooling2d", { spatialDropout2d: { rate: 0.5 } }, { zeroPadding2d: {} }] as const)(
    "%j needs an image",
    (entry) => {
      expect(issuesOf("flatten", entry)[0]?.message).toContain("needs an image (height×width×channels)");
    },
  );
});

describe("weights that are not trained", () => {
  test("moving statistics are counted apart", () => {
    const model = planned(modelOf(conv(4), "batchNormalization"));

    expect(model.layers[1]).toMatchObject({ parameterCount: 8, nonTrainableCount: 8 });
    expect([model.parameterCount, model.nonTrainableCount]).toEqual([112 + 8, 8]);
  });

  test("and so are all weights of a frozen layer", () => {
    const model = planned(modelOf(conv(4, { trainable: false }), "flatten", { dense: { units: 2 } }));

    expect(model.layers[0]).toMatchObject({ parameterCount: 0, nonTrainableCount: 112 });
    expect([model.parameterCount, model.nonTrainableCount]).toEqual([514, 112]);
  });

  test("a model without any has no such count", () => {
    expect(planned(modelOf(conv(4)))).not.toHaveProperty("nonTrainableCount");
  });
});

describe("blocks", () => {
  const vgg = {
    params: ["n", "filters"],
    layers: [
      {
        repeat: {
          times: "$n",
          layers: [{ conv2d: { filters: "$filters", kernelSize: 3, padding: "same", activation: "relu" } }],
        },
      },
      { maxPooling2d: {} },
    ],
  };

  test("are the same layers as when they are written out", () => {
    const relu = (filters: number) => conv(filters, { activation: "relu" });
    const used = modelSchema.parse({
      blocks: { vgg },
      layers: [{ vgg: { n: 2, filters: 4 } }, { vgg: { n: 1, filters: 8 } }],
    });
    const written = modelOf(relu(4), relu(4), { maxPooling2d: {} }, relu(8), { maxPooling2d: {} });

    expect(planned(used)).toEqual(planned(written));
  });

  test("may use other blocks and pass their arguments on", () => {
    const stage = { params: ["width"], layers: [{ vgg: { n: 1, filters: "$width" } }, "stem"] };
    const stem = { layers: ["batchNormalization"] };
    const model = modelSchema.parse({ blocks: { vgg, stage, stem }, layers: ["stem", { stage: { width: 6 } }] });

    expect(table(planned(model))).toEqual([
      "batchNormalization_1 8×8×3 ",
      "conv2d_1 8×8×6 ",
      "maxPooling2d_1 4×4×6 ",
      "batchNormalization_2 4×4×6 ",
    ]);
  });

  test("a layer in a block that doesn't fit names the block's line and its use", () => {
    const model = modelSchema.parse({
      blocks: { vgg, two: { params: ["f"], layers: [{ vgg: { n: 1, filters: "$f" } }] } },
      layers: [{ vgg: { n: 1, filters: 4 } }, { two: { f: 4 } }, { vgg: { n: 1, filters: 4 } }, { two: { f: 4 } }],
    });

    expect(inferShapes(model, [8, 8, 3]).issues).toMatchObject([
      {
        path: ["model", "blocks", "vgg", "layers", 1],
        message: expect.stringMatching(
          /^layer 8 \(maxPooling2d_4, pool 4, block vgg of block two in model\.layers\[3\]\): its window 2×2 does not fit/,
        ),
      },
    ]);
  });

  test("that double in size again and again are refused before they fill the memory", () => {
    const blocks = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `b${index}`,
        { layers: index === 0 ? [conv(1)] : [`b${index - 1}`, `b${index - 1}`] },
      ]),
    );

    const result = parseSection("model", { blocks, layers: ["b39"] });

    expect("issues" in result && result.issues.map(({ code }) => code)).toEqual(["too-many-layers"]);
  });
});
