import { z } from "zod";
import { initializerSchema } from "./initializer.ts";
import { ruleBetweenFields } from "./rule.ts";

/** Activation functions of the language. */
export const activationNames = ["linear", "relu", "tanh", "sigmoid", "softmax"] as const;

const positiveInteger = z.int().min(1);
const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, "expected a letter followed by letters, digits or _")
  .optional()
  .describe("Name of the layer; must be unique in the model. Default: its type and number, as `conv2d_1`.");
const activation = z.enum(activationNames).default("linear").describe("Activation applied to the layer's output.");
const padding = z
  .enum(["valid", "same"])
  .default("valid")
  .describe("`valid`: no padding; `same`: zeros around the input so that output size = ceil(input / stride).");
const pair = z
  .union([positiveInteger, z.tuple([positiveInteger, positiveInteger])])
  .transform((value): readonly [number, number] => (typeof value === "number" ? [value, value] : value));

const useBias = z.boolean().default(true).describe("Whether a bias is added.");
const kernelInitializer = initializerSchema.prefault("glorotUniform").describe("Initialiser of the kernel.");
const biasInitializer = initializerSchema.prefault("zeros").describe("Initialiser of the bias.");

const conv2dParameters = z
  .strictObject({
    name,
    filters: positiveInteger.describe("Number of output channels.").meta({ examples: [16] }),
    kernelSize: pair
      .describe("Height and width of the kernel: one number or [height, width].")
      .meta({ examples: [3, [3, 3]] }),
    strides: pair.prefault(1).describe("Step of the kernel: one number or [vertical, horizontal]."),
    padding,
    dilationRate: pair.prefault(1).describe("Spacing of the kernel's cells; above 1 only with strides 1."),
    activation,
    useBias,
    kernelInitializer,
    biasInitializer,
  })
  .refine(
    ({ strides, dilationRate }) => !(isAboveOne(strides) && isAboveOne(dilationRate)),
    ruleBetweenFields({
      at: ["dilationRate"],
      code: "conflicting-fields",
      message: "got `dilationRate` above 1 together with `strides` above 1; a dilated kernel needs strides 1",
      fix: "remove `strides`, or remove `dilationRate`",
    }),
  );

/** Whether a pair of sizes has one above 1; anything but a pair has none. */
function isAboveOne(sizes: unknown): boolean {
  return Array.isArray(sizes) && sizes.some((size) => typeof size === "number" && size > 1);
}

const poolParameters = z.strictObject({
  name,
  poolSize: pair.prefault(2).describe("Height and width of the window: one number or [height, width]."),
  strides: pair.optional().describe("Step of the window; default: its size."),
  padding,
});

const denseParameters = z.strictObject({
  name,
  units: positiveInteger.describe("Number of outputs.").meta({ examples: [128] }),
  activation,
  useBias,
  kernelInitializer,
  biasInitializer,
});

const dropoutParameters = z.strictObject({
  name,
  rate: z
    .number()
    .min(0)
    .lt(1)
    .describe("Fraction of the inputs set to 0 while training, 0 ≤ rate < 1.")
    .meta({ examples: [0.5] }),
});

const activationParameters = z.strictObject({
  name,
  activation: z
    .enum(activationNames)
    .describe("Activation function.")
    .meta({ examples: ["relu"] }),
});

const flattenParameters = z.strictObject({ name });

/** Parameters of each layer type that computes something, by the key that names it in YAML. */
export const layerParameterSchemas = {
  conv2d: conv2dParameters,
  maxPooling2d: poolParameters,
  averagePooling2d: poolParameters,
  flatten: flattenParameters,
  dense: denseParameters,
  dropout: dropoutParameters,
  activation: activationParameters,
} as const;

type LayerSchemas = typeof layerParameterSchemas;

/** A layer that computes something, with every parameter filled in. */
export type Layer = {
  [Type in keyof LayerSchemas]: { readonly type: Type } & Readonly<z.infer<LayerSchemas[Type]>>;
}[keyof LayerSchemas];

/** A group of entries repeated `times` times. */
export interface RepeatEntry {
  readonly type: "repeat";
  readonly times: number;
  readonly layers: readonly LayerEntry[];
}

/** One entry of `model.layers`: a layer or a repeated group. */
export type LayerEntry = Layer | RepeatEntry;

/** One entry of `model.layers`: a map with one key, the layer's type (`flatten` may stand alone). */
export const layerEntrySchema: z.ZodType<LayerEntry> = z
  .union([
    z.strictObject({ conv2d: conv2dParameters }).transform((value): Layer => ({ type: "conv2d", ...value.conv2d })),
    z
      .strictObject({ maxPooling2d: poolParameters })
      .transform((value): Layer => ({ type: "maxPooling2d", ...value.maxPooling2d })),
    z
      .strictObject({ averagePooling2d: poolParameters })
      .transform((value): Layer => ({ type: "averagePooling2d", ...value.averagePooling2d })),
    z.literal("flatten").transform((): Layer => ({ type: "flatten" })),
    z.strictObject({ flatten: flattenParameters }).transform((value): Layer => ({ type: "flatten", ...value.flatten })),
    z.strictObject({ dense: denseParameters }).transform((value): Layer => ({ type: "dense", ...value.dense })),
    z.strictObject({ dropout: dropoutParameters }).transform((value): Layer => ({ type: "dropout", ...value.dropout })),
    z
      .strictObject({ activation: activationParameters })
      .transform((value): Layer => ({ type: "activation", ...value.activation })),
    z
      .strictObject({
        repeat: z.strictObject({
          times: positiveInteger
            .max(1000)
            .describe("How many times the layers follow one another.")
            .meta({ examples: [2] }),
          layers: z
            .array(z.lazy(() => layerEntrySchema))
            .min(1)
            .describe("The layers that are repeated."),
        }),
      })
      .transform((value): LayerEntry => ({ type: "repeat", ...value.repeat })),
  ])
  .meta({ id: "layerEntry" });

/** The architecture. */
export const modelSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe("Short name of the architecture for tables; it has no influence on trial ids."),
  layers: z
    .array(layerEntrySchema)
    .min(1)
    .describe("Layers from input to output; each is a map with one key, the layer's type.")
    .meta({ examples: [["flatten", { dense: { units: 10, activation: "softmax" } }]] }),
});

/** A checked architecture; `repeat` is not yet unfolded. */
export type Model = z.infer<typeof modelSchema>;
