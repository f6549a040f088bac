import { InvalidArgumentError } from "commander";
import type { EngineChoice } from "../../contract/trainer-environment.ts";
import type { CommandDeclaration } from "../command.ts";
import { engineOption } from "../engine-option.ts";
import { asCliError } from "../expected-errors.ts";
import { outputOption, printResult, type OutputFormat } from "../output.ts";
import { storeOption } from "../store-option.ts";

interface PredictOptions {
  readonly store: string;
  readonly run?: string;
  readonly engine: EngineChoice;
  readonly examples: readonly number[];
  readonly output: OutputFormat;
}

const maxExamples = 10_000;

/** `nightsweep predict`: what a saved model says about test examples. */
export const predictCommand: CommandDeclaration = {
  name: "predict",
  configure: (command) =>
    command
      .description("Predict test examples with the saved model of a finished trial")
      .argument("<experiment>", "experiment's name or YAML file")
      .argument("[trial]", "`best`, a rank, or the beginning of an id", "best")
      .option("-e, --examples <list>", "test examples by number from 0, as 0-9 or 3,14,15", parseExamples, [
        ...Array(10).keys(),
      ])
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(engineOption("the one that made the record, where it is there"))
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  nightsweep predict quickstart best --examples 0-9")
      .action((experiment: string, trial: string, options: PredictOptions) =>
        asCliError(() => predict(experiment, trial, options)),
      ),
};

async function predict(experiment: string, which: string, options: PredictOptions): Promise<void> {
  const { askAboutTrial } = await import("../ask-trainer.ts");
  const { renderTextTable } = await import("../../report/render-text-table.ts");
  const { trial, answer } = await askAboutTrial(
    { target: experiment, which, store: options.store, run: options.run, engine: options.engine },
    (trialKey) => ({ type: "predict", trialKey, examples: options.examples }),
    "predicted",
  );
  const nameOf = (index: number): string => trial.classNames[index] ?? String(index);
  const four = (value: number): string => value.toFixed(4);
  const table = {
    columns: [
      { key: "example", label: "example", align: "right" } as const,
      { key: "label", label: "true", align: "left" } as const,
      { key: "predicted", label: "predicted", align: "left" } as const,
      { key: "probability", label: "probability", align: "right", format: four } as const,
      { key: "isRight", label: "right", align: "left" } as const,
    ],
    rows: answer.predictions.map(({ example, label, predicted, probabilities }) => ({
      example,
      label: nameOf(label),
      predicted: nameOf(predicted),
      probability: probabilities[predicted] ?? null,
      isRight: label === predicted,
    })),
  };
  const json = { schemaVersion: 1, trial, predictions: answer.predictions };
  await printResult(
    {
      json,
      table,
      human: () => `trial ${trial.trialId}  seed ${trial.seed}\n${renderTextTable(table)}`,
    },
    options.output,
  );
}

function parseExamples(text: string): number[] {
  const examples = text.split(",").flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (match === null) throw new InvalidArgumentError("expected numbers and ranges, as 0-9 or 3,14,15");
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last - first >= maxExamples) {
      throw new InvalidArgumentError(`"${part}" is no range of at most ${maxExamples} examples`);
    }
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
  return [...new Set(examples)];
}
