import { z } from "zod";
import { augmentSchema, preprocessSchema, scaleSchema } from "./preparation.ts";
import { ruleBetweenFields } from "./rule.ts";
import { subsetSchema, validationSchema } from "./subset.ts";

const otherFormats = ["idx", "cifar10", "images"];

const folderDataset = z
  .strictObject({
    format: z
      .enum(["idx", "cifar10", "cifar100", "images"])
      .describe(
        "`idx`: MNIST's four files; `cifar10`, `cifar100`: the official binary batches; `images`: `train/<class>/*.png|jpg` and `test/`.",
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
export const namedDatasets = ["mnist", "fashion-mnist", "cifar10", "cifar100"] as const;

/** What is learned from and tested on. */
export const dataSchema = z.strictObject({
  dataset: z
    .union([z.enum(namedDatasets), folderDataset])
    .describe("A data set by name, or a folder of files in a known format."),
  subset: subsetSchema,
  validation: validationSchema.optional(),
  scale: scaleSchema,
  preprocess: preprocessSchema,
  augment: augmentSchema,
});

/** A checked `data:` section. */
export type Data = z.infer<typeof dataSchema>;
