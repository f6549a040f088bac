import { loadLatestCheckpoint, saveCheckpoint } from "../../src/record/checkpoint-store.ts";
import { objectKeys, trialFiles } from "../../src/contract/object-keys.ts";
import { ClaimWatch } from "../../src/record/claim-watch.ts";
import type { HeldClaim } from "../../src/record/held-claim.ts";
import { loadJson } from "../../src/record/json-object.ts";
import { MemoryStore } from "../../src/record/memory-store.ts";
import { trialResultSchema } from "../../src/record/record-schemas.ts";
import { sha256Of } from "../../src/record/sha256-of.ts";
import type { Store } from "../../src/record/store.ts";
import { TrialWriter } from "../../src/record/trial-writer.ts";
import { attemptClaimed } from "../../trainer/claimed-attempt.ts";
import type { AttemptOutcome } from "../../trainer/train-trial.ts";
import {
  epochMetrics,
  epochTiming,
  outcome,
  samplePlan,
  startRun,
  trialDocument,
  trialId,
  trialKey,
} from "./sample-run.ts";

/** Decides when each call of a store happens: a call waits until its gate lets it through. */
export type Gate = (when: "before" | "after") => Promise<void>;

/** A store whose every call passes a gate before and after it takes effect. */
export function gatedStore(store: Store, gate: Gate): Store {
  const pass = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    await gate("before");
    const result = await call();
    await gate("after");
    return result;
  };
  return {
    location: store.location,
    get: (key) => pass(() => store.get(key)),
    getVersioned: (key) => pass(() => store.getVersioned(key)),
    putIfMatch: (key, bytes, version) => pass(() => store.putIfMatch(key, bytes, version)),
    sha256: (key) => pass(() => store.sha256(key)),
    list: (prefix) => pass(() => store.list(prefix)),
    listSizes: (prefix) => pass(() => store.listSizes(prefix)),
    listFolders: (prefix) => pass(() => store.listFolders(prefix)),
    put: (key, bytes) => pass(() => store.put(key, bytes)),
    putIfAbsent: (key, bytes) => pass(() => store.putIfAbsent(key, bytes)),
    delete: (key) => pass(() => store.delete(key)),
  };
}

const epochCount = 3;
const plan = samplePlan(1);

function isEpoch(state: unknown): state is { readonly epoch: number } {
  return typeof state === "object" && state !== null && "epoch" in state && typeof state.epoch === "number";
}

/** A trial in a store of its own, and attempts that pretend to train it. */
export class FencedTrial {
  readonly store = new MemoryStore();
  readonly key: string;
  /** Epochs that attempts have trained, all together. */
  trainedEpochs = 0;

  private constructor(private readonly runId: string) {
    this.key = trialKey(runId, 0);
  }

  static async create(): Promise<FencedTrial> {
    const runId = await startRun(new MemoryStore(), plan);
    return new FencedTrial(runId);
  }

  /**
   * Trains from the newest checkpoint on and records it. Every file says which attempt wrote it: attempts never agree.
   * @param name of the attempt
   */
  attempt(name: string, gate: Gate = () => Promise.resolve()): Promise<AttemptOutcome> {
    const store = gatedStore(this.store, gate);
    const place = { experiment: "sample", runId: this.runId, trialId: trialId(0) };
    // No timers: where they would fall differs from run to run.
    const trial = { ...place, store, ignoresLedger: false, session: name, beatMs: 2 ** 30 };
    return attemptClaimed(trial, (claim) => this.train(name, store, claim, new TrialWriter(store, place, claim)));
  }

  private async train(name: string, store: Store, claim: HeldClaim, writer: TrialWriter): Promise<AttemptOutcome> {
    if ((await writer.begin(trialDocument(plan, this.runId, 0))).type === "refused") return { type: "finished" };
    const text = (what: string): Uint8Array => new TextEncoder().encode(`${what} of ${name}`);
    const checkpoint = await loadLatestCheckpoint(store, this.key, isEpoch);
    const lossOfName = name.codePointAt(0) ?? 0;
    for (let epoch = (checkpoint?.state.epoch ?? 0) + 1; epoch <= epochCount; epoch++) {
      this.trainedEpochs++;
      await claim.beat();
      await writer.writeMetrics([{ ...epochMetrics, epoch, loss: lossOfName }]);
      await writer.writeTimings([{ ...epochTiming, epoch, seconds: lossOfName }]);
      const files = { weights: text("weights"), optimizer: text("optimizer") };
      await saveCheckpoint(store, this.key, { step: epoch * 10, ...files, state: { epoch } }, 1, claim);
    }
    await writer.writeMetrics([{ ...epochMetrics, epoch: epochCount, loss: lossOfName }]);
    await writer.writeConfusion({ schemaVersion: 1, classNames: [name], counts: [[1]], classes: [] });
    await writer.writeFile(trialFiles.predictions, text("predictions"));
    await writer.writeFile(trialFiles.modelTopology, text("topology"));
    await writer.writeFile(trialFiles.modelWeights, text("weights"));
    await writer.finish({ ...outcome, steps: lossOfName });
    return { type: "finished" };
  }

  /** Takes the trial away from its holder, as an observer does that has seen no sign of life for long enough. */
  async expire(): Promise<void> {
    let nowMs = 0;
    const watch = new ClaimWatch(this.store, 90_000, () => nowMs);
    const key = objectKeys.claim(trialId(0));
    await watch.look(key);
    nowMs += 90_000;
    await watch.look(key);
  }

  /** The epoch of the newest usable checkpoint; 0 = there is none. */
  async checkpointedEpoch(): Promise<number> {
    return (await loadLatestCheckpoint(this.store, this.key, isEpoch))?.state.epoch ?? 0;
  }

  /** What is wrong with the finished record; empty = one attempt wrote all of it, and the hashes match. */
  async problems(): Promise<string[]> {
    const result = await loadJson(this.store, `${this.key}/${trialFiles.result}`, trialResultSchema);
    if (result === undefined) return ["there is no result"];
    const problems: string[] = [];
    for (const [name, sha256] of Object.entries(result.files)) {
      const bytes = await this.store.get(`${this.key}/${name}`);
      if (bytes === undefined || sha256Of(bytes) !== sha256) problems.push(`${name} is not what the result says`);
    }
    if (Object.keys(result.files).length !== 5)
      problems.push(`the result lists ${Object.keys(result.files).length} files`);
    if ((await this.store.get(objectKeys.ledger(trialId(0)))) === undefined) problems.push("the ledger lacks it");
    if ((await this.store.get(objectKeys.claim(trialId(0)))) !== undefined) problems.push("a claim is left");
    return problems;
  }
}
