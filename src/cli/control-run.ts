import { setTimeout as sleep } from "node:timers/promises";
import { objectKeys } from "../contract/object-keys.ts";
import { pollIntervalMs } from "../record/poll-interval.ts";
import { changeControl, type ControlChange, type ControlDocument } from "../record/run-control.ts";
import type { RunDocument } from "../record/run-records.ts";
import { isOpen, loadSessions, type RunSession } from "../record/run-sessions.ts";
import type { Store } from "../record/store.ts";
import { printResult, type OutputFormat } from "./output.ts";

/** The sessions of a run that may still run its trials. */
export async function openSessions(store: Store, run: RunDocument): Promise<RunSession[]> {
  return (await loadSessions(store, objectKeys.run(run.experiment, run.runId))).filter(isOpen);
}

/** What became of something that was asked of a run. */
export interface Asked {
  readonly before: ControlDocument | undefined;
  readonly after: ControlDocument;
  /** How many processes may run the trials. */
  readonly listening: number;
  /** How many of them have said that they obey. */
  readonly answered: number;
  /** How many of them have neither said so nor ended. */
  readonly silent: number;
  /** When those who didn't answer were last heard of (ISO 8601, UTC). */
  readonly lastHeard: string | undefined;
  readonly waitedSeconds: number;
}

/** Asks something of a run, and waits until those who run it have answered, or should have. */
export async function askOfRun(store: Store, run: RunDocument, change: ControlChange): Promise<Asked> {
  const listening = (await openSessions(store, run)).map(({ sessionId }) => sessionId);
  const { before, after } = await changeControl(store, objectKeys.run(run.experiment, run.runId), change, new Date());
  const beganMs = performance.now();
  const waitedSeconds = (): number => (performance.now() - beganMs) / 1000;
  const intervalMs = pollIntervalMs(store);
  for (;;) {
    const all = await loadSessions(store, objectKeys.run(run.experiment, run.runId));
    const asked = all.filter(({ sessionId }) => listening.includes(sessionId));
    const obeying = asked.filter(({ controlVersion = 0 }) => controlVersion >= after.version);
    const silent = asked.filter((session) => isOpen(session) && !obeying.includes(session));
    if (silent.length === 0 || waitedSeconds() > (2 * intervalMs) / 1000 + 2) {
      const counts = { listening: asked.length, answered: obeying.length, silent: silent.length };
      return { before, after, ...counts, lastHeard: silent.at(-1)?.updatedAt, waitedSeconds: waitedSeconds() };
    }
    await sleep(intervalMs / 8);
  }
}

/** What a command says that has asked something of a run. */
export interface AskedText {
  /** What was asked, e.g. `pause`. */
  readonly request: string;
  /** If those who run it obey. */
  readonly obeyed: string;
  /** If nobody runs it. */
  readonly unheard: string;
}

/** Prints what became of something that was asked of a run. */
export async function printAsked(
  run: RunDocument,
  asked: Asked,
  { request, obeyed, unheard }: AskedText,
  format: OutputFormat,
): Promise<void> {
  const { experiment, runId } = run;
  const { after, listening, answered, silent } = asked;
  const row = { experiment, runId, request, state: after.state, version: after.version, listening, answered };
  const lines = [`${experiment}  run ${runId}`];
  if (answered > 0) lines.push(obeyed);
  else if (silent === 0) lines.push(unheard);
  if (silent > 0) {
    const who = silent === 1 ? "1 process" : `${silent} processes`;
    lines.push(
      `${who} did not answer within ${Math.round(asked.waitedSeconds)} s (last heard of at ${asked.lastHeard}): ` +
        "if it still runs, it obeys when it looks; if not, whoever runs the trials next does",
    );
  }
  const columns = Object.keys(row).map((key) => ({ key, label: key, align: "left" }) as const);
  await printResult(
    { json: { schemaVersion: 1, ...row }, table: { columns, rows: [row] }, human: () => lines.join("\n") },
    format,
  );
}
