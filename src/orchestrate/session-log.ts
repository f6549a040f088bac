import { createRunId } from "../record/run-id.ts";
import { loadSessions, writeSession, type RunSession } from "../record/run-sessions.ts";
import { processSpace } from "../record/process-space.ts";
import type { Store } from "../record/store.ts";
import type { LiveRunState, Spent } from "./run-state.ts";

/** Not more often: it is only needed to know after a kill what was used up, and when it still ran. */
const writeEveryMs = 30_000;

/** What the sessions of a run have used up together. @param run key of the run's folder */
export async function loadSpent(store: Store, run: string): Promise<Spent> {
  const sessions = await loadSessions(store, run);
  const sum = (seconds: (session: RunSession) => number): number =>
    1000 * sessions.reduce((total, session) => total + seconds(session), 0);
  return {
    computingMs: sum(({ computingSeconds }) => computingSeconds),
    paidMs: sum(({ paidSeconds }) => paidSeconds),
  };
}

/** Keeps the session document of a process that runs trials up to date. */
export class SessionLog {
  private readonly startedAt: string;
  private readonly sessionId: string;
  private writtenAtMs = Number.NEGATIVE_INFINITY;
  private controlVersion: number;
  private isEnded = false;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: { readonly store: Store; readonly run: string },
    private readonly sources: { readonly now: () => Date; readonly randomBytes: (count: number) => Uint8Array },
    /** What was used up, and version of the `control.json` that is obeyed, before this session. */
    private readonly before: Spent & {
      readonly controlVersion: number;
      /** What an hour of this machine costs, in USD, if somebody has said so. */
      readonly pricePerHour?: number | undefined;
    },
  ) {
    const now = sources.now();
    this.startedAt = now.toISOString();
    this.sessionId = createRunId(now, sources.randomBytes);
    this.controlVersion = before.controlVersion;
  }

  /** Writes the document if it is long enough since the last time. */
  async keep(state: LiveRunState): Promise<void> {
    const sinceMs = this.sources.now().getTime() - this.writtenAtMs;
    // The system's date may be set back.
    if (sinceMs >= writeEveryMs || sinceMs < 0) await this.write(state);
  }

  /** Writes that what people ask of the run is obeyed, up to a version of its `control.json`. */
  async obey(version: number, state: LiveRunState): Promise<void> {
    this.controlVersion = version;
    await this.write(state);
  }

  /** Writes the document for the last time. */
  async end(state: LiveRunState): Promise<void> {
    this.isEnded = true;
    await this.write(state);
  }

  /** Writes the document, after the writing that goes on. */
  write(state: LiveRunState): Promise<void> {
    this.writtenAtMs = this.sources.now().getTime();
    const written = this.last.then(() => writeSession(this.place.store, this.place.run, this.document(state)));
    this.last = written.catch(() => undefined);
    return written;
  }

  private document({ spent, stopReason }: LiveRunState): RunSession {
    const updatedAt = this.sources.now().toISOString();
    const { computingMs, paidMs, pricePerHour } = this.before;
    return {
      schemaVersion: 1,
      sessionId: this.sessionId,
      startedAt: this.startedAt,
      updatedAt,
      computingSeconds: Math.max(0, spent.computingMs - computingMs) / 1000,
      paidSeconds: Math.max(0, spent.paidMs - paidMs) / 1000,
      ...(pricePerHour !== undefined && { pricePerHour }),
      ...(stopReason !== undefined && { stop: stopReason }),
      process: { space: processSpace(), pid: process.pid },
      controlVersion: this.controlVersion,
      ...(this.isEnded && { endedAt: updatedAt }),
    };
  }
}
