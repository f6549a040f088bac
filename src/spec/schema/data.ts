import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

const positiveInteger = z.int().min(1);
const otherFormats = ["idx", "cifar10"];
const firstN = z
  .strictObject({
    first: positiveInteger
      .describe("Number of examples, taken from the start of the file order.")
      .meta({ examples: [10000] }),
  })
  .describe("Which examples are used; default: all.");

const folderDataset = z
  .strictObject({
    format: z
      .enum(["idx", "cifar10", "cifar100"])
      .describe(
        "`idx`: the four files of MNIST's format; `cifar10`, `cifar100`: the official binary batches. Files may be gzipped.",
      ),
    folder: z
      .string()
      .min(1)
      .describe("Folder of the files, relative to this YAML file.")
      .meta({ examples: ["my-data"] }),
    labels: z.enum(["fine", "coarse"]).optional().describe("CIFAR-100 only: which labels are learned. Default: fine."),
  })
  .refine(
    ({ format, labels }) => labels === undefined || format === "cifar100" || !otherFormats.includes(format),
    ruleBetweenFields({
      at: ["labels"],
      code: "conflicting-fields",
      message: "got `labels` with a format other than cifar100; only CIFAR-100 has two kinds of labels",
      fix: "remove `labels`, or write `format: cifar100`",
    }),
  );

/** Data sets that are known by name. */
export const namedDatasets = ["mnist"] as const;

/** What is learned from and tested on. */
export const dataSchema = z.strictObject({
  dataset: z
    .union([z.enum(namedDatasets), folderDataset])
    .describe("A data set by name, or a folder of files in a known format."),
  subset: z
    .strictObject({
      train: firstN.optional().describe("Subset of the training file, taken before the validation part is split off."),
      test: firstN.optional().describe("Subset of the test file."),
    })
    .prefault({})
    .describe("Use only part of the data."),
  validation: z
    .strictObject({
      fraction: z
        .number()
        .gt(0)
        .lt(1)
        .describe("Share of the training examples held out for validation, 0 < x < 1.")
        .meta({ examples: [0.1] }),
      from: z.enum(["end"]).default("end").describe("Which examples are held out: the last ones in file order."),
    })
    .optional()
    .describe("Hold part of the training examples out; the model never learns from them. Default: none."),
});

/** A checked `data:` section. */
export type Data = z.infer<typeof dataSchema>;
