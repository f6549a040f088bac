import type { ConfigurationRow, MetricName, Ranking } from "./comparison.ts";

/** Which loss settles ties of an accuracy. */
const tieBreakers = { validationAccuracy: "validationLoss", testAccuracy: "testLoss" } as const;

/**
 * Decides what configurations are ranked by: validation accuracy if all that are ranked have it, else test accuracy.
 * @param rows configurations in any order
 * @returns undefined while no trial is finished
 */
export function chooseRanking(rows: readonly ConfigurationRow[]): Ranking | undefined {
  const complete = rows.filter(isComplete);
  const compared = complete.length > 0 ? complete : rows.filter(({ seeds }) => seeds.finished > 0);
  if (compared.length === 0) return undefined;
  const withoutValidation = compared.filter(({ metrics }) => metrics.validationAccuracy === undefined);
  if (withoutValidation.length === 0)
    return {
      metric: "validationAccuracy",
      why: "Selected on validation, reported on test: ranked by mean validation accuracy over the seeds; the test examples have no say in the order.",
    };
  const which =
    withoutValidation.length === compared.length
      ? "no configuration holds validation examples out"
      : `${withoutValidation.length} of ${compared.length} configurations hold no validation examples out`;
  return {
    metric: "testAccuracy",
    why: `Selected and reported on test, which flatters the best: ranked by mean test accuracy over the seeds, because ${which}.`,
  };
}

/**
 * Puts the best configuration first and numbers the complete ones from 1. Ties go to the lower mean loss, then to the
 * lower id. After them come those with some seeds finished in the same order, then the rest as they were.
 * @param metric what counts; undefined if no trial is finished
 */
export function rankConfigurations(
  rows: readonly ConfigurationRow[],
  metric: Ranking["metric"] | undefined,
): ConfigurationRow[] {
  const ordered = metric === undefined ? [...rows] : [...rows].sort((a, b) => compareRows(a, b, metric));
  return ordered.map((row, index) => (isComplete(row) ? { ...row, rank: index + 1 } : row));
}

function isComplete({ seeds }: ConfigurationRow): boolean {
  return seeds.planned > 0 && seeds.finished === seeds.planned;
}

function compareRows(a: ConfigurationRow, b: ConfigurationRow, metric: Ranking["metric"]): number {
  const group = groupOf(a) - groupOf(b);
  if (group !== 0 || a.seeds.finished === 0) return group;
  return (
    compareNumbers(meanOf(b, metric, -Infinity), meanOf(a, metric, -Infinity)) ||
    compareNumbers(meanOf(a, tieBreakers[metric], Infinity), meanOf(b, tieBreakers[metric], Infinity)) ||
    (a.configurationId < b.configurationId ? -1 : 1)
  );
}

/** 0 complete, 1 with some finished seeds, 2 without. */
function groupOf(row: ConfigurationRow): number {
  if (isComplete(row)) return 0;
  return row.seeds.finished > 0 ? 1 : 2;
}

function meanOf({ metrics }: ConfigurationRow, metric: MetricName, absent: number): number {
  return metrics[metric]?.mean ?? absent;
}

/** Subtraction would give NaN for two infinities. */
function compareNumbers(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
