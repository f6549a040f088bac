import type { ModelDuel } from "../../compare/model-duel.ts";
import type { Mistake } from "../block-format.ts";
import { grouped, percent, signed } from "../number-formats.ts";
import { parseCell } from "./cell-examples.tsx";
import { ExampleList, type ShownExample } from "./example-list.tsx";
import { duelCell } from "./matrix-state.ts";
import type { Model } from "./model.ts";
import type { MatrixSubject } from "./subjects.ts";

/** Whether A is better than B on these test examples, in words. */
export function DuelSummary({ duel }: { readonly duel: ModelDuel }) {
  const { examples, accuracyA, accuracyB, difference, interval, onlyA, onlyB, p } = duel;
  const test = duel.trialsA === 1 && duel.trialsB === 1 ? "McNemar test" : "sign test";
  const isFound = p < 0.05;
  return (
    <p class="key">
      <span>
        On the same {grouped(examples)} test examples: A {percent(accuracyA)}, B {percent(accuracyB)}, difference{" "}
        {signed(difference * 100, 2)} points (95 % {signed(interval.low * 100, 2)} to {signed(interval.high * 100, 2)},
        paired bootstrap). {grouped(onlyA.length)} examples speak for A, {grouped(onlyB.length)} for B: exact {test}, p{" "}
        {p < 0.0001 ? "< 0.0001" : `= ${p.toPrecision(2)}`},{" "}
        {isFound ? `so ${difference > 0 ? "A" : "B"} is better` : "so this may be luck"} on such examples.
      </span>
    </p>
  );
}

interface DuelExamplesProps {
  readonly model: Model;
  readonly a: MatrixSubject;
  readonly b: MatrixSubject;
  readonly duel: ModelDuel;
  readonly classNames: readonly string[];
}

/** Which test examples A has right and B wrong, and the reverse; of the chosen cell, or of all. */
export function DuelExamples({ model, a, b, duel, classNames }: DuelExamplesProps) {
  const chosen = parseCell(duelCell.value);
  const name = (index: number): string => classNames[index] ?? String(index);
  const list = (examples: readonly number[], worse: MatrixSubject): ShownExample[] =>
    examples.flatMap((example) => {
      const wrong = mistakesOf(model, worse, example);
      const [mistake] = chosen ? wrong.filter((candidate) => fits(candidate, chosen)) : wrong;
      if (!mistake) return [];
      const seeds = worse.trials.length > 1 ? ` · ${wrong.length} of ${worse.trials.length} seeds` : "";
      return [{ example, text: `✗ ${name(mistake.predicted)}`, note: `true: ${name(mistake.label)}${seeds}` }];
    });
  return (
    <>
      <h3>
        Test examples that one has right and the other wrong
        {chosen &&
          ` (true ${name(chosen.label)}${chosen.label === chosen.predicted ? "" : `, predicted ${name(chosen.predicted)}`})`}{" "}
        {chosen && (
          <button type="button" onClick={() => (duelCell.value = "")}>
            all classes
          </button>
        )}
      </h3>
      <div class="side-by-side">
        <Side model={model} title="A right, B wrong" subject={b} examples={list(duel.onlyA, b)} />
        <Side model={model} title="B right, A wrong" subject={a} examples={list(duel.onlyB, a)} />
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
        <strong>{title}</strong>
        {subject.trials.length > 1 && " more often"}: {grouped(examples.length)} examples, the clearest first
        {subject.trials.length > 1 && ", with how many seeds were wrong"}
      </p>
      <ExampleList model={model} examples={examples} entry={subject.entry} />
    </div>
  );
}

/** What the seeds of a subject took an example for, where they were wrong. */
function mistakesOf({ mistakes }: Model, { trials }: MatrixSubject, example: number): Mistake[] {
  return trials.flatMap((trial) => {
    const own = mistakes.parts.value.get(trial)?.mistakes ?? [];
    const at = lowerBound(own, example);
    const found = own[at];
    return found?.example === example ? [found] : [];
  });
}

/** The place of the first mistake whose example is not below a number; mistakes are in the order of their examples. */
function lowerBound(mistakes: readonly Mistake[], example: number): number {
  let [low, high] = [0, mistakes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((mistakes[middle]?.example ?? 0) < example) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The right cell of a class stands for all its mistakes. */
function fits(mistake: Mistake, { label, predicted }: { readonly label: number; readonly predicted: number }): boolean {
  return mistake.label === label && (label === predicted || mistake.predicted === predicted);
}
