import { useEffect, useMemo } from "preact/hooks";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import { grouped, percent } from "../number-formats.ts";
import { Choice } from "./choice.tsx";
import { ClassTable } from "./class-table.tsx";
import { CellExamples } from "./cell-examples.tsx";
import { confusionCells, type MatrixUnit } from "./matrix-cells.ts";
import { MatrixKey, MatrixLayout } from "./matrix-layout.tsx";
import { matrixCell, matrixSubject, matrixUnit } from "./matrix-state.ts";
import { MatrixView } from "./matrix-view.tsx";
import type { Model } from "./model.ts";
import { PairTable } from "./pair-table.tsx";
import { SubjectSelect } from "./subject-select.tsx";
import { matrixSubjectOf, tableOf, type MatrixSubject } from "./subjects.ts";

/** Which classes are taken for which, by configuration or trial. */
export function ConfusionSection({ model }: { readonly model: Model }) {
  const subject = matrixSubjectOf(model, matrixSubject.value, 0);
  useEffect(() => model.counts.ask(subject?.trials ?? []), [model, subject?.label]);
  if (!subject) return <p class="hint">This one has no confusion matrix in this report.</p>;
  const table = tableOf(model, subject);
  return (
    <>
      <div class="controls">
        <SubjectSelect model={model} label="Of" subject={subject} onChange={(text) => (matrixSubject.value = text)} />
        <Choice
          label="Numbers"
          state={matrixUnit}
          options={[
            { value: "counts", label: "counts" },
            { value: "shares", label: "% of the true class" },
          ]}
        />
      </div>
      {model.counts.problem.value !== "" && <p class="problem">{model.counts.problem.value}</p>}
      {table === undefined ? (
        <p class="hint">Reading the matrix…</p>
      ) : (
        <Matrix model={model} subject={subject} table={table} unit={matrixUnit.value} />
      )}
    </>
  );
}

interface MatrixProps {
  readonly model: Model;
  readonly subject: MatrixSubject;
  readonly table: ConfusionTable;
  readonly unit: MatrixUnit;
}

function Matrix({ model, subject, table, unit }: MatrixProps) {
  const cells = useMemo(() => confusionCells(table, unit), [table, unit]);
  const totals = useMemo(
    () => ({
      rows: table.classes.map(({ support }) => grouped(support)),
      columns: table.classes.map(({ truePositives, falsePositives }) => grouped(truePositives + falsePositives)),
    }),
    [table],
  );
  return (
    <>
      <MatrixKey hit="right" miss="wrong (relative to the largest error)">
        accuracy {percent(table.accuracy)}
        {table.accuracyInterval &&
          ` (95 % Wilson interval ${percent(table.accuracyInterval.low)} to ${percent(table.accuracyInterval.high)})`}{" "}
        · macro F1 {percent(table.macro.f1)} · Cohen’s κ {table.cohensKappa.toFixed(4)} · {grouped(table.exampleCount)}{" "}
        predictions
      </MatrixKey>
      <MatrixLayout classCount={table.classNames.length}>
        <MatrixView
          caption={subject.label}
          classNames={table.classNames}
          cells={cells}
          totals={totals}
          chosen={matrixCell}
        />
        <PairTable table={table} />
      </MatrixLayout>
      <CellExamples model={model} subject={subject} cell={matrixCell} classNames={table.classNames} />
      <h3>By class</h3>
      <ClassTable table={table} label={subject.label} />
    </>
  );
}
