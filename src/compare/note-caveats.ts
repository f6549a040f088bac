import type { PlannedData } from "../plan/plan.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import type { EnvironmentDocument } from "../record/trial-record.ts";
import type { ComparisonNote, ConfigurationRow, EnvironmentCount } from "./comparison.ts";
import { groupBy } from "./group-by.ts";

/** Which engines and thread counts computed the finished trials, most trials first. */
export function countEnvironments(trials: readonly TrialRecord[]): EnvironmentCount[] {
  const environments = trials.flatMap(({ state, environment }) =>
    state.type === "finished" && environment !== undefined ? [environment] : [],
  );
  const groups = groupBy(environments, (entry) => `${entry.engine} ${entry.engineVersion} ${entry.threads}`);
  return [...groups.values()]
    .flatMap(([entry, ...others]) => (entry === undefined ? [] : [environmentCount(entry, others.length + 1)]))
    .sort((a, b) => b.trials - a.trials);
}

function environmentCount({ engine, engineVersion, threads }: EnvironmentDocument, trials: number): EnvironmentCount {
  return { engine, engineVersion, threads, trials };
}

/**
 * What a reader must know to trust the figures: missing trials, missing intervals, things compared that differ in more
 * than their configuration.
 */
export function noteCaveats({
  records,
  configurations,
  environments,
}: {
  readonly records: RunRecords;
  readonly configurations: readonly ConfigurationRow[];
  readonly environments: readonly EnvironmentCount[];
}): ComparisonNote[] {
  return [
    ...noteCompleteness(configurations),
    ...noteMissingIntervals(configurations),
    ...noteDifferentExamples(records),
    ...noteEnvironments(environments),
    ...noteCached(records.trials),
  ];
}

function noteCompleteness(configurations: readonly ConfigurationRow[]): ComparisonNote[] {
  if (configurations.every(({ seeds }) => seeds.finished === 0))
    return [{ code: "nothing-finished", message: "No trial is finished: there is nothing to compare yet." }];
  const unranked = configurations.filter(({ rank }) => rank === undefined).length;
  if (unranked === 0) return [];
  const message = `${unranked} of ${count(configurations.length, "configuration")} not ranked, because not all of the seeds are finished.`;
  return [{ code: "not-ranked", message }];
}

function noteMissingIntervals(configurations: readonly ConfigurationRow[]): ComparisonNote[] {
  const finished = configurations.filter(({ seeds }) => seeds.finished > 0);
  const single = finished.filter(({ seeds }) => seeds.finished === 1).length;
  if (single === 0) return [];
  const which =
    single === finished.length
      ? "Only one seed is finished"
      : `${single} of ${count(finished.length, "configuration")} with only one finished seed`;
  return [
    {
      code: "no-interval",
      message: `${which}: no standard deviation or interval there, and no way to tell a difference from luck. More seeds (sweep.seeds) give both.`,
    },
  ];
}

function noteDifferentExamples({ plan }: RunRecords): ComparisonNote[] {
  const used = new Set(plan.configurations.map(({ data }) => data));
  const data = plan.data.filter((_, index) => used.has(index));
  const differs = (examplesOf: (data: PlannedData) => string): boolean => new Set(data.map(examplesOf)).size > 1;
  const different = [
    ...(differs(testExamples) ? ["test"] : []),
    ...(differs(validationExamples) ? ["validation"] : []),
  ];
  if (different.length === 0) return [];
  const message = `The configurations don't share their ${different.join(" and ")} examples: part of the difference between figures may be due to the examples.`;
  return [{ code: "different-examples", message }];
}

function testExamples({ spec, dataset, testCount }: PlannedData): string {
  return `${dataset.sha256} ${testCount} ${drawn(spec.subset.test)}`;
}

function validationExamples({ spec, dataset, trainCount, validationCount }: PlannedData): string {
  if (validationCount === 0) return "none";
  const choice = JSON.stringify(spec.validation);
  return `${dataset.sha256} ${trainCount} ${validationCount} ${drawn(spec.subset.train)} ${choice}`;
}

/** How examples were drawn; the first ones of a file are told by their number. */
function drawn(choice: PlannedData["spec"]["subset"]["test"]): string {
  return choice === undefined || "first" in choice ? "" : JSON.stringify(choice);
}

function noteEnvironments(environments: readonly EnvironmentCount[]): ComparisonNote[] {
  const engines = mixture(environments, ({ engine, engineVersion }) => `${engine} ${engineVersion}`);
  const threads = mixture(environments, (environment) => count(environment.threads, "thread"));
  const engineNote = `Engines are mixed: ${engines}. They round differently, so small differences may be theirs.`;
  const threadNote = `Thread counts are mixed: ${threads}. Rounding may depend on them, and times aren't comparable.`;
  return [
    ...(engines === undefined ? [] : [{ code: "mixed-engines" as const, message: engineNote }]),
    ...(threads === undefined ? [] : [{ code: "mixed-threads" as const, message: threadNote }]),
  ];
}

/** What there is and how many trials of each; undefined if all are alike. */
function mixture(
  environments: readonly EnvironmentCount[],
  nameOf: (environment: EnvironmentCount) => string,
): string | undefined {
  const groups = groupBy(environments, nameOf);
  if (groups.size < 2) return undefined;
  const trialsIn = (group: readonly EnvironmentCount[]): number => group.reduce((sum, { trials }) => sum + trials, 0);
  return [...groups].map(([name, group]) => `${name} (${count(trialsIn(group), "trial")})`).join(", ");
}

function noteCached(trials: readonly TrialRecord[]): ComparisonNote[] {
  const cached = trials.filter(({ cachedFrom }) => cachedFrom !== undefined);
  if (cached.length === 0) return [];
  const runs = new Set(cached.map(({ cachedFrom }) => cachedFrom));
  return [
    { code: "cached", message: `${count(cached.length, "trial")} taken over from ${count(runs.size, "earlier run")}.` },
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
