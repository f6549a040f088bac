import { expect, test } from "vitest";
import { nearestName } from "../../src/spec/nearest-name.ts";

const layers = ["conv2d", "maxPooling2d", "averagePooling2d", "flatten", "dense", "dropout", "activation", "repeat"];
const fields = ["epochs", "steps", "batchSize", "optimizer", "learningRate", "units", "kernelSize", "activation"];

test.each([
  ["Conv2D", layers, "conv2d"],
  ["max_pooling_2d", layers, "maxPooling2d"],
  ["AvgPool2d", layers, "averagePooling2d"],
  ["Linear", layers, "dense"],
  ["drpout", layers, "dropout"],
  ["lr", fields, "learningRate"],
  ["learning-rate", fields, "learningRate"],
  ["ephocs", fields, "epochs"],
  ["optimiser", fields, "optimizer"],
  ["num_epochs", fields, "epochs"],
  ["neurons", fields, "units"],
  ["linear", ["linear", "relu"], "linear"],
  ["mxaval", ["minval", "maxval"], "maxval"],
])("%s among %j is %s", (given, known, meant) => {
  expect(nearestName(given, known)).toBe(meant);
});

test.each([["lstm"], ["x"], ["weightDecay"], ["constructor"], [""], ["epochs".repeat(100)]])(
  "%s is near to nothing",
  (given) => {
    expect(nearestName(given, [...layers, ...fields])).toBeUndefined();
  },
);
