import { exitCodes } from "../../contract/exit-codes.ts";
import type { Verification } from "../../record/verify-run.ts";
import type { Table } from "../../report/table.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { findRun } from "../find-run.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface VerifyOptions {
  readonly store: string;
  readonly run?: string;
  readonly output: OutputFormat;
}

/** `nightsweep verify`: finds records that were changed after the trial was finished. */
export const verifyCommand: CommandDeclaration = {
  name: "verify",
  configure: (command) =>
    command
      .description("Compute the SHA-256 of every finished record again and name those that were changed or damaged")
      .argument("<experiment>", "experiment's name or YAML file")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Exit code 65 if a record was changed. The SHA-256 of the run covers the results of all finished trials: it is the same
in every store that the run is copied to.

Example:
  nightsweep verify quickstart`,
      )
      .action((experiment: string, options: VerifyOptions) => asCliError(() => verify(experiment, options))),
};

async function verify(experiment: string, options: VerifyOptions): Promise<void> {
  const store = await openStoreAt(options.store);
  const run = await findRun(store, { target: experiment, run: options.run });
  const { verifyRun } = await import("../../record/verify-run.ts");
  const verification = await verifyRun(store, run.experiment, run.runId);
  const { trials, sha256 } = verification;
  const counts = { intact: 0, changed: 0, unfinished: 0 };
  for (const { state } of trials) counts[state]++;
  const unsealed = trials.filter(({ isSealed }) => isSealed === false).length;
  const table = problemTable(verification);
  const { renderTextTable } = await import("../../report/render-text-table.ts");
  const json = {
    schemaVersion: 1,
    experiment: run.experiment,
    runId: run.runId,
    sha256,
    ...counts,
    unsealed,
    problems: table.rows,
  };
  const human = (): string =>
    [
      `${run.experiment}  run ${run.runId}`,
      `${counts.intact} records intact · ${counts.changed} changed · ${counts.unfinished} not finished`,
      ...(unsealed === 0 ? [] : [describeUnsealed(unsealed)]),
      `SHA-256 of the results  ${sha256}`,
      ...(table.rows.length === 0 ? [] : ["", renderTextTable(table), "", advice]),
    ].join("\n");
  await printResult({ json, table, human }, options.output);
  if (table.rows.length > 0) process.exitCode = exitCodes.invalidInput;
}

/** Not a problem by itself: a run that was killed had no time to seal what it had finished. */
function describeUnsealed(count: number): string {
  return (
    `${count} of them finished since the run was last sealed (\`nightsweep run\` seals when it ends): ` +
    "what was put there by hand can't be told from what a killed run had finished"
  );
}

const advice =
  "fix: restore them from a copy (nightsweep sync), or delete the trials' folders and run the experiment again";

function problemTable({ trials, problems }: Verification): Table {
  const left = (key: string) => ({ key, label: key, align: "left" }) as const;
  return {
    columns: [left("trial"), left("key"), left("problem")],
    rows: [
      ...problems.map(({ key, problem }) => ({ trial: null, key, problem })),
      ...trials.flatMap(({ trialId, problems }) =>
        problems.map(({ key, problem }) => ({ trial: trialId, key, problem })),
      ),
    ],
  };
}
