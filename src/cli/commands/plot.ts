import { writeFile } from "node:fs/promises";
import { Argument, InvalidArgumentError, Option } from "commander";
import type { ParetoCost } from "../../compare/comparison-statistics.ts";
import { exitCodes } from "../../contract/exit-codes.ts";
import { CliError } from "../cli-error.ts";
import type { CommandDeclaration } from "../command.ts";
import { asCliError } from "../expected-errors.ts";
import { integerFlag, outputOption, printResult, type OutputFormat } from "../output.ts";
import { plotKinds, type PlotKind } from "../plot/plot-kinds.ts";
import { openStoreAt, storeOption } from "../store-option.ts";

interface PlotOptions {
  readonly store: string;
  readonly run?: string;
  readonly file?: string;
  readonly metric?: string;
  readonly log?: true;
  readonly cost: ParetoCost;
  readonly width: number;
  readonly dpi: number;
  readonly output: OutputFormat;
}

const costs = ["meanSeconds", "parameterCount", "meanUsd"] as const satisfies readonly ParetoCost[];

/** `nightsweep plot`: a figure for a paper. */
export const plotCommand: CommandDeclaration = {
  name: "plot",
  configure: (command) =>
    command
      .description("Draw a figure for a paper as .svg or .png: letters as outlines, colours for any colour vision")
      .addArgument(new Argument("<what>", "what is drawn").choices(plotKinds))
      .argument("<experiment>", "experiment's name or YAML file")
      .argument(
        "[which...]",
        "`best`, ranks, or beginnings of ids; of matrices and calibration also <experiment>:<which>",
      )
      .option("-f, --file <path>", "where to write it, .svg or .png (default: <what>.svg)")
      .option("-m, --metric <name>", "of curves and leaderboards, e.g. testLoss (default: the one that ranks)")
      .option("--log", "logarithmic axis for the metric of curves")
      .addOption(new Option("--cost <name>", "of a Pareto plot").choices(costs).default("meanSeconds"))
      .option("--width <mm>", "width on paper in millimetres, letters keep their size", parseWidth, 120)
      .option("--dpi <n>", "dots per inch of a .png", integerFlag(36, 1200), 300)
      .option("-r, --run <id>", "a run's id or the beginning of it (default: the newest run)")
      .addOption(storeOption())
      .addOption(outputOption())
      .addHelpText(
        "after",
        `
Examples:
  nightsweep plot curves quickstart --file curves.svg
  nightsweep plot curves quickstart 1 2 3 --metric trainLoss --log --file loss.png
  nightsweep plot confusion quickstart best --width 85 --file confusion.svg
  nightsweep plot difference quickstart 1 2 --file difference.svg
  nightsweep plot calibration quickstart best 2 --file calibration.svg
  nightsweep plot pareto quickstart --cost parameterCount --file pareto.svg`,
      )
      .action((kind: PlotKind, experiment: string, which: readonly string[], options: PlotOptions) =>
        asCliError(() => plot(kind, { experiment, which }, options)),
      ),
};

async function plot(
  kind: PlotKind,
  subject: { readonly experiment: string; readonly which: readonly string[] },
  options: PlotOptions,
): Promise<void> {
  const { file = `${kind}.svg`, run, metric, width, dpi } = options;
  if (!/\.(svg|png)$/i.test(file)) throw new CliError(exitCodes.usage, `--file is "${file}", expected .svg or .png`);
  const store = await openStoreAt(options.store);
  const { drawPlot } = await import("../plot/draw-plot.ts");
  const { pointsPerMillimetre } = await import("../../report/plot/frame.ts");
  const { renderSvg } = await import("../../report/plot/svg.ts");
  const { writtenFilesResult } = await import("../written-files-result.ts");
  const drawing = await drawPlot(store, {
    ...subject,
    kind,
    run,
    metric,
    isLogarithmic: options.log === true,
    cost: options.cost,
    width: width * pointsPerMillimetre,
  });
  const bytes = file.toLowerCase().endsWith(".png")
    ? await rasterise(renderSvg(drawing, "px"), dpi)
    : new TextEncoder().encode(renderSvg(drawing));
  await writeFile(file, bytes);
  const { title, description } = drawing;
  await printResult(writtenFilesResult([{ file, bytes: bytes.length }], { title, description }), options.output);
}

async function rasterise(svg: string, dpi: number): Promise<Uint8Array> {
  const { rasteriseSvg } = await import("../../dataset/rasterise-svg.ts");
  return rasteriseSvg(svg, dpi);
}

function parseWidth(text: string): number {
  const value = Number(text);
  if (value >= 40 && value <= 400) return value;
  throw new InvalidArgumentError("expected millimetres from 40 to 400, e.g. 85 for a column of a paper");
}
