import { modelInput } from "../plan/connections.ts";
import { inferInputShape } from "../plan/input-shape.ts";
import type { TrialNews } from "../plan/outlook/trial-news.ts";
import { secondsByConfiguration, type Outlook } from "../plan/outlook/outlook.ts";
import type { Plan, PlannedData, PlannedLayer, PlannedModel, PlannedWeights, Shape } from "../plan/plan.ts";
import { describeConfiguration } from "../report/describe-configuration.ts";
import { grouped, mebibytes } from "../report/number-formats.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table } from "../report/table.ts";
import { changeLines, costLines, resourceLines, trialCountLines } from "./outlook-lines.ts";
import type { CommandResult } from "./output.ts";
import { describeNews, summariseNews } from "./trial-news.ts";

/** More layer tables, or more configurations, than this are counted instead of shown. */
const maxShownModels = 12;
const maxShownConfigurations = 40;

/**
 * A plan and what a run of it takes as a command's result.
 * @param news of each trial, in the plan's order
 */
export function planResult(plan: Plan, outlook: Outlook, news: readonly TrialNews[]): CommandResult {
  const trials = plan.trials.map((trial, index) => ({ ...trial, news: news[index] }));
  const json = { ...plan, trials, outlook };
  return {
    json,
    table: trialTable(plan, outlook, news),
    human: () => renderPlan(plan, outlook, news),
  };
}

function renderPlan(plan: Plan, outlook: Outlook, news: readonly TrialNews[]): string {
  const { configurations, models } = plan;
  return [
    `${plan.experiment}  plan ${plan.planId.slice(0, 12)}`,
    ...(plan.description === undefined ? [] : [plan.description]),
    "",
    ...trialCountLines(outlook),
    ...changeLines(outlook),
    ...plan.data.map(
      ({ spec, dataset, trainCount, validationCount, testCount }) =>
        `data ${dataset.name} ${describeImages(spec, dataset)}, ${dataset.classCount} classes: ${grouped(trainCount)} training, ${grouped(validationCount)} validation, ${grouped(testCount)} test examples`,
    ),
    ...resourceLines(outlook),
    ...costLines(outlook),
    "",
    ...models.slice(0, maxShownModels).flatMap((model) => [renderModel(model), ""]),
    ...(models.length > maxShownModels ? [`… and ${models.length - maxShownModels} more architectures`, ""] : []),
    renderTextTable(configurationTable(plan, news)),
    ...(configurations.length > maxShownConfigurations
      ? [`… and ${configurations.length - maxShownConfigurations} more configurations (--output csv has all trials)`]
      : []),
  ].join("\n");
}

function renderModel(model: PlannedModel): string {
  const table: Table = {
    columns: [
      { key: "name", label: "layer", align: "left" },
      { key: "input", label: "input", align: "left" },
      { key: "output", label: "output", align: "left" },
      { key: "parameters", label: "parameters", align: "right", format: grouped },
      { key: "multiplyAdds", label: "multiply-adds", align: "right", format: grouped },
    ],
    rows: model.layers.map((layer) => ({
      name: layer.name,
      input: describeInput(layer),
      output: formatShape(layer.outputShape),
      parameters: layer.parameterCount,
      multiplyAdds: layer.multiplyAdds,
    })),
  };
  const fixed = model.nonTrainableCount === undefined ? "" : `, ${grouped(model.nonTrainableCount)} not trainable`;
  const { initialWeights: start } = model;
  const started =
    start === undefined
      ? ""
      : `, ${start.layers.length} ${start.layers.length === 1 ? "layer" : "layers"} from ${describeStart(start)}`;
  const title = `${model.name ?? "model"}: ${grouped(model.parameterCount)} parameters${fixed}${started}`;
  return `${title}\n${renderTextTable(table)}`;
}

/** The shape, and what it comes from if that isn't the layer in the line above. */
function describeInput({ inputShape, inputs }: PlannedLayer): string {
  if (inputs === undefined) return formatShape(inputShape);
  return `${formatShape(inputShape)} from ${inputs.map((name) => (name === modelInput ? "the input" : name)).join(", ")}`;
}

function describeStart({ spec }: PlannedWeights): string {
  return "file" in spec ? spec.file : `trial ${spec.trial}`;
}

function configurationTable(plan: Plan, news: readonly TrialNews[]): Table {
  const columns = sweptPaths(plan);
  const newsOf = newsByConfiguration(plan, news);
  return {
    columns: [
      { key: "configuration", label: "configuration", align: "left" },
      { key: "values", label: "values", align: "left" },
      { key: "parameters", label: "parameters", align: "right", format: grouped },
      { key: "steps", label: "steps a trial", align: "right", format: grouped },
      { key: "memory", label: "memory", align: "right", format: mebibytes },
      { key: "trials", label: "trials", align: "left" },
    ],
    rows: plan.configurations.slice(0, maxShownConfigurations).map((configuration, index) => ({
      configuration: configuration.id.slice(0, 8),
      values: describeConfiguration(configuration.values, columns),
      parameters: plan.models[configuration.model]?.parameterCount ?? null,
      steps: configuration.estimate.stepCount,
      memory: configuration.estimate.memoryBytes,
      trials: summariseNews(newsOf.get(index) ?? []),
    })),
  };
}

function newsByConfiguration(plan: Plan, news: readonly TrialNews[]): ReadonlyMap<number, TrialNews[]> {
  const lists = new Map<number, TrialNews[]>();
  plan.trials.forEach(({ configuration }, index) => {
    const entry = news[index];
    if (entry !== undefined) lists.set(configuration, [...(lists.get(configuration) ?? []), entry]);
  });
  return lists;
}

function trialTable(plan: Plan, { time }: Outlook, news: readonly TrialNews[]): Table {
  const paths = sweptPaths(plan);
  const seconds = time && secondsByConfiguration(plan, time.speed);
  const facts = [
    "parameters",
    "steps",
    "memoryBytes",
    "secondsLow",
    "secondsLikely",
    "secondsHigh",
    "isFinished",
    "news",
  ];
  return {
    columns: ["trial", "configuration", "seed", ...paths, ...facts].map(
      (key) => ({ key, label: key, align: "left" }) as const,
    ),
    rows: plan.trials.map((trial, index) => {
      const entry = news[index];
      const configuration = plan.configurations[trial.configuration];
      return {
        trial: trial.id,
        configuration: configuration?.id ?? null,
        seed: trial.seed,
        ...Object.fromEntries(paths.map((path) => [path, configuration?.values[path] ?? null])),
        parameters: plan.models[configuration?.model ?? -1]?.parameterCount ?? null,
        steps: configuration?.estimate.stepCount ?? null,
        memoryBytes: configuration?.estimate.memoryBytes ?? null,
        secondsLow: seconds?.[trial.configuration]?.low ?? null,
        secondsLikely: seconds?.[trial.configuration]?.likely ?? null,
        secondsHigh: seconds?.[trial.configuration]?.high ?? null,
        isFinished: entry?.type === "cached",
        news: entry === undefined ? null : describeNews(entry),
      };
    }),
  };
}

/** `28×28×1`, or `28×28×1 → 224×224×3` if images are prepared. */
function describeImages(spec: PlannedData["spec"], dataset: PlannedData["dataset"]): string {
  const stored = `${formatShape(dataset.imageShape)}${dataset.mixedSizes ? " and larger" : ""}`;
  return spec.preprocess?.length ? `${stored} → ${formatShape(inferInputShape(spec, dataset).shape)}` : stored;
}

/** The swept paths of all configurations: not all need to have the same. */
function sweptPaths({ configurations }: Plan): string[] {
  const paths = new Set<string>();
  for (const { values } of configurations) for (const path of Object.keys(values)) paths.add(path);
  return [...paths];
}

function formatShape(shape: Shape): string {
  return shape.join("×");
}
