import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import type { TrialId } from "../plan/plan.ts";
import { ClippedText } from "./clipped-text.ts";
import { encodeText } from "./json-object.ts";
import type { Store } from "./store.ts";
import { StoreError } from "./store-error.ts";

/**
 * Collects what trials print and keeps it in their records as `log.txt`, attempt after attempt. Of a long log the
 * beginning and the end are kept. Unlike the rest of the record, the log may still grow after the result is written:
 * the last lines of an attempt arrive after it.
 */
export class TrialLogs {
  private readonly unwritten = new Map<TrialId, ClippedText>();

  constructor(
    private readonly store: Store,
    private readonly run: { readonly experiment: string; readonly runId: string },
    /** How much of one trial's log is kept, half of it from each end. */
    private readonly maxCharacters = 1024 * 1024,
  ) {}

  /** Takes note of a piece of text; it is durable after the next `flush`. */
  append(trialId: TrialId, text: string): void {
    const log = this.unwritten.get(trialId) ?? new ClippedText(this.maxCharacters);
    log.append(text);
    this.unwritten.set(trialId, log);
  }

  /** Like `flush`, but what the store can't take now is kept for the next time. */
  async keep(trialId: TrialId): Promise<void> {
    const news = this.unwritten.get(trialId);
    try {
      await this.flush(trialId);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const later = this.unwritten.get(trialId);
      if (news === undefined) return;
      if (later !== undefined) news.appendClipped(later);
      this.unwritten.set(trialId, news);
    }
  }

  /** Writes what was appended to the trial's log since the last flush. */
  async flush(trialId: TrialId): Promise<void> {
    const news = this.unwritten.get(trialId);
    if (news === undefined) return;
    this.unwritten.delete(trialId);
    const key = `${objectKeys.trial(objectKeys.run(this.run.experiment, this.run.runId), trialId)}/${trialFiles.log}`;
    // Two runs that share the work may both have something to say about a trial.
    for (;;) {
      const written = await this.store.getVersioned(key);
      const log = ClippedText.from(new TextDecoder().decode(written?.bytes), this.maxCharacters);
      log.appendClipped(news);
      const bytes = encodeText(log.toString());
      const isWritten =
        written === undefined
          ? await this.store.putIfAbsent(key, bytes)
          : await this.store.putIfMatch(key, bytes, written.version);
      if (isWritten) return;
    }
  }
}
