import { describe, expect, test } from "vitest";
import { base, documentOf, issuesOf } from "./composed-experiment.ts";

const files = { "a.yaml": `name: a\n${base}sweep: { grid: { training.batchSize: [16, 32] } }\n` };

describe("a value that the command line sets", () => {
  test("replaces the one of the file, is read as YAML, and creates the maps on its way", async () => {
    const document = await documentOf(files, [
      "training.epochs=7",
      "model.layers[1].dense.activation=relu",
      "evaluation.batchSize=0x10",
      "data.validation={ fraction: 0.1 }",
      "description=a: b".replace(": b", " b"),
    ]);

    expect(document).toMatchObject({
      description: "a b",
      data: { validation: { fraction: 0.1 } },
      model: { layers: ["flatten", { dense: { units: 10, activation: "relu" } }] },
      training: { epochs: 7, optimizer: { type: "sgd" } },
      evaluation: { batchSize: 16 },
    });
  });

  test("comes after those before it, and null removes", async () => {
    const settings = [
      "training.optimizer=null",
      "training.optimizer.type=adam",
      "training.epochs=null",
      "training.steps=9",
    ];

    expect((await documentOf(files, settings))["training"]).toEqual({ steps: 9, optimizer: { type: "adam" } });
  });

  test("may be the values of a swept field", async () => {
    const { sweep } = await documentOf(files, ["sweep.grid.training.batchSize=[8]", "sweep.seeds=2"]);

    expect(sweep).toEqual({ grid: { "training.batchSize": [8] }, seeds: 2 });
  });
});

const path = "write a path as `training.optimizer.learningRate`";

/** A flag and the only issue it gives. */
const mistakes: readonly (readonly [setting: string, path: string, message: string, fix: string])[] = [
  ["training.epochs", "", "expected `path=value`", "write e.g. `--set training.epochs=5`"],
  ["=5", "", "expected `path=value`", "write e.g. `--set training.epochs=5`"],
  ["training.epochs=", "", "there is no value behind `=`", "write a value; `null` removes the field"],
  [
    "training..epochs=5",
    "",
    '"..epochs" is not part of a path; write keys with dots between them and list indexes (from 0) in brackets',
    path,
  ],
  ["training.epochs=x", "training.epochs", 'got "x" (string), expected a whole number ≥ 1', "write e.g. `epochs: 5`"],
  [
    "training.epoch=5",
    "training.epoch",
    'unknown key "epoch", expected one of epochs, steps, batchSize, optimizer, loss, learningRateSchedule, shuffle, gradientClipping, classWeights, ema, earlyStopping, keepBest, checkpoint, logEverySteps',
    "remove it; `epochs` is already given",
  ],
  ["training.optimizer={ type: [", "", "the value is not YAML: this [ is never closed", "add the missing ]"],
  [
    "model.layers[2]=flatten",
    "",
    "`model.layers` has 2 entries, there is no [2] (the first is [0])",
    "name a field of this experiment",
  ],
  [
    "training.epochs.x=1",
    "",
    "`training.epochs` is 5, not a map; it has no field `x`",
    "name a field of this experiment",
  ],
  ["training.keepBest=null", "", "there is no `training.keepBest` to remove", "remove a field that is written"],
  ["extends=b.yaml", "", "`extends` can't be set here", "write it in the file"],
  [
    "training.batchSize=8",
    "",
    "`training.batchSize` is swept in `sweep.grid`, so this value would never be used",
    "write `--set 'sweep.grid.training.batchSize=[8]'`, or take it out of the sweep with `=null`",
  ],
];

test.each(mistakes)("--set %s is refused", async (setting, path, message, fix) => {
  const { issues } = await issuesOf(files, [setting]);

  expect(issues).toEqual([{ at: `--set ${setting}`, path, message, fix }]);
});

test("all mistakes of files and flags are told at once", async () => {
  const broken = { "a.yaml": files["a.yaml"].replace("mnist", "▶mnits") };

  const { issues, marks } = await issuesOf(broken, ["training.epochs=x", "foo", "evaluation.batchSize=0"]);

  expect(issues.map(({ at }) => at)).toEqual([
    marks[0],
    "--set foo",
    "--set training.epochs=x",
    "--set evaluation.batchSize=0",
  ]);
});
