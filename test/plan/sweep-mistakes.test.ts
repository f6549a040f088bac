import { expect, test } from "vitest";
import { locateIssues } from "../../src/spec/locate-issues.ts";
import { parseExperiment } from "../../src/spec/parse-experiment.ts";
import { takeMarks, writeExperiment } from "../spec/written-experiment.ts";
import { plan } from "./experiment-of.ts";

/** A sweep with ▶ where the only issue must point to, and the issue. */
type Mistake = readonly [name: string, sweep: string, message: string, fix: string];

const mistakes: readonly Mistake[] = [
  [
    "a misspelt distribution",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { ▶unifrom: [0, 1] } } }",
    'unknown key "unifrom", expected one of uniform, logUniform, intUniform, quantised, normal, choice',
    "did you mean `uniform`?",
  ],
  [
    "a range without a distribution",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: ▶[0, 1] } }",
    "got a list of 2, expected a map (keys: uniform, logUniform, intUniform, quantised, normal, choice)",
    "write e.g. `training.optimizer.learningRate: { uniform: [0, 0.5] }`",
  ],
  [
    "two distributions",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { uniform: [0.1, 0.2], logUniform: ▶[0.1, 0.2] } } }",
    "got `uniform` and `logUniform`, expected only one of `uniform`, `logUniform`, `intUniform`, `quantised`, `normal`, `choice`",
    "remove `logUniform`, or remove `uniform`",
  ],
  [
    "a range whose ends are exchanged",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { uniform: ▶[1, 0] } } }",
    "the lower end is not below the upper end",
    "write [lower, upper], the smaller number first",
  ],
  [
    "a logarithmic range from 0",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { logUniform: [▶0, 1] } } }",
    "got 0 (number), expected a number > 0",
    "write e.g. `1`",
  ],
  [
    "a range of one number",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { uniform: ▶0.1 } } }",
    "got 0.1 (number), expected a list of 2 numbers",
    "write e.g. `uniform: [0, 0.5]`",
  ],
  [
    "a range of three numbers",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { uniform: ▶[0.1, 0.2, 0.3] } } }",
    "got a list of 3, expected a list of 2 numbers",
    "write e.g. `uniform: [0, 0.5]`",
  ],
  [
    "a range of whole numbers from a fraction",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { intUniform: [▶0.5, 3] } } }",
    "got 0.5 (number), expected a whole number",
    "write e.g. `1`",
  ],
  [
    "a step without a range",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { quantised: ▶{ step: 0.1 } } } }",
    "expected exactly one of uniform, logUniform, normal beside `step`",
    "write e.g. `quantised: { uniform: [0, 0.5], step: 0.1 }`",
  ],
  [
    "a step of 0",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { quantised: { uniform: [0, 1], step: ▶0 } } } }",
    "got 0 (number), expected a number > 0",
    "write e.g. `step: 0.1`",
  ],
  [
    "a deviation in another framework's words",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { normal: { mean: 0.1, ▶std: 0.1 } } } }",
    'unknown key "std", expected one of mean, sd',
    "did you mean `sd`?",
  ],
  [
    "no choice",
    "sweep:\n  random: { count: 5, space: { training.optimizer.learningRate: { choice: ▶[] } } }",
    "got an empty list, expected a list with at least one entry",
    "write e.g. `choice: [relu, tanh]`",
  ],
  [
    "fractions for a whole number",
    "sweep:\n  random: { count: 1, space: { training.batchSize: ▶{ uniform: [16, 64] } } }",
    "got 57.661 (number), expected a whole number ≥ 1 (with training.batchSize=57.661)",
    "draw whole numbers with `intUniform`",
  ],
  [
    "no number of points",
    "sweep:\n  ▶random: { space: { training.optimizer.learningRate: { uniform: [0.1, 0.2] } } }",
    "missing, expected a whole number from 1 to 100000",
    "add e.g. `count: 50` (number of points)",
  ],
  [
    "no points",
    "sweep:\n  random: { count: ▶0, space: { training.optimizer.learningRate: { uniform: [0.1, 0.2] } } }",
    "got 0 (number), expected a whole number from 1 to 100000",
    "write e.g. `count: 50`",
  ],
  [
    "points without a space",
    "sweep:\n  ▶random: { count: 5 }",
    "missing, expected a map",
    "add e.g. `space: { training.optimizer.learningRate: { logUniform: [0.0001, 0.1] } }` (path of a field to its distribution)",
  ],
  [
    "a misspelt sequence",
    "sweep:\n  quasiRandom: { method: ▶sobal, count: 4, space: { training.optimizer.learningRate: { uniform: [0.1, 0.2] } } }",
    'got "sobal" (string), expected one of halton, sobol',
    "did you mean `sobol`?",
  ],
  [
    "lists of different lengths",
    "sweep:\n  zip: { training.batchSize: [1, 2], training.epochs: ▶[1, 2, 3] }",
    'got 3 values, but "training.batchSize" has 2: fields of `zip` move together',
    "give all lists of `zip` the same length; fields that vary on their own belong in `grid`",
  ],
  [
    "a zip of nested maps",
    "sweep:\n  zip: { training: ▶{ batchSize: [3] } }",
    "got a map (keys: batchSize), expected a list with at least one entry",
    "write the whole path as one key: `training.batchSize: [3]`",
  ],
  [
    "cases that are one map",
    "sweep:\n  cases: ▶{ training.batchSize: 3 }",
    "got a map (keys: training.batchSize), expected a list with at least one entry",
    "write e.g. `cases: [{ training.batchSize: 32 }, { training.batchSize: 64, training.epochs: 10 }]`",
  ],
  [
    "a case that is a path",
    "sweep:\n  cases: [▶training.batchSize]",
    'got "training.batchSize" (string), expected a map',
    "write e.g. `{ training.batchSize: 32 }`",
  ],
  [
    "an unknown field in a case",
    "sweep:\n  cases: [{ ▶training.batchsize: 3 }]",
    'unknown key "batchsize", expected one of epochs, steps, batchSize, optimizer, loss, learningRateSchedule, shuffle, gradientClipping, classWeights, ema, earlyStopping, keepBest, checkpoint, logEverySteps',
    "did you mean `batchSize`?",
  ],
  [
    "a wrong value in a case",
    "sweep:\n  cases: [{ training.batchSize: 3 }, { training.batchSize: ▶big }]",
    'got "big" (string), expected a whole number ≥ 1 (with training.batchSize=big)',
    "write e.g. `batchSize: 32`",
  ],
  [
    "a field in a case that another one contains",
    "sweep:\n  cases: [{ training.optimizer: { type: sgd }, ▶training.optimizer.learningRate: 0.1 }]",
    '"training.optimizer.learningRate" is part of "training.optimizer", which is swept as well: one would overwrite the other',
    "sweep only one of them",
  ],
  [
    "seeds in a member of a union",
    "sweep:\n  union: [{ grid: { training.batchSize: [3] }, ▶seeds: 3 }]",
    'unknown key "seeds", expected one of grid, zip, cases, random, quasiRandom, when, exclude',
    "it belongs in `sweep`",
  ],
  [
    "a union that is one map",
    "sweep:\n  union: ▶{ grid: { training.batchSize: [3] } }",
    "got a map (keys: grid), expected a list with at least one entry",
    "write a list: `union: [{ grid: { training.batchSize: [3] } }]`",
  ],
  [
    "a field in two parts",
    "sweep:\n  grid: { training.batchSize: [3] }\n  zip: { ▶training.batchSize: [4] }",
    '"training.batchSize" is swept in `sweep.grid` as well: one would overwrite the other',
    "sweep only one of them",
  ],
  [
    "a drawn field inside a swept map",
    "sweep:\n  grid: { training.optimizer: [{ type: sgd }] }\n  random: { count: 2, space: { ▶training.optimizer.learningRate: { uniform: [0.1, 0.2] } } }",
    '"training.optimizer.learningRate" is part of "training.optimizer", which is swept as well: one would overwrite the other',
    "sweep only one of them",
  ],
  [
    "a condition with nothing under it",
    "sweep:\n  grid: { training.optimizer.type: [sgd, adam] }\n  when: [▶{ if: { training.optimizer.type: sgd } }]",
    "got only `if`, expected what is swept under this condition (grid, zip, cases, random, quasiRandom)",
    "add e.g. `grid: { training.optimizer.momentum: [0, 0.9] }`",
  ],
  [
    "no condition",
    "sweep:\n  when: [▶{ grid: { training.batchSize: [3] } }]",
    "missing, expected a map",
    "add e.g. `if: { training.optimizer.type: sgd }` (paths of fields and what they must be: a value, one of a list, or a comparison)",
  ],
  [
    "a condition on a default",
    "sweep:\n  when: [{ if: { ▶training.optimizer.type: adam }, grid: { training.batchSize: [3] } }]",
    '"training.optimizer.type" is neither swept nor written in this experiment; conditions don\'t see defaults',
    "write the field in the experiment",
  ],
  [
    "a condition on a misspelt field",
    "sweep:\n  grid: { training.optimizer.type: [sgd, adam] }\n  when: [{ if: { ▶training.optimiser.type: sgd }, grid: { training.batchSize: [3] } }]",
    '"training.optimiser.type" is neither swept nor written in this experiment; conditions don\'t see defaults',
    "did you mean `training.optimizer.type`?",
  ],
  [
    "a condition that never holds",
    "sweep:\n  grid: { training.optimizer.type: [sgd, adam] }\n  when: [{ if: ▶{ training.optimizer.type: sdg }, grid: { training.batchSize: [3] } }]",
    "no configuration of the sweep fulfils this condition, so nothing below it would be used",
    "compare with a value that is swept or written, or remove the entry",
  ],
  [
    "a parameter of one choice for all",
    "sweep:\n  grid: { training.optimizer.type: [sgd, adam], ▶training.optimizer.momentum: [0, 0.9] }",
    'unknown key "momentum", expected one of type, learningRate, beta1, beta2, epsilon, amsgrad (with training.optimizer.type=adam)',
    "`momentum` goes with `type: sgd`; remove it or change the type",
  ],
  [
    "a field under two conditions that may hold together",
    "sweep:\n  when: [{ if: { training.epochs: 5 }, grid: { training.batchSize: [1, 2] } }, { if: { training.epochs: [5, 6] }, grid: { ▶training.batchSize: [4] } }]",
    '"training.batchSize" is swept in `sweep.when[0].grid` as well: one would overwrite the other',
    "sweep only one of them",
  ],
  [
    "an exclusion that matches nothing",
    'sweep:\n  grid: { training.batchSize: [1, 2] }\n  exclude: [▶{ training.batchSize: { ">": 5 } }]',
    "this entry leaves no configuration of the sweep out, or only what an earlier one leaves out",
    "compare with a value that is swept or written, or remove the entry",
  ],
  [
    "exclusions that leave nothing",
    'sweep:\n  ▶grid: { training.batchSize: [1, 2] }\n  exclude: [{ training.batchSize: { ">=": 1 } }]',
    "`exclude` leaves none of the 2 configurations",
    "remove an entry of `exclude`, or make it match less",
  ],
  [
    "a comparison in words",
    "sweep:\n  grid: { training.batchSize: [1, 2] }\n  exclude: [{ training.batchSize: { ▶greater: 1 } }]",
    'unknown key "greater", expected one of <, <=, >, >=, !=',
    "remove it, or use one of these keys",
  ],
  [
    "a comparison with a text",
    'sweep:\n  grid: { training.batchSize: [1, 2] }\n  exclude: [{ training.batchSize: { ">": ▶many } }]',
    'got "many" (string), expected a number',
    'write e.g. `">": 1`',
  ],
  [
    "an empty exclusion",
    "sweep:\n  grid: { training.batchSize: [1, 2] }\n  exclude: [▶{}]",
    "got an empty map, expected fields by path and what they are compared with",
    "write e.g. `{ training.optimizer.type: sgd }`",
  ],
  [
    "an exclusion by the field's name alone",
    "sweep:\n  grid: { training.batchSize: [1, 2] }\n  exclude: [{ ▶batchSize: 1 }]",
    'got "batchSize", but a swept path starts with data, model, training or evaluation',
    "did you mean `training.batchSize`?",
  ],
  [
    "an exclusion that is one map",
    "sweep:\n  grid: { training.batchSize: [1, 2] }\n  exclude: ▶{ training.batchSize: 1 }",
    "got a map (keys: training.batchSize), expected a list with at least one entry",
    'write e.g. `exclude: [{ training.batchSize: 32, training.optimizer.learningRate: { ">": 0.01 } }]`',
  ],
  [
    "more trials than allowed",
    "sweep:\n  grid: { training.batchSize: [1, 2] }\n  maxTrials: ▶3\n  seeds: 2",
    "got 3, but the sweep has 4 trials (2 configurations × 2 seeds)",
    "sweep less, or write `maxTrials: 4`",
  ],
  [
    "a limit in another spelling",
    "sweep:\n  grid: { training.batchSize: [1, 2] }\n  ▶max_trials: 30",
    'unknown key "max_trials", expected one of grid, zip, cases, random, quasiRandom, union, when, exclude, maxTrials, seeds',
    "did you mean `maxTrials`?",
  ],
];

test.each(mistakes)("%s", (_, sweep, message, fix) => {
  const { text, marks } = takeMarks(writeExperiment({ sweep }));

  const issues = issuesOf(text).map(({ position, message, fix }) => ({
    position: { line: position?.line, column: position?.column },
    message,
    fix,
  }));

  expect(issues).toEqual([{ position: marks[0], message, fix }]);
});

/** What the check of the document finds, or else the plan. */
function issuesOf(text: string) {
  const parsed = parseExperiment(text, "cnn.yaml");
  if ("issues" in parsed) return parsed.issues;
  const planned = plan(parsed.experiment);
  return "issues" in planned ? locateIssues(planned.issues, parsed.source) : [];
}
