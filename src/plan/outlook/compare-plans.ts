import type { Plan, PlannedConfiguration } from "../plan.ts";
import { flattenFields, type FlatFields } from "./flatten-fields.ts";

/** A field of the experiment that is different now, in some of the new configurations. */
export interface FieldChange {
  readonly path: string;
  /** `null` = it was not there, or is not there any more. */
  readonly before: string | null;
  readonly after: string | null;
  readonly configurations: number;
}

/** What is different between a plan and an earlier one. */
export interface PlanChanges {
  readonly trials: { readonly unchanged: number; readonly added: number; readonly removed: number };
  readonly configurations: { readonly unchanged: number; readonly added: number; readonly removed: number };
  /** Only of configurations that are in both. */
  readonly seeds: { readonly added: readonly number[]; readonly removed: readonly number[] };
  /** Whether results of the earlier plan can't be used because the code gives others now. */
  readonly resultsVersionChanged: boolean;
  /** Why configurations are new: against the most similar one that is gone. At most 20, the most frequent first. */
  readonly fields: readonly FieldChange[];
}

/** More configurations than this are not looked into: the same fields would come up again. */
const maxCompared = 100;
const maxFields = 20;

/** Compares a plan with an earlier one of the same experiment. */
export function comparePlans(before: Plan, after: Plan): PlanChanges {
  const resultsVersionChanged = before.code.resultsVersion !== after.code.resultsVersion;
  const was = new Set(before.configurations.map(({ id }) => id));
  const is = new Set(after.configurations.map(({ id }) => id));
  const added = after.configurations.filter(({ id }) => !was.has(id));
  const removed = before.configurations.filter(({ id }) => !is.has(id));
  return {
    trials: countChanges(
      before.trials.map(({ id }) => id),
      after.trials.map(({ id }) => id),
    ),
    configurations: countChanges([...was], [...is]),
    seeds: compareSeeds(before, after, was),
    resultsVersionChanged,
    fields: resultsVersionChanged ? [] : changedFields(before, after, { added, removed }),
  };
}

function countChanges(before: readonly string[], after: readonly string[]) {
  const was = new Set(before);
  const unchanged = after.filter((id) => was.has(id)).length;
  return { unchanged, added: after.length - unchanged, removed: before.length - unchanged };
}

function compareSeeds(before: Plan, after: Plan, was: ReadonlySet<string>): PlanChanges["seeds"] {
  const isShared = after.configurations.some(({ id }) => was.has(id));
  if (!isShared) return { added: [], removed: [] };
  const earlier = new Set(before.trials.map(({ seed }) => seed));
  const later = new Set(after.trials.map(({ seed }) => seed));
  return {
    added: [...later].filter((seed) => !earlier.has(seed)),
    removed: [...earlier].filter((seed) => !later.has(seed)),
  };
}

function changedFields(
  before: Plan,
  after: Plan,
  { added, removed }: Readonly<Record<"added" | "removed", readonly PlannedConfiguration[]>>,
): FieldChange[] {
  // Where nothing is gone, new configurations are told from those that stay.
  const candidates = removed.length > 0 ? removed : before.configurations;
  const old = candidates.slice(0, maxCompared).map((configuration) => fieldsOf(before, configuration));
  const changes = new Map<string, FieldChange>();
  for (const configuration of added.slice(0, maxCompared)) {
    for (const change of differencesToNearest(fieldsOf(after, configuration), old)) {
      const key = JSON.stringify([change.path, change.before, change.after]);
      const known = changes.get(key);
      changes.set(key, { ...change, configurations: (known?.configurations ?? 0) + 1 });
    }
  }
  return [...changes.values()].sort((a, b) => b.configurations - a.configurations).slice(0, maxFields);
}

/** A field that tells two configurations apart. */
export type Difference = Pick<FieldChange, "path" | "before" | "after">;

/** What tells a configuration from the most similar one of others; empty if there are none. */
export function differencesToNearest(fields: FlatFields, old: readonly FlatFields[]): readonly Difference[] {
  let nearest: readonly Difference[] | undefined;
  for (const candidate of old) {
    const found = differences(candidate, fields);
    if (nearest === undefined || found.length < nearest.length) nearest = found;
  }
  return nearest ?? [];
}

function differences(before: FlatFields, after: FlatFields): Difference[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths]
    .map((path) => ({ path, before: before.get(path) ?? null, after: after.get(path) ?? null }))
    .filter((change) => change.before !== change.after);
}

/** What determines a configuration's results, field by field. */
export function fieldsOf(plan: Plan, { data, model, training, evaluation }: PlannedConfiguration): FlatFields {
  const planned = plan.data[data];
  const { checkpoint: _, ...learned } = plan.trainings[training] ?? {};
  return flattenFields({
    data: planned && { ...planned.spec, sha256: planned.dataset.sha256 },
    model: Object.fromEntries((plan.models[model]?.layers ?? []).map(({ name, layer }) => [name, layer])),
    training: learned,
    evaluation: { test: plan.evaluations[evaluation]?.test },
  });
}
