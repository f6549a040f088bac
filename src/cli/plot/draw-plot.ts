import { calibrationOf } from "../../compare/calibration-of.ts";
import { compareRun } from "../../compare/compare-run.ts";
import { metricNames, type Comparison, type MetricName } from "../../compare/comparison.ts";
import type { ParetoCost } from "../../compare/comparison-statistics.ts";
import { confusionDiff } from "../../compare/confusion-diff.ts";
import type { ConfusionSource } from "../../compare/confusion-of.ts";
import { curveNames, learningCurves, type CurveName } from "../../compare/learning-curves.ts";
import { selectSubject } from "../../compare/select.ts";
import { exitCodes } from "../../contract/exit-codes.ts";
import type { ConfigurationId } from "../../plan/plan.ts";
import { loadRun } from "../../record/load-run.ts";
import type { RunRecords } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import { describeConfiguration } from "../../report/describe-configuration.ts";
import { maxSeries } from "../../report/plot/palette.ts";
import { plotCalibration, type CalibrationSeries } from "../../report/plot/plot-calibration.ts";
import { plotConfusion, plotDifference } from "../../report/plot/plot-confusion.ts";
import { plotCurves } from "../../report/plot/plot-curves.ts";
import { plotImportance } from "../../report/plot/plot-importance.ts";
import { plotPareto } from "../../report/plot/plot-pareto.ts";
import { plotLeaderboard } from "../../report/plot/plot-leaderboard.ts";
import type { Drawing } from "../../report/plot/svg.ts";
import { nearestName } from "../../spec/nearest-name.ts";
import { CliError } from "../cli-error.ts";
import { findRun } from "../find-run.ts";
import { loadConfusion, loadPredictionsOf, splitReference } from "../load-confusion.ts";
import type { PlotKind } from "./plot-kinds.ts";

/** A plot that somebody wants. */
export interface PlotRequest {
  readonly kind: PlotKind;
  readonly experiment: string;
  readonly run: string | undefined;
  /** Trials or configurations by `best`, rank, or the beginning of an id. */
  readonly which: readonly string[];
  /** Undefined = the one that ranks. */
  readonly metric: string | undefined;
  readonly isLogarithmic: boolean;
  /** What figures are weighed against in a Pareto plot. */
  readonly cost: ParetoCost;
  /** Points. */
  readonly width: number;
}

/** Without being asked, curves show the best few: more lines are a tangle. */
const usualSeries = 6;

/** Loads what a plot shows, and draws it. @throws CliError, ComparisonError */
export function drawPlot(store: Store, request: PlotRequest): Promise<Drawing> {
  switch (request.kind) {
    case "curves":
      return drawCurves(store, request);
    case "leaderboard":
      return drawLeaderboard(store, request);
    case "confusion":
      return drawConfusion(store, request);
    case "difference":
      return drawDifference(store, request);
    case "calibration":
      return drawCalibration(store, request);
    case "importance":
      return drawImportance(store, request);
    case "pareto":
      return drawPareto(store, request);
    default:
      throw new Error(`unknown plot ${String(request.kind satisfies never)}`);
  }
}

async function drawCurves(store: Store, request: PlotRequest): Promise<Drawing> {
  const records = await loadRecords(store, request, ["metrics"]);
  const comparison = compareRun(records);
  const metric = chosenName(request.metric, curveNames, usualCurve(records, comparison));
  const configurationIds = configurationsOf(comparison, request.which);
  const { columns } = comparison;
  const curves = learningCurves(records);
  const subtitle = `${source(comparison)} · mean over seeds, band from lowest to highest seed`;
  const { width, isLogarithmic } = request;
  const drawing = plotCurves({ curves, configurationIds, metric, columns, subtitle, width, isLogarithmic });
  return (
    drawing ??
    notRecorded(metric, "evaluation.test: everyEpoch records test figures, data.validation validation figures")
  );
}

async function drawLeaderboard(store: Store, request: PlotRequest): Promise<Drawing> {
  refuseWhich(request);
  const comparison = compareRun(await loadRecords(store, request, []));
  const metric = chosenName(request.metric, metricNames, comparison.rankedBy?.metric ?? "testAccuracy");
  const drawing = plotLeaderboard({ comparison, metric, subtitle: source(comparison), width: request.width });
  return drawing ?? notRecorded(metric, "no finished trial has it: see `nightsweep status`");
}

async function drawConfusion(store: Store, request: PlotRequest): Promise<Drawing> {
  const [which = "best", ...rest] = request.which;
  if (rest.length > 0) throw usage("a confusion matrix is of one trial or configuration: name one");
  const { table, comparison } = await loadConfusion(store, { ...request, which });
  return plotConfusion(table, { subtitles: [nameOf(table.source, comparison)], width: request.width });
}

async function drawDifference(store: Store, request: PlotRequest): Promise<Drawing> {
  const [first, second, ...rest] = request.which;
  if (first === undefined || second === undefined || rest.length > 0) {
    throw usage("a difference is of two: name them, e.g. `best 2`, or `best mlp-mnist:best`");
  }
  const a = await loadConfusion(store, splitReference(first, request));
  const b = await loadConfusion(store, splitReference(second, request));
  return plotDifference(confusionDiff(a.table, b.table), {
    subtitles: [`A: ${nameOf(a.table.source, a.comparison)}`, `B: ${nameOf(b.table.source, b.comparison)}`],
    width: request.width,
  });
}

async function drawCalibration(store: Store, request: PlotRequest): Promise<Drawing> {
  const references = request.which.length === 0 ? ["best"] : request.which;
  refuseTooMany(references);
  const series: CalibrationSeries[] = [];
  for (const reference of references) {
    const found = await loadConfusion(store, splitReference(reference, request));
    const predictions = await loadPredictionsOf(store, found);
    const name = nameOf(found.table.source, found.comparison);
    if (predictions === undefined)
      return missing(`${name} has no predictions`, "its record lacks predictions.csv: run the experiment again");
    series.push({ name, calibration: calibrationOf(predictions) });
  }
  return plotCalibration(series, { subtitle: "test examples by the probability of the predicted class", ...request });
}

async function drawImportance(store: Store, request: PlotRequest): Promise<Drawing> {
  refuseWhich(request);
  const comparison = compareRun(await loadRecords(store, request, []));
  if (comparison.importance === undefined) {
    const count = comparison.trialCounts.finished;
    return missing(
      `${count} trials are finished, too few to say which fields matter`,
      "importance needs 20 finished trials of two or more configurations",
    );
  }
  return plotImportance(comparison.importance, { subtitle: source(comparison), width: request.width });
}

async function drawPareto(store: Store, request: PlotRequest): Promise<Drawing> {
  refuseWhich(request);
  const comparison = compareRun(await loadRecords(store, request, ["environment"]));
  const front = comparison.pareto.find(({ cost }) => cost === request.cost);
  if (front === undefined) {
    const known = comparison.pareto.map(({ cost }) => cost).join(", ");
    return missing(
      `nothing is known of ${request.cost}`,
      known === ""
        ? "finish two or more configurations"
        : `use --cost with one of ${known}; meanUsd needs run.budget.pricePerHour`,
    );
  }
  return plotPareto(comparison, front, { subtitle: source(comparison), width: request.width });
}

function nameOf({ experiment, values, trials }: ConfusionSource, { columns }: Comparison): string {
  const seeds = trials.map(({ seed }) => seed).join(", ");
  const configuration = columns.length === 0 ? "" : ` · ${describeConfiguration(values, columns)}`;
  return `${experiment}${configuration} · ${trials.length === 1 ? "seed" : "sum over seeds"} ${seeds}`;
}

async function loadRecords(
  store: Store,
  { experiment, run }: Pick<PlotRequest, "experiment" | "run">,
  parts: readonly ("metrics" | "environment")[],
): Promise<RunRecords> {
  const found = await findRun(store, { target: experiment, run });
  return loadRun(store, found.experiment, found.runId, { parts });
}

/** The configurations that were named, or the best few. */
function configurationsOf(comparison: Comparison, which: readonly string[]): ConfigurationId[] {
  refuseTooMany(which);
  if (which.length === 0) {
    return comparison.configurations.slice(0, usualSeries).map(({ configurationId }) => configurationId);
  }
  const ids = which.map((reference) => {
    const subject = selectSubject(comparison, reference);
    if (subject.type === "configuration") return subject.configurationId;
    return comparison.trials.find(({ trialId }) => trialId === subject.trialId)?.configurationId;
  });
  return [...new Set(ids)].filter((id) => id !== undefined);
}

function usualCurve({ plan }: RunRecords, { rankedBy }: Comparison): CurveName {
  if (rankedBy?.metric === "validationAccuracy") return "validationAccuracy";
  return plan.evaluations.some(({ test }) => test === "everyEpoch") ? "testAccuracy" : "trainLoss";
}

function chosenName<Name extends MetricName>(given: string | undefined, names: readonly Name[], usual: Name): Name {
  if (given === undefined) return usual;
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  const nearest = nearestName(given, names);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  throw usage(`--metric is "${given}", expected one of ${names.join(", ")}${hint}`);
}

function refuseTooMany(which: readonly string[]): void {
  if (which.length > maxSeries)
    throw usage(`${which.length} configurations are named; more than ${maxSeries} can't be told apart`);
}

function refuseWhich({ kind, which }: PlotRequest): void {
  if (which.length > 0) throw usage(`the plot ${kind} is of the whole run; leave out ${which.join(" ")}`);
}

function source({ experiment, runId }: Comparison): string {
  return `${experiment} · run ${runId}`;
}

function notRecorded(metric: string, fix: string): never {
  return missing(`nothing is recorded of ${metric}`, fix);
}

function missing(problem: string, fix: string): never {
  throw new CliError(exitCodes.missingInput, `${problem}\n  fix: ${fix}`);
}

function usage(message: string): CliError {
  return new CliError(exitCodes.usage, message);
}
