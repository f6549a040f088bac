import { defaultClaimTimes } from "../../../src/contract/claim-variables.ts";
import { objectKeys } from "../../../src/contract/object-keys.ts";
import { closeRun } from "../../../src/orchestrate/close-run.ts";
import { createJournal } from "../../../src/orchestrate/journal.ts";
import { openRun } from "../../../src/orchestrate/open-run.ts";
import { policyOf } from "../../../src/orchestrate/run-policy.ts";
import { LiveRunState } from "../../../src/orchestrate/run-state.ts";
import { runTrials } from "../../../src/orchestrate/run-trials.ts";
import { SharingExecutor } from "../../../src/orchestrate/sharing-executor.ts";
import { Chance } from "../../../src/orchestrate/simulate/chance.ts";
import { VirtualTime } from "../../../src/orchestrate/simulate/virtual-time.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { resolveTrial } from "../../../src/plan/resolve-trial.ts";
import { ClaimWatch } from "../../../src/record/claim-watch.ts";
import type { RunRecords } from "../../../src/record/run-records.ts";
import { StoreError } from "../../../src/record/store-error.ts";
import { TrialWriter } from "../../../src/record/trial-writer.ts";
import { attemptClaimed } from "../../../trainer/claimed-attempt.ts";
import { AuditedStore, viewOf } from "./audited-store.ts";
import {
  ChaoticExecutor,
  meanStallMs,
  passEpoch,
  type Troubles,
  type Work,
  type WorkerCounts,
} from "./chaotic-executor.ts";
import { pretendTraining } from "./pretended-training.ts";
import { clockOf, newLife, pass, type Life } from "./process-life.ts";

/** What is run, and how bad things are. */
export interface ChaosOptions {
  readonly plan: Plan;
  readonly workers: number;
  readonly seed: number;
  readonly troubles: Troubles;
  /** Mean time after which an orchestrator dies; absent = it doesn't. */
  readonly crashAfterMs?: number;
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
const never = new Promise<never>(() => undefined);

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
  readonly counts: WorkerCounts = { attempts: 0, kills: 0, stalls: 0, superseded: 0 };
  sessions = 0;
  private readonly chance: Chance;

  constructor(private readonly options: ChaosOptions) {
    this.chance = new Chance(options.seed, 3);
  }

  /** One orchestrator after another, until one has seen that everything is finished. */
  async orchestrate(plan: Plan): Promise<RunRecords> {
    const { crashAfterMs } = this.options;
    for (let session = 0; session < maxSessions; session++) {
      const life = newLife();
      const death = crashAfterMs === undefined ? never : this.time.sleep(this.chance.waitFor(crashAfterMs));
      const outcome = await Promise.race([this.session(plan, life), death]);
      life.isOver = true;
      if (outcome?.trials.every(({ state }) => state.type === "finished") === true) return outcome;
      await this.time.sleep(1000);
    }
    throw new Error(`not finished after ${maxSessions} sessions`);
  }

  /** @returns the records as the orchestrator sees them; undefined if its store failed */
  private async session(plan: Plan, life: Life): Promise<RunRecords | undefined> {
    const { time, chance, options } = this;
    const { storeErrors, orchestratorStalls } = options.troubles;
    const troubles = { errors: storeErrors / 20, stalls: orchestratorStalls, meanStallMs };
    const store = viewOf(this.store, { time, chance, life, troubles });
    const clock = this.clock(life);
    const session = `session ${this.sessions++}`;
    const randomBytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => chance.below(256));
    const now = (): Date => new Date(clock.nowMs());
    try {
      const request = { store, plan, experimentFile: "/x.yaml", isCacheUsed: true, now, randomBytes };
      const { runId, known } = await openRun(request);
      const state = new LiveRunState(plan.trials.length, known);
      const executor = new SharingExecutor(this.workers({ plan, runId, session }), {
        watch: new ClaimWatch(store, defaultClaimTimes.expiryMs, () => clock.nowMs()),
        claimKey: (trialIndex) => objectKeys.claim(resolveTrial(plan, trialIndex).id),
        lookEveryMs: 2000,
        clock,
      });
      const nobody = new AbortController().signal;
      const control = { stop: nobody, kill: nobody, onEvent: () => pass(time, life, 0) };
      const journal = createJournal(store, plan, runId, { session, ignoresLedger: false });
      await runTrials(state, policyOf({}, options.workers, { keepGoing: true }), { executor, journal, control, clock });
      return await closeRun(store, { experiment: plan.experiment, runId }, { state, trained: new Set() });
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  /** Workers that train as the real trainer does, each in a process with a clock of its own. */
  private workers({ plan, runId, session }: { plan: Plan; runId: string; session: string }): ChaoticExecutor {
    const { time, chance, counts, options } = this;
    const { experiment } = plan;
    const { troubles, workers } = options;
    const storeTroubles = { errors: troubles.storeErrors, stalls: troubles.storeStalls, meanStallMs };
    const work: Work = async ({ trialIndex, attempt }, life) => {
      const store = viewOf(this.store, { time, chance, life, troubles: storeTroubles });
      const place = { experiment, runId, trialId: resolveTrial(plan, trialIndex).id };
      const { beatMs } = defaultClaimTimes;
      const claimed = { ...place, store, ignoresLedger: false, session, beatMs, clock: this.clock(life) };
      const own = { plan, runId, trialIndex, attempt, signature: chance.uniform() };
      const train = (): Promise<void> => passEpoch(time, chance, life);
      return attemptClaimed(claimed, (claim) =>
        pretendTraining(store, new TrialWriter(store, place, claim), { ...own, train }),
      );
    };
    return new ChaoticExecutor(workers, { time, chance, counts, troubles, work });
  }

  /** A clock that is days off, and runs fast or slow. */
  private clock(life: Life): ReturnType<typeof clockOf> {
    const { time, chance } = this;
    return clockOf(time, life, { offsetMs: chance.uniform() * 1e9, rate: 0.5 + chance.uniform() });
  }
}
