import { InvalidArgumentError, Option } from "commander";
import type { EngineChoice } from "../../contract/trainer-environment.ts";
import type { CommandDeclaration } from "../command.ts";
import { engineOption } from "../engine-option.ts";
import { asCliError } from "../expected-errors.ts";
import { integerFlag, outputOption, type OutputFormat } from "../output.ts";
import type { PredictionRequest } from "../predictions.ts";
import { storeOption } from "../store-option.ts";

interface PredictOptions {
  readonly store: string;
  readonly run?: string;
  readonly engine: EngineChoice;
  readonly examples: readonly number[];
  readonly all?: true;
  readonly random?: number;
  readonly seed: number;
  readonly image?: readonly string[];
  readonly invert?: true;
  readonly top: number;
  readonly checkpoint?: number;
  readonly output: OutputFormat;
}

const maxExamples = 10_000;

/** `nightsweep predict`: what a saved model says about test examples or people's own images. */
export const predictCommand: CommandDeclaration = {
  name: "predict",
  configure: (command) =>
    command
      .description("Predict test examples, or your own images, with the saved model of a finished trial")
      .argument("<experiment>", "experiment's name or YAML file")
      .argument("[trial]", "`best`, a rank, or the beginning of an id", "best")
      .option("-e, --examples <list>", "test examples by number from 0, as 0-9 or 3,14,15", parseExamples, [
        ...Array(10).keys(),
      ])
      .addOption(new Option("-a, --all", "all test examples").conflicts(["examples", "random", "image"]))
      .addOption(
        new Option("--random <n>", "so many test examples, drawn from --seed")
          .argParser(integerFlag(1, maxExamples))
          .conflicts(["examples", "image"]),
      )
      .option("--seed <n>", "what --random is drawn from", integerFlag(0, 2 ** 32 - 1), 1)
      .addOption(
        new Option("-i, --image <files...>", "image files, PNG or JPEG: fitted to the model's input").conflicts([
          "examples",
        ]),
      )
      .option("--invert", "exchange light and dark of the images, e.g. of digits written on white paper")
      .option("--top <k>", "how many classes are shown of each image", integerFlag(1, 1000), 3)
      .option("--checkpoint <epoch>", "with the weights of the checkpoint after this epoch", integerFlag(1, 2 ** 31))
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(engineOption("the one that made the record, where it is there"))
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Examples:
  nightsweep predict quickstart best --examples 0-9
  nightsweep predict quickstart best --random 10 --seed 1
  nightsweep predict quickstart best --image digit.png --invert
  nightsweep predict quickstart best --all --checkpoint 2 --output csv > predictions.csv`,
      )
      .action((experiment: string, trial: string, options: PredictOptions) =>
        asCliError(() => predict(experiment, trial, options)),
      ),
};

async function predict(experiment: string, which: string, options: PredictOptions): Promise<void> {
  const { predictFiles, predictExamples } = await import("../predictions.ts");
  const { store, run, engine, checkpoint, output } = options;
  const reference = { target: experiment, which, store, run, engine };
  const request: PredictionRequest = { reference, checkpointEpoch: checkpoint, output };
  if (options.image !== undefined) {
    await predictFiles(request, { files: options.image, isInverted: options.invert ?? false, top: options.top });
  } else {
    const { chooseShownExamples } = await import("../../plan/show-examples.ts");
    await predictExamples(request, (testCount) => {
      if (options.all === true) return [...Array(testCount).keys()];
      if (options.random === undefined) return options.examples;
      return chooseShownExamples(testCount, { count: options.random, seed: options.seed });
    });
  }
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
