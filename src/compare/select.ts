import type { ConfigurationId, TrialId } from "../plan/plan.ts";
import type { Comparison, ConfigurationRow, TrialRow } from "./comparison.ts";
import { ComparisonError } from "./comparison-error.ts";

/** One trial, or a configuration with all its seeds. */
export type Subject =
  | { readonly type: "trial"; readonly trialId: TrialId }
  | { readonly type: "configuration"; readonly configurationId: ConfigurationId };

/** Shorter prefixes are too easily mistaken for ranks, or hit something by chance. */
const minPrefixLength = 4;
const shownCandidates = 8;

/**
 * Finds what a person means.
 * @param reference `best` or a rank from 1 (a configuration), or the first 4 or more characters of a trial's or
 *   configuration's id; a number up to the number of configurations is always a rank
 * @throws ComparisonError `unknown-reference` with the nearest id, `ambiguous-reference` with the candidates,
 *   `not-finished` for a rank while nothing is ranked
 */
export function selectSubject(comparison: Comparison, reference: string): Subject {
  const rank = parseRank(comparison, reference);
  if (rank !== undefined) {
    const { configurationId } = configurationAtRank(comparison, rank);
    return { type: "configuration", configurationId };
  }
  return subjectByPrefix(comparison, reference.toLowerCase());
}

/**
 * Finds the one finished trial a person means: like `selectSubject`, where a configuration stands for its best seed by
 * the metric that the comparison is ranked by.
 * @throws ComparisonError as `selectSubject`; `not-finished` if the trial, or every seed of the configuration, is not
 */
export function selectTrial(comparison: Comparison, reference: string): TrialRow {
  const trialId = trialIdOf(comparison, selectSubject(comparison, reference));
  const trial = comparison.trials.find((row) => row.trialId === trialId);
  if (trial?.state === "finished") return trial;
  throw new ComparisonError(
    "not-finished",
    trial === undefined
      ? `"${reference}" has no finished seed`
      : `trial ${trial.trialId} (seed ${trial.seed}) is not finished: it is ${trial.state}`,
    "name a finished trial, or run the experiment again: it goes on where it stopped",
  );
}

function trialIdOf({ configurations, rankedBy }: Comparison, subject: Subject): TrialId | undefined {
  if (subject.type === "trial") return subject.trialId;
  const row = configurations.find(({ configurationId }) => configurationId === subject.configurationId);
  // A partial configuration can lack the ranking's metric; test accuracy is there for every finished trial.
  const metric = row?.metrics[rankedBy?.metric ?? "testAccuracy"] ?? row?.metrics.testAccuracy;
  return metric?.best.trialId;
}

/** The rank that a reference means, or undefined if it must be an id. */
function parseRank({ configurations }: Comparison, reference: string): number | undefined {
  if (reference.toLowerCase() === "best") return 1;
  if (!/^\d+$/.test(reference)) return undefined;
  const isRank = Number(reference) <= configurations.length || reference.length < minPrefixLength;
  return isRank ? Number(reference) : undefined;
}

function configurationAtRank({ configurations }: Comparison, rank: number): ConfigurationRow {
  const row = configurations.find((candidate) => candidate.rank === rank);
  if (row !== undefined) return row;
  const ranked = configurations.filter((candidate) => candidate.rank !== undefined).length;
  if (ranked === 0)
    throw new ComparisonError(
      "not-finished",
      `no configuration is ranked yet: none has all its seeds finished`,
      `name a trial or configuration by the first ${minPrefixLength} or more characters of its id`,
    );
  throw new ComparisonError(
    "unknown-reference",
    `there is no rank ${rank}: ${ranked} of ${configurations.length} configurations are ranked`,
    `use best, a rank 1…${ranked}, or the first ${minPrefixLength} or more characters of an id`,
  );
}

interface Candidate {
  readonly id: string;
  readonly subject: Subject;
  readonly text: string;
}

function subjectByPrefix(comparison: Comparison, prefix: string): Subject {
  const candidates = candidatesOf(comparison);
  const isLongEnough = prefix.length >= minPrefixLength;
  const matches = isLongEnough ? candidates.filter(({ id }) => id.startsWith(prefix)) : [];
  const [first, ...others] = matches;
  if (first === undefined) throw unknownReference(comparison, prefix, candidates);
  if (others.length === 0) return first.subject;
  const rest = matches.length > shownCandidates ? `, and ${matches.length - shownCandidates} more` : "";
  throw new ComparisonError(
    "ambiguous-reference",
    `"${prefix}" fits ${matches
      .slice(0, shownCandidates)
      .map(({ text }) => text)
      .join(", ")}${rest}`,
    "give more characters of the id",
  );
}

function candidatesOf({ configurations, trials }: Comparison): Candidate[] {
  return [
    ...configurations.map(
      ({ configurationId }): Candidate => ({
        id: configurationId,
        subject: { type: "configuration", configurationId },
        text: `configuration ${configurationId}`,
      }),
    ),
    ...trials.map(
      ({ trialId, seed }): Candidate => ({
        id: trialId,
        subject: { type: "trial", trialId },
        text: `trial ${trialId} (seed ${seed})`,
      }),
    ),
  ];
}

function unknownReference({ runId }: Comparison, reference: string, candidates: readonly Candidate[]): ComparisonError {
  const nearest = nearestCandidate(reference, candidates);
  const hint = nearest === undefined ? "" : `did you mean ${nearest.text}? Otherwise `;
  return new ComparisonError(
    "unknown-reference",
    `"${reference}" names no trial or configuration of run ${runId}`,
    `${hint}use best, a rank from 1, or the first ${minPrefixLength} or more characters of an id`,
  );
}

/** The id that begins most like the reference, if at least two characters agree: ids are hashes, typed from the left. */
function nearestCandidate(reference: string, candidates: readonly Candidate[]): Candidate | undefined {
  const { candidate, length } = candidates.reduce<{ candidate: Candidate | undefined; length: number }>(
    (best, candidate) => {
      const length = sharedPrefixLength(reference, candidate.id);
      return length > best.length ? { candidate, length } : best;
    },
    { candidate: undefined, length: 1 },
  );
  return length > 1 ? candidate : undefined;
}

function sharedPrefixLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
