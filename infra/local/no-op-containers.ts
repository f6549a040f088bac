import { trainerVariables } from "../../src/contract/trainer-environment.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import { recordFinished } from "../../src/record/ledger.ts";
import { numbersOf, requireRound } from "../../src/record/run-rounds.ts";
import { loadPlan } from "../../src/record/run-store.ts";
import type { Store } from "../../src/record/store.ts";
import { TrialWriter } from "../../src/record/trial-writer.ts";
import type { AttemptEnd } from "./batch/evaluate-on-exit.ts";
import {
  essentialContainerExited,
  type Container,
  type ContainerRequest,
  type ContainerRunner,
} from "./batch/containers.ts";

const ofClass = {
  truePositives: 1,
  falsePositives: 0,
  falseNegatives: 0,
  trueNegatives: 1,
  precision: 1,
  recall: 1,
  f1: 1,
};
const confusion = {
  schemaVersion: 1,
  classNames: ["a", "b"],
  counts: [
    [1, 0],
    [0, 1],
  ],
  classes: [ofClass, ofClass],
} as const;
const figures = { loss: 1, accuracy: 0.5 };

/** Containers that train nothing: within this process, they write the smallest records that are complete. */
export class NoOpContainers implements ContainerRunner {
  private plan: Promise<Plan> | undefined;
  private readonly rounds = new Map<string, Promise<readonly number[]>>();

  constructor(private readonly store: Store) {}

  start({ environment }: ContainerRequest): Container {
    return { ended: this.run(environment), signal: () => undefined };
  }

  private async run(environment: Readonly<Record<string, string>>): Promise<AttemptEnd> {
    const number = (name: string): number => Number(environment[name] ?? 0);
    const planKey = environment[trainerVariables.planKey] ?? "";
    const count = number(trainerVariables.trialsPerJob);
    const first = number(trainerVariables.trialOffset) + number(trainerVariables.arrayIndex) * count;
    this.plan ??= loadPlan(this.store, planKey);
    const trials = await this.trialsOf(environment[trainerVariables.roundKey] ?? "");
    for (const trial of trials.slice(first, first + count)) await this.finish(await this.plan, planKey, trial);
    return { exitCode: 0, statusReason: essentialContainerExited };
  }

  private trialsOf(roundKey: string): Promise<readonly number[]> {
    const known =
      this.rounds.get(roundKey) ?? requireRound(this.store, roundKey).then(({ trials }) => numbersOf(trials));
    this.rounds.set(roundKey, known);
    return known;
  }

  private async finish(plan: Plan, planKey: string, index: number): Promise<void> {
    const { experiment } = plan;
    const runId = planKey.split("/").at(-2) ?? "";
    const { id, seed, configuration, data, model, training, evaluation } = resolveTrial(plan, index);
    const writer = new TrialWriter(this.store, { experiment, runId, trialId: id });
    const ids = { runId, id, seed, configurationId: configuration.id, values: configuration.values };
    await writer.begin({ schemaVersion: 1, ...ids, data, model, training, evaluation });
    await writer.writeMetrics([{ kind: "epoch", epoch: 1, step: 1, learningRate: 0.1, ...figures }]);
    await writer.writeConfusion(confusion);
    const counts = { epochs: 1, steps: 1, parameterCount: 1, testedEpoch: 1 };
    await writer.finish({ ...counts, train: figures, test: { ...figures, macroF1: 0.5 } });
    await recordFinished(this.store, { schemaVersion: 1, trialId: id, experiment, runId });
  }
}
