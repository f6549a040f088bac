import { z } from "zod";
import { distributionSchema } from "./distribution.ts";
import { ruleBetweenFields } from "./rule.ts";
import { yamlValueSchema } from "./yaml-value.ts";

const positiveInteger = z.int().min(1);
const seed = z.int().min(0).max(0xffff_ffff);

/** More trials than this are taken for a mistake. */
export const maxTrialCount = 100_000;

/** Fields that one quasi-random sequence can spread. */
export const maxDimensions = { sobol: 21, halton: 50 } as const;

const valueLists = z.record(
  z.string(),
  z
    .array(yamlValueSchema)
    .min(1)
    .meta({ examples: [["first value", "second value"]] }),
);

const zipSchema = valueLists.superRefine((fields, context) => {
  const [first, ...others] = Object.entries(fields);
  if (first === undefined) return;
  const fix = "give all lists of `zip` the same length; fields that vary on their own belong in `grid`";
  for (const [path, values] of others) {
    const message = `got ${values.length} values, but "${first[0]}" has ${first[1].length}: fields of \`zip\` move together`;
    if (values.length !== first[1].length)
      context.addIssue({ code: "custom", path: [path], message, params: { code: "unequal-lengths", fix } });
  }
});

const comparison = z
  .strictObject({
    "<": z.number().optional().describe("The field is below this number."),
    "<=": z.number().optional().describe("The field is at most this number."),
    ">": z.number().optional().describe("The field is above this number."),
    ">=": z.number().optional().describe("The field is at least this number."),
    "!=": z
      .union([z.string(), z.number(), z.boolean(), z.array(yamlValueSchema).min(1)])
      .optional()
      .describe("The field is there and has another value than this, or than any of this list."),
  })
  .check(({ value, issues }) => {
    // An unknown comparison has its own issue.
    if (issues.length > 0 || Object.keys(value).length > 0) return;
    const message = "got an empty map, expected a comparison (<, <=, >, >=, !=)";
    const params = { code: "missing-comparison", fix: 'write e.g. `{ ">": 0.01 }`' };
    issues.push({ code: "custom", input: value, path: [], message, params });
  });

const conditionSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(yamlValueSchema).min(1), comparison]))
  .refine(
    (value) => Object.keys(value).length > 0,
    ruleBetweenFields({
      at: [],
      code: "missing-comparison",
      message: "got an empty map, expected fields by path and what they are compared with",
      fix: "write e.g. `{ training.optimizer.type: sgd }`",
    }),
  );

const drawnFields = z.record(z.string(), distributionSchema);
const drawCount = positiveInteger
  .max(maxTrialCount)
  .describe("Number of points; a larger number later keeps the points that are there and adds further ones.")
  .meta({ examples: [50] });
const drawSeed = (purpose: string) => seed.default(0).describe(`Draws other points; default: 0. ${purpose}`);
const spaceExample = { "training.optimizer.learningRate": { logUniform: [0.0001, 0.1] } };

const randomSchema = z.strictObject({
  count: drawCount,
  seed: drawSeed("Not a trial's seed: those are `sweep.seeds`."),
  space: drawnFields
    .describe("Path of a field to its distribution; each field is drawn on its own, rounded to 6 significant digits.")
    .meta({ examples: [spaceExample] }),
});

const quasiRandomSchema = z
  .strictObject({
    method: z
      .enum(["halton", "sobol"])
      .default("sobol")
      .describe(
        "Which sequence; `sobol` is most even for counts that are powers of 2 (at most 21 fields, `halton`: 50).",
      ),
    count: drawCount,
    seed: drawSeed("Scrambles the sequence."),
    space: drawnFields
      .describe("Path of a field to its distribution; the points spread evenly over all fields together.")
      .meta({ examples: [spaceExample] }),
  })
  .refine(
    ({ method, space }) => Object.keys(Object(space)).length <= (maxDimensions[method] ?? Infinity),
    ruleBetweenFields({
      at: ["space"],
      code: "too-many-dimensions",
      message: "a quasi-random sequence can't spread so many fields: `sobol` at most 21, `halton` at most 50",
      fix: "draw some of the fields with `random`",
    }),
  );

/** The parts of a search space that combine with one another. */
const parts = {
  zip: zipSchema
    .optional()
    .describe("Paths of fields that move together, to lists of equal length: the first values, the second values, ….")
    .meta({ examples: [{ "training.batchSize": [32, 64], "training.epochs": [5, 10] }] }),
  cases: z
    .array(z.record(z.string(), yamlValueSchema).meta({ examples: [{ "training.batchSize": 32 }] }))
    .min(1)
    .optional()
    .describe("Explicit points, each a map of paths to values; `{}` is the experiment as it is written.")
    .meta({ examples: [[{ "training.batchSize": 32 }, { "training.batchSize": 64, "training.epochs": 10 }]] }),
  random: randomSchema
    .optional()
    .describe("Points drawn at random. What `exclude` removes of them is not replaced.")
    .meta({ examples: [{ count: 50, space: spaceExample }] }),
  quasiRandom: quasiRandomSchema
    .optional()
    .describe("Points that fill the space more evenly than random ones. What `exclude` removes is not replaced.")
    .meta({ examples: [{ method: "sobol", count: 32, space: spaceExample }] }),
};

const gridDescription =
  "Path of a field to the list of its values; all combinations run, also with zip, cases, random, quasiRandom and union.";
const gridExample = { "training.optimizer.learningRate": [0.001, 0.01] };
const grid = valueLists
  .optional()
  .describe(gridDescription)
  .meta({ examples: [gridExample] });

const conditional = z
  .strictObject({
    if: conditionSchema
      .describe("Paths of fields and what they must be: a value, one of a list, or a comparison; all must hold.")
      .meta({ examples: [{ "training.optimizer.type": "sgd" }] }),
    grid,
    ...parts,
  })
  .refine(
    (value) => Object.keys(value).some((key) => key !== "if"),
    ruleBetweenFields({
      at: [],
      code: "missing-space",
      message: "got only `if`, expected what is swept under this condition (grid, zip, cases, random, quasiRandom)",
      fix: "add e.g. `grid: { training.optimizer.momentum: [0, 0.9] }`",
    }),
  );

const constraints = {
  when: z
    .array(conditional)
    .min(1)
    .optional()
    .describe(
      "Fields that are swept only where a condition holds. Conditions see written and swept values, no defaults.",
    )
    .meta({
      examples: [[{ if: { "training.optimizer.type": "sgd" }, grid: { "training.optimizer.momentum": [0, 0.9] } }]],
    }),
  exclude: z
    .array(conditionSchema)
    .min(1)
    .optional()
    .describe("Configurations that are left out: those for which all comparisons of one entry hold.")
    .meta({ examples: [[{ "training.batchSize": 32, "training.optimizer.learningRate": { ">": 0.01 } }]] }),
};

function refuseRepeatedSeeds(seeds: readonly number[], context: z.core.$RefinementCtx): void {
  const fix = "remove it; every seed is one replicate";
  const seen = new Set<number>();
  for (const [index, seed] of seeds.entries()) {
    const message = `got the seed ${seed} a second time, expected every seed once`;
    if (seen.has(seed))
      context.addIssue({ code: "custom", path: [index], message, params: { code: "conflicting-fields", fix } });
    seen.add(seed);
  }
}

/** The search space. */
export const sweepSchema = z.strictObject({
  grid: valueLists
    .default({})
    .describe(gridDescription)
    .meta({ examples: [gridExample] }),
  ...parts,
  union: z
    .array(z.strictObject({ grid, ...parts, ...constraints }))
    .min(1)
    .optional()
    .describe("Several spaces one after another, each written as a sweep without seeds. Equal configurations run once.")
    .meta({ examples: [[{ grid: gridExample }, { cases: [{ "training.batchSize": 64 }] }]] }),
  ...constraints,
  maxTrials: positiveInteger
    .max(maxTrialCount)
    .optional()
    .describe("The experiment is refused if it has more trials than this. Default: at most 100,000.")
    .meta({ examples: [200] }),
  seeds: z
    .union([
      positiveInteger.max(1000).transform((count) => Array.from({ length: count }, (_, index) => index + 1)),
      z.array(seed).min(1).superRefine(refuseRepeatedSeeds),
    ])
    .prefault(1)
    .describe("Replicates of every configuration: a count n (seeds 1…n) or a list of seeds."),
});
