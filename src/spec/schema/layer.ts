import { z } from "zod";
import { type Activation, activationSchema } from "./activation.ts";
import { blocksSchema } from "./block.ts";
import { type BlockGroup, blockKey, expandBlocks } from "./expand-blocks.ts";
import { initialWeightsSchema } from "./initial-weights.ts";
import { positiveInteger } from "./layer-fields.ts";
import { layerParameterSchemas, type WrittenLayer } from "./layer-parameters.ts";

export type { Layer } from "./layer-parameters.ts";

/** A group of entries repeated `times` times. */
export interface RepeatEntry {
  readonly type: "repeat";
  readonly times: number;
  readonly layers: readonly LayerEntry[];
}

/** Layers whose output is added to that of a shortcut, by default their own input. */
export interface ResidualEntry {
  readonly type: "residual";
  readonly layers: readonly LayerEntry[];
  readonly shortcut?: readonly LayerEntry[] | undefined;
  readonly activation?: Activation | undefined;
}

/** Branches over the same input whose outputs are put side by side along the channels; an empty one is the input. */
export interface ConcatEntry {
  readonly type: "concat";
  readonly branches: readonly (readonly LayerEntry[])[];
}

/** A used block with its arguments put in. */
export interface BlockEntry {
  readonly type: "block";
  readonly name: string;
  readonly layers: readonly LayerEntry[];
}

/** One entry of `model.layers`: a layer or a group of layers. */
export type LayerEntry = WrittenLayer | RepeatEntry | ResidualEntry | ConcatEntry | BlockEntry;

const schemas = layerParameterSchemas;
const entries = () => z.array(z.lazy(() => layerEntrySchema));

const repeatParameters = z.strictObject({
  times: positiveInteger
    .max(1000)
    .describe("How many times the layers follow one another.")
    .meta({ examples: [2] }),
  layers: entries().min(1).describe("The layers that are repeated."),
});

const residualParameters = z.strictObject({
  layers: entries().min(1).describe("The layers whose output is added to that of the shortcut."),
  shortcut: entries()
    .min(1)
    .optional()
    .describe("Layers from the same input to the sum. Default: none, the input itself is added.")
    .meta({ examples: [[{ conv2d: { filters: 16, kernelSize: 1 } }]] }),
  activation: activationSchema.optional().describe("Activation applied to the sum. Default: none."),
});

const concatParameters = z.strictObject({
  branches: z
    .array(entries())
    .min(2)
    .describe("Lists of layers over the same input, joined along the channels; `[]` is the input itself.")
    .meta({ examples: [[[], [{ conv2d: { filters: 16, kernelSize: 3, padding: "same" } }]]] }),
});

/** What `expandBlocks` makes of a used block. Not part of the written language. */
const blockGroup = z
  .strictObject({
    [blockKey]: z
      .strictObject({
        name: z.string().describe("Name of the block."),
        layers: entries().describe("Its layers with arguments put in."),
        mistakes: z
          .unknown()
          .refine((value) => value instanceof Set)
          .describe("What is wrong with its use."),
      })
      .describe("A used block, written as `- name: { parameter: argument }`."),
  })
  .meta({ id: "blockUse" })
  .superRefine(
    (entry, context) => {
      for (const { path, message, code, fix } of mistakesOf(entry[blockKey]))
        context.addIssue({ code: "custom", path: [...path], message, params: { code, fix } });
    },
    { when: ({ value }) => typeof value === "object" && value !== null },
  );

function mistakesOf(group: { readonly mistakes?: unknown } | undefined): BlockGroup["mistakes"] {
  const mistakes = group?.mistakes;
  return mistakes instanceof Set ? mistakes : new Set();
}

/** Layers that may stand alone: `- flatten`. */
const bareNames = ["flatten", "globalMaxPooling2d", "globalAveragePooling2d"] as const;

/** One entry of `model.layers`: a map with one key, the layer's type; those that need no parameters may stand alone. */
export const layerEntrySchema: z.ZodType<LayerEntry> = z
  .union([
    z.strictObject({ conv2d: schemas.conv2d }).transform((value): LayerEntry => ({ type: "conv2d", ...value.conv2d })),
    z
      .strictObject({ separableConv2d: schemas.separableConv2d })
      .transform((value): LayerEntry => ({ type: "separableConv2d", ...value.separableConv2d })),
    z
      .strictObject({ depthwiseConv2d: schemas.depthwiseConv2d })
      .transform((value): LayerEntry => ({ type: "depthwiseConv2d", ...value.depthwiseConv2d })),
    z
      .strictObject({ maxPooling2d: schemas.maxPooling2d })
      .transform((value): LayerEntry => ({ type: "maxPooling2d", ...value.maxPooling2d })),
    z
      .strictObject({ averagePooling2d: schemas.averagePooling2d })
      .transform((value): LayerEntry => ({ type: "averagePooling2d", ...value.averagePooling2d })),
    z
      .strictObject({ globalMaxPooling2d: schemas.globalMaxPooling2d })
      .transform((value): LayerEntry => ({ type: "globalMaxPooling2d", ...value.globalMaxPooling2d })),
    z
      .strictObject({ globalAveragePooling2d: schemas.globalAveragePooling2d })
      .transform((value): LayerEntry => ({ type: "globalAveragePooling2d", ...value.globalAveragePooling2d })),
    z
      .strictObject({ zeroPadding2d: schemas.zeroPadding2d })
      .transform((value): LayerEntry => ({ type: "zeroPadding2d", ...value.zeroPadding2d })),
    z
      .strictObject({ flatten: schemas.flatten })
      .transform((value): LayerEntry => ({ type: "flatten", ...value.flatten })),
    z.strictObject({ dense: schemas.dense }).transform((value): LayerEntry => ({ type: "dense", ...value.dense })),
    z
      .strictObject({ batchNormalization: schemas.batchNormalization })
      .transform((value): LayerEntry => ({ type: "batchNormalization", ...value.batchNormalization })),
    z
      .strictObject({ layerNormalization: schemas.layerNormalization })
      .transform((value): LayerEntry => ({ type: "layerNormalization", ...value.layerNormalization })),
    z
      .strictObject({ dropout: schemas.dropout })
      .transform((value): LayerEntry => ({ type: "dropout", ...value.dropout })),
    z
      .strictObject({ spatialDropout2d: schemas.spatialDropout2d })
      .transform((value): LayerEntry => ({ type: "spatialDropout2d", ...value.spatialDropout2d })),
    z
      .strictObject({ gaussianNoise: schemas.gaussianNoise })
      .transform((value): LayerEntry => ({ type: "gaussianNoise", ...value.gaussianNoise })),
    z
      .strictObject({ activation: schemas.activation })
      .transform((value): LayerEntry => ({ type: "activation", ...value.activation })),
    z.enum(bareNames).transform((type): LayerEntry => ({ type })),
    z.literal("batchNormalization").transform((type): LayerEntry => ({ type, ...schemas[type].parse({}) })),
    z.literal("layerNormalization").transform((type): LayerEntry => ({ type, ...schemas[type].parse({}) })),
    z
      .strictObject({ repeat: repeatParameters })
      .transform((value): LayerEntry => ({ type: "repeat", ...value.repeat })),
    z
      .strictObject({ residual: residualParameters })
      .transform((value): LayerEntry => ({ type: "residual", ...value.residual })),
    z
      .strictObject({ concat: concatParameters })
      .transform((value): LayerEntry => ({ type: "concat", ...value.concat })),
    blockGroup.transform(({ [blockKey]: { name, layers } }): LayerEntry => ({ type: "block", name, layers })),
  ])
  .meta({ id: "layerEntry" });

/** The architecture. */
export const modelSchema = z.preprocess(
  expandBlocks,
  z.strictObject({
    name: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .describe("Short name of the architecture for tables; it has no influence on trial ids."),
    blocks: blocksSchema
      .optional()
      .describe("Groups of layers with parameters, used by name in `layers`: `- vgg: { n: 2, filters: 64 }`.")
      .meta({
        examples: [{ stage: { params: ["filters"], layers: [{ conv2d: { filters: "$filters", kernelSize: 3 } }] } }],
      }),
    initialWeights: initialWeightsSchema
      .optional()
      .describe("Start from trained weights. Default: each layer's initialisers.")
      .meta({ examples: [{ file: "weights.safetensors" }] }),
    layers: entries()
      .min(1)
      .describe("Layers from input to output; each is a map with one key, the layer's type.")
      .meta({ examples: [["flatten", { dense: { units: 10, activation: "softmax" } }]] }),
  }),
);

/** A checked architecture; `repeat` and other groups are not yet unfolded. */
export type Model = z.infer<typeof modelSchema>;
