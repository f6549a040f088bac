import type { Table, TableCell } from "./table.ts";

const lineEnd = "\r\n";

/**
 * A table as CSV (RFC 4180): the first line has the column keys, numbers have their full precision, an empty cell is
 * empty. Values are written as they are, also those that a spreadsheet would take for a formula: the reader is a
 * program, and a changed name or a quoted `-1` would be wrong data.
 * @returns the text, each line ended by CR LF
 */
export function renderCsv(table: Table): string {
  const lines = table.rows.map((row) => table.columns.map((column) => row[column.key] ?? null));
  return [table.columns.map(({ key }) => key), ...lines].map(csvLine).join("");
}

/** One line of a CSV file with its end. */
export function csvLine(cells: readonly TableCell[]): string {
  return cells.map(csvCell).join(",") + lineEnd;
}

function csvCell(value: TableCell): string {
  return value === null ? "" : quoted(String(value));
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
