import { setTimeout as sleep } from "node:timers/promises";
import { rememberFinished } from "../orchestrate/serve/remembering-store.ts";
import { loadReportSource, type ReportSource } from "../orchestrate/render-run-report.ts";
import { pollIntervalMs } from "../record/poll-interval.ts";
import type { RunDocument } from "../record/run-records.ts";
import { mayBeRunning } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import { createTerminalDisplay, isLive } from "./live-display.ts";
import { renderWatchLines } from "./watch-lines.ts";

/** How a run is watched. */
export interface WatchRequest {
  readonly stream: NodeJS.WriteStream;
  /** Whether it is shown once, whatever the stream is. */
  readonly isOnce: boolean;
}

/** Shows how a run goes on, from its records alone, until nobody works on it any more. */
export async function watchRecords(store: Store, run: RunDocument, { stream, isOnce }: WatchRequest): Promise<void> {
  const remembering = rememberFinished(store);
  const render = async (): Promise<{ readonly source: ReportSource; readonly lines: string[] }> => {
    const source = await loadReportSource(remembering, run);
    return { source, lines: renderWatchLines(source, stream.rows || 40) };
  };
  if (isOnce || !isLive(stream, process.env)) {
    stream.write(`${(await render()).lines.join("\n")}\n`);
    return;
  }
  const display = createTerminalDisplay(stream);
  for (;;) {
    const begin = performance.now();
    const { source, lines } = await render();
    if (!source.sessions.some((session) => mayBeRunning(session, Date.now()))) {
      display.clear();
      stream.write(`${lines.join("\n")}\n`);
      return;
    }
    display.update(lines);
    await sleep(Math.max(pollIntervalMs(store) / 2, 2 * (performance.now() - begin)));
  }
}
