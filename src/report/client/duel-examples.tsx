import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Mistake } from "../block-format.ts";
import { grouped } from "../number-formats.ts";
import { parseCell } from "./cell-examples.tsx";
import { ExampleList, type ShownExample } from "./example-list.tsx";
import type { Model } from "./model.ts";
import type { MatrixSubject } from "./subjects.ts";

interface DuelExamplesProps {
  readonly model: Model;
  readonly a: MatrixSubject;
  readonly b: MatrixSubject;
  /** `row.column`: only examples of that cell; empty = all. */
  readonly cell: Signal<string>;
  readonly classNames: readonly string[];
}

/** Which test examples A has right and B wrong, and the reverse. */
export function DuelExamples({ model, a, b, cell, classNames }: DuelExamplesProps) {
  const trials = [...a.trials, ...b.trials];
  useEffect(() => model.mistakes.ask(trials), [model, a.label, b.label]);
  const { configurations } = model.data.settings;
  const hasSameData = configurations[a.entry.index]?.data === configurations[b.entry.index]?.data;
  if (!hasSameData || !trials.every((trial) => model.mistakes.has(trial))) return null;
  const parts = model.mistakes.parts.value;
  if (!trials.every((trial) => parts.has(trial))) return <p class="hint">Reading what they got wrong…</p>;
  const chosen = parseCell(cell.value);
  const wrong = { a: wrongShares(model, a), b: wrongShares(model, b) };
  const name = (index: number): string => classNames[index] ?? String(index);
  const list = (better: keyof typeof wrong, worse: keyof typeof wrong): ShownExample[] =>
    onlyWrong(wrong[better], wrong[worse])
      .filter(({ mistake }) => !chosen || fits(mistake, chosen))
      .map(({ mistake, share, other }) => ({
        example: mistake.example,
        text: `✗ ${name(mistake.predicted)}`,
        note: `true: ${name(mistake.label)}, wrong in ${percentOf(share)} of the seeds (${percentOf(other)} in ${better.toUpperCase()})`,
      }));
  return (
    <>
      <h3>
        Test examples that one has right and the other wrong
        {chosen &&
          ` (true ${name(chosen.label)}${chosen.label === chosen.predicted ? "" : `, predicted ${name(chosen.predicted)}`})`}{" "}
        {chosen && (
          <button type="button" onClick={() => (cell.value = "")}>
            all classes
          </button>
        )}
      </h3>
      <div class="side-by-side">
        <Side model={model} title="A right, B wrong" subject={b} examples={list("a", "b")} />
        <Side model={model} title="B right, A wrong" subject={a} examples={list("b", "a")} />
      </div>
    </>
  );
}

interface SideProps {
  readonly model: Model;
  readonly title: string;
  readonly subject: MatrixSubject;
  readonly examples: readonly ShownExample[];
}

function Side({ model, title, subject, examples }: SideProps) {
  return (
    <div class="card examples" role="region" aria-label={title}>
      <p>
        <strong>{title}</strong>: {grouped(examples.length)} examples, the clearest first
      </p>
      <ExampleList model={model} examples={examples} entry={subject.entry} />
    </div>
  );
}

function percentOf(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The right cell of a class stands for all its mistakes. */
function fits(mistake: Mistake, { label, predicted }: { readonly label: number; readonly predicted: number }): boolean {
  return mistake.label === label && (label === predicted || mistake.predicted === predicted);
}

interface WrongShare {
  readonly mistake: Mistake;
  /** Of the seeds that got the example wrong, 0…1. */
  readonly share: number;
}

function wrongShares({ mistakes }: Model, { trials }: MatrixSubject): ReadonlyMap<number, WrongShare> {
  const shares = new Map<number, WrongShare>();
  for (const trial of trials) {
    for (const mistake of mistakes.parts.value.get(trial)?.mistakes ?? []) {
      const share = (shares.get(mistake.example)?.share ?? 0) + 1 / trials.length;
      shares.set(mistake.example, { mistake, share });
    }
  }
  return shares;
}

/** What most seeds of the worse one get wrong and most of the better one right, the clearest first. */
function onlyWrong(better: ReadonlyMap<number, WrongShare>, worse: ReadonlyMap<number, WrongShare>) {
  return [...worse.values()]
    .map(({ mistake, share }) => ({ mistake, share, other: better.get(mistake.example)?.share ?? 0 }))
    .filter(({ share, other }) => share > 0.5 && other < 0.5)
    .sort((x, y) => y.share - y.other - (x.share - x.other) || x.mistake.example - y.mistake.example);
}
