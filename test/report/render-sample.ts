import { compareRun } from "../../src/compare/compare-run.ts";
import type { RunRecords } from "../../src/record/run-records.ts";
import { encodeMistakes, type Mistake, type TrialMistakes } from "../../src/report/block-format.ts";
import { collectReportData } from "../../src/report/collect-report-data.ts";
import { pngDataUrl } from "../../src/report/encode-png.ts";
import type { ReportAssets } from "../../src/report/report-assets.ts";
import { trialBlocks } from "../../src/report/report-blocks.ts";
import type { Gallery, ReportBlock } from "../../src/report/report-data.ts";
import { writeHtmlReport, type WrittenReport } from "../../src/report/write-html-report.ts";

/** What tests vary about the report of some records. */
export interface RenderOptions {
  readonly assets: ReportAssets;
  readonly gallery?: Gallery;
  readonly hasPictures?: boolean;
  readonly pricePerHour?: number;
  /** Default: as in the product. */
  readonly maxEmbeddedBytes?: number;
  readonly save?: (name: string, bytes: Uint8Array) => Promise<void>;
}

/** A grey square that stands for all pictures. */
export const picture = pngDataUrl({ height: 2, width: 2, channels: 1, pixels: Uint8Array.of(0, 90, 180, 255) });

/** The report of records that are in memory. */
export function renderRecords(records: RunRecords, options: RenderOptions): Promise<WrittenReport> {
  const comparison = compareRun(records);
  const { assets, gallery, pricePerHour, maxEmbeddedBytes } = options;
  return writeHtmlReport({
    assets,
    blocks: blocksOf(records, options),
    finish: () => ({
      ...collectReportData(records, comparison, { pricePerHour }),
      ...(gallery === undefined ? {} : { gallery }),
      leftOut: [],
    }),
    blockFolder: "sample data",
    save: options.save ?? (() => Promise.reject(new Error("this report is not small enough for one file"))),
    ...(maxEmbeddedBytes === undefined ? {} : { maxEmbeddedBytes }),
  });
}

async function* blocksOf(records: RunRecords, { hasPictures }: RenderOptions): AsyncGenerator<ReportBlock> {
  yield* trialBlocks(compareRun(records), records.trials, (trials, take) => Promise.resolve(trials.map(take)), {
    leftOut: { curves: 0, matrices: 0, stepLogs: 0 },
  });
  const mistakes = mistakesOf(records).slice(0, 200);
  const trials = mistakes.map(({ trial }) => trial);
  yield { name: "mistakes-0", kind: "mistakes", trials, bytes: encodeMistakes(mistakes) };
  if (hasPictures !== true) return;
  const examples = new Set(mistakes.flatMap((trial) => trial.mistakes.map(({ example }) => example)));
  const text = JSON.stringify(Object.fromEntries([...examples].map((example) => [example, picture])));
  yield { name: "pictures-0", kind: "pictures", trials: [], bytes: new TextEncoder().encode(text) };
}

/** Mistakes that make up the confusion matrices: those of each class are its first examples. */
export function mistakesOf({ trials }: RunRecords): TrialMistakes[] {
  return trials.flatMap(({ confusion }, trial) => {
    if (confusion === undefined) return [];
    let begin = 0;
    const mistakes = confusion.counts.flatMap((row, label) => {
      let example = begin;
      begin += row.reduce((sum, count) => sum + count, 0);
      return row.flatMap((count, predicted) =>
        predicted === label
          ? []
          : Array.from({ length: count }, (): Mistake => ({ example: example++, label, predicted, probability: 0.6 })),
      );
    });
    const labels = confusion.counts.flatMap((row, label) =>
      Array.from({ length: row.reduce((sum, count) => sum + count, 0) }, () => label),
    );
    return [{ trial, labels: Uint16Array.from(labels), mistakes }];
  });
}
