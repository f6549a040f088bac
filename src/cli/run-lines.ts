import type { TrialProgress } from "../contract/worker-messages.ts";
import type { Plan } from "../plan/plan.ts";
import { describeConfiguration } from "../report/describe-configuration.ts";
import type { TrialResult } from "../record/trial-record.ts";
import type { RunState } from "../orchestrate/run-state.ts";

/** The best finished trial so far. */
export interface BestTrial {
  readonly trialIndex: number;
  readonly result: TrialResult;
}

/** What the live display of a run shows. */
export interface RunView {
  readonly plan: Plan;
  readonly state: RunState;
  readonly best: BestTrial | undefined;
  readonly elapsedSeconds: number;
  readonly secondsLeft: number | undefined;
}

/** The figure a finished trial is judged by while a run goes on: validation accuracy, or test accuracy without one. */
export function headlineOf(result: TrialResult): { readonly name: string; readonly value: number } {
  return result.validation === undefined
    ? { name: "test accuracy", value: result.test.accuracy }
    : { name: "validation accuracy", value: result.validation.accuracy };
}

/** The better of two finished trials by their headline; the first one if they are equal. */
export function betterOf(best: BestTrial | undefined, candidate: BestTrial): BestTrial {
  if (best === undefined) return candidate;
  return headlineOf(candidate.result).value > headlineOf(best.result).value ? candidate : best;
}

/** A trial in a few words: its id, its swept values and its seed. */
export function describeTrial(plan: Plan, trialIndex: number): string {
  const trial = plan.trials[trialIndex];
  if (trial === undefined) return `trial ${trialIndex}`;
  const values = plan.configurations[trial.configuration]?.values ?? {};
  const paths = Object.keys(values);
  const words = paths.length === 0 ? [] : [describeConfiguration(values, paths)];
  return [trial.id.slice(0, 8), ...words, `seed ${trial.seed}`].join(" · ");
}

/** How far a trial is, in words: `epoch 2/3  step 240/540  loss 0.1320  accuracy 0.9600`. */
export function describeProgress(progress: TrialProgress): string {
  const figure = (name: string, value: number | undefined): string[] =>
    value === undefined ? [] : [`${name} ${value.toFixed(4)}`];
  return [
    `epoch ${progress.epoch}/${progress.epochCount}`,
    `step ${progress.step}/${progress.stepCount}`,
    ...figure("loss", progress.loss),
    ...figure("accuracy", progress.accuracy),
    ...figure("validation accuracy", progress.validationAccuracy),
  ].join("  ");
}

/** `95` → `1:35`; hours are added when there are any. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** `7/18 done · 2 running · 1 failed · 1:05 so far · about 1:40 left` */
export function renderSummary({ state, elapsedSeconds, secondsLeft }: RunView): string {
  const { finished, cached, running, elsewhere, failed } = state.counts;
  return [
    `${finished + cached}/${state.trials.length} done`,
    ...(cached > 0 ? [`${cached} of them from earlier runs`] : []),
    `${running} running`,
    ...(elsewhere > 0 ? [`${elsewhere} trained by other processes`] : []),
    `${failed} failed`,
    `${formatDuration(elapsedSeconds)} so far`,
    ...(secondsLeft === undefined ? [] : [`about ${formatDuration(secondsLeft)} left`]),
    ...(state.isStopping ? ["stopping after the current step (Ctrl-C again: at once)"] : []),
    ...(state.wish.state === "paused" ? ["paused (go on: nightsweep resume)"] : []),
    ...whyNothingRuns(state),
  ].join(" · ");
}

function whyNothingRuns({ isStopping, wish, share, counts }: RunState): string[] {
  if (isStopping || wish.state !== "running" || counts.running > 0 || counts.waiting === 0) return [];
  return [share?.slots === 0 ? "giving way to a run of higher priority" : "pausing before a retry"];
}

/** The lines of the live display: summary, best so far, and one line for each running trial (at most `maxLines`). */
export function renderRunView(view: RunView, maxLines: number): string[] {
  const lines = [renderSummary(view)];
  if (view.best !== undefined) {
    const { name, value } = headlineOf(view.best.result);
    lines.push(`best so far: ${name} ${value.toFixed(4)}  ${describeTrial(view.plan, view.best.trialIndex)}`);
  }
  const running = view.state.trials.flatMap((trial, index) => (trial.type === "running" ? [{ trial, index }] : []));
  for (const { trial, index } of running.slice(0, Math.max(0, maxLines - lines.length))) {
    const progress = trial.progress === undefined ? "starting" : describeProgress(trial.progress);
    lines.push(`  ${describeTrial(view.plan, index)}  ${progress}`);
  }
  return lines;
}
