import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ConfusionTable } from "../../compare/confusion-of.ts";
import { grouped, percent } from "../number-formats.ts";
import type { ReportData } from "../report-data.ts";
import { Choice } from "./choice.tsx";
import { ClassTable } from "./class-table.tsx";
import { confusionCells, type MatrixUnit } from "./matrix-cells.ts";
import { MatrixKey, MatrixLayout } from "./matrix-layout.tsx";
import { MatrixTable } from "./matrix-table.tsx";
import { PairTable } from "./pair-table.tsx";
import { SubjectSelect } from "./subject-select.tsx";

/** Which classes are taken for which, by configuration or trial. */
export function ConfusionSection({ data }: { readonly data: ReportData }) {
  const { confusions, omittedConfusionCount } = data;
  const index = useSignal(0);
  const unit = useSignal<MatrixUnit>("counts");
  const subject = confusions[index.value];
  if (!subject) return null;
  return (
    <>
      <div class="controls">
        <SubjectSelect
          label="Of"
          confusions={confusions}
          value={index.value}
          onChange={(next) => (index.value = next)}
        />
        <Choice
          label="Numbers"
          value={unit.value}
          options={[
            { value: "counts", label: "counts" },
            { value: "shares", label: "% of the true class" },
          ]}
          onChange={(next) => (unit.value = next)}
        />
      </div>
      {omittedConfusionCount > 0 && (
        <p class="hint">
          {omittedConfusionCount} more matrices are left out to keep this file small; `nightsweep compare` shows them.
        </p>
      )}
      <Matrix table={subject.table} label={subject.label} unit={unit.value} />
      <h3>By class</h3>
      <ClassTable table={subject.table} label={subject.label} />
    </>
  );
}

interface MatrixProps {
  readonly table: ConfusionTable;
  readonly label: string;
  readonly unit: MatrixUnit;
}

function Matrix({ table, label, unit }: MatrixProps) {
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
        <MatrixTable caption={label} classNames={table.classNames} cells={cells} totals={totals} />
        <PairTable table={table} />
      </MatrixLayout>
    </>
  );
}
