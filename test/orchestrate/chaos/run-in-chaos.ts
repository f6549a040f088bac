import { createHash } from "node:crypto";
import { objectKeys } from "../../../src/contract/object-keys.ts";
import { closeRun } from "../../../src/orchestrate/close-run.ts";
import { createJournal } from "../../../src/orchestrate/journal.ts";
import { openRun } from "../../../src/orchestrate/open-run.ts";
import type { RunClock } from "../../../src/orchestrate/run-clock.ts";
import { policyOf } from "../../../src/orchestrate/run-policy.ts";
import { LiveRunState } from "../../../src/orchestrate/run-state.ts";
import { runTrials } from "../../../src/orchestrate/run-trials.ts";
import { Chance } from "../../../src/orchestrate/simulate/chance.ts";
import { VirtualTime } from "../../../src/orchestrate/simulate/virtual-time.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { loadRun } from "../../../src/record/load-run.ts";
import type { RunRecords } from "../../../src/record/run-records.ts";
import { StoreError } from "../../../src/record/store-error.ts";
import { AuditedStore, pass, viewOf, type Life } from "./audited-store.ts";
import { ChaoticExecutor, passEpoch, type Troubles, type WorkerCounts } from "./chaotic-executor.ts";
import { metricsOf, epochCount, pretendTraining } from "./pretended-training.ts";

/** What is run, and how bad things are. */
export interface ChaosOptions {
  readonly plan: Plan;
  readonly workers: number;
  readonly seed: number;
  readonly troubles: Troubles;
  /** Mean time after which an orchestrator dies. */
  readonly crashAfterMs: number;
  /** Names of the experiments that run the same trials side by side in one store. */
  readonly experiments: readonly string[];
}

/** What happened. */
export interface ChaosOutcome extends WorkerCounts {
  readonly store: AuditedStore;
  readonly records: readonly RunRecords[];
  sessions: number;
}

const maxSessions = 200;

/** Runs a plan to its end, whatever happens on the way, and lets everybody who is late come to theirs. */
export async function runInChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const world = new World(options);
  const tasks = options.experiments.map((experiment) => world.orchestrate({ ...options.plan, experiment }));
  const records = await world.time.run(Promise.all(tasks));
  // Those who stalled come back long after the end.
  await world.time.run(world.time.sleep(100_000_000));
  return { ...world.counts, sessions: world.sessions, store: world.store, records };
}

class World {
  readonly time = new VirtualTime();
  readonly store = new AuditedStore();
  readonly counts: WorkerCounts = { attempts: 0, kills: 0, stalls: 0 };
  sessions = 0;
  private readonly chance: Chance;

  constructor(private readonly options: ChaosOptions) {
    this.chance = new Chance(options.seed, 3);
  }

  /** One orchestrator after another, until one has seen that everything is finished. */
  async orchestrate(plan: Plan): Promise<RunRecords> {
    for (let session = 0; session < maxSessions; session++) {
      this.sessions++;
      const life: Life = { isOver: false, stalledUntilMs: 0 };
      const death = this.time.sleep(this.chance.waitFor(this.options.crashAfterMs));
      const outcome = await Promise.race([this.session(plan, life), death]);
      life.isOver = true;
      if (outcome !== undefined && outcome.trials.every(({ state }) => state.type === "finished")) return outcome;
      await this.time.sleep(1000);
    }
    throw new Error(`not finished after ${maxSessions} sessions`);
  }

  /** @returns the records as the orchestrator sees them; undefined if its store failed */
  private async session(plan: Plan, life: Life): Promise<RunRecords | undefined> {
    const { time, chance, options } = this;
    const { storeErrors, latePuts: isPutLate } = options.troubles;
    const store = viewOf(this.store, { time, chance, life, errorRate: storeErrors / 20, isPutLate });
    // Its clock is days off, and runs fast or slow.
    const clock = skewed(time, { offsetMs: chance.uniform() * 1e9, rate: 0.5 + chance.uniform() });
    const randomBytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => chance.below(256));
    const now = (): Date => new Date(clock.nowMs());
    try {
      const request = { store, plan, experimentFile: "/x.yaml", isCacheUsed: true, now, randomBytes };
      const run = await openRun(request);
      const state = new LiveRunState(plan.trials.length, run.known);
      const executor = new ChaoticExecutor(options.workers, {
        time,
        chance,
        counts: this.counts,
        troubles: options.troubles,
        work: async (attempt, worker) => {
          const own = viewOf(this.store, { time, chance, life: worker, errorRate: storeErrors, isPutLate });
          const place = { plan, runId: run.runId, trialIndex: attempt.trialIndex };
          await pretendTraining(own, place, () => passEpoch(time, chance, worker));
        },
      });
      const never = new AbortController().signal;
      const control = { stop: never, kill: never, onEvent: () => pass(time, life, 0) };
      const journal = createJournal(store, plan, run.runId);
      await runTrials(state, policyOf({}, options.workers, { keepGoing: true }), { executor, journal, control, clock });
      return await closeRun(store, { experiment: plan.experiment, runId: run.runId }, { state, trained: new Set() });
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }
}

function skewed(time: VirtualTime, { offsetMs, rate }: { readonly offsetMs: number; readonly rate: number }): RunClock {
  return {
    nowMs: () => offsetMs + rate * time.nowMs(),
    after: (delayMs, action) => time.after(delayMs / rate, action),
  };
}

/** Everything that is not as it must be after a run: empty if the results are exactly those of the plan. */
export async function findViolations({ plan, experiments }: ChaosOptions, outcome: ChaosOutcome): Promise<string[]> {
  const { store } = outcome;
  const records = await Promise.all(outcome.records.map((run) => loadRun(store, run.experiment, run.runId)));
  const planned = new Map(plan.trials.map(({ id }, index) => [id as string, index]));
  const entries = (await store.list("trials/")).map((key) => key.slice("trials/".length, -".json".length));
  const problems = [
    ...entries.filter((id) => !planned.has(id)).map((id) => `the ledger has ${id}, which nobody planned`),
    ...[...planned.keys()].filter((id) => !entries.includes(id)).map((id) => `the ledger lacks ${id}`),
    ...[...store.writes].filter(([, count]) => count !== 1).map(([key, count]) => `${key} was written ${count} times`),
  ];
  for (const experiment of experiments) {
    for (const runId of await store.listFolders(`${objectKeys.runs(experiment)}/`)) {
      const folders = await store.listFolders(`${objectKeys.run(experiment, runId)}/trials/`);
      problems.push(
        ...folders.filter((id) => !planned.has(id)).map((id) => `run ${runId} has ${id}, which nobody planned`),
      );
    }
  }
  for (const run of records) {
    if (run.trials.length !== planned.size) problems.push(`${run.experiment} has ${run.trials.length} trials`);
    for (const { trial, key, state, metrics } of run.trials) {
      const index = planned.get(trial.id) ?? -1;
      if (state.type !== "finished") problems.push(`${trial.id} is ${state.type}`);
      else
        for (const [name, hash] of Object.entries(state.result.files))
          if (sha256(await store.get(`${key}/${name}`)) !== hash)
            problems.push(`${key}/${name} is not what its result says`);
      if (JSON.stringify(metrics) !== JSON.stringify(metricsOf(index, epochCount)))
        problems.push(`${key} has other metrics`);
    }
  }
  return problems;
}

function sha256(bytes: Uint8Array | undefined): string {
  return createHash("sha256")
    .update(bytes ?? new Uint8Array())
    .digest("hex");
}
