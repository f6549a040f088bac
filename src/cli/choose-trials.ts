import type { RunRecords, TrialRecord } from "../record/run-records.ts";

/**
 * The trials of a run that people name by rank, or the beginning of an id; a configuration stands for all its seeds.
 * @param references empty = all trials
 * @throws ComparisonError as `selectSubject`
 */
export async function chooseTrials(records: RunRecords, references: readonly string[]): Promise<TrialRecord[]> {
  if (references.length === 0) return [...records.trials];
  const { compareRun } = await import("../compare/compare-run.ts");
  const { selectSubject } = await import("../compare/select.ts");
  const comparison = compareRun(records);
  const subjects = references.map((reference) => selectSubject(comparison, reference));
  const { configurations } = records.plan;
  return records.trials.filter(({ trial }) =>
    subjects.some((subject) =>
      subject.type === "trial"
        ? subject.trialId === trial.id
        : subject.configurationId === configurations[trial.configuration]?.id,
    ),
  );
}
