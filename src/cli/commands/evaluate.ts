import { exitCodes } from "../../contract/exit-codes.ts";
import type { EngineChoice } from "../../contract/trainer-environment.ts";
import type { TestFigures } from "../../contract/test-figures.ts";
import type { CommandDeclaration } from "../command.ts";
import { engineOption } from "../engine-option.ts";
import { asCliError } from "../expected-errors.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { storeOption } from "../store-option.ts";

interface EvaluateOptions {
  readonly store: string;
  readonly run?: string;
  readonly engine: EngineChoice;
  readonly output: OutputFormat;
}

/** `nightsweep evaluate`: loads a saved model and tests it again. */
export const evaluateCommand: CommandDeclaration = {
  name: "evaluate",
  configure: (command) =>
    command
      .description("Load the saved model of a finished trial, test it again, and compare with the record")
      .argument("<experiment>", "experiment's name or YAML file")
      .argument("[trial]", "`best`, a rank, or the beginning of an id", "best")
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(engineOption("the one that made the record, where it is there"))
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep evaluate quickstart best")
      .action((experiment: string, trial: string, options: EvaluateOptions) =>
        asCliError(() => evaluate(experiment, trial, options)),
      ),
};

const figureKeys = [
  "loss",
  "accuracy",
  "macroF1",
  "weightedF1",
  "cohensKappa",
  "logLoss",
  "brierScore",
  "expectedCalibrationError",
] as const;

async function evaluate(experiment: string, which: string, options: EvaluateOptions): Promise<void> {
  const { askAboutTrial } = await import("../ask-trainer.ts");
  const { renderTextTable } = await import("../../report/render-text-table.ts");
  const { trial, answer } = await askAboutTrial(
    { target: experiment, which, store: options.store, run: options.run, engine: options.engine },
    ({ trialKey }) => ({ type: "evaluate", trialKey }),
    "evaluated",
  );
  const { test, recorded, predictionsAreEqual } = answer.evaluation;
  // A record of an older version has fewer figures than are computed now.
  const keys = figureKeys.filter((key) => recorded[key] !== undefined);
  const figure = (key: string) => ({ key, label: key, align: "right" }) as const;
  const cells = (figures: TestFigures) => Object.fromEntries(keys.map((key) => [key, figures[key] ?? null]));
  const table = {
    columns: [{ key: "figures", label: "", align: "left" } as const, ...keys.map(figure)],
    rows: [
      { figures: "in the record", ...cells(recorded) },
      { figures: "loaded again", ...cells(test) },
    ],
  };
  const isEqual = predictionsAreEqual && keys.every((key) => test[key] === recorded[key]);
  const verdict = isEqual
    ? "Identical, down to every single prediction."
    : "NOT identical: the record was made by other code or was changed since.";
  const json = { schemaVersion: 1, trial, isEqual, ...answer.evaluation };
  await printResult(
    {
      json,
      table,
      human: () => `trial ${trial.trialId}  seed ${trial.seed}\n${renderTextTable(table)}\n${verdict}`,
    },
    options.output,
  );
  process.exitCode = isEqual ? exitCodes.done : exitCodes.trialsFailed;
}
