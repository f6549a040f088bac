import type { Layer } from "../spec/schema/layer.ts";
import type { LayerProblem } from "./layer-problem.ts";
import type { Shape } from "./plan.ts";
import { formatShape, type ImageShape, isImageShape, type LayerFacts } from "./shape.ts";

/** A layer in which branches meet. */
export type MergeLayer = Extract<Layer, { readonly type: "add" | "concatenate" }>;

/** What branches give, and what they were given. */
export interface Branches {
  /** Output shapes of the branches; of a residual: of its layers, then of its shortcut. */
  readonly outputs: readonly Shape[];
  /** Shape of their common input. */
  readonly input: Shape;
}

/**
 * Output shape of what joins branches.
 * @returns the facts, or why the branches can't be joined
 */
export function inferMerge(layer: MergeLayer, { outputs, input }: Branches): LayerFacts | LayerProblem {
  return layer.type === "add" ? inferSum(outputs, input) : inferConcatenation(outputs);
}

function inferSum([main = [], shortcut = []]: readonly Shape[], input: Shape): LayerFacts | LayerProblem {
  const facts = { outputShape: main, parameterCount: 0, multiplyAdds: 0 };
  if (formatShape(main) === formatShape(shortcut)) return facts;
  return {
    code: "shape-mismatch",
    message: `the layers of the residual give ${formatShape(main)}, its shortcut ${formatShape(shortcut)}; only equal shapes can be added`,
    fix: suggestShortcut(input, main),
    factsOnceFixed: facts,
  };
}

/** A shortcut that makes of the residual's input what its layers make of it. */
function suggestShortcut(input: Shape, output: Shape): string {
  const [units] = output;
  if (!isImageShape(input) || !isImageShape(output))
    return output.length === 1 && input.length === 1
      ? `use \`shortcut: [{ dense: { units: ${units} } }]\``
      : "end both with the same kind of layer, e.g. `globalAveragePooling2d`";
  const strides = stridesBetween(input, output);
  if (strides === undefined)
    return "use `padding: same` in the residual's layers, so that only their strides make the image smaller";
  const written = strides > 1 ? `, strides: ${strides}` : "";
  return `use \`shortcut: [{ conv2d: { filters: ${output[2]}, kernelSize: 1${written} } }]\``;
}

/** The strides with which a 1×1 kernel makes an image as small as another one. */
function stridesBetween(from: ImageShape, to: ImageShape): number | undefined {
  const strides = Math.ceil(from[0] / to[0]);
  const fits = ([0, 1] as const).every((axis) => Math.ceil(from[axis] / strides) === to[axis]);
  return fits ? strides : undefined;
}

function inferConcatenation(outputs: readonly Shape[]): LayerFacts | LayerProblem {
  const [first = []] = outputs;
  const place = formatShape(first.slice(0, -1));
  const agree = outputs.every((shape) => shape.length === first.length && formatShape(shape.slice(0, -1)) === place);
  if (!agree)
    return {
      code: "shape-mismatch",
      message: `its branches give ${outputs.map(formatShape).join(", ")}; height and width must agree, only channels may differ`,
      fix: "give all branches the same strides, and `padding: same`",
    };
  const channels = outputs.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0);
  return { outputShape: [...first.slice(0, -1), channels], parameterCount: 0, multiplyAdds: 0 };
}
