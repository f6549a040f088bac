import { displayWidth } from "./display-width.ts";
import { cellText, type Table, type TableColumn } from "./table.ts";

const gap = "  ";

/**
 * A table as aligned plain text for terminals: labels, a rule, one line a row. No colour, no trailing blanks.
 * Control characters in names are replaced so that a name cannot move the cursor or change colours.
 * @returns the text, each line ended by a line feed
 */
export function renderTextTable(table: Table): string {
  const header = table.columns.map((column) => visible(column.label));
  const body = table.rows.map((row) => table.columns.map((column) => visible(cellText(column, row))));
  const widths = table.columns.map((_, index) =>
    Math.max(...[header, ...body].map((cells) => displayWidth(cells[index] ?? ""))),
  );
  const rule = widths.map((width) => "─".repeat(width));
  const line = (cells: readonly string[]) => alignCells(cells, widths, table.columns);
  return [line(header), `${rule.join(gap)}\n`, ...body.map(line)].join("");
}

function alignCells(cells: readonly string[], widths: readonly number[], columns: readonly TableColumn[]): string {
  const aligned = cells.map((cell, index) => {
    const blanks = " ".repeat((widths[index] ?? 0) - displayWidth(cell));
    return columns[index]?.align === "right" ? blanks + cell : cell + blanks;
  });
  return `${aligned.join(gap).trimEnd()}\n`;
}

function visible(text: string): string {
  return text.replace(/[\t\r\n\u2028\u2029]+/g, " ").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
