import type { Plan, PlannedConfiguration } from "../plan.ts";
import { type Difference, differencesToNearest, fieldsOf } from "./compare-plans.ts";
import type { FlatFields } from "./flatten-fields.ts";

/** Whether a trial is there already, or why it is to be trained. */
export type TrialNews =
  /** Finished by a run and taken over from there. */
  | { readonly type: "cached"; readonly experiment: string; readonly runId: string }
  /** In the last run as well, which has not finished it. */
  | { readonly type: "unfinished"; readonly runId: string }
  /** In the place of one that was in the last run and is not there any more. */
  | { readonly type: "changed"; readonly changes: readonly Difference[] }
  /** Was not there; `changes` tell it from the most similar one that was, if there was a run. */
  | { readonly type: "new"; readonly changes: readonly Difference[] };

/** What is known besides the plan. */
export interface KnownRuns {
  /** Which run finished a trial, by the trial's id. */
  readonly finished: ReadonlyMap<string, { readonly experiment: string; readonly runId: string }>;
  /** The newest run of the experiment, if there is one. */
  readonly previous?: { readonly runId: string; readonly plan: Plan } | undefined;
}

/** More configurations than this are not compared with earlier ones: it takes long, and nobody reads it. */
const maxDetailed = 300;
const maxCandidates = 100;

/** For each trial of a plan, in its order: whether it is there already, or why it is to be trained. */
export function tellTrialNews(plan: Plan, { finished, previous }: KnownRuns): TrialNews[] {
  const earlier = new Set<string>(previous?.plan.trials.map(({ id }) => id));
  const byConfiguration = new Map<number, TrialNews>();
  const explain = previous && explainAgainst(previous.plan, plan);
  let detailed = 0;
  return plan.trials.map(({ id, configuration, seed }) => {
    const run = finished.get(id);
    if (run !== undefined) return { type: "cached", experiment: run.experiment, runId: run.runId };
    if (previous === undefined || explain === undefined) return { type: "new", changes: [] };
    if (earlier.has(id)) return { type: "unfinished", runId: previous.runId };
    const planned = plan.configurations[configuration];
    if (planned === undefined) throw new RangeError(`trial ${id} points outside the plan's configurations`);
    if (explain.isKnown(planned)) {
      return { type: "new", changes: [{ path: "seed", before: null, after: String(seed) }] };
    }
    const known = byConfiguration.get(configuration);
    const news = known ?? explain.configuration(planned, detailed++ < maxDetailed);
    byConfiguration.set(configuration, news);
    return news;
  });
}

function explainAgainst(before: Plan, after: Plan) {
  const was = new Set(before.configurations.map(({ id }) => id));
  const is = new Set(after.configurations.map(({ id }) => id));
  const removed = before.configurations.filter(({ id }) => !is.has(id));
  const type = removed.length > 0 ? ("changed" as const) : ("new" as const);
  const versions = [before.code.resultsVersion, after.code.resultsVersion].map(String);
  const [versionBefore = null, versionAfter = null] = versions;
  let candidates: FlatFields[] | undefined;
  return {
    isKnown: ({ id }: PlannedConfiguration): boolean => was.has(id),
    configuration(configuration: PlannedConfiguration, isDetailed: boolean): TrialNews {
      if (versionBefore !== versionAfter) {
        return { type, changes: [{ path: "results version", before: versionBefore, after: versionAfter }] };
      }
      if (!isDetailed) return { type, changes: [] };
      candidates ??= (removed.length > 0 ? removed : before.configurations)
        .slice(0, maxCandidates)
        .map((old) => fieldsOf(before, old));
      return { type, changes: differencesToNearest(fieldsOf(after, configuration), candidates) };
    },
  };
}
