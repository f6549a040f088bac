import { layerWeights } from "../../src/plan/layer-weights.ts";
import type { PlannedModel } from "../../src/plan/plan.ts";
import { randomPurposes, randomStream, type RandomStream } from "../../src/plan/random.ts";
import type { Initializer } from "../../src/spec/schema/initializer.ts";
import type { NamedTensor } from "../engine/engine.ts";
import { inverseNormal } from "./inverse-normal.ts";

/** P(N(0,1) ≤ -2): what a normal truncated at two standard deviations loses at either end. */
const lowerTail = 0.0227501319481792;

/** Standard deviation of a unit normal truncated at ±2; Keras divides by it so that the wished deviation comes out. */
const truncatedDeviation = 0.87962566103423978;

/**
 * The weights that a model starts from, each drawn from its own stream, so that no layer's weights depend on
 * another's.
 * @param seed the trial's seed
 * @param given trained weights that take the place of drawn ones of the same name
 * @returns `<layer>/kernel`, `<layer>/bias` and so on, in layer order; conv2d kernels have shape
 *   [height, width, input channels, filters], dense kernels [inputs, units]
 */
export function initialWeights(model: PlannedModel, seed: number, given: readonly NamedTensor[] = []): NamedTensor[] {
  const givenByName = new Map(given.map((tensor) => [tensor.name, tensor]));
  return model.layers.flatMap((planned, layerIndex) =>
    layerWeights(planned.layer, planned.inputShape).map(({ name, shape, initializer }, weightIndex) => {
      const fullName = `${planned.name}/${name}`;
      const stream = randomStream(seed, randomPurposes.initialWeights, layerIndex, weightIndex);
      return givenByName.get(fullName) ?? { name: fullName, shape, values: drawWeights(initializer, shape, stream) };
    }),
  );
}

/**
 * Fills one weight tensor as the Keras initialiser of the same name does (with other random numbers).
 * @param shape of the tensor: [height, width, input channels, filters], [inputs, units] or [units]
 * @param stream where the randomness comes from; positions 0…size-1 are used
 * @see keras/src/initializers/random_initializers.py
 */
export function drawWeights(initializer: Initializer, shape: readonly number[], stream: RandomStream): Float32Array {
  const draw = drawer(initializer, fans(shape), stream);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return Float32Array.from({ length: size }, (_, position) => draw(position));
}

interface Fans {
  readonly in: number;
  readonly out: number;
}

/** How many inputs feed, and how many outputs hear, one unit. A bias counts as its own input and output. */
function fans(shape: readonly number[]): Fans {
  const last = shape.at(-1) ?? 1;
  if (shape.length < 2) return { in: last, out: last };
  const receptiveField = shape.slice(0, -2).reduce((product, dimension) => product * dimension, 1);
  return { in: receptiveField * (shape.at(-2) ?? 1), out: receptiveField * last };
}

function drawer(initializer: Initializer, fan: Fans, stream: RandomStream): (position: number) => number {
  switch (initializer.type) {
    case "zeros":
      return () => 0;
    case "ones":
      return () => 1;
    case "constant":
      return () => initializer.value;
    case "randomNormal":
      return (position) => initializer.mean + initializer.stddev * inverseNormal(openUniform(stream, position));
    case "truncatedNormal":
      return truncatedNormal(initializer.mean, initializer.stddev, stream);
    case "randomUniform":
      return uniform(initializer.minval, initializer.maxval, stream);
    case "glorotUniform":
      return scaledUniform(2 / (fan.in + fan.out), stream);
    case "heUniform":
      return scaledUniform(2 / fan.in, stream);
    case "lecunUniform":
      return scaledUniform(1 / fan.in, stream);
    case "glorotNormal":
      return scaledNormal(2 / (fan.in + fan.out), stream);
    case "heNormal":
      return scaledNormal(2 / fan.in, stream);
    case "lecunNormal":
      return scaledNormal(1 / fan.in, stream);
    default:
      return initializer satisfies never;
  }
}

/** Uniform in (0, 1), both ends excluded: the quantile of 0 would be infinite. */
export function openUniform(stream: RandomStream, position: number): number {
  return (stream.wordAt(position) + 0.5) / 0x1_0000_0000;
}

function uniform(low: number, high: number, stream: RandomStream): (position: number) => number {
  return (position) => low + (high - low) * stream.uniformAt(position);
}

function scaledUniform(variance: number, stream: RandomStream): (position: number) => number {
  const limit = Math.sqrt(3 * variance);
  return uniform(-limit, limit, stream);
}

function truncatedNormal(mean: number, stddev: number, stream: RandomStream): (position: number) => number {
  const kept = 1 - 2 * lowerTail;
  return (position) => mean + stddev * inverseNormal(lowerTail + kept * openUniform(stream, position));
}

function scaledNormal(variance: number, stream: RandomStream): (position: number) => number {
  return truncatedNormal(0, Math.sqrt(variance) / truncatedDeviation, stream);
}
