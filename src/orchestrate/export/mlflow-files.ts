import { confusionOf } from "../../compare/confusion-of.ts";
import type { Comparison, TrialRow } from "../../compare/comparison.ts";
import { trialFiles } from "../../contract/object-keys.ts";
import { resolveTrial } from "../../plan/resolve-trial.ts";
import { encodeJson, encodeJsonLines, encodeText } from "../../record/json-object.ts";
import type { RunRecords, TrialRecord } from "../../record/run-records.ts";
import { describeConfiguration } from "../../report/describe-configuration.ts";
import { leaderboardData, leaderboardTable } from "../../report/leaderboard-table.ts";
import { renderModelCard } from "../../report/model-card/render-model-card.ts";
import { plotConfusion } from "../../report/plot/plot-confusion.ts";
import { renderSvg } from "../../report/plot/svg.ts";
import { renderCsv } from "../../report/render-csv.ts";
import { renderMarkdownTable } from "../../report/render-markdown.ts";

/** A file that stands beside a run's figures on a server. */
export interface MlflowFile {
  readonly name: string;
  readonly bytes: () => Uint8Array;
}

/** A matrix of more classes can't be read in a picture of a server's page. */
const mostDrawnClasses = 100;
/** Points: fills a page. */
const pictureWidth = 480;

/** Files of the run that trials are children of: its leaderboard, for programs and for people. */
export function runFiles(comparison: Comparison): MlflowFile[] {
  return [
    { name: "leaderboard.csv", bytes: () => encodeText(renderCsv(leaderboardData(comparison))) },
    { name: "leaderboard.md", bytes: () => encodeText(renderMarkdownTable(leaderboardTable(comparison, "all"))) },
  ];
}

/**
 * Files of a trial: its epochs, and once it is finished its confusion matrix, also as a picture, and its model card.
 * @param records of the whole run, with provenances if they are known
 * @param record with metrics, confusion and environment
 */
export function filesOfTrial(
  records: RunRecords,
  comparison: Comparison,
  { record, row }: { readonly record: TrialRecord; readonly row: TrialRow },
): MlflowFile[] {
  const { metrics, confusion } = record;
  const curves = { name: trialFiles.metrics, bytes: () => encodeJsonLines(metrics) };
  if (record.state.type !== "finished" || confusion === undefined) return metrics.length === 0 ? [] : [curves];
  const table = () => confusionOf({ ...records, trials: [record] }, { type: "trial", trialId: row.trialId });
  const picture = (): string => {
    const subtitle = `${describeConfiguration(row.values, comparison.columns)} · seed ${row.seed}`;
    return renderSvg(plotConfusion(table(), { subtitles: [subtitle], width: pictureWidth }));
  };
  const card = (): string => {
    const index = records.plan.trials.findIndex(({ id }) => id === row.trialId);
    const trial = resolveTrial(records.plan, index);
    return renderModelCard({ records, comparison, trial, record, row, confusion: table() });
  };
  return [
    curves,
    { name: trialFiles.confusion, bytes: () => encodeJson(confusion) },
    ...(confusion.counts.length > mostDrawnClasses
      ? []
      : [{ name: "confusion.svg", bytes: () => encodeText(picture()) }]),
    { name: "model-card.md", bytes: () => encodeText(card()) },
  ];
}
