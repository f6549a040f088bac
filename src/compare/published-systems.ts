import type { CurveName } from "./learning-curves.ts";

/** A figure of a whole training, as far as any system publishes one. */
export type FinalFigure = "testAccuracy" | "testLoss" | "millisecondsPerStep";

/** What was published of a system, and how its experiment here differs on purpose. */
export interface PublishedSystem {
  /** The experiment's name, and its file's in `experiments/reference`. */
  readonly name: string;
  /** `computed`: not published, worked out from the layer shapes. */
  readonly parameterCount: { readonly value: number; readonly origin: "published" | "computed" };
  readonly final: Readonly<Partial<Record<FinalFigure, number>>>;
  /** By epoch from the first; `null` where nothing was published. */
  readonly byEpoch: Readonly<Partial<Record<CurveName, readonly (number | null)[]>>>;
  /** One sentence each, as in the comment of the experiment's file. */
  readonly deviations: readonly string[];
}

/**
 * The reference systems with the figures that were published with them, in the order they are run in. Source: the
 * code and logs of the published set-ups; nobody but their authors has checked them.
 */
export const publishedSystems: readonly PublishedSystem[] = [
  {
    name: "mlp-mnist",
    parameterCount: { value: 242_762, origin: "computed" },
    final: {},
    byEpoch: {},
    deviations: ["The published validation fraction is not known: here the last 10 % of the training images."],
  },
  {
    name: "lenet5-mnist",
    parameterCount: { value: 44_426, origin: "computed" },
    final: { testAccuracy: 0.9513 },
    byEpoch: {},
    deviations: ["The published validation fraction is not known: here the last 10 % of the training images."],
  },
  {
    name: "cnn-mnist",
    parameterCount: { value: 206_922, origin: "published" },
    final: { testAccuracy: 0.9811, testLoss: 0.0706, millisecondsPerStep: 6 },
    byEpoch: {
      trainLoss: [0.6558, null, null, null, 0.0313],
      trainAccuracy: [0.9245, null, null, null, 0.9901],
      validationLoss: [0.0965, null, null, null, 0.079],
      validationAccuracy: [0.9707, 0.9793, 0.9826, 0.9837, 0.9808],
    },
    deviations: [
      "The published code scales the pixels to 0…1 and then overwrites them with unscaled ones. Ours are scaled.",
    ],
  },
  {
    name: "vgg16-mnist-224",
    parameterCount: { value: 134_300_362, origin: "published" },
    final: {},
    byEpoch: {},
    deviations: [
      "The published images are drawn with replacement and unscaled: ours without, and scaled to 0…1.",
      "Optimiser, batch size and epochs are not published; chosen here: SGD with momentum, batches of 8, one epoch.",
    ],
  },
  {
    name: "vgg16-mnist-28-same",
    parameterCount: { value: 33_637_066, origin: "computed" },
    final: {},
    byEpoch: {},
    deviations: ["Published with `valid` pools, which can't be built: 28 → 14 → 7 → 3 → 1 → 0."],
  },
  {
    name: "vgg13-cifar100",
    parameterCount: { value: 9_582_116, origin: "computed" },
    final: { testAccuracy: 0.3382 },
    byEpoch: { testAccuracy: [0.2156, 0.2577, 0.2714, 0.3038, 0.3382] },
    deviations: [
      "The published log starts at a loss of 3.27, below ln 100 = 4.61: that run probably went on from trained weights. Ours starts from scratch.",
    ],
  },
  {
    name: "vgg16-mnist-sgd",
    parameterCount: { value: 138_367_554, origin: "computed" },
    final: {},
    byEpoch: {},
    deviations: ["The published code evaluates on the training set by mistake. Ours evaluates on the test set."],
  },
];
