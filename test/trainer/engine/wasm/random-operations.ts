import * as tf from "@tensorflow/tfjs-core";
import { TrainableLayerNormalization } from "../../../../trainer/model/layer-normalization-layer.ts";
import { type Operation, rank4 } from "./check-gradients.ts";
import { type Array64, arrayOf, distinctArray, randomArray, randomNumbers } from "./random-array.ts";
import {
  addPerColumn,
  convolution,
  depthwiseConvolution,
  map,
  matrixProduct,
  pooling,
  sumOverLeading,
  type Window,
} from "./reference-operations.ts";

/** Draws integers, and entries of lists. */
class Draw {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = randomNumbers(seed);
  }

  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  one<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.integer(0, items.length - 1)] ?? items[0];
  }

  /** A window that fits into the image. */
  window([height, width]: readonly [number, number]): Window {
    const size = [this.integer(1, Math.min(5, height)), this.integer(1, Math.min(5, width))] as const;
    return { size, strides: [this.integer(1, 3), this.integer(1, 3)], padding: this.one(["same", "valid"]) };
  }

  image(): readonly [number, number] {
    return [this.integer(2, 11), this.integer(2, 11)];
  }
}

const values = (shape: readonly number[], draw: Draw): Array64 => randomArray(shape, draw.integer(1, 1e6));

/** An operation of random shape from a seed, by the name of its kernels: each seed gives another. */
export const randomOperations: Readonly<Record<string, (seed: number) => Operation>> = {
  convolution: (seed) => {
    const draw = new Draw(seed);
    const [image, channels] = [draw.image(), draw.integer(1, 19)];
    const window = draw.window(image);
    return {
      inputs: [
        values([draw.integer(1, 3), ...image, channels], draw),
        values([...window.size, channels, draw.integer(1, 19)], draw),
      ],
      forward: (x, filter) => tf.conv2d(rank4(x), rank4(filter), [...window.strides], window.padding),
      reference: (x, filter) => convolution(x, filter, window),
    };
  },
  "depthwise convolution": (seed) => {
    const draw = new Draw(seed);
    const [image, channels] = [draw.image(), draw.integer(1, 19)];
    const { size, strides, padding } = draw.window(image);
    // TensorFlow.js has no depthwise kernels with unequal strides.
    const window: Window = { size, strides: [strides[0], strides[0]], padding };
    return {
      inputs: [
        values([draw.integer(1, 3), ...image, channels], draw),
        values([...size, channels, draw.integer(1, 3)], draw),
      ],
      forward: (x, filter) => tf.depthwiseConv2d(rank4(x), rank4(filter), strides[0], padding),
      reference: (x, filter) => depthwiseConvolution(x, filter, window),
    };
  },
  "max pooling": (seed) => poolingOf(seed, "max"),
  "average pooling": (seed) => poolingOf(seed, "average"),
  "matrix product": (seed) => {
    const draw = new Draw(seed);
    const [rows, depth, columns] = [draw.integer(1, 40), draw.integer(1, 40), draw.integer(1, 40)];
    const [transposeA, transposeB] = [draw.one([false, true]), draw.one([false, true])];
    const batch = draw.one<readonly number[]>([[], [], [draw.integer(1, 3)]]);
    return {
      inputs: [
        values([...batch, ...(transposeA ? [depth, rows] : [rows, depth])], draw),
        values([...batch, ...(transposeB ? [columns, depth] : [depth, columns])], draw),
      ],
      forward: (a, b) => tf.matMul(a, b, transposeA, transposeB),
      reference: (a, b) => matrixProduct(a, b, transposeA, transposeB),
    };
  },
  "bias and activation": (seed) => {
    const draw = new Draw(seed);
    const shape = [draw.integer(1, 30), draw.integer(1, 40)];
    const activation = draw.one(["tanh", "relu"]);
    // No sum is so near to 0 that a step of a finite difference crosses relu's corner.
    const x = map(distinctArray(shape, draw.integer(1, 1e6)), (value) => value / 4 + 0.0011);
    const bias = map(randomArray([shape[1] ?? 1], draw.integer(1, 1e6)), (value) => Math.round(value * 16) / 256);
    return {
      inputs: [x, bias],
      forward: (x, bias) => (activation === "tanh" ? tf.tanh(tf.add(x, bias)) : tf.relu(tf.add(x, bias))),
      reference: (x, bias) =>
        map(addPerColumn(x, bias), activation === "tanh" ? Math.tanh : (value) => Math.max(0, value)),
    };
  },
  "sum over leading axes": (seed) => {
    const draw = new Draw(seed);
    const shape = Array.from({ length: draw.integer(2, 4) }, () => draw.integer(1, 17));
    const axes = draw.integer(1, shape.length - 1);
    return {
      inputs: [values(shape, draw)],
      forward: (x) => tf.sum(x, [...Array(axes).keys()]),
      reference: (x) => sumOverLeading(x, axes),
    };
  },
  slice: (seed) => {
    const draw = new Draw(seed);
    const shape = [draw.integer(1, 9), draw.integer(1, 9), draw.integer(1, 9)];
    const begin = shape.map((length) => draw.integer(0, length - 1));
    const size = shape.map((length, axis) => draw.integer(1, length - (begin[axis] ?? 0)));
    return {
      inputs: [values(shape, draw)],
      forward: (x) => tf.slice(x, begin, size),
      reference: (x) => sliceOf(x, begin, size),
    };
  },
  "batch normalisation": (seed) => {
    const draw = new Draw(seed);
    const channels = draw.integer(1, 20);
    const shape = [draw.integer(1, 4), draw.integer(1, 6), draw.integer(1, 6), channels];
    const variance = map(values([channels], draw), (value) => Math.fround(1.5 + value));
    const vector = (): Array64 => values([channels], draw);
    return {
      inputs: [values(shape, draw), vector(), variance, vector(), vector()],
      forward: (x, ...vectors) => {
        const [mean, variance, offset, scale] = vectors.map((one) => tf.reshape<tf.Rank.R1>(one, [channels]));
        if (mean === undefined || variance === undefined) throw new RangeError("no statistics");
        return tf.batchNorm(x, mean, variance, offset, scale, 1e-3);
      },
      reference: (x, mean, variance, offset, scale) =>
        arrayOf(x.shape, (index) => {
          const at = (vector: Array64 | undefined): number => vector?.values[index % channels] ?? 0;
          return (((x.values[index] ?? 0) - at(mean)) / Math.sqrt(at(variance) + 1e-3)) * at(scale) + at(offset);
        }),
    };
  },
  "layer normalisation": (seed) => {
    const draw = new Draw(seed);
    const shape = [draw.integer(1, 4), draw.integer(1, 5), draw.integer(2, 20)];
    const layer = new TrainableLayerNormalization({
      name: `normalisation${seed}`,
      epsilon: 1e-2,
      center: false,
      scale: false,
      trainable: true,
    });
    return {
      inputs: [values(shape, draw)],
      forward: (x) => layer.call(x),
      reference: (x) => normaliseRows(x, shape.at(-1) ?? 1),
    };
  },
};

function poolingOf(seed: number, kind: "max" | "average"): Operation {
  const draw = new Draw(seed);
  const image = draw.image();
  const window = draw.window(image);
  const pool = kind === "max" ? tf.maxPool : tf.avgPool;
  return {
    inputs: [distinctArray([draw.integer(1, 3), ...image, draw.integer(1, 19)], draw.integer(1, 1e6))],
    forward: (x) => pool(rank4(x), [...window.size], [...window.strides], window.padding),
    reference: (x) => pooling(x, kind, window),
  };
}

function sliceOf(x: Array64, begin: readonly number[], size: readonly number[]): Array64 {
  return arrayOf(size, (index) => {
    let [rest, stride, source] = [index, 1, 0];
    for (let axis = size.length - 1; axis >= 0; axis--) {
      const length = size[axis] ?? 1;
      source += ((begin[axis] ?? 0) + (rest % length)) * stride;
      rest = Math.floor(rest / length);
      stride *= x.shape[axis] ?? 1;
    }
    return x.values[source] ?? 0;
  });
}

function normaliseRows(x: Array64, features: number): Array64 {
  return arrayOf(x.shape, (index) => {
    const start = index - (index % features);
    const row = x.values.subarray(start, start + features);
    const mean = row.reduce((sum, value) => sum + value, 0) / features;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / features;
    return ((x.values[index] ?? 0) - mean) / Math.sqrt(variance + 1e-2);
  });
}
