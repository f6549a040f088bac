import { createHash } from "node:crypto";
import path from "node:path";
import { objectKeys } from "../../contract/object-keys.ts";
import type { ReportStep, RunStep } from "../../contract/run-machine.ts";
import { compareRun } from "../../compare/compare-run.ts";
import { loadTrialState } from "../../record/load-trial.ts";
import { mapConcurrently } from "../../record/map-concurrently.ts";
import { rememberHashes } from "../../record/remembered-hashes.ts";
import { createRunId } from "../../record/run-id.ts";
import type { RunRecords } from "../../record/run-records.ts";
import { lastRound, loadRound } from "../../record/run-rounds.ts";
import { writeSession } from "../../record/run-sessions.ts";
import { loadRunDocument } from "../../record/run-store.ts";
import type { Store } from "../../record/store.ts";
import { writeFailure } from "../../record/trial-writer.ts";
import { closeRun } from "../close-run.ts";
import { renderRunReport } from "../render-run-report.ts";
import type { LiveRunState } from "../run-state.ts";
import type { CloudParts } from "./cloud-parts.ts";
import { loadCloudRun, type CloudRun } from "./cloud-run.ts";
import { decideNow } from "./next-step.ts";
import type { NightJudgement } from "./night-gate.ts";
import { writeNotice } from "./notice.ts";
import { settleRounds } from "./reduce-step.ts";
import type { PlayedRound } from "./replay-rounds.ts";

/** Closes a run in which nothing is left to do: index, seal, report; judges a scheduled one, and says who is told what. */
export async function reportStep(parts: CloudParts, step: RunStep): Promise<ReportStep> {
  const { store } = parts;
  const run = await loadCloudRun(store, step);
  const rounds = await playedRounds(parts, run);
  const { state, decision } = await decideNow(parts, run, { rounds, known: [] });
  if (decision.stop !== undefined) state.markStopping(decision.stop);
  const trained = new Set(run.plan.trials.map(({ id }) => id));
  await writeFailures(store, run, state);
  // Reading and sealing 100,000 trials is most of what a function has time for: each object is asked for once.
  const trainedNow = { state, trained: rounds.length > 0 ? trained : new Set<string>() };
  const records = await closeRun(rememberHashes(store), run, trainedNow);
  await writeCloudSession(parts, run, { state, rounds });
  await writeReport(parts, run, records);
  const night = await judge(parts, run, records);
  const isComplete = records.trials.every(({ state }) => state.type === "finished");
  const outcome = isComplete ? "done" : "failed";
  const isSuspect = night?.verdict === "suspect" && night.confirmation !== undefined && !run.isConfirming;
  const commits = await commitsSince(parts, run, night?.lastGoodRunId);
  const comparison = compareRun(records);
  const notice = writeNotice({ run, store: parts.settings.store, comparison, night, outcome, state, commits });
  return {
    ...step,
    chunks: [],
    waitSeconds: 0,
    next: isSuspect ? "confirm" : "end",
    outcome,
    verdict: verdictOf(night),
    notice: isSuspect ? { isDue: false, subject: "", message: "" } : notice,
  };
}

/** Of trials whose jobs ended before a trainer could say why: what is known of the job stands in its place. */
async function writeFailures(store: Store, { key, plan }: CloudRun, { trials }: LiveRunState): Promise<void> {
  const failed = trials.flatMap((trial, index) =>
    trial.type === "failed" ? [{ ...trial, id: plan.trials[index]?.id }] : [],
  );
  await mapConcurrently(failed, async ({ id, attempts, failure }) => {
    if (id === undefined) return;
    const trialKey = objectKeys.trial(key, id);
    if ((await loadTrialState(store, trialKey)).type !== "started") return;
    await writeFailure(store, trialKey, { schemaVersion: 1, trialId: id, attempt: attempts, ...failure });
  });
}

/** The rounds of this execution; none if everything was finished before. */
async function playedRounds(parts: CloudParts, run: CloudRun): Promise<readonly PlayedRound[]> {
  const last = await lastRound(parts.store, run.key);
  const newest = last === 0 ? undefined : await loadRound(parts.store, run.key, last);
  return newest?.execution === run.execution ? settleRounds(parts, run, last) : [];
}

/** A suspicion that nobody confirms any more is an alarm. */
function verdictOf(night: NightJudgement | undefined): ReportStep["verdict"] {
  if (night === undefined) return "none";
  return night.verdict === "suspect" ? "regressed" : night.verdict;
}

function judge({ store, gate }: CloudParts, run: CloudRun, records: RunRecords): Promise<NightJudgement> | undefined {
  if (run.trigger !== "schedule") return undefined;
  const confirms = run.isConfirming ? confirmedRunOf(run.runId) : undefined;
  return gate.judge(store, { records, ...(confirms !== undefined && { confirms }) });
}

/** Id of the run that confirms another one. */
export function confirmingRunId(runId: string): string {
  return `${runId}c`;
}

function confirmedRunOf(runId: string): string {
  return runId.replace(/c$/, "");
}

async function commitsSince(
  { store }: CloudParts,
  run: CloudRun,
  lastGoodRunId: string | undefined,
): Promise<string | undefined> {
  if (lastGoodRunId === undefined) return undefined;
  const [before, now] = await Promise.all(
    [lastGoodRunId, run.runId].map((runId) => loadRunDocument(store, run.experiment, runId)),
  );
  return before?.commit === undefined || now?.commit === undefined ? undefined : `${before.commit}..${now.commit}`;
}

/** What the execution has come to, where `nightsweep status` looks for what processes here have come to. */
async function writeCloudSession(
  { store, now }: CloudParts,
  run: CloudRun,
  { state, rounds }: { readonly state: LiveRunState; readonly rounds: readonly PlayedRound[] },
): Promise<void> {
  const first = rounds[0]?.round;
  if (first === undefined) return;
  const hash = createHash("sha256").update(run.execution).digest();
  const ended = rounds.at(-1)?.outcome?.at ?? now().toISOString();
  await writeSession(store, run.key, {
    schemaVersion: 1,
    sessionId: createRunId(new Date(first.at), (count) => hash.subarray(0, count)),
    startedAt: first.at,
    updatedAt: ended,
    endedAt: ended,
    computingSeconds: state.spent.computingMs / 1000,
    paidSeconds: state.spent.paidMs / 1000,
    ...(state.stopReason !== undefined && { stop: state.stopReason }),
  });
}

async function writeReport(
  { store, assets }: CloudParts,
  { experiment, runId, key }: CloudRun,
  records: RunRecords,
): Promise<void> {
  const document = await loadRunDocument(store, experiment, runId);
  if (document === undefined) return;
  const page = objectKeys.report(key);
  const save = (name: string, bytes: Uint8Array) => store.put(path.posix.join(path.posix.dirname(page), name), bytes);
  const written = await renderRunReport(store, document, {
    assets: await assets(),
    maxTrials: maxReported,
    records,
    blockFolder: "index-data",
    save,
  });
  if (!("problem" in written)) await store.put(page, written.html);
}

/** A function has 15 minutes; the curves of more trials take too much of them. */
const maxReported = 10_000;
