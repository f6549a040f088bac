import type { PlannedLayer, Shape } from "./plan.ts";

/** What a layer makes of its input. */
export type LayerFacts = Pick<PlannedLayer, "outputShape" | "parameterCount" | "multiplyAdds" | "nonTrainableCount">;

/** The shape of an image without the batch axis. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Whether a shape is that of an image: three axes. */
export function isImageShape(shape: Shape): shape is ImageShape {
  return shape.length === 3;
}

/** How many numbers a tensor of this shape has. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Writes a shape as people do: `28×28×1`. */
export function formatShape(shape: Shape): string {
  return shape.join("×");
}

/** Writes a count for people: 134,300,362, or 1.0e+18 where digits say nothing. */
export function formatCount(count: number): string {
  return count < 1e15 ? count.toString().replace(/\B(?=(\d{3})+$)/g, ",") : count.toExponential(1);
}
