import { cpus, hostname } from "node:os";
import { trialFiles } from "../src/contract/object-keys.ts";
import type { TrialOrigin } from "../src/contract/trainer-environment.ts";
import type { ResolvedTrial } from "../src/plan/plan.ts";
import type { AttemptFacts, EnvironmentDocument, EpochMetrics, TrialResult } from "../src/record/trial-record.ts";
import type { TrialWriter } from "../src/record/trial-writer.ts";
import type { Clock } from "./clock.ts";
import { describeMachine } from "./describe-machine.ts";
import type { Engine, SavedModel } from "./engine/engine.ts";
import type { TestOutcome } from "./evaluate-model.ts";
import type { TrainingState } from "./training-state.ts";
import { chosenEpoch, epochMetricsOf } from "./watch-epoch.ts";

/** Where and by what a trial was run. */
export interface Circumstances {
  readonly engine: Pick<Engine, "name" | "version" | "threads" | "details">;
  readonly writer: TrialWriter;
  readonly attempt: number;
  readonly packageVersion: string;
  readonly origin?: TrialOrigin;
  readonly clock: Clock;
}

/** What a training came to. */
export interface TrainedTrial {
  readonly trial: ResolvedTrial;
  /** After the last epoch. */
  readonly state: TrainingState;
  readonly saved: SavedModel;
  readonly test: TestOutcome;
  /** When this attempt started. */
  readonly startedAt: Date;
  /** How the engine computed the steps, if it has more than one way. */
  readonly stepMode?: string | undefined;
}

/** Completes the record of a trial: metrics, predictions, model, circumstances and, last, the result. */
export async function recordResult(circumstances: Circumstances, trained: TrainedTrial): Promise<void> {
  const { writer } = circumstances;
  const { trial, state, saved, test } = trained;
  const { loss, accuracy, validation, epoch } = testedEpoch(trained);
  await writer.writeMetrics(state.metrics);
  await writer.writeTimings(state.timings);
  await writer.writeConfusion(test.confusion);
  await writer.writeFile(trialFiles.predictions, new TextEncoder().encode(test.predictions));
  await writer.writeFile(trialFiles.modelTopology, saved.topology);
  await writer.writeFile(trialFiles.modelWeights, saved.weights);
  await writer.writeEnvironment(describeEnvironment(circumstances, trained));
  await writer.finish({
    epochs: state.epoch,
    steps: state.step,
    parameterCount: trial.model.parameterCount,
    testedEpoch: epoch,
    ...stoppedEarly(trained),
    train: { loss, accuracy },
    ...(validation && { validation }),
    test: test.figures,
  });
}

/** The epoch whose weights were saved: the best one if best weights are kept, else the last. */
function testedEpoch({ trial, state }: TrainedTrial): EpochMetrics {
  const tested = epochMetricsOf(state.metrics, chosenEpoch(trial, state));
  if (tested === undefined) throw new Error("there are no metrics of the tested epoch");
  return tested;
}

function stoppedEarly({ trial, state }: TrainedTrial): Pick<TrialResult, "stoppedEarly"> {
  const { monitor } = trial.training.earlyStopping ?? {};
  const { stoppedEpoch, best, bestEpoch } = state.earlyStopping ?? {};
  if (monitor === undefined || stoppedEpoch === undefined || best === undefined || bestEpoch === undefined) return {};
  return { stoppedEarly: { epoch: stoppedEpoch, monitor, best, bestEpoch } };
}

/** Who makes an attempt, and from which step on. */
export function describeAttempt(circumstances: Circumstances, startedAt: Date, fromStep: number): AttemptFacts {
  const { engine, attempt, packageVersion, origin } = circumstances;
  return {
    attempt,
    startedAt: startedAt.toISOString(),
    fromStep,
    packageVersion,
    engine: engine.name,
    engineVersion: engine.version,
    threads: engine.threads,
    node: process.version,
    hostname: hostname(),
    cpu: cpuModel(),
    ...(origin?.provenance !== undefined && { provenance: origin.provenance }),
  };
}

function cpuModel(): string {
  return cpus()[0]?.model ?? "unknown";
}

function describeEnvironment(circumstances: Circumstances, trained: TrainedTrial): Omit<EnvironmentDocument, "files"> {
  const { engine, attempt, packageVersion, origin, clock } = circumstances;
  const { state, startedAt, stepMode } = trained;
  const { attempts = [] } = state;
  const details = { ...engine.details, ...(stepMode === undefined ? {} : { steps: stepMode }) };
  return {
    schemaVersion: 1,
    engine: engine.name,
    engineVersion: engine.version,
    ...(Object.keys(details).length > 0 && { engineDetails: details }),
    packageVersion,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpuModel(),
    threads: engine.threads,
    hostname: hostname(),
    attempt,
    startedAt: startedAt.toISOString(),
    finishedAt: clock.date().toISOString(),
    seconds: state.seconds,
    // maxRSS is in kibibytes; of the whole process, so earlier trials of the same worker count as well.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    machine: describeMachine(),
    ...origin,
    ...(attempts.length > 1 && { attempts }),
  };
}
