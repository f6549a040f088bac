import { describe, expect, test } from "vitest";
import { inferShapes } from "../../src/plan/infer-shapes.ts";
import type { PlannedModel, Shape } from "../../src/plan/plan.ts";
import type { Model } from "../../src/spec/schema/layer.ts";
import {
  cnnMnist,
  type Entry,
  lenet5Mnist,
  mlpMnist,
  modelOf,
  vgg13Cifar100,
  vgg13OfBlocks,
  vgg16,
  vgg16OfBlocks,
} from "./reference-models.ts";

const mnist = [28, 28, 1];

function planned(model: Model, inputShape: Shape): PlannedModel {
  const result = inferShapes(model, inputShape);
  if (!result.planned) throw new Error(JSON.stringify(result.issues, null, 2));
  return result.planned;
}

const shapesOf = (model: PlannedModel) => model.layers.map((layer) => layer.outputShape.join("×"));

describe("the reference systems", () => {
  test("cnn-mnist has the published shapes and 206,922 parameters", () => {
    const model = planned(cnnMnist(), mnist);

    expect(shapesOf(model)).toEqual(["28×28×16", "14×14×16", "14×14×32", "7×7×32", "1568", "128", "10"]);
    expect(model.layers.map((layer) => layer.parameterCount)).toEqual([160, 0, 4640, 0, 0, 200_832, 1290]);
    expect(model.parameterCount).toBe(206_922);
  });

  test("mlp-mnist has 242,762 parameters", () => {
    const model = planned(mlpMnist(), mnist);

    expect(model.layers.map((layer) => layer.parameterCount)).toEqual([0, 200_960, 32_896, 8256, 650]);
    expect(model.parameterCount).toBe(242_762);
  });

  test("lenet5-mnist has 44,426 parameters, and 61,706 with `same` padding in the first convolution", () => {
    const valid = planned(lenet5Mnist("valid"), mnist);
    const same = planned(lenet5Mnist("same"), mnist);

    expect(shapesOf(valid).slice(0, 5)).toEqual(["24×24×6", "12×12×6", "8×8×16", "4×4×16", "256"]);
    expect(valid.parameterCount).toBe(44_426);
    expect(shapesOf(same)[4]).toBe("400");
    expect(same.parameterCount).toBe(61_706);
  });

  test("vgg13-cifar100 ends its blocks at 1×1×512 and has 9,582,116 parameters", () => {
    const model = planned(vgg13Cifar100(), [32, 32, 3]);

    expect(model.layers.find((layer) => layer.name === "maxPooling2d_5")?.outputShape).toEqual([1, 1, 512]);
    expect(model.parameterCount).toBe(9_582_116);
  });

  test("the Keras VGG-16 on 224×224×1 has the published blocks and 134,300,362 parameters", () => {
    const model = planned(vgg16("valid"), [224, 224, 1]);

    const pools = model.layers.filter((layer) => layer.layer.type === "maxPooling2d");
    const published = ["112×112×64", "56×56×128", "28×28×256", "14×14×512", "7×7×512"];
    expect(pools.map((layer) => layer.outputShape.join("×"))).toEqual(published);
    expect(model.parameterCount).toBe(134_300_362);
  });

  test("VGG-16 on 28×28×1 has 33,637,066 parameters with `same` pools", () => {
    const model = planned(vgg16("same"), mnist);

    expect(model.parameterCount).toBe(33_637_066);
  });

  test("VGG-16 on 28×28×1 with `valid` pools is refused at pool 5 with its input, the reason and the fix", () => {
    const result = inferShapes(vgg16("valid"), mnist);

    expect(result.planned).toBeUndefined();
    expect(result.issues).toEqual([
      {
        code: "shape-mismatch",
        path: ["model", "layers", 9],
        message:
          'layer 18 (maxPooling2d_5, pool 5): its window 2×2 does not fit its input 1×1×512 with padding "valid": no output would be left',
        fix: "use `padding: same`, or fewer pools (fewer blocks), or images of at least 32×32",
      },
    ]);
  });
});

describe("the reference systems written with blocks", () => {
  const dense = (units: number, activation = "linear") => ({ dense: { units, activation } });
  const kerasHead = [dense(4096, "relu"), dense(4096, "relu"), dense(10, "softmax")];

  test("are the same models as written out", () => {
    expect(planned(vgg16OfBlocks("valid", kerasHead), [224, 224, 1])).toEqual(planned(vgg16("valid"), [224, 224, 1]));
    expect(planned(vgg13OfBlocks(), [32, 32, 3])).toEqual(planned(vgg13Cifar100(), [32, 32, 3]));
  });

  test.each<[string, Model, Shape, number]>([
    ["vgg16-mnist-224", vgg16OfBlocks("valid", kerasHead), [224, 224, 1], 134_300_362],
    ["vgg13-cifar100", vgg13OfBlocks(), [32, 32, 3], 9_582_116],
    [
      "vgg16-mnist-sgd, whose grey channel is repeated to 3",
      vgg16OfBlocks("valid", [dense(4096), dense(4096), dense(1000), dense(10, "softmax")]),
      [224, 224, 3],
      138_367_554,
    ],
    ["vgg16-mnist-28-same", vgg16OfBlocks("same", kerasHead), mnist, 33_637_066],
  ])("%s has the published number of parameters", (_, model, inputShape, parameterCount) => {
    expect(planned(model, inputShape).parameterCount).toBe(parameterCount);
  });
});

describe("multiply-adds", () => {
  test("a convolution takes one per output position, kernel weight and filter", () => {
    const model = planned(modelOf({ conv2d: { filters: 8, kernelSize: [3, 5] } }), [10, 12, 2]);

    expect(model.multiplyAdds).toBe(8 * 8 * (3 * 5 * 2) * 8);
  });

  test("only products with weights are counted", () => {
    const model = planned(modelOf({ averagePooling2d: {} }, "flatten", { dense: { units: 3 } }), [4, 4, 1]);

    expect(model.layers.map((layer) => layer.multiplyAdds)).toEqual([0, 0, 12]);
  });
});

describe("a layer that can't take its input", () => {
  const firstIssue = (model: Model, inputShape: Shape = mnist) => inferShapes(model, inputShape).issues[0];

  test("a dense layer on an image asks for a flatten before it", () => {
    expect(firstIssue(modelOf({ conv2d: { filters: 4, kernelSize: 3 } }, { dense: { units: 10 } }))).toEqual({
      code: "shape-mismatch",
      path: ["model", "layers", 1],
      message: "layer 2 (dense_1): its input is an image of 26×26×4, but dense needs a row of numbers",
      fix: "put `- flatten` before it",
    });
  });

  test("a kernel larger than the image is told the largest one that fits", () => {
    const issue = firstIssue(modelOf({ maxPooling2d: {} }, { conv2d: { name: "big", filters: 4, kernelSize: 15 } }));

    expect(issue?.message).toContain('layer 2 ("big", conv2d): its kernel 15×15 does not fit its input 14×14×1');
    expect(issue?.fix).toContain("a kernel of at most 14×14, or images of at least 30×30");
  });

  test("a dilated kernel that doesn't fit is described by what it covers", () => {
    const issue = firstIssue(modelOf({ conv2d: { filters: 4, kernelSize: 5, dilationRate: 8 } }));

    expect(issue?.message).toContain("its kernel 5×5 with dilation 8×8 (covers 33×33) does not fit");
  });

  test("a convolution after flatten is told to move before it", () => {
    const issue = firstIssue(modelOf("flatten", { conv2d: { filters: 4, kernelSize: 3 } }));

    expect(issue?.message).toBe(
      "layer 2 (conv2d_1): its input is a row of 784 numbers, but conv2d needs an image (height×width×channels)",
    );
  });

  test("a second flatten is refused", () => {
    expect(firstIssue(modelOf("flatten", "flatten"))?.message).toContain(
      "layer 2 (flatten_2): its input is flat already",
    );
  });

  test("a layer inside a repeat is named with its repetition and found in the document", () => {
    const issue = firstIssue(modelOf({ repeat: { times: 6, layers: ["flatten"] } }));
    const pool = firstIssue(modelOf({ repeat: { times: 9, layers: [{ maxPooling2d: {} }] } }));

    expect(issue?.path).toEqual(["model", "layers", 0, "repeat", "layers", 0]);
    expect(pool?.message).toContain("layer 5 (maxPooling2d_5, pool 5, repetition 5 of 9)");
  });

  test("mistakes after a missing flatten are still found", () => {
    const model = modelOf({ dense: { units: 4 } }, { maxPooling2d: {} });

    expect(inferShapes(model, mnist).issues.map((issue) => issue.path.at(-1))).toEqual([0, 1]);
  });
});

describe("sizes that no machine has", () => {
  const message = (...layers: readonly Entry[]) => inferShapes(modelOf(...layers), mnist).issues[0]?.message;

  test("a kernel of 10^9 does not fit", () => {
    expect(message({ conv2d: { filters: 1, kernelSize: 1e9 } })).toContain("does not fit its input 28×28×1");
  });

  test("a padded kernel of 10^9 has too many parameters", () => {
    expect(message({ conv2d: { filters: 1, kernelSize: 1e9, padding: "same" } })).toBe(
      "layer 1 (conv2d_1): it would have 1.0e+18 parameters; at most 2,147,483,647 are possible",
    );
  });

  test("the largest integers in every place give issues, not NaN", () => {
    const size = Number.MAX_SAFE_INTEGER;
    const conv2d = { filters: size, kernelSize: size, padding: "same", dilationRate: size };

    expect(message({ conv2d })).toMatch(/would have [\d.]+e\+\d+ parameters/);
    expect(message({ maxPooling2d: { poolSize: size } })).toContain("does not fit");
    expect(message("flatten", { dense: { units: size } })).toMatch(/would have [\d.]+e\+\d+ parameters/);
  });

  test("nested repeats that unfold to more than 1,000 layers are refused at once", () => {
    const inner = { repeat: { times: 1000, layers: [{ dropout: { rate: 0.1 } }] } };

    expect(message({ repeat: { times: 1000, layers: [inner] } })).toBe(
      "the architecture has more than 1000 layers once its groups are written out",
    );
  });

  test("1,000 layers are allowed", () => {
    const model = modelOf({ repeat: { times: 1000, layers: [{ dropout: { rate: 0.1 } }] } });

    expect(inferShapes(model, mnist).planned?.layers).toHaveLength(1000);
  });
});

describe("layer names", () => {
  const conv = (name?: string) => ({ conv2d: { filters: 1, kernelSize: 1, ...(name !== undefined && { name }) } });
  const namesOf = (model: Model) => inferShapes(model, mnist).layers.map((layer) => layer.name);

  test("unnamed layers are numbered by type, through nested repeats", () => {
    const block = { repeat: { times: 2, layers: [conv(), { dropout: { rate: 0.1 } }] } };

    expect(namesOf(modelOf(conv(), { repeat: { times: 2, layers: [block] } })).join(" ")).toBe(
      "conv2d_1 conv2d_2 dropout_1 conv2d_3 dropout_2 conv2d_4 dropout_3 conv2d_5 dropout_4",
    );
  });

  test("a named layer counts, so that naming one renames no other", () => {
    expect(namesOf(modelOf(conv(), conv("stem"), conv()))).toEqual(["conv2d_1", "stem", "conv2d_3"]);
  });

  test("a name that is given twice is refused with the other layer", () => {
    expect(inferShapes(modelOf(conv("a"), conv("b"), conv("a")), mnist).issues).toEqual([
      {
        code: "duplicate-name",
        path: ["model", "layers", 2, "conv2d", "name"],
        message: 'the name "a" is already that of layer 1 ("a", conv2d); names must be unique in the model',
        fix: "choose another name, or remove it: unnamed layers are numbered",
      },
    ]);
  });

  test("a named layer in a repeat is refused once, however often it is repeated", () => {
    const { issues } = inferShapes(modelOf({ repeat: { times: 3, layers: [conv("a")] } }), mnist);

    expect(issues).toHaveLength(1);
    expect(issues[0]?.message).toContain('the repeat gives the name "a" to more than one layer');
    expect(issues[0]?.path).toEqual(["model", "layers", 0, "repeat", "layers", 0, "conv2d", "name"]);
  });

  test("a given name that is another layer's number is refused where it is given", () => {
    const { issues } = inferShapes(modelOf(conv("conv2d_2"), conv()), mnist);

    expect(issues.map((issue) => issue.path)).toEqual([["model", "layers", 0, "conv2d", "name"]]);
  });
});
