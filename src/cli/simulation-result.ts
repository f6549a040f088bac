import type { Simulation, Spread } from "../orchestrate/simulate/simulate-plan.ts";
import { duration, grouped, percent } from "../report/number-formats.ts";
import { renderTextTable } from "../report/render-text-table.ts";
import type { Table } from "../report/table.ts";
import type { CommandResult } from "./output.ts";
import type { Assumptions } from "./simulation-request.ts";

/** What simulated runs came to, as a command's result. */
export function simulationResult(experiment: string, assumptions: Assumptions, simulation: Simulation): CommandResult {
  const json = { schemaVersion: 1, experiment, assumptions, simulation };
  const table = figureTable(simulation);
  return {
    json,
    table,
    human: () =>
      [...headLines(experiment, assumptions, simulation), "", renderTextTable(shownTable(simulation))].join("\n"),
  };
}

function headLines(
  experiment: string,
  given: Assumptions,
  { trials, runs, completeRuns, stopped }: Simulation,
): string[] {
  const { instances, trialsPerInstance, instance, device } = given;
  const rules = Object.entries(stopped).map(([rule, count]) => `${count} stopped by ${rule}`);
  return [
    `${experiment}: ${grouped(trials)} trials on ${instances} × ${instance} (${device}), ${trialsPerInstance} side by side on each`,
    `start ${duration(given.startSeconds)}, ${given.reclaimsPerHour} reclaims an hour, ${given.pricePerHour} USD an hour${given.isPriceVerified ? "" : " (UNVERIFIED)"}`,
    `an attempt crashes with ${percent(given.failureRate)}, can't use its store with ${percent(given.storeErrorRate)}; a trial diverges with ${percent(given.divergenceRate)}`,
    `speeds are ${given.isMeasured ? "measured" : "worked out, NOT measured"} (see --speeds)`,
    `${runs} simulated runs: ${completeRuns} came to their end${rules.length === 0 ? "" : `, ${rules.join(", ")}`}`,
  ];
}

type Format = (value: number) => string;

const figures: readonly (readonly [name: keyof Simulation, label: string, format: Format])[] = [
  ["elapsedSeconds", "time until the end", duration],
  ["computingSeconds", "computing time of all trials", duration],
  ["paidSeconds", "time of all instances", duration],
  ["usd", "cost in USD", (value) => value.toFixed(2)],
  ["lostPart", "training that was lost", percent],
  ["reclaims", "instances taken away", (value) => grouped(value)],
  ["failed", "trials that failed", (value) => grouped(value)],
];

function shownTable(simulation: Simulation): Table {
  return tableOf(simulation, (value, format) => format(value));
}

function figureTable(simulation: Simulation): Table {
  return tableOf(simulation, (value) => value);
}

function tableOf(simulation: Simulation, show: (value: number, format: Format) => string | number): Table {
  return {
    columns: [
      { key: "figure", label: "", align: "left" },
      { key: "median", label: "median", align: "right" },
      { key: "low", label: "5 %", align: "right" },
      { key: "high", label: "95 %", align: "right" },
    ],
    rows: figures.flatMap(([name, label, format]) => {
      const spread = simulation[name];
      if (!isSpread(spread)) return [];
      const shown = (value: number) => show(value, format);
      return [{ figure: label, median: shown(spread.median), low: shown(spread.low), high: shown(spread.high) }];
    }),
  };
}

function isSpread(value: Simulation[keyof Simulation]): value is Spread {
  return typeof value === "object" && "median" in value;
}
