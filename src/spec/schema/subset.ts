import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

const positiveInteger = z.int().min(1);
const seed = z.int().min(0).max(0xffff_ffff);

const firstExamples = z.strictObject({
  first: positiveInteger
    .describe("Number of examples, taken from the start of the file order.")
    .meta({ examples: [10000] }),
});

const randomExamples = z.strictObject({
  random: positiveInteger
    .describe("Number of examples, drawn uniformly without replacement; all trials get the same ones.")
    .meta({ examples: [256] }),
  seed: seed.default(0).describe("Which draw; not the trial's seed, so replicates share their examples."),
});

const examplesPerClass = z.strictObject({
  perClass: positiveInteger
    .describe("Number of examples of each class, drawn uniformly without replacement.")
    .meta({ examples: [100] }),
  seed: seed.default(0).describe("Which draw; not the trial's seed, so replicates share their examples."),
});

const examplesSchema = z
  .union([firstExamples, randomExamples, examplesPerClass])
  .describe("Which examples are used; default: all.");

/** A checked choice of examples. */
export type ExampleChoice = z.infer<typeof examplesSchema>;

/** `data.subset`. */
export const subsetSchema = z
  .strictObject({
    train: examplesSchema
      .optional()
      .describe("Subset of the training examples, taken before the validation part is split off."),
    test: examplesSchema.optional().describe("Subset of the test examples."),
  })
  .prefault({})
  .describe("Use only part of the data.");

const drawn = ["random", "stratified"];

const heldOutFraction = z
  .strictObject({
    fraction: z
      .number()
      .gt(0)
      .lt(1)
      .describe("Share of the training examples held out for validation, 0 < x < 1.")
      .meta({ examples: [0.1] }),
    from: z
      .enum(["end", "start", "random", "stratified"])
      .default("end")
      .describe(
        "Which are held out: the last or first in file order, random ones, or the same share of each class (stratified).",
      ),
    seed: seed.optional().describe("Which draw, for random and stratified; not the trial's seed. Default: 0."),
  })
  .refine(
    ({ from, seed }) => seed === undefined || typeof from !== "string" || drawn.includes(from),
    ruleBetweenFields({
      at: ["seed"],
      code: "conflicting-fields",
      message: "got `seed` for a validation part that is not drawn; only `from: random` and `stratified` draw",
      fix: "remove `seed`, or write `from: random`",
    }),
  );

const givenSplit = z.strictObject({
  split: z.literal("validation").describe("The data set's own validation part: `validation/` of an image folder."),
});

/** `data.validation`. */
export const validationSchema = z
  .union([heldOutFraction, givenSplit])
  .describe("Examples that the model never learns from: a fraction of the training ones, or a given part.");

/** A checked choice of the validation part. */
export type Validation = z.infer<typeof validationSchema>;
