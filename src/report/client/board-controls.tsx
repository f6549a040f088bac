import { useSignal } from "@preact/signals";
import { renderCsv } from "../render-csv.ts";
import { renderLatexTable } from "../render-latex.ts";
import { renderMarkdownTable } from "../render-markdown.ts";
import type { Table } from "../table.ts";
import type { BaselineTests } from "./baseline-tests.ts";
import { boardTable, isMainFigure, type BoardColumns } from "./board-columns.ts";
import { boardGroup, drawnFigure, hasAllFigures, onlyDiffering } from "./board-state.ts";
import { Flag, Select } from "./choice.tsx";
import { searchText } from "./filters.ts";
import { FilterPanel } from "./filter-panel.tsx";
import type { Entry, Model } from "./model.ts";

interface BoardControlsProps {
  readonly model: Model;
  readonly entries: readonly Entry[];
  readonly columns: BoardColumns;
  readonly tests: BaselineTests;
}

/** What the leaderboard shows and how. */
export function BoardControls({ model, entries, columns, tests }: BoardControlsProps) {
  const figures = model.dimensions.filter(({ group }) => group === "figure");
  const hasMore = figures.some(({ key }) => !isMainFigure(key, model.data.comparison));
  return (
    <>
      <div class="controls">
        <label>
          Search
          <input
            type="search"
            value={searchText.value}
            placeholder="words to find"
            onInput={({ currentTarget }) => (searchText.value = currentTarget.value)}
          />
        </label>
        <Select
          label="Group by"
          value={boardGroup.value}
          options={[
            { value: "", label: "nothing" },
            ...model.dimensions.map(({ key, label }) => ({ value: key, label })),
          ]}
          onChange={(key) => (boardGroup.value = key)}
        />
        {figures.length > 0 && (
          <Select
            label="Draw intervals of"
            value={drawnFigure.value}
            options={[{ value: "none", label: "nothing" }, ...figures.map(({ key, label }) => ({ value: key, label }))]}
            onChange={(key) => (drawnFigure.value = key)}
          />
        )}
        {hasMore && <Flag label="All figures" state={hasAllFigures} />}
        <Flag label="Only columns that differ" state={onlyDiffering} />
        <CopyButtons entries={entries} columns={columns} tests={tests} />
      </div>
      <FilterPanel model={model} />
    </>
  );
}

type Rendering = readonly [label: string, isForPeople: boolean, render: (table: Table) => string];

const renderings: readonly Rendering[] = [
  ["CSV", false, renderCsv],
  ["Markdown", true, renderMarkdownTable],
  ["LaTeX", true, renderLatexTable],
];

/** Copies what is shown, or shows it to be copied where the browser doesn't let a page do that. */
function CopyButtons({ entries, columns, tests }: Omit<BoardControlsProps, "model">) {
  const notice = useSignal("");
  const refused = useSignal("");
  const copy = async ([label, isForPeople, render]: Rendering): Promise<void> => {
    const text = render(boardTable(entries, columns, { tests, isForPeople }));
    try {
      await navigator.clipboard.writeText(text);
      notice.value = `${entries.length} rows copied as ${label}`;
      refused.value = "";
    } catch {
      notice.value = `copy the ${label} from the field`;
      refused.value = text;
    }
  };
  return (
    <fieldset class="choice">
      <legend>Copy the shown rows</legend>
      <div class="options">
        {renderings.map((rendering) => (
          <button key={rendering[0]} type="button" onClick={() => void copy(rendering)}>
            {rendering[0]}
          </button>
        ))}
      </div>
      <span class="notice" role="status">
        {notice.value}
      </span>
      {refused.value !== "" && (
        <textarea readOnly rows={4} aria-label="Text to be copied" value={refused.value} onFocus={selectAll} />
      )}
    </fieldset>
  );
}

function selectAll({ currentTarget }: { readonly currentTarget: HTMLTextAreaElement }): void {
  currentTarget.select();
}
