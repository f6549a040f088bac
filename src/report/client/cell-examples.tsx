import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Mistake } from "../block-format.ts";
import { grouped, percent } from "../number-formats.ts";
import { ExampleList, type ShownExample } from "./example-list.tsx";
import { trialAt, type Model } from "./model.ts";
import type { MatrixSubject } from "./subjects.ts";

/** The classes of a chosen cell. */
export function parseCell(text: string): { readonly label: number; readonly predicted: number } | undefined {
  const [label, predicted] = text.split(".").map(Number);
  if (text === "" || label === undefined || predicted === undefined) return undefined;
  return Number.isInteger(label) && Number.isInteger(predicted) ? { label, predicted } : undefined;
}

interface CellExamplesProps {
  readonly model: Model;
  readonly subject: MatrixSubject;
  readonly cell: Signal<string>;
  readonly classNames: readonly string[];
}

/** The test examples of the chosen cell of a confusion matrix. */
export function CellExamples({ model, subject, cell, classNames }: CellExamplesProps) {
  const chosen = parseCell(cell.value);
  useEffect(() => {
    if (chosen) model.mistakes.ask(subject.trials);
  }, [model, subject.label, cell.value]);
  if (!chosen) return null;
  const name = (index: number): string => classNames[index] ?? String(index);
  const title = `${name(chosen.label)} predicted as ${name(chosen.predicted)}`;
  return (
    <div class="card examples" role="region" aria-label={`Test examples: ${title}`}>
      <p>
        <strong>{title}</strong>{" "}
        <button type="button" onClick={() => (cell.value = "")}>
          close
        </button>
      </p>
      <Found model={model} subject={subject} chosen={chosen} name={name} />
    </div>
  );
}

interface FoundProps {
  readonly model: Model;
  readonly subject: MatrixSubject;
  readonly chosen: { readonly label: number; readonly predicted: number };
  readonly name: (index: number) => string;
}

function Found({ model, subject, chosen, name }: FoundProps) {
  if (chosen.label === chosen.predicted) return <p>These are right: reports list the examples that are wrong.</p>;
  const known = subject.trials.filter((trial) => model.mistakes.has(trial));
  if (known.length === 0)
    return (
      <p>
        This report doesn’t hold what these trials predicted; predictions.csv in the record of trial{" "}
        {trialAt(model, subject.trials[0] ?? 0).trialId} does.
      </p>
    );
  const parts = model.mistakes.parts.value;
  const examples = countExamples(
    known.flatMap((trial) => parts.get(trial)?.mistakes ?? []),
    chosen,
  );
  const shown = examples.map(({ mistake, times }): ShownExample => {
    const seeds = known.length > 1 ? `${times} of ${known.length} seeds, ` : "";
    return {
      example: mistake.example,
      text: `✗ ${name(mistake.predicted)} ${percent(mistake.probability)}`,
      note: `${seeds}true: ${name(mistake.label)}`,
    };
  });
  return (
    <>
      <p>
        {grouped(examples.length)} test examples; the surest first
        {known.length > 1 && ", with the mean of the seeds’ probabilities"}.
      </p>
      <ExampleList model={model} examples={shown} entry={subject.entry} />
    </>
  );
}

interface CountedExample {
  readonly mistake: Mistake;
  readonly times: number;
}

/** Each example once, with how many seeds took it for the same class. */
function countExamples(
  mistakes: readonly Mistake[],
  { label, predicted }: { readonly label: number; readonly predicted: number },
): CountedExample[] {
  const found = new Map<number, Mistake[]>();
  for (const mistake of mistakes) {
    if (mistake.label !== label || mistake.predicted !== predicted) continue;
    const same = found.get(mistake.example);
    if (same) same.push(mistake);
    else found.set(mistake.example, [mistake]);
  }
  const counted = [...found.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const probability = same.reduce((sum, mistake) => sum + mistake.probability, 0) / same.length;
    return [{ mistake: { ...first, probability }, times: same.length }];
  });
  return counted.sort((a, b) => b.times - a.times || b.mistake.probability - a.mistake.probability);
}
