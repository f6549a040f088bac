import { displayWidth } from "./display-width.ts";
import { cellText, type Table, type TableColumn } from "./table.ts";

/**
 * A table in GitHub's Markdown. Names can hold anything: what Markdown or HTML would interpret is escaped, and a line
 * break becomes a blank. Columns are padded so that the source can be read as well.
 * @returns the text, each line ended by a line feed
 */
export function renderMarkdownTable(table: Table): string {
  const header = table.columns.map((column) => escapeMarkdown(column.label));
  const body = table.rows.map((row) => table.columns.map((column) => escapeMarkdown(cellText(column, row))));
  const widths = table.columns.map((_, index) =>
    Math.max(3, ...[header, ...body].map((cells) => displayWidth(cells[index] ?? ""))),
  );
  const rule = table.columns.map((column, index) => ruleCell(column, widths[index] ?? 3));
  const padded = [header, ...body].map((cells) =>
    cells.map((cell, index) => pad(cell, widths[index] ?? 3, table.columns[index]?.align ?? "left")),
  );
  const [first = [], ...rest] = padded;
  return [first, rule, ...rest].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** Text that Markdown shows literally, on one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n\t\v\f\u0085\u2028\u2029]+/g, " ")
    .replace(/[\\`*<>[\]~|&$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");
}

function ruleCell(column: TableColumn, width: number): string {
  return column.align === "right" ? `${"-".repeat(width - 1)}:` : "-".repeat(width);
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "right" ? blanks + text : text + blanks;
}
