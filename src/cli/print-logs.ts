import { setTimeout as sleep } from "node:timers/promises";
import { objectKeys, trialFiles } from "../contract/object-keys.ts";
import { loadTrialState } from "../record/load-trial.ts";
import { mapConcurrently } from "../record/map-concurrently.ts";
import { pollIntervalMs } from "../record/poll-interval.ts";
import type { RunRecords, TrialRecord } from "../record/run-records.ts";
import { isOpen, loadSessions } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import { FollowedText, lastLinesOf, prefixLines } from "./follow-text.ts";

/** Which logs are printed, and how. */
export interface LogRequest {
  readonly store: Store;
  readonly records: RunRecords;
  readonly trials: readonly TrialRecord[];
  /** Only so many of the last lines of each; absent = all. */
  readonly lines: number | undefined;
  readonly isFollowed: boolean;
}

/** Each log may be a megabyte. */
const concurrentLogs = 8;

/** A trial whose log is printed. */
interface Followed {
  readonly record: TrialRecord;
  readonly text: FollowedText;
  readonly prefix: string;
  /** How often the log was read since the trial was seen to be finished: its last lines come after the result. */
  readsAfterEnd: number;
}

/** Writes the logs of trials to stdout, and what is appended to them while they run. */
export async function printLogs(request: LogRequest): Promise<void> {
  const { trials, isFollowed } = request;
  const all = trials.map(
    (record): Followed => ({
      record,
      text: new FollowedText(),
      prefix: trials.length === 1 ? "" : `${record.trial.id.slice(0, 8)} | `,
      readsAfterEnd: 0,
    }),
  );
  await printNews(request, all, { isFirst: true, isLast: !isFollowed });
  if (!isFollowed) return;
  let following = all;
  for (;;) {
    // Asked before the logs are read: what was printed until then is in them.
    const isRunning = await hasOpenSession(request);
    following = following.filter(({ readsAfterEnd }) => readsAfterEnd < 2);
    if (!isRunning || following.length === 0) break;
    await sleep(pollIntervalMs(request.store) / 2);
    await printNews(request, following, { isFirst: false, isLast: false });
  }
  await printNews(request, following, { isFirst: false, isLast: true });
}

async function hasOpenSession({ store, records }: LogRequest): Promise<boolean> {
  const sessions = await loadSessions(store, objectKeys.run(records.experiment, records.runId));
  return sessions.some(isOpen);
}

async function printNews(
  { store, lines }: LogRequest,
  followed: readonly Followed[],
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): Promise<void> {
  for (let from = 0; from < followed.length; from += concurrentLogs) {
    const group = followed.slice(from, from + concurrentLogs);
    const news = await mapConcurrently(group, async (trial) => {
      const { record, text } = trial;
      const state = isFirst ? record.state : await loadTrialState(store, record.key);
      if (state.type === "finished") trial.readsAfterEnd++;
      const bytes = await store.get(`${record.key}/${trialFiles.log}`);
      return text.read(bytes === undefined ? "" : new TextDecoder().decode(bytes), { isLast });
    });
    group.forEach(({ prefix }, index) => {
      const added = news[index] ?? "";
      const shown = isFirst && lines !== undefined ? lastLinesOf(added, lines) : added;
      if (shown !== "") process.stdout.write(`${prefixLines(shown.replace(/\n$/, ""), prefix)}\n`);
    });
  }
}
