import { type Model, modelSchema } from "../../src/spec/schema/layer.ts";

/** A layer as it stands in YAML. */
export type Entry = string | Readonly<Record<string, unknown>>;

/** Checks an architecture as it would stand in YAML. */
export function modelOf(...layers: readonly Entry[]): Model {
  return modelSchema.parse({ layers });
}

const dense = (units: number, activation = "linear") => ({ dense: { units, activation } });

function vggBlocks(blocks: readonly (readonly [times: number, filters: number])[], padding: string): Entry[] {
  return blocks.flatMap(([times, filters]) => [
    { repeat: { times, layers: [{ conv2d: { filters, kernelSize: 3, padding: "same", activation: "relu" } }] } },
    { maxPooling2d: { poolSize: 2, padding } },
  ]);
}

const vgg16Blocks = [
  [2, 64],
  [2, 128],
  [3, 256],
  [3, 512],
  [3, 512],
] as const;

/** The Keras VGG-16 with ten classes. */
export function vgg16(padding: "valid" | "same"): Model {
  const head = [dense(4096, "relu"), dense(4096, "relu"), dense(10, "softmax")];
  return modelOf(...vggBlocks(vgg16Blocks, padding), "flatten", ...head);
}

/** The Keras VGG-16 written with a block that has parameters, as it is published. */
export function vgg16OfBlocks(padding: "valid" | "same", head: readonly Entry[]): Model {
  const vgg = {
    params: ["n", "filters"],
    layers: [
      {
        repeat: {
          times: "$n",
          layers: [{ conv2d: { filters: "$filters", kernelSize: 3, padding: "same", activation: "relu" } }],
        },
      },
      { maxPooling2d: { poolSize: 2, padding } },
    ],
  };
  const used = vgg16Blocks.map(([n, filters]) => ({ vgg: { n, filters } }));
  return modelSchema.parse({ blocks: { vgg }, layers: [...used, "flatten", ...head] });
}

/** VGG-13 written with a block. */
export function vgg13OfBlocks(): Model {
  const stage = {
    params: ["filters"],
    layers: [
      {
        repeat: {
          times: 2,
          layers: [{ conv2d: { filters: "$filters", kernelSize: 3, padding: "same", activation: "relu" } }],
        },
      },
      { maxPooling2d: { padding: "same" } },
    ],
  };
  const used = [64, 128, 256, 512, 512].map((filters) => ({ stage: { filters } }));
  const head = ["flatten", dense(256, "relu"), dense(128, "relu"), dense(100)];
  return modelSchema.parse({ blocks: { stage }, layers: [...used, ...head] });
}

/** VGG-13 for 32×32 images and 100 classes, giving logits. */
export function vgg13Cifar100(): Model {
  const blocks = [64, 128, 256, 512, 512].map((filters) => [2, filters] as const);
  return modelOf(...vggBlocks(blocks, "same"), "flatten", dense(256, "relu"), dense(128, "relu"), dense(100));
}

/** The small CNN of the reference systems. */
export function cnnMnist(): Model {
  const block = (filters: number) => [
    { conv2d: { filters, kernelSize: 3, padding: "same", activation: "relu" } },
    { maxPooling2d: {} },
  ];
  return modelOf(...block(16), ...block(32), "flatten", dense(128, "relu"), dense(10, "softmax"));
}

/** The perceptron of the reference systems. */
export function mlpMnist(): Model {
  return modelOf("flatten", dense(256, "relu"), dense(128, "relu"), dense(64, "relu"), dense(10, "softmax"));
}

/** LeNet-5 of the reference systems. */
export function lenet5Mnist(firstPadding: "valid" | "same"): Model {
  return modelOf(
    { conv2d: { filters: 6, kernelSize: 5, padding: firstPadding, activation: "relu" } },
    { maxPooling2d: {} },
    { conv2d: { filters: 16, kernelSize: 5, activation: "relu" } },
    { maxPooling2d: {} },
    "flatten",
    dense(120, "tanh"),
    dense(84, "tanh"),
    dense(10, "softmax"),
  );
}
