import { defaultClaimTimes, parseClaimTimes } from "../../contract/claim-variables.ts";
import type { Comparison, TrialRow } from "../../compare/comparison.ts";
import { objectKeys } from "../../contract/object-keys.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type CommandResult, type OutputFormat } from "../output.ts";
import { describeClaim, renderHolder, type ShownHolder } from "../holder-lines.ts";
import { openStoreAt, storeOption } from "../store-option.ts";
import type { RunDocument, RunRecords } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import type { Table } from "../../report/table.ts";

interface StatusOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** `nightsweep status`: where the trials of a run are. */
export const statusCommand: CommandDeclaration = {
  name: "status",
  configure: (command) =>
    command
      .description("Show where the trials of a run are, and why some failed")
      .argument("<experiment>", "experiment's name or YAML file")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep status quickstart")
      .action((experiment: string, options: StatusOptions) => asCliError(() => status(experiment, options))),
};

async function status(experiment: string, options: StatusOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  const { loadRun } = await import("../../record/load-run.ts");
  const { compareRun } = await import("../../compare/compare-run.ts");
  const { renderTextTable } = await import("../../report/render-text-table.ts");
  const records = await loadRun(store, run.experiment, run.runId, { parts: ["metrics", "environment"] });
  const { groupFailures } = await import("../../orchestrate/group-failures.ts");
  const { isOpen, loadSessions } = await import("../../record/run-sessions.ts");
  const { failureLines, lastStopLines } = await import("../failure-lines.ts");
  const groups = await groupFailures(store, records);
  const sessions = await loadSessions(store, objectKeys.run(run.experiment, run.runId));
  const { loadControl } = await import("../../record/run-control.ts");
  const { controlLines } = await import("../control-lines.ts");
  const control = await loadControl(store, objectKeys.run(run.experiment, run.runId));
  const { surveyOnAws } = await import("../cloud-run.ts");
  const cloud = await surveyOnAws(store, run);
  const listening = sessions.filter(isOpen).length;
  const above = [...lastStopLines(sessions), ...controlLines(control, sessions), ...(cloud?.lines ?? [])];
  const text = { above, below: failureLines(groups), renderTextTable };
  const holders = await loadHolders(store, run, records);
  const facts = { failures: groups, sessions, control: control ?? null, listening, cloud: cloud?.facts };
  await printResult(statusResult(compareRun(records), holders, facts, text), options.output);
}

/** What stands around the table for people. */
interface StatusText {
  readonly above: readonly string[];
  readonly below: readonly string[];
  readonly renderTextTable: (table: Table) => string;
}

/** Who trains which of the run's unfinished trials, by trial. */
type Holders = ReadonlyMap<string, ShownHolder>;

async function loadHolders(store: Store, { runId, ignoresLedger }: RunDocument, { trials }: RunRecords) {
  const { loadHeldClaims } = await import("../../record/load-claims.ts");
  const open = trials.filter(({ state }) => state.type !== "finished").map(({ trial }) => trial.id);
  const claims = open.length === 0 ? [] : await loadHeldClaims(store, open, ignoresLedger ? runId : undefined);
  const parsed = parseClaimTimes(process.env);
  const { expiryMs } = "times" in parsed ? parsed.times : defaultClaimTimes;
  return new Map([...claims].map(([trialId, claim]) => [trialId, describeClaim(claim, new Date(), expiryMs)] as const));
}

function statusResult(
  comparison: Comparison,
  holders: Holders,
  facts: object,
  { above, below, renderTextTable }: StatusText,
): CommandResult {
  const { experiment, runId, trialCounts } = comparison;
  const table = trialTable(comparison, holders);
  const trials = comparison.trials.map((trial) => ({ ...trial, holder: holders.get(trial.trialId) }));
  const title = `${experiment}  run ${runId}`;
  const json = { schemaVersion: 1, experiment, runId, trialCounts, trials, ...facts };
  return {
    json,
    table,
    human: () => [title, describeCounts(comparison), ...above, "", renderTextTable(table), ...below].join("\n"),
  };
}

function describeCounts({ trialCounts }: Comparison): string {
  const { planned, finished, failed, started, pending } = trialCounts;
  return `${finished}/${planned} finished · ${failed} failed · ${started} begun and not finished · ${pending} not begun`;
}

function trialTable({ trials, columns }: Comparison, holders: Holders): Table {
  const left = (key: string, label = key) => ({ key, label, align: "left" }) as const;
  const right = (key: string, label = key) => ({ key, label, align: "right" }) as const;
  return {
    columns: [
      left("trial"),
      right("seed"),
      ...columns.map((path) => left(path)),
      left("state"),
      right("epochs"),
      { ...right("testAccuracy", "test accuracy"), format: (value) => value.toFixed(4) },
      { ...right("seconds"), format: (value) => value.toFixed(1) },
      left("detail"),
    ],
    rows: trials.map((trial) => ({
      trial: trial.trialId,
      seed: trial.seed,
      ...trial.values,
      state: trial.state,
      epochs: trial.epochs,
      testAccuracy: trial.test?.accuracy ?? null,
      seconds: trial.seconds ?? null,
      detail: detailOf(trial, holders.get(trial.trialId)),
    })),
  };
}

function detailOf({ failure, stoppedEarly, cachedFrom }: TrialRow, holder: ShownHolder | undefined): string | null {
  if (holder !== undefined) return renderHolder(holder);
  // Whole reasons stand below the table, cause by cause.
  if (failure !== undefined) return failure.reason.split("\n")[0] ?? "";
  const details = [
    ...(cachedFrom === undefined ? [] : [`from run ${cachedFrom}`]),
    ...(stoppedEarly === undefined ? [] : [describeEarlyStop(stoppedEarly)]),
  ];
  return details.length === 0 ? null : details.join("; ");
}

function describeEarlyStop({ epoch, monitor, best, bestEpoch }: NonNullable<TrialRow["stoppedEarly"]>): string {
  return `stopped early after epoch ${epoch}: ${monitor} was best in epoch ${bestEpoch} (${best.toFixed(4)})`;
}
