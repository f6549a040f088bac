import type { Comparison, ConfigurationRow, MetricSummary, TrialCounts } from "../compare/comparison.ts";
import type { ConfigurationTest } from "../compare/comparison-statistics.ts";
import { describeConfiguration } from "./describe-configuration.ts";
import { figureOf, type Figure } from "./figures.ts";
import { pText } from "./number-formats.ts";

/** The outcome of a run in one or two sentences, claiming no more than the intervals allow. */
export function verdictOf(comparison: Comparison): string {
  const { configurations, columns, rankedBy, trialCounts } = comparison;
  if (rankedBy === undefined) return describeUnfinished(trialCounts);
  const ranked = configurations.filter(({ rank }) => rank !== undefined);
  const [first, second] = ranked;
  if (first === undefined) return "No configuration has all its seeds finished yet, so none is ranked.";
  const name = describeConfiguration(first.values, columns);
  if (configurations.length === 1) return `${describeTest(first)} over ${seedsText(first)}.`.replace(/^./, upperCase);
  const figure = figureOf(rankedBy.metric);
  const lead = `${name} leads with ${describeFigure(first, figure)} over ${seedsText(first)}`;
  const test = figure.key === "testAccuracy" ? "" : `; ${describeTest(first)}`;
  return `${lead}${test}.${second ? ` ${describeLead(first, second, figure, comparison)}` : ""}`;
}

function describeUnfinished({ planned, failed }: TrialCounts): string {
  if (failed < planned) return `No trial of ${planned} is finished yet.`;
  return planned === 1 ? "The only trial failed." : `All ${planned} trials failed.`;
}

function describeTest(row: ConfigurationRow): string {
  return describeFigure(row, figureOf("testAccuracy"));
}

function describeFigure(row: ConfigurationRow, figure: Figure): string {
  const summary = summaryOf(row, figure);
  if (!summary) return `unknown ${figure.label}`;
  const spread = summary.sd === undefined ? "" : ` ± ${figure.formatSpread(summary.sd)}`;
  return `${figure.label} ${figure.format(summary.mean)}${spread}`;
}

function describeLead(
  first: ConfigurationRow,
  second: ConfigurationRow,
  figure: Figure,
  { columns, tests }: Comparison,
): string {
  const a = summaryOf(first, figure);
  const b = summaryOf(second, figure);
  if (!a || !b) return "";
  const runnerUp = describeConfiguration(second.values, columns);
  const distance = `${figure.formatSpread(a.mean - b.mean)} percentage points behind in ${figure.label}`;
  // Tested against one of the two, the other one's test is about both.
  const [one, other] = [first.configurationId, second.configurationId];
  const tested = tests?.baselineId === one ? other : tests?.baselineId === other ? one : undefined;
  const test = tests?.tests.find(({ configurationId }) => configurationId === tested);
  if (test?.isDifferent === undefined) return `${runnerUp} is ${distance}; ${whyUntested(test)}.`;
  const p = `${pText(test.welch?.adjustedP ?? 1)}${(tests?.tests.length ?? 0) > 1 ? ", adjusted" : ""}`;
  return test.isDifferent
    ? `${runnerUp} is ${distance}; that is more than luck explains (Welch’s test, ${p}).`
    : `${runnerUp} is ${distance}; the order of the two may be luck (Welch’s test, ${p}).`;
}

function whyUntested(test: ConfigurationTest | undefined): string {
  return test?.why ?? "the two were not tested against each other";
}

function summaryOf(row: ConfigurationRow, { key }: Figure): MetricSummary | undefined {
  return key === "seconds" ? undefined : row.metrics[key];
}

function seedsText({ seeds }: ConfigurationRow): string {
  return seeds.finished === 1 ? "one seed" : `${seeds.finished} seeds`;
}

function upperCase(letter: string): string {
  return letter.toUpperCase();
}
