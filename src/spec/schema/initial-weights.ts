import { z } from "zod";
import { ruleBetweenFields } from "./rule.ts";

const layerNames = z.array(z.string().min(1)).min(1);

const shared = {
  include: layerNames
    .optional()
    .describe("Only these layers take their weights from there. Default: every layer that has weights.")
    .meta({ examples: [["conv2d_1"]] }),
  exclude: layerNames
    .optional()
    .describe("Layers that start from their initialisers instead, e.g. a new last layer.")
    .meta({ examples: [["dense_1"]] }),
} as const;

const includeOrExclude = ruleBetweenFields({
  at: ["exclude"],
  code: "conflicting-fields",
  message: "got `include` and `exclude`, expected only one of them",
  fix: "remove `exclude`, or remove `include`",
});

function hasOnlyOne({ include, exclude }: { readonly include?: unknown; readonly exclude?: unknown }): boolean {
  return include === undefined || exclude === undefined;
}

/** Where a model's weights come from instead of from its initialisers. */
export const initialWeightsSchema = z.union([
  z
    .strictObject({
      file: z
        .string()
        .min(1)
        .describe("A .safetensors file, relative to this YAML file, with tensors `<layer>/kernel`, `<layer>/bias`, …")
        .meta({ examples: ["weights.safetensors"] }),
      ...shared,
    })
    .refine(hasOnlyOne, includeOrExclude),
  z
    .strictObject({
      trial: z
        .string()
        .min(1)
        .describe("A finished trial: its id, or an experiment's name and which, as `vgg13` or `vgg13:best`.")
        .meta({ examples: ["my-experiment:best"] }),
      ...shared,
    })
    .refine(hasOnlyOne, includeOrExclude),
]);

/** A checked `initialWeights:`. */
export type InitialWeights = z.infer<typeof initialWeightsSchema>;
