import type { TrialEvent } from "../execute/executor.ts";
import type { OpenedRun } from "../orchestrate/open-run.ts";
import type { RunObserver } from "../orchestrate/run-experiment.ts";
import type { RunShare, RunState, RunWish } from "../orchestrate/run-state.ts";
import { measureWork, secondsLeft, type WorkMeter } from "../orchestrate/time-left.ts";
import { tellTrialNews } from "../plan/outlook/trial-news.ts";
import type { Plan } from "../plan/plan.ts";
import type { StopReason } from "../record/run-sessions.ts";
import type { TrialResult } from "../record/trial-record.ts";
import { createLineDisplay, createTerminalDisplay, isLive, type LiveDisplay } from "./live-display.ts";
import { describeEvent, describeOpening, describeShare, describeWaiting, describeWish } from "./run-events.ts";
import { describeStop } from "./stop-lines.ts";
import type { PreviousRun } from "./load-outlook.ts";
import { betterOf, renderRunView, type BestTrial } from "./run-lines.ts";
import { newsLines } from "./trial-news.ts";

/** A person (or a log) that watches a run. */
export interface RunWatch {
  readonly observer: RunObserver;
  /** Removes the live lines. May be called again. */
  end(): void;
}

const redrawMs = 250;

/**
 * Shows a run on a stream, live on a terminal, else a line per change.
 * @param stop aborted by Ctrl-C, which is told as well
 * @param previous the newest run before this one: what is different now is told
 */
export function watchRun(
  plan: Plan,
  stream: NodeJS.WriteStream,
  { stop, previous }: { readonly stop: AbortSignal; readonly previous?: PreviousRun | undefined },
): RunWatch {
  const live = isLive(stream, process.env);
  const display = live ? createTerminalDisplay(stream) : createLineDisplay(stream);
  const view = new ViewOfRun(plan, display, { isLive: live, previous });
  const timer = live ? setInterval(() => view.draw(stream.rows), redrawMs) : undefined;
  const onStop = (): void =>
    display.print("Stopping: each trial finishes its step and writes a checkpoint. Ctrl-C again stops at once.");
  stop.addEventListener("abort", onStop);
  return {
    observer: view,
    end() {
      clearInterval(timer);
      stop.removeEventListener("abort", onStop);
      display.clear();
    },
  };
}

class ViewOfRun implements RunObserver {
  private readonly beginMs = performance.now();
  private opened: { readonly run: OpenedRun; readonly state: RunState; readonly begin: WorkMeter } | undefined;
  private best: BestTrial | undefined;
  private lastWaiting: string | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly display: LiveDisplay,
    private readonly options: { readonly isLive: boolean; readonly previous: PreviousRun | undefined },
  ) {}

  onOpen(run: OpenedRun, state: RunState): void {
    this.opened = { run, state, begin: measureWork(this.plan, state.trials) };
    this.display.print(describeOpening(this.plan, run, state));
    if (run.isContinued) return;
    const news = tellTrialNews(this.plan, { finished: takenOver(run), previous: this.options.previous });
    for (const line of newsLines(this.plan, news)) this.display.print(line);
  }

  onWarning(text: string): void {
    this.display.print(text);
  }

  onStop(reason: StopReason): void {
    this.display.print(`Stopping: ${describeStop(reason)}. What runs finishes its step and writes a checkpoint.`);
  }

  onWorkers(line: string): void {
    this.display.print(line);
  }

  onShare(share: RunShare | undefined): void {
    this.display.print(describeShare(share));
  }

  onWish(wish: RunWish): void {
    this.display.print(describeWish(wish));
  }

  onEvent(event: TrialEvent, { state, result }: { state: RunState; result: TrialResult | undefined }): void {
    if (result !== undefined) this.best = betterOf(this.best, { trialIndex: event.trialIndex, result });
    // On a terminal the live lines show how far a trial is.
    if (event.type === "progress" && (this.options.isLive || event.progress.isEpochEnd !== true)) return;
    const line = describeEvent(this.plan, event, { state, result });
    if (line !== undefined) this.display.print(line);
    this.tellWaiting(state);
  }

  private tellWaiting(state: RunState): void {
    const line = describeWaiting(state);
    if (line !== undefined && line !== this.lastWaiting) this.display.print(line);
    this.lastWaiting = line;
  }

  draw(terminalRows: number): void {
    if (this.opened === undefined) return;
    const { state, begin } = this.opened;
    const elapsedSeconds = (performance.now() - this.beginMs) / 1000;
    const left = secondsLeft(begin, measureWork(this.plan, state.trials), elapsedSeconds);
    const view = { plan: this.plan, state, best: this.best, elapsedSeconds, secondsLeft: left };
    this.display.update(renderRunView(view, Math.max(3, terminalRows - 2)));
  }
}

function takenOver({ records }: OpenedRun) {
  const { experiment } = records;
  const cached = records.trials.flatMap(({ trial, cachedFrom: runId }) =>
    runId === undefined ? [] : [[trial.id, { experiment, runId }] as const],
  );
  return new Map<string, { readonly experiment: string; readonly runId: string }>(cached);
}
