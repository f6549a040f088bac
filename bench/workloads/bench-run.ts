import { MemoryStore } from "../../src/record/memory-store.ts";
import { createRun } from "../../src/record/run-store.ts";
import { objectKeys } from "../../src/contract/object-keys.ts";
import type { Store } from "../../src/record/store.ts";
import { loadPlan } from "../../src/orchestrate/load-plan.ts";
import { fileURLToPath } from "node:url";

/** A run of a reference experiment in a store, ready for a trainer. */
export interface BenchRun {
  readonly store: Store;
  readonly planKey: string;
  readonly dataRoot: string;
}

/**
 * Plans a reference experiment with changes and makes a run of it.
 * @param file in experiments/reference
 * @param settings as for `--set`
 */
export async function createBenchRun(
  file: string,
  settings: readonly string[],
  store: Store = new MemoryStore(),
): Promise<BenchRun> {
  const experimentFile = fileURLToPath(new URL(`../../experiments/reference/${file}`, import.meta.url));
  const loaded = await loadPlan(experimentFile, { packageVersion: "0.0.0", resultsVersion: 1 }, { settings });
  if ("issues" in loaded) throw new Error(JSON.stringify(loaded.issues));
  const { plan, dataRoot } = loaded;
  const options = { plan, experimentFile, now: () => new Date(0) };
  const { runId } = await createRun(store, { ...options, randomBytes: (count) => new Uint8Array(count) });
  return { store, planKey: objectKeys.plan(objectKeys.run(plan.experiment, runId)), dataRoot };
}

/** The engine to measure: the parameter, NIGHTSWEEP_ENGINE, or the embedded one. */
export function chosenEngine(parameter: string | undefined): string {
  return parameter ?? process.env["NIGHTSWEEP_ENGINE"] ?? "wasm";
}

/** The middle one of times; rounded. */
export function medianOf(times: readonly number[]): number {
  const sorted = times.toSorted((first, second) => first - second);
  return Number((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(1));
}
