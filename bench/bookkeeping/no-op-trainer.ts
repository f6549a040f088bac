// A worker that trains nothing: it takes trials over the channel, claims them and writes the smallest record that is
// complete, as the trainer does.
import { claimVariables, defaultClaimTimes } from "../../src/contract/claim-variables.ts";
import { parseTrainerEnvironment } from "../../src/contract/trainer-environment.ts";
import { endOfAttemptMarker, type ToWorker } from "../../src/contract/worker-messages.ts";
import type { ResolvedTrial } from "../../src/plan/plan.ts";
import { resolveTrial } from "../../src/plan/resolve-trial.ts";
import { openStore } from "../../src/record/open-store.ts";
import { loadPlan } from "../../src/record/run-store.ts";
import { TrialWriter } from "../../src/record/trial-writer.ts";
import { attemptClaimed } from "../../trainer/claimed-attempt.ts";
import type { AttemptOutcome } from "../../trainer/train-trial.ts";

const parsed = parseTrainerEnvironment(process.env);
if ("problems" in parsed) throw new Error(parsed.problems.join("; "));
const { store: location, planKey } = parsed.environment;
const store = openStore(location);
const plan = await loadPlan(store, planKey);
const runId = planKey.split("/").at(-2) ?? "";
const session = process.env[claimVariables.session] ?? "";
const figures = { loss: 1, accuracy: 0.5 };

async function run(trialIndex: number, attempt: number): Promise<void> {
  const { experiment } = plan;
  const trial = resolveTrial(plan, trialIndex);
  const place = { experiment, runId, trialId: trial.id, ignoresLedger: false };
  const claimed = { ...place, store, session, beatMs: defaultClaimTimes.beatMs };
  const outcome = await attemptClaimed(claimed, (claim) => record(trial, new TrialWriter(store, place, claim)));
  const marker = `${endOfAttemptMarker(trialIndex, attempt)}\n`;
  process.stdout.write(marker);
  process.stderr.write(marker);
  process.send?.({ ...outcome, trialIndex, attempt });
}

async function record(trial: ResolvedTrial, writer: TrialWriter): Promise<AttemptOutcome> {
  const { id, seed, configuration, data, model, training, evaluation } = trial;
  const ids = { runId, id, seed, configurationId: configuration.id, values: configuration.values };
  await writer.begin({ schemaVersion: 1, ...ids, data, model, training, evaluation });
  await writer.writeMetrics([{ kind: "epoch", epoch: 1, step: 1, learningRate: 0.1, ...figures }]);
  const counts = { epochs: 1, steps: 1, parameterCount: 1, testedEpoch: 1 };
  await writer.finish({ ...counts, train: figures, test: { ...figures, macroF1: 0.5 } });
  return { type: "finished" };
}

process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToWorker) => {
  if (message.type === "run") void run(message.trialIndex, message.attempt);
  else if (message.type === "stop") process.exit(0);
});
process.send?.({ type: "ready" });
