import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import type { TrialId } from "../plan/plan.ts";
import { FencedFiles } from "./fenced-files.ts";
import type { HeldClaim } from "./held-claim.ts";
import { encodeJson, encodeJsonLines } from "./json-object.ts";
import { recordFinished } from "./ledger.ts";
import { sha256Of } from "./sha256-of.ts";
import type { Store } from "./store.ts";
import { StoreError } from "./store-error.ts";
import type {
  ConfusionDocument,
  EnvironmentDocument,
  EpochTiming,
  FailureDocument,
  MetricsLine,
  TrialDocument,
  TrialResult,
} from "./trial-record.ts";

/** Whether something was written to a trial's record. A finished trial never changes: then it is refused. */
export type WriteOutcome = { readonly type: "written" } | { readonly type: "refused"; readonly reason: string };

/** Files of a record that are equal whenever the trial is run again; `result.json` holds their hashes. */
const deterministicFiles: ReadonlySet<string> = new Set([
  trialFiles.metrics,
  trialFiles.confusion,
  trialFiles.predictions,
  trialFiles.modelTopology,
  trialFiles.modelWeights,
]);

/** Files that are written as they are. */
export type DataFile = (typeof trialFiles)["predictions" | "modelTopology" | "modelWeights"];

/** What a trial came to, as far as the writer does not know it itself. */
export type TrialOutcome = Omit<TrialResult, "schemaVersion" | "trialId" | "files">;

/**
 * Writes one attempt's record in the right order: `begin`, metrics and timings as often as wanted, data files,
 * then `finish`. Lists are written whole each time, so they must include the lines of earlier attempts.
 */
export class TrialWriter {
  /** Key of the record's folder. */
  readonly key: string;
  private readonly hashes = new Map<string, string>();
  private readonly fenced: FencedFiles | undefined;
  /** Of the files about the circumstances; `environment.json` holds them. */
  private readonly circumstances = new Map<string, string>();
  private hasBegun = false;

  /** @param claim makes each write throw a ClaimLostError once another attempt has taken the trial over */
  constructor(
    private readonly store: Store,
    private readonly trial: { readonly experiment: string; readonly runId: string; readonly trialId: TrialId },
    readonly claim?: HeldClaim,
  ) {
    this.fenced = claim && new FencedFiles(store, claim);
    this.key = objectKeys.trial(objectKeys.run(trial.experiment, trial.runId), trial.trialId);
  }

  /** Writes `trial.json` and forgets the failure of the attempt before. */
  async begin(document: TrialDocument): Promise<WriteOutcome> {
    this.hasBegun = true;
    if (await isFinished(this.store, this.key)) {
      // The process may have been killed just before it could tell the ledger.
      await recordFinished(this.store, { schemaVersion: 1, ...this.trial });
      return refusal(this.key);
    }
    const [key, bytes] = [`${this.key}/${trialFiles.trial}`, encodeJson(document)];
    await (this.fenced === undefined ? this.store.put(key, bytes) : this.fenced.write(key, bytes));
    this.circumstances.set(trialFiles.trial, sha256Of(bytes));
    await this.store.delete(`${this.key}/${trialFiles.failure}`);
    return { type: "written" };
  }

  /** Replaces `metrics.jsonl`. */
  writeMetrics(lines: readonly MetricsLine[]): Promise<WriteOutcome> {
    return this.write(trialFiles.metrics, encodeJsonLines(lines), "growing");
  }

  /** Replaces `timings.jsonl`. */
  writeTimings(lines: readonly EpochTiming[]): Promise<WriteOutcome> {
    const bytes = encodeJsonLines(lines);
    this.circumstances.set(trialFiles.timings, sha256Of(bytes));
    return this.write(trialFiles.timings, bytes, "growing");
  }

  /** Writes `confusion.json`. */
  writeConfusion(document: ConfusionDocument): Promise<WriteOutcome> {
    return this.write(trialFiles.confusion, encodeJson(document));
  }

  /** Writes `environment.json` with the hashes of `trial.json` and of the timings written before. */
  writeEnvironment(document: Omit<EnvironmentDocument, "files">): Promise<WriteOutcome> {
    const files = Object.fromEntries(this.circumstances);
    return this.write(trialFiles.environment, encodeJson({ ...document, files } satisfies EnvironmentDocument));
  }

  /** Writes the predictions or a part of the saved model. */
  writeFile(name: DataFile, bytes: Uint8Array): Promise<WriteOutcome> {
    return this.write(name, bytes);
  }

  /**
   * Writes `result.json` with the hashes of the files written before, then the ledger. Nothing can be written after it.
   * @throws Error if no metrics were written: a finished trial always has some
   */
  async finish(outcome: TrialOutcome): Promise<WriteOutcome> {
    if (!this.hashes.has(trialFiles.metrics)) throw new Error(`${this.key}: metrics are written before the result`);
    const { trialId } = this.trial;
    const files = Object.fromEntries([...this.hashes].sort(([a], [b]) => (a < b ? -1 : 1)));
    const result: TrialResult = { schemaVersion: 1, trialId, ...outcome, files };
    // Somebody may have removed the run meanwhile: what is left must not look like a whole record.
    if ((await this.store.sha256(`${this.key}/${trialFiles.trial}`)) === undefined) {
      throw new StoreError(this.key, {
        problem: `the record ${this.key} was removed from ${this.store.location} while the trial was running`,
        fix: "run the same command again: the trial is trained again",
      });
    }
    const { experiment, runId } = this.trial;
    await this.fenced?.complete();
    await this.claim?.announce({ experiment, runId, result });
    const isFirst = await this.store.putIfAbsent(`${this.key}/${trialFiles.result}`, encodeJson(result));
    await recordFinished(this.store, { schemaVersion: 1, ...this.trial });
    return isFirst ? { type: "written" } : refusal(this.key);
  }

  private async write(name: string, bytes: Uint8Array, kind: "whole" | "growing" = "whole"): Promise<WriteOutcome> {
    if (!this.hasBegun) throw new Error(`${this.key}: begin() comes before ${name}`);
    if (deterministicFiles.has(name)) this.hashes.set(name, sha256Of(bytes));
    if (this.fenced === undefined) return writeUnlessFinished(this.store, this.key, name, bytes);
    const key = `${this.key}/${name}`;
    await (kind === "whole" ? this.fenced.write(key, bytes) : this.fenced.extend(key, bytes));
    return { type: "written" };
  }
}

/** Writes `failure.json` of a trial whose attempt failed. @param trialKey key of the record's folder */
export function writeFailure(store: Store, trialKey: string, document: FailureDocument): Promise<WriteOutcome> {
  return writeUnlessFinished(store, trialKey, trialFiles.failure, encodeJson(document));
}

/** Writes a file of a trial's record. @param trialKey key of the record's folder */
export async function writeUnlessFinished(
  store: Store,
  trialKey: string,
  name: string,
  bytes: Uint8Array,
): Promise<WriteOutcome> {
  if (await isFinished(store, trialKey)) return refusal(trialKey);
  await store.put(`${trialKey}/${name}`, bytes);
  return { type: "written" };
}

async function isFinished(store: Store, trialKey: string): Promise<boolean> {
  return (await store.get(`${trialKey}/${trialFiles.result}`)) !== undefined;
}

function refusal(trialKey: string): WriteOutcome {
  return { type: "refused", reason: `${trialKey} has a result already; a finished trial never changes` };
}
