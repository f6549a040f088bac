import { exitCodes } from "../../contract/exit-codes.ts";
import { exportMlflow, type ServedExport, type ServedRun } from "../../orchestrate/export/export-mlflow.ts";
import { connectMlflow, MlflowError } from "../../orchestrate/export/mlflow-client.ts";
import type { Store } from "../../record/store.ts";
import { CliError } from "../cli-error.ts";
import type { CommandResult } from "../output.ts";
import { loadExportedRun, type RunSelection } from "./export-files.ts";

/** Where an MLflow server is, as far as the command line knows. */
export interface ServerReference {
  /** Of `--to`. */
  readonly address: string | undefined;
  /** Whether files are put beside the figures. */
  readonly hasFiles: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Logs a run to an MLflow server. */
export async function exportToServer(
  store: Store,
  selection: RunSelection,
  { address, hasFiles, environment }: ServerReference,
): Promise<CommandResult> {
  const where = address ?? environment["MLFLOW_TRACKING_URI"];
  if (where === undefined) {
    throw new CliError(
      exitCodes.usage,
      "there is no address of an MLflow server\n  fix: give --to http://host:port, or set MLFLOW_TRACKING_URI",
    );
  }
  try {
    const client = connectMlflow({ address: where, environment });
    const run = await loadExportedRun(store, selection);
    return servedResult(selection, await exportMlflow(run, { client, createdAt: selection.run.createdAt, hasFiles }));
  } catch (error) {
    if (error instanceof MlflowError) throw new CliError(exitCodes.infrastructure, error.message);
    throw error;
  }
}

function servedResult({ run }: RunSelection, served: ServedExport): CommandResult {
  const { location, experimentId, runs, fileCount, filesElsewhere } = served;
  const count = (outcome: ServedRun["outcome"]): number => runs.filter((served) => served.outcome === outcome).length;
  const json = {
    schemaVersion: 1,
    experiment: run.experiment,
    runId: run.runId,
    format: "mlflow",
    location,
    experimentId,
    runs,
    fileCount,
    ...(filesElsewhere !== undefined && { filesElsewhere }),
  };
  return {
    json,
    table: {
      columns: ["trialId", "mlflowRunId", "outcome"].map((key) => ({ key, label: key, align: "left" })),
      rows: runs.map(({ trialId, mlflowRunId, outcome }) => ({ trialId: trialId ?? null, mlflowRunId, outcome })),
    },
    human: () =>
      [
        `${location}/#/experiments/${experimentId}: ${count("created")} runs created, ${count("updated")} updated, ${count("unchanged")} unchanged; ${fileCount} files`,
        ...(filesElsewhere === undefined
          ? []
          : [
              `no files: the server has its clients put them into ${filesElsewhere} themselves (see mlflow server --serve-artifacts)`,
            ]),
      ].join("\n"),
  };
}
