import { confusionTable, type ConfusionTable } from "../../compare/confusion-of.ts";
import { entryOfId, trialAt, type Entry, type Model } from "./model.ts";

/** What a matrix is of: a configuration summed over its seeds, or one trial. */
export interface MatrixSubject {
  readonly entry: Entry;
  /** Indices into the comparison's trials, of finished ones. */
  readonly trials: readonly number[];
  readonly label: string;
  /** As in an address. */
  readonly text: string;
}

const trialPrefix = "trial.";

/** How a trial is named in an address. */
export function trialText({ trialId }: { readonly trialId: string }): string {
  return `${trialPrefix}${trialId.slice(0, 8)}`;
}

/**
 * What a text of an address means.
 * @param place which configuration of the leaderboard it is if the text says nothing: 0 = the best
 */
export function matrixSubjectOf(model: Model, text: string, place: number): MatrixSubject | undefined {
  const entry = subjectEntry(model, text, place);
  if (!entry) return undefined;
  const id = text.startsWith(trialPrefix) ? text.slice(trialPrefix.length) : undefined;
  const finished = entry.trials.filter((trial) => model.counts.has(trial));
  const trials = id === undefined ? finished : finished.filter((trial) => trialAt(model, trial).trialId.startsWith(id));
  if (trials.length === 0) return undefined;
  const seeds = trials.map((trial) => trialAt(model, trial).seed).join(", ");
  return { entry, trials, label: `${entry.label} · ${trials.length > 1 ? "seeds" : "seed"} ${seeds}`, text };
}

/** The configuration that a text of an address means, or whose trial it means; else the one at a place. */
export function subjectEntry(model: Model, text: string, place: number): Entry | undefined {
  if (text === "") return model.entries[place] ?? model.entries[0];
  if (!text.startsWith(trialPrefix)) return entryOfId(model, text);
  const id = text.slice(trialPrefix.length);
  const trial = model.data.comparison.trials.find(({ trialId }) => trialId.startsWith(id));
  return model.entries.find(({ row }) => row.configurationId === trial?.configurationId);
}

/** The matrix of a subject, with what follows from it; undefined while it is being read. */
export function tableOf(model: Model, { entry, trials }: MatrixSubject): ConfusionTable | undefined {
  const parts = model.counts.parts.value;
  const matrices = trials.map((trial) => parts.get(trial)?.counts).filter((counts) => counts !== undefined);
  if (matrices.length < trials.length) return undefined;
  const { comparison } = model.data;
  const source = {
    experiment: comparison.experiment,
    runId: comparison.runId,
    configurationId: entry.row.configurationId,
    values: entry.row.values,
    trials: trials.map((index) => {
      const { trialId, seed } = trialAt(model, index);
      return { trialId, seed };
    }),
  };
  const size = matrices[0]?.length ?? 0;
  return confusionTable(source, classNames(model, size), matrices);
}

/** Names of the classes; numbers where configurations have different ones. */
function classNames({ data }: Model, size: number): readonly string[] {
  return data.classNames.length === size ? data.classNames : Array.from({ length: size }, (_, index) => String(index));
}
