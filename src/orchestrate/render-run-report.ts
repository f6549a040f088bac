import { compareRun } from "../compare/compare-run.ts";
import type { Comparison } from "../compare/comparison.ts";
import { selectTrial } from "../compare/select.ts";
import { objectKeys } from "../contract/object-keys.ts";
import { loadHistory } from "../record/history.ts";
import { loadRun } from "../record/load-run.ts";
import { loadParts } from "../record/load-trial.ts";
import { mapConcurrently } from "../record/map-concurrently.ts";
import { loadProvenances } from "../record/provenance.ts";
import type { RunDocument, RunRecords } from "../record/run-records.ts";
import { loadSessions, type RunSession } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import { encodeMistakes } from "../report/block-format.ts";
import { collectNightly, nightlyWarning } from "../report/collect-nightly.ts";
import { collectReportData, type ReportOverview } from "../report/collect-report-data.ts";
import { loadReportAssets, type ReportAssets } from "../report/report-assets.ts";
import { trialBlocks, type LeftOut, type LoadTrials } from "../report/report-blocks.ts";
import type { NightlyHistory, ReportBlock } from "../report/report-data.ts";
import { writeHtmlReport, type ReportRequest, type WrittenReport } from "../report/write-html-report.ts";
import type { collectGallery } from "./collect-gallery.ts";
import { judgeHistory } from "./nightly/check-benchmark.ts";
import { collectPredictions, mistakenExamples, type CollectedPredictions } from "./collect-mistakes.ts";

/** How a report is wanted. */
export interface RunReportOptions {
  /** Puts pictures of the data into it, which needs what decodes images; absent = none. */
  readonly collectPictures?: typeof collectGallery | undefined;
  /** So many trials of the best configurations have curves and a matrix in it; absent = all. */
  readonly maxTrials?: number | undefined;
  /** Of machine time, in USD; absent = as the experiment says. */
  readonly pricePerHour?: number | undefined;
  /** Name of the folder beside the page for what is too much for one file. */
  readonly blockFolder: string;
  /** The bundled client; default: that of the build. */
  readonly assets?: ReportAssets;
  /** Writes a file of that folder, by its path relative to the page. */
  readonly save: (name: string, bytes: Uint8Array) => Promise<void>;
}

/**
 * The HTML report of a run, from its records: results first, then curves and matrices of some hundred trials at a time.
 * @returns the page, or why the pictures can't be had
 */
export async function renderRunReport(
  store: Store,
  run: RunDocument,
  { blockFolder, save, assets, ...options }: RunReportOptions,
): Promise<WrittenReport | { readonly problem: string }> {
  const prepared = await prepareRunReport(store, run, options);
  if ("problem" in prepared) return prepared;
  return writeHtmlReport({ ...prepared, assets: assets ?? (await loadReportAssets()), blockFolder, save });
}

/** A report whose blocks are still to be made. */
export type PreparedReport = Pick<ReportRequest, "blocks" | "finish">;

/**
 * What the report of a run shows, for whoever writes it.
 * @returns blocks to be taken one by one, and the rest; or why the pictures can't be had
 */
export async function prepareRunReport(
  store: Store,
  run: RunDocument,
  options: Pick<RunReportOptions, "collectPictures" | "maxTrials" | "pricePerHour">,
): Promise<PreparedReport | { readonly problem: string }> {
  const source = await loadReportSource(store, run);
  const { records, comparison, sessions } = source;
  const predictions = await collectPredictions(store, comparison, records);
  const pictured = await options.collectPictures?.(
    store,
    run,
    records,
    mistakenExamples(ofBestData(source, predictions)),
  );
  if (pictured !== undefined && "problem" in pictured) return pictured;
  const pictures = pictured?.pictures;
  const history = await loadHistory(store, run.experiment);
  const nightly =
    history.nights.length === 0 ? undefined : collectNightly(judgeHistory(history, records.plan, new Date()));
  const leftOut = { curves: 0, matrices: 0, stepLogs: 0 };
  const limits = { leftOut, maxTrials: options.maxTrials };
  async function* blocks(): AsyncGenerator<ReportBlock> {
    yield* trialBlocks(comparison, records.trials, loadCurveParts(store), limits);
    yield* mistakeBlocks(predictions, pictures);
  }
  return {
    blocks: blocks(),
    finish: () => ({
      ...withNights(collectReportData(records, comparison, { sessions, pricePerHour: options.pricePerHour }), nightly),
      calibrations: predictions.calibrations,
      ...(pictured === undefined ? {} : { gallery: pictured.gallery }),
      leftOut: describeLeftOut(leftOut, predictions.leftOutCount),
    }),
  };
}

/** A report with the nights of its benchmark; its verdict says so if its own night is worse than those before it. */
function withNights(overview: ReportOverview, nightly: NightlyHistory | undefined): ReportOverview {
  if (nightly === undefined) return overview;
  const warning = nightlyWarning(nightly, overview.comparison.runId);
  return { ...overview, nightly, verdict: warning === undefined ? overview.verdict : `${overview.verdict} ${warning}` };
}

/** What a report is made from, except for what its blocks hold. */
export interface ReportSource {
  readonly records: RunRecords;
  readonly comparison: Comparison;
  readonly sessions: readonly RunSession[];
}

/** Loads the records of a run without curves and matrices, and compares them. */
export async function loadReportSource(store: Store, { experiment, runId }: RunDocument): Promise<ReportSource> {
  const key = objectKeys.run(experiment, runId);
  const loaded = await loadRun(store, experiment, runId, { parts: ["environment"] });
  // Of the others, how far they got is told by their metrics.
  const trials = await mapConcurrently(loaded.trials, (record) =>
    record.state.type === "finished" ? Promise.resolve(record) : loadParts(store, record, ["metrics"]),
  );
  const records = { ...loaded, trials, provenances: await loadProvenances(store, key) };
  return { records, comparison: compareRun(records), sessions: await loadSessions(store, key) };
}

/** Reads what stands in blocks. */
function loadCurveParts(store: Store): LoadTrials {
  return (records, take) =>
    mapConcurrently(records, async (record, at) =>
      take(await loadParts(store, record, ["metrics", "timings", "confusion"]), at),
    );
}

function* mistakeBlocks(
  { mistakes }: CollectedPredictions,
  pictures: ReadonlyMap<number, string> | undefined,
): Generator<ReportBlock> {
  if (mistakes.length > 0)
    yield {
      name: "mistakes-0",
      kind: "mistakes",
      trials: mistakes.map(({ trial }) => trial),
      bytes: encodeMistakes(mistakes),
    };
  if (pictures === undefined || pictures.size === 0) return;
  const text = JSON.stringify(Object.fromEntries(pictures));
  yield { name: "pictures-0", kind: "pictures", trials: [], bytes: new TextEncoder().encode(text) };
}

/** The mistakes of trials with the best one's test examples: only those go by the same numbers. */
function ofBestData({ records, comparison }: ReportSource, { mistakes }: CollectedPredictions) {
  const dataOf = (trial: number): number | undefined =>
    records.plan.configurations[records.trials[trial]?.trial.configuration ?? -1]?.data;
  const best = comparison.rankedBy === undefined ? undefined : selectTrial(comparison, "best").trialId;
  const bestData = dataOf(records.trials.findIndex(({ trial }) => trial.id === best));
  return mistakes.filter(({ trial }) => dataOf(trial) === bestData);
}

function describeLeftOut({ curves, matrices, stepLogs }: LeftOut, mistakes: number): string[] {
  return [
    ...(curves === 0
      ? []
      : [`The curves of ${curves} trials of lower rank: nightsweep report makes a page with them.`]),
    ...(matrices === 0 ? [] : [`The confusion matrices of ${matrices} trials: nightsweep compare shows them.`]),
    ...(stepLogs === 0
      ? []
      : [`The step logs of ${stepLogs} trials of lower rank: nightsweep export --tables steps writes them.`]),
    ...(mistakes === 0
      ? []
      : [`Which test examples ${mistakes} trials of lower rank got wrong: their predictions.csv says so.`]),
  ];
}
