import type { Comparison, ConfigurationRow, TrialRow } from "../../compare/comparison.ts";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import type { ResolvedTrial } from "../../plan/plan.ts";
import type { RunRecords, TrialRecord } from "../../record/run-records.ts";
import { collectProvenance } from "../collect-provenance.ts";
import { describeConfiguration } from "../describe-configuration.ts";
import { grouped, percent } from "../number-formats.ts";
import { escapeMarkdown, renderMarkdownTable } from "../render-markdown.ts";
import { verdictOf } from "../verdict-of.ts";
import { limitsOf } from "./limits-of.ts";
import { architectureTable, classTable, confusedPairs, figureTable, trainingTable } from "./card-tables.ts";

/** What a model card is written from. */
export interface ModelCard {
  readonly records: RunRecords;
  readonly comparison: Comparison;
  readonly trial: ResolvedTrial;
  readonly record: TrialRecord;
  readonly row: TrialRow;
  /** Of this one trial. */
  readonly confusion: ConfusionTable;
}

/**
 * A model card in Markdown: what the model is, what it learned from, how it did and how sure that is, what it is not good
 * for, where it comes from, and how to make and use it again. Says only what is recorded.
 * @see Mitchell et al., Model Cards for Model Reporting, 2019, https://arxiv.org/abs/1810.03993
 */
export function renderModelCard(card: ModelCard): string {
  const { comparison, confusion, trial } = card;
  return [
    `# ${escapeMarkdown(titleOf(card))}`,
    summary(card),
    section("Figures", figures(card)),
    section(
      "By class",
      `On ${grouped(confusion.exampleCount)} test examples; ratios with an empty denominator are 0.\n\n${renderMarkdownTable(classTable(confusion))}`,
    ),
    section("Most frequent mistakes", confusedPairs(confusion)),
    section(
      "Limits",
      limitsOf(card)
        .map((limit) => `- ${escapeMarkdown(limit)}`)
        .join("\n"),
    ),
    section("Data", factLists(card, "Data: ")),
    section(
      "Architecture",
      `${escapeMarkdown(architectureLine(trial))}\n\n${renderMarkdownTable(architectureTable(trial.model))}`,
    ),
    section("Training", renderMarkdownTable(trainingTable(trial))),
    section("Where it comes from", factLists(card, "Computed by", "Trained by")),
    section("To make and use it again", commands(comparison, card.row)),
  ]
    .map((part) => part.trimEnd())
    .join("\n\n")
    .concat("\n");
}

function titleOf({ comparison, row }: ModelCard): string {
  const { experiment, columns } = comparison;
  return columns.length === 0 ? experiment : `${experiment}: ${describeConfiguration(row.values, columns)}`;
}

function summary({ records, comparison, row, confusion }: ModelCard): string {
  const { description } = records.plan;
  const { accuracyInterval: interval, accuracy } = confusion;
  const sure = interval === undefined ? "" : ` (95 % interval ${percent(interval.low)} … ${percent(interval.high)})`;
  return [
    ...(description === undefined ? [] : [escapeMarkdown(description)]),
    `Trial \`${row.trialId}\`, seed ${row.seed}, of run \`${comparison.runId}\`. Test accuracy ${percent(accuracy)}${sure}.`,
    escapeMarkdown(`${placeOf(comparison, row)} ${verdictOf(comparison)}`),
  ].join("\n\n");
}

function placeOf({ configurations, rankedBy }: Comparison, row: TrialRow): string {
  const configuration = configurations.find(isOf(row));
  if (configuration?.rank === undefined || rankedBy === undefined) return "Its configuration is not ranked.";
  const { rank, tiedRank } = configuration;
  const tie = tiedRank !== undefined && tiedRank < rank ? ` (can't be told from rank ${tiedRank})` : "";
  return `Its configuration has rank ${rank} of ${configurations.length}${tie}. ${rankedBy.why}`;
}

function isOf({ configurationId }: TrialRow): (row: ConfigurationRow) => boolean {
  return (row) => row.configurationId === configurationId;
}

function figures({ comparison, row, confusion }: ModelCard): string {
  const configuration = comparison.configurations.find(isOf(row));
  const table = figureTable(comparison, { row, configuration, confusion });
  return `Of this trial; over its configuration's seeds: mean ± standard deviation, and the 95 % interval of the mean.\n\n${renderMarkdownTable(table)}`;
}

function architectureLine({ model }: ResolvedTrial): string {
  const weights = model.initialWeights === undefined ? "" : "; starts from trained weights";
  const name = model.name === undefined ? "" : `${model.name}: `;
  return `${name}${grouped(model.parameterCount)} trained parameters, ${grouped(model.multiplyAdds)} multiply-adds an example${weights}.`;
}

/** A card is made to be shown to others: names of one's machines and folders are nobody's business. */
const privateFacts = new Set(["Host", "In the folder"]);

/** The facts of the report's provenance whose titles begin like this. */
function factLists({ records, record }: ModelCard, ...titles: readonly string[]): string {
  const own = { ...records, trials: [record] };
  const groups = collectProvenance(own).filter(({ title }) => titles.some((start) => title.startsWith(start)));
  return groups
    .map(({ title, facts }) => {
      const lines = facts
        .filter(({ label }) => !privateFacts.has(label))
        .map(({ label, value }) => `- ${escapeMarkdown(label)}: ${escapeMarkdown(withoutFolders(value))}`);
      return `**${escapeMarkdown(title)}**\n\n${lines.join("\n")}`;
    })
    .join("\n\n");
}

/** `/home/me/project/a.yaml` as `a.yaml`, also within a command. */
function withoutFolders(value: string): string {
  return value.replaceAll(/(?<=^|[\s'"=])(?:[A-Za-z]:)?[\\/](?:[^\s\\/'"]+[\\/])+(?=[^\s\\/])/g, "");
}

function commands({ experiment, runId }: Comparison, { trialId }: TrialRow): string {
  const reference = `${experiment} ${trialId.slice(0, 8)} --run ${runId}`;
  return [
    "```sh",
    `nightsweep reproduce ${reference}    # trains it again and says what differs`,
    `nightsweep evaluate ${reference}     # tests the saved model again`,
    `nightsweep predict ${reference} --image my-image.png`,
    `nightsweep export ${reference} --to weights.safetensors`,
    "```",
  ].join("\n");
}

function section(title: string, content: string): string {
  return `## ${title}\n\n${content}`;
}
