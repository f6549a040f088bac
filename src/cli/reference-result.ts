import type { ComparedFigure } from "../compare/compare-with-published.ts";
import { fixedDecimals, grouped, signed } from "../report/number-formats.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table } from "../report/table.ts";
import type { CommandResult } from "./output.ts";
import type { ReferenceOutcome } from "./reference-systems.ts";

/**
 * Our figures of the reference systems beside the published ones, as a command's result.
 * @param settings what `--set` changed: such figures are not those of the published settings
 */
export function referenceResult(outcomes: readonly ReferenceOutcome[], settings: readonly string[]): CommandResult {
  const json = { schemaVersion: 1, settings, systems: outcomes.map(toJson) };
  return {
    json,
    table: figureTable(outcomes),
    human: () => renderOutcomes(outcomes, settings),
  };
}

function toJson({ system, figures, ...outcome }: ReferenceOutcome): object {
  const { name, deviations, parameterCount } = system;
  return { name, parameterCountIs: parameterCount.origin, ...outcome, figures, deviations };
}

/** A row per figure, for scripts. */
function figureTable(outcomes: readonly ReferenceOutcome[]): Table {
  const left = (key: string) => ({ key, label: key, align: "left" }) as const;
  const right = (key: string) => ({ key, label: key, align: "right" }) as const;
  return {
    columns: [
      left("system"),
      left("figure"),
      right("epoch"),
      right("ours"),
      right("sd"),
      right("published"),
      right("difference"),
    ],
    rows: outcomes.flatMap(({ system, figures }) =>
      figures.map(({ figure, epoch, ours, sd, published, difference }) => ({
        system: system.name,
        figure,
        epoch: epoch ?? null,
        ours: ours ?? null,
        sd: sd ?? null,
        published: published ?? null,
        difference: difference ?? null,
      })),
    ),
  };
}

function renderOutcomes(outcomes: readonly ReferenceOutcome[], settings: readonly string[]): string {
  const leftOut = outcomes.flatMap(({ system, leftOut }) =>
    leftOut === undefined ? [] : [`  ${system.name}: ${leftOut.reason}\n    → ${leftOut.fix}`],
  );
  return [
    ...(settings.length === 0 ? [] : [`Not the published settings: ${settings.join(", ")}`, ""]),
    ...outcomes.map(renderOutcome),
    ...(leftOut.length === 0 ? [] : ["Not trained:", ...leftOut]),
  ].join("\n");
}

function renderOutcome({ system, trials, figures }: ReferenceOutcome): string {
  const { planned, finished } = trials ?? { planned: 0, finished: 0 };
  const count =
    finished === 0 ? "not trained" : `${finished} of ${planned} ${planned === 1 ? "trial" : "trials"} finished`;
  const hasSpread = figures.some(({ sd }) => sd !== undefined);
  return [
    `${system.name}: ${count}${hasSpread ? "; mean ± sd over seeds" : ""}`,
    renderTextTable(humanTable(system.parameterCount.origin, figures)).trimEnd(),
    ...system.deviations.map((deviation) => `  note: ${deviation}`),
    "",
  ].join("\n");
}

function humanTable(origin: "published" | "computed", figures: readonly ComparedFigure[]): Table {
  return {
    columns: [
      { key: "figure", label: "figure", align: "left" },
      { key: "ours", label: "ours", align: "left" },
      { key: "published", label: "published", align: "left" },
      { key: "difference", label: "difference", align: "left" },
    ],
    rows: figures.map((compared) => {
      const { figure, epoch, ours, sd, published, difference } = compared;
      const { label, format, formatDifference } = formats[figure];
      const isComputed = figure === "parameterCount" && origin === "computed";
      return {
        figure: `${label}${epoch === undefined ? "" : `, epoch ${epoch}`}`,
        ours: ours === undefined ? null : `${format(ours)}${sd === undefined ? "" : ` ± ${format(sd)}`}`,
        published: published === undefined ? null : `${format(published)}${isComputed ? " (computed)" : ""}`,
        difference: difference === undefined ? null : formatDifference(difference),
      };
    }),
  };
}

interface FigureFormat {
  readonly label: string;
  readonly format: (value: number) => string;
  readonly formatDifference: (value: number) => string;
}

const four = (label: string): FigureFormat => ({
  label,
  format: fixedDecimals(4),
  formatDifference: (value) => signed(value, 4),
});

const formats: Readonly<Record<ComparedFigure["figure"], FigureFormat>> = {
  parameterCount: { label: "parameters", format: grouped, formatDifference: (value) => signed(value, 0) },
  testAccuracy: four("test accuracy"),
  testLoss: four("test loss"),
  millisecondsPerStep: {
    label: "ms a step (another machine)",
    format: fixedDecimals(1),
    formatDifference: (value) => signed(value, 1),
  },
  trainLoss: four("training loss"),
  trainAccuracy: four("training accuracy"),
  validationLoss: four("validation loss"),
  validationAccuracy: four("validation accuracy"),
};
