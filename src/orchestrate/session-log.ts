import { createRunId } from "../record/run-id.ts";
import { loadSessions, writeSession, type RunSession } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import type { LiveRunState, Spent } from "./run-state.ts";

/** Not more often: it is only needed to know what was used up after a kill. */
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
  private writtenAtMs = 0;

  constructor(
    private readonly place: { readonly store: Store; readonly run: string },
    private readonly sources: { readonly now: () => Date; readonly randomBytes: (count: number) => Uint8Array },
    /** What was used up before this session. */
    private readonly before: Spent,
  ) {
    const now = sources.now();
    this.startedAt = now.toISOString();
    this.sessionId = createRunId(now, sources.randomBytes);
  }

  /** Writes the document if it is long enough since the last time. */
  async keep(state: LiveRunState): Promise<void> {
    if (state.nowMs - this.writtenAtMs >= writeEveryMs) await this.write(state);
  }

  /** Writes the document. */
  async write(state: LiveRunState): Promise<void> {
    this.writtenAtMs = state.nowMs;
    const { spent, stopReason } = state;
    await writeSession(this.place.store, this.place.run, {
      schemaVersion: 1,
      sessionId: this.sessionId,
      startedAt: this.startedAt,
      updatedAt: this.sources.now().toISOString(),
      computingSeconds: Math.max(0, spent.computingMs - this.before.computingMs) / 1000,
      paidSeconds: Math.max(0, spent.paidMs - this.before.paidMs) / 1000,
      ...(stopReason !== undefined && { stop: stopReason }),
    });
  }
}
