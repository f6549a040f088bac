import { writeFile } from "node:fs/promises";
import path from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { requirePlan } from "../issues.ts";
import { integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import type { Table } from "../../report/table.ts";

const splits = ["train", "validation", "test"] as const;

interface Grid {
  readonly rows: number;
  readonly columns: number;
}

interface SamplesOptions {
  readonly grid: Grid;
  readonly split: (typeof splits)[number];
  readonly random?: true;
  readonly seed: number;
  readonly file: string;
  readonly output: OutputFormat;
}

/** `nightsweep samples`: a picture of some examples with their labels. */
export const samplesCommand: CommandDeclaration = {
  name: "samples",
  configure: (command) =>
    command
      .description("Draw examples of an experiment's data set with their labels")
      .argument("<file>", "experiment file")
      .option("-g, --grid <rows>x<columns>", "how many", parseGrid, { rows: 3, columns: 3 })
      .addOption(new Option("--split <part>", "which examples").choices([...splits]).default("train"))
      .option("--random", "draw the examples from --seed instead of taking the first ones")
      .option("--seed <n>", "what --random draws from", integerFlag(0, 2 ** 32 - 1), 1)
      .option("-f, --file <path>", "where to write the picture, .svg or .png", "samples.svg")
      .addOption(outputOption())
      .addHelpText(
        "after",
        "\nExample:\n  nightsweep samples experiments/quickstart.yaml --grid 4x3 --file samples.png",
      )
      .action((file: string, options: SamplesOptions) => asCliError(() => samples(file, options))),
};

async function samples(experimentFile: string, options: SamplesOptions): Promise<void> {
  const { grid, split, file } = options;
  if (!/\.(svg|png)$/i.test(file)) throw new CliError(exitCodes.usage, `--file is "${file}", expected .svg or .png`);
  const loaded = await requirePlan(experimentFile, {});
  const { chooseSamples } = await import("../../orchestrate/choose-samples.ts");
  const chosen = await chooseSamples(loaded, {
    part: split,
    count: grid.rows * grid.columns,
    ...(options.random === true ? { seed: options.seed } : {}),
  });
  if ("problem" in chosen) throw new CliError(exitCodes.invalidInput, chosen.problem);
  const { renderSampleGrid } = await import("../../report/render-sample-grid.ts");
  const captioned = chosen.samples.map(({ image, name }) => ({ image, caption: name }));
  const svg = renderSampleGrid(captioned, grid.columns);
  await writeFile(file, file.toLowerCase().endsWith(".png") ? await rasterise(svg) : svg);
  const { dataset } = chosen;
  const examples = chosen.samples.map(({ index, label, name }) => ({ index, label, name }));
  const json = { schemaVersion: 1, file: path.resolve(file), dataset, split, examples };
  const human = (): string => `${file}: ${examples.length} ${split} examples of ${dataset}`;
  await printResult({ json, table: exampleTable(examples), human }, options.output);
}

async function rasterise(svg: string): Promise<Uint8Array> {
  const { rasteriseSvg } = await import("../../dataset/rasterise-svg.ts");
  return rasteriseSvg(svg);
}

function exampleTable(examples: readonly { index: number; label: number; name: string }[]): Table {
  return {
    columns: [
      { key: "index", label: "example", align: "right" },
      { key: "label", label: "label", align: "right" },
      { key: "name", label: "class", align: "left" },
    ],
    rows: examples.map((example) => ({ ...example })),
  };
}

function parseGrid(text: string): Grid {
  const match = /^(\d{1,2})x(\d{1,2})$/.exec(text);
  const rows = Number(match?.[1] ?? 0);
  const columns = Number(match?.[2] ?? 0);
  if (rows < 1 || columns < 1) throw new InvalidArgumentError("expected rows and columns, each 1 to 99, as 3x3");
  return { rows, columns };
}
