import { exitCodes } from "../../contract/exit-codes.ts";
import type { RunDocument } from "../../record/run-records.ts";
import type { Store } from "../../record/store.ts";
import type { SyncedHistory } from "../../record/sync-history.ts";
import type { SyncedRun } from "../../record/sync-run.ts";
import type { Table } from "../../report/table.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt } from "../store-option.ts";

interface SyncOptions {
  readonly experiment?: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** `nightsweep sync`: copies runs from one store to another. */
export const syncCommand: CommandDeclaration = {
  name: "sync",
  configure: (command) =>
    command
      .description("Copy runs with their records and nights to another store, and compare what arrived")
      .argument("<from>", "store to copy from: a folder, or s3://bucket/prefix")
      .argument("<to>", "store to copy to")
      .option("-e, --experiment <name>", "only runs of this experiment")
      .option("-r, --run <id>", "only this run of the experiment: its id or the beginning of it")
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
What is there already is skipped: the same command goes on after an interruption. Trials that are finished in the
target are never changed; if the two stores have different results of a trial, that is said (exit code 65).

Example:
  nightsweep sync .nightsweep s3://my-bucket/records --experiment quickstart`,
      )
      .action((from: string, to: string, options: SyncOptions) => asCliError(() => sync(from, to, options))),
};

async function sync(fromLocation: string, toLocation: string, options: SyncOptions): Promise<void> {
  const [from, to] = [await openStoreAt(fromLocation), await openStoreAt(toLocation)];
  if (from.location === to.location) throw new CliError(exitCodes.usage, `both stores are ${from.location}; name two`);
  const runs = await selectRuns(from, options);
  const { syncRun } = await import("../../record/sync-run.ts");
  const synced: SyncedRun[] = [];
  for (const run of runs) {
    const report = createReport(`${run.experiment} run ${run.runId}`);
    synced.push(
      await syncRun({ from, to }, run, ({ done, objects, copiedBytes }) => report(done, objects, copiedBytes)),
    );
  }
  const histories = await syncHistories({ from, to }, runs, options);
  await printSynced({ from: from.location, to: to.location }, { synced, histories }, options.output);
  if (synced.some(({ problems }) => problems.length > 0)) process.exitCode = exitCodes.invalidInput;
}

async function selectRuns(store: Store, { experiment, run }: SyncOptions): Promise<RunDocument[]> {
  if (run !== undefined && experiment === undefined) {
    throw new CliError(exitCodes.usage, "--run needs --experiment: which experiment's run is meant?");
  }
  if (run !== undefined && experiment !== undefined) return [await findRun(store, { target: experiment, run })];
  const { listRuns } = await import("../../record/run-store.ts");
  if (experiment !== undefined) {
    const { experiment: name } = await findRun(store, { target: experiment });
    return listRuns(store, name);
  }
  const runs = await listRuns(store);
  if (runs.length === 0) throw new CliError(exitCodes.missingInput, `there are no runs in ${store.location}`);
  return runs;
}

/** Copies the nights of what was copied; of the whole store also those whose runs are gone. */
async function syncHistories(
  stores: { readonly from: Store; readonly to: Store },
  runs: readonly RunDocument[],
  { experiment, run }: SyncOptions,
): Promise<SyncedHistory[]> {
  const { listHistories, syncHistory } = await import("../../record/sync-history.ts");
  const ofRuns = new Set(runs.map(({ experiment: name }) => name));
  const names = experiment === undefined ? await listHistories(stores.from) : [...ofRuns];
  const runIds = run === undefined ? undefined : runs.map(({ runId }) => runId);
  const histories: SyncedHistory[] = [];
  for (const name of names) histories.push(await syncHistory(stores, name, runIds));
  return histories.filter(({ copied, skipped }) => copied + skipped > 0);
}

/** Writes how far copying is, at most once a second, and at the end. */
function createReport(what: string): (done: number, objects: number, bytes: number) => void {
  let last = performance.now();
  return (done, objects, bytes) => {
    if (done < objects && performance.now() - last < 1000) return;
    last = performance.now();
    process.stderr.write(`${what}: ${done}/${objects} objects, ${formatMegabytes(bytes)} copied\n`);
  };
}

async function printSynced(
  stores: { readonly from: string; readonly to: string },
  { synced, histories }: { readonly synced: readonly SyncedRun[]; readonly histories: readonly SyncedHistory[] },
  format: OutputFormat,
): Promise<void> {
  const { renderTextTable } = await import("../../report/render-text-table.ts");
  const table = runTable(synced);
  const problems = synced.flatMap((run) => run.problems);
  const human = (): string =>
    [
      `${stores.from} → ${stores.to}`,
      "",
      renderTextTable(table),
      ...histories.map(
        ({ experiment, copied, skipped }) => `history of ${experiment}: ${copied} copied, ${skipped} there`,
      ),
      ...problems.map(({ key, problem }) => `\nnot copied: ${key}: ${problem}`),
      ...(problems.length === 0
        ? []
        : ["\nfix: see what differs with nightsweep verify, and keep the record you trust"]),
    ].join("\n");
  const json = { schemaVersion: 1, ...stores, runs: synced, histories };
  await printResult({ json, table, human }, format);
}

function runTable(synced: readonly SyncedRun[]): Table {
  const left = (key: string, label = key) => ({ key, label, align: "left" }) as const;
  const right = (key: string, label = key) => ({ key, label, align: "right" }) as const;
  return {
    columns: [
      left("experiment"),
      left("run"),
      right("copied"),
      { ...right("copiedBytes", "copied bytes"), format: formatMegabytes },
      right("skipped"),
      right("problems"),
    ],
    rows: synced.map(({ experiment, runId, copied, copiedBytes, skipped, problems }) => ({
      experiment,
      run: runId,
      copied,
      copiedBytes,
      skipped,
      problems: problems.length,
    })),
  };
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
