import path from "node:path";
import { compareWithPublished, type ComparedFigure } from "../compare/compare-with-published.ts";
import type { PublishedSystem } from "../compare/published-systems.ts";
import { loadPlan, type LoadedPlan } from "../orchestrate/load-plan.ts";
import { findFinished } from "../record/ledger.ts";
import { loadFinishedTrials } from "../record/load-run.ts";
import type { PlannedEngine } from "../plan/check-configuration.ts";
import type { Store } from "../record/store.ts";
import type { ExperimentIssue } from "../spec/issue.ts";
import { duration, mebibytes } from "../report/number-formats.ts";
import { loadOutlook } from "./load-outlook.ts";
import { codeIdentity, packageFolder } from "./product.ts";

/** A reference system with its experiment's plan, or why there is none. */
export interface PlannedSystem {
  readonly system: PublishedSystem;
  /** Of the experiment, as a person would type it. */
  readonly file: string;
  readonly planned: PlannedReference | { readonly issues: readonly ExperimentIssue[] };
}

/** A plan and what training the rest of it takes here. */
export interface PlannedReference {
  readonly loaded: LoadedPlan;
  /** Estimate for the trials that aren't finished; 0 if all are, absent if the engine's speed isn't known. */
  readonly secondsLeft?: number;
  readonly memoryBytes: number;
}

/** Why a system is not trained: one sentence, and what to do about it. */
export interface LeftOut {
  readonly reason: string;
  readonly fix: string;
}

/** A reference system beside what was published of it. */
export interface ReferenceOutcome {
  readonly system: PublishedSystem;
  readonly file: string;
  /** Absent if the experiment can't be planned; then no figure is ours. */
  readonly trials?: { readonly planned: number; readonly finished: number };
  readonly figures: readonly ComparedFigure[];
  readonly leftOut?: LeftOut;
}

/**
 * Plans the experiment of a reference system.
 * @param options.engine what trials run on here; absent = none is trained
 */
export async function planSystem(
  system: PublishedSystem,
  options: { readonly store: Store; readonly settings: readonly string[]; readonly engine: PlannedEngine | undefined },
): Promise<PlannedSystem> {
  const { store, engine } = options;
  const absolute = path.join(packageFolder(), "experiments", "reference", `${system.name}.yaml`);
  const relative = path.relative(process.cwd(), absolute);
  const file = relative.startsWith("..") ? absolute : relative;
  const loaded = await loadPlan(file, codeIdentity(), options);
  if ("issues" in loaded) return { system, file, planned: loaded };
  const ids = loaded.plan.trials.map(({ id }) => id);
  const finished = new Set<string>((await findFinished(store, ids)).keys());
  const { time, trialsToTrain, memory } = await loadOutlook(loaded.plan, {
    store,
    finished,
    files: {},
    engine: engine ?? "wasm",
  });
  const secondsLeft = trialsToTrain === 0 ? 0 : time?.elapsedSeconds.likely;
  const left = secondsLeft === undefined ? {} : { secondsLeft };
  return { system, file, planned: { loaded, ...left, memoryBytes: memory.worker.total } };
}

/**
 * Why a system is not among those that are trained, or undefined if it is.
 * @param maxMinutes the longest estimated time; Infinity = however long it takes, also if nobody knows
 */
export function whyLeftOut({ system, planned }: PlannedSystem, maxMinutes: number): LeftOut | undefined {
  if ("issues" in planned) {
    const reason = planned.issues.map(({ message }) => message).join("; ");
    return { reason, fix: [...new Set(planned.issues.map(({ fix }) => fix))].join("; ") };
  }
  const { secondsLeft, memoryBytes } = planned;
  if (maxMinutes === Infinity || (secondsLeft !== undefined && secondsLeft <= 60 * maxMinutes)) return undefined;
  const time = secondsLeft === undefined ? "a time that can't be estimated" : `about ${duration(secondsLeft)}`;
  return {
    reason: `would take ${time} and ${mebibytes(memoryBytes)} of memory a worker; the limit is ${maxMinutes} min (--max-minutes)`,
    fix: `nightsweep reference ${system.name}`,
  };
}

/** What the store holds of a system, beside what was published. */
export async function reportSystem(
  store: Store,
  { system, file, planned }: PlannedSystem,
  leftOut: LeftOut | undefined,
): Promise<ReferenceOutcome> {
  const reason = leftOut === undefined ? {} : { leftOut };
  if ("issues" in planned) return { system, file, figures: compareWithPublished(system), ...reason };
  const { plan } = planned.loaded;
  const trials = await loadFinishedTrials(store, plan.trials, { parts: ["metrics", "timings"] });
  return {
    system,
    file,
    trials: { planned: plan.trials.length, finished: trials.length },
    figures: compareWithPublished(system, { plan, trials }),
    ...reason,
  };
}
