import { computed, type ReadonlySignal } from "@preact/signals";
import type { ConfigurationRow, TrialRow } from "../../compare/comparison.ts";
import {
  decodeCounts,
  decodeCurves,
  decodeMistakes,
  type TrialCounts,
  type TrialCurve,
  type TrialMistakes,
} from "../block-format.ts";
import { describeConfiguration } from "../describe-configuration.ts";
import type { ReportData } from "../report-data.ts";
import { TrialParts, type BlockSource } from "./block-source.ts";
import { dimensionsOf, type Dimension } from "./dimensions.ts";
import { filterConfigurations, filters, searchText, searchTexts } from "./filters.ts";

/** A configuration with what views need to know of it. */
export interface Entry {
  /** Index into the comparison's configurations: its place on the leaderboard. */
  readonly index: number;
  readonly row: ConfigurationRow;
  /** In words. */
  readonly label: string;
  /** Indices into the comparison's trials. */
  readonly trials: readonly number[];
}

/** The report's data, ready for the views. */
export interface Model {
  readonly data: ReportData;
  readonly entries: readonly Entry[];
  readonly dimensions: readonly Dimension[];
  readonly curves: TrialParts<TrialCurve>;
  /** Of `training.logEverySteps`; of trials that have it. */
  readonly stepLogs: TrialParts<TrialCurve>;
  readonly counts: TrialParts<TrialCounts>;
  readonly mistakes: TrialParts<TrialMistakes>;
  readonly source: BlockSource;
  /** The configurations that pass the filters: indices, ascending. */
  readonly shown: ReadonlySignal<readonly number[]>;
}

/** Prepares the data for the views. */
export function buildModel(data: ReportData, source: BlockSource): Model {
  const { configurations, columns } = data.comparison;
  const trials = trialsByConfiguration(data);
  const dimensions = dimensionsOf(data);
  const texts = searchTexts(data);
  return {
    data,
    source,
    dimensions,
    entries: configurations.map((row, index) => ({
      index,
      row,
      label: describeConfiguration(row.values, columns),
      trials: trials.get(row.configurationId) ?? [],
    })),
    curves: new TrialParts(data, "curves", source, decodeCurves),
    stepLogs: new TrialParts(data, "steps", source, decodeCurves),
    counts: new TrialParts(data, "counts", source, decodeCounts),
    mistakes: new TrialParts(data, "mistakes", source, decodeMistakes),
    shown: computed(() => filterConfigurations(dimensions, texts, filters.value, searchText.value)),
  };
}

function trialsByConfiguration({ comparison }: ReportData): Map<string, number[]> {
  const trials = new Map<string, number[]>();
  comparison.trials.forEach(({ configurationId }, index) => {
    const own = trials.get(configurationId);
    if (own) own.push(index);
    else trials.set(configurationId, [index]);
  });
  return trials;
}

/** The trial at an index of the comparison. */
export function trialAt({ data }: Model, index: number): TrialRow {
  const trial = data.comparison.trials[index];
  if (!trial) throw new RangeError(`there is no trial number ${index}`);
  return trial;
}

/** The dimension of a key, if there is one. */
export function dimensionOf({ dimensions }: Pick<Model, "dimensions">, key: string): Dimension | undefined {
  return dimensions.find((dimension) => dimension.key === key);
}

/** The entry whose configuration's id begins with a text of an address, if there is one. */
export function entryOfId({ entries }: Model, id: string): Entry | undefined {
  return id === "" ? undefined : entries.find(({ row }) => row.configurationId.startsWith(id));
}
