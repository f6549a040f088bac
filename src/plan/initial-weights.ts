import type { ExperimentIssue } from "../spec/issue.ts";
import { nearestName } from "../spec/nearest-name.ts";
import type { InitialWeights } from "../spec/schema/initial-weights.ts";
import { layerWeights } from "./layer-weights.ts";
import type { PlannedLayer, PlannedModel, PlannedWeights, Shape } from "./plan.ts";
import { formatShape } from "./shape.ts";

/** The facts about trained weights that a plan depends on. */
export interface WeightsFacts extends Pick<PlannedWeights, "sha256" | "trialKey"> {
  /** Name (`<layer>/kernel`) and shape of each tensor. */
  readonly tensors: readonly { readonly name: string; readonly shape: Shape }[];
}

/** Trained weights as an experiment names them, with what is known about them. */
export interface KnownWeights {
  readonly spec: InitialWeights;
  readonly weights: WeightsFacts;
}

/** More mismatches than this are told by their number. */
const maxToldMismatches = 5;

/**
 * Has a model start from trained weights, if they fit it to the last shape.
 * @returns the model with its weights, or everything that doesn't fit
 */
export function planInitialWeights(
  model: PlannedModel,
  spec: InitialWeights,
  facts: WeightsFacts,
): { readonly planned: PlannedModel } | { readonly issues: readonly ExperimentIssue[] } {
  const layers = model.layers.filter(({ layer, inputShape }) => layerWeights(layer, inputShape).length > 0);
  const unknown = findUnknownLayers(spec, layers);
  if (unknown.length > 0) return { issues: unknown };
  const chosen = layers.filter(({ name }) => isChosen(name, spec));
  if (chosen.length === 0) return { issues: [nothingChosen(spec)] };
  const issues = tell(
    chosen.flatMap((layer) => compareLayer(layer, facts)),
    spec,
  );
  if (issues.length > 0) return { issues };
  const { sha256, trialKey } = facts;
  const names = chosen.map(({ name }) => name);
  const initialWeights = { spec, sha256, layers: names, ...(trialKey !== undefined && { trialKey }) };
  return { planned: { ...model, initialWeights } };
}

function nothingChosen(spec: InitialWeights): ExperimentIssue {
  return {
    code: "weights-without-effect",
    path: weightsPath(spec),
    message: "no layer would take its weights from there",
    fix: "exclude fewer layers, or remove `initialWeights`",
  };
}

/** Where in an experiment the weights are named. */
export function weightsPath(spec: InitialWeights): readonly string[] {
  return ["model", "initialWeights", "file" in spec ? "file" : "trial"];
}

function isChosen(name: string, { include, exclude = [] }: InitialWeights): boolean {
  return (include === undefined || include.includes(name)) && !exclude.includes(name);
}

function findUnknownLayers(spec: InitialWeights, layers: readonly PlannedLayer[]): readonly ExperimentIssue[] {
  const known = layers.map(({ name }) => name);
  return (["include", "exclude"] as const).flatMap((key) =>
    (spec[key] ?? []).flatMap((name, index) => {
      if (known.includes(name)) return [];
      const near = nearestName(name, known);
      const fix =
        near === undefined ? "use the names of the layer table of `nightsweep plan`" : `did you mean \`${near}\`?`;
      const message = `got "${name}", but the model has no layer of that name with weights`;
      return [{ code: "no-such-layer", path: ["model", "initialWeights", key, index], message, fix }];
    }),
  );
}

interface Mismatch {
  readonly layer: string;
  readonly message: string;
}

/** What of a layer's weights is missing or of another shape. */
function compareLayer({ name, layer, inputShape }: PlannedLayer, { tensors }: WeightsFacts): readonly Mismatch[] {
  const own = tensors.filter((tensor) => tensor.name.startsWith(`${name}/`));
  if (own.length === 0) return [missingLayer(name, tensors)];
  return layerWeights(layer, inputShape).flatMap((weight) => {
    const fullName = `${name}/${weight.name}`;
    const given = own.find((tensor) => tensor.name === fullName);
    if (given === undefined) return [{ layer: name, message: `there is no ${fullName}` }];
    const [is, needed] = [formatShape(given.shape), formatShape(weight.shape)];
    return is === needed ? [] : [{ layer: name, message: `${fullName} is ${is}, the model needs ${needed}` }];
  });
}

function missingLayer(name: string, tensors: WeightsFacts["tensors"]): Mismatch {
  const layers = [...new Set(tensors.map((tensor) => tensor.name.split("/", 1)[0] ?? ""))];
  const near = nearestName(name, layers);
  const found = near === undefined ? `its layers are ${layers.slice(0, 8).join(", ")}` : `there is ${near}`;
  return { layer: name, message: `there are no weights of the layer ${name}; ${found}` };
}

/** All mismatches as one issue: they stand at the same place. */
function tell(mismatches: readonly Mismatch[], spec: InitialWeights): readonly ExperimentIssue[] {
  if (mismatches.length === 0) return [];
  const layers = [...new Set(mismatches.map(({ layer }) => layer))];
  const excluded = [...(spec.exclude ?? []), ...layers].slice(0, 8).join(", ");
  const anew = spec.include ? "take what is to start anew out of `include`" : `use \`exclude: [${excluded}]\``;
  const told = mismatches.slice(0, maxToldMismatches).map(({ message }) => message);
  if (mismatches.length > maxToldMismatches) told.push(`and ${mismatches.length - maxToldMismatches} more like these`);
  return [
    {
      code: "weights-mismatch",
      path: weightsPath(spec),
      message: `${"file" in spec ? spec.file : `trial ${spec.trial}`}: ${told.join("; ")}`,
      fix: `${anew}, or give the layer the name and shape that it has there`,
    },
  ];
}
