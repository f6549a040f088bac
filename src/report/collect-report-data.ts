import { compareRun } from "../compare/compare-run.ts";
import type { Comparison } from "../compare/comparison.ts";
import { confusionOf } from "../compare/confusion-of.ts";
import { learningCurves } from "../compare/learning-curves.ts";
import type { Subject } from "../compare/select.ts";
import type { RunRecords } from "../record/run-records.ts";
import { collectProvenance } from "./collect-provenance.ts";
import { describeConfiguration } from "./describe-configuration.ts";
import type { ReportData, SubjectConfusion } from "./report-data.ts";
import { verdictOf } from "./verdict-of.ts";

/** A browser draws from this many numbers without delay; 400 matrices of 100 classes. */
const maxMatrixCells = 4_000_000;

/**
 * Everything that the HTML report of a run shows. Deterministic: the same records give the same data.
 * @throws ComparisonError if a finished trial's record has no confusion matrix
 */
export function collectReportData(records: RunRecords): ReportData {
  const comparison = compareRun(records);
  const subjects = subjectsOf(comparison);
  const confusions = collectConfusions(records, comparison, subjects);
  return {
    schemaVersion: 1,
    description: records.plan.description ?? null,
    verdict: verdictOf(comparison),
    comparison,
    curves: learningCurves(records),
    confusions,
    omittedConfusionCount: subjects.length - confusions.length,
    provenance: collectProvenance(records),
  };
}

/** Configurations first, best first; then the single trials of configurations with several seeds. */
function subjectsOf({ configurations, trials }: Comparison): Subject[] {
  const finished = configurations.filter(({ seeds }) => seeds.finished > 0);
  return [
    ...finished.map(({ configurationId }): Subject => ({ type: "configuration", configurationId })),
    ...finished
      .filter(({ seeds }) => seeds.finished > 1)
      .flatMap((row) =>
        trials
          .filter(({ configurationId, state }) => configurationId === row.configurationId && state === "finished")
          .map(({ trialId }): Subject => ({ type: "trial", trialId })),
      ),
  ];
}

function collectConfusions(
  records: RunRecords,
  { columns }: Comparison,
  subjects: readonly Subject[],
): SubjectConfusion[] {
  const confusions: SubjectConfusion[] = [];
  let cellCount = 0;
  for (const subject of subjects) {
    const table = confusionOf(records, subject);
    cellCount += table.classNames.length ** 2;
    if (cellCount > maxMatrixCells) break;
    const configuration = describeConfiguration(table.source.values, columns);
    const seeds = table.source.trials.map(({ seed }) => seed).join(", ");
    const label = `${configuration} · ${table.source.trials.length > 1 ? "seeds" : "seed"} ${seeds}`;
    confusions.push({ type: subject.type, label, table });
  }
  return confusions;
}
