import { csvLine } from "../render-csv.ts";
import type { TableCell, TableRow } from "../table.ts";
import type { TableEncoder, TypedColumn } from "./exported-table.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");

/** A table as CSV (RFC 4180), as `renderCsv` writes it. */
export function csvEncoder(columns: readonly TypedColumn[]): TableEncoder {
  let head = csvLine(columns.map(({ key }) => key));
  return {
    encode(rows) {
      const lines = rows.map((row) => csvLine(columns.map(({ key }) => row[key] ?? null)));
      const text = head + lines.join("");
      head = "";
      return bytesOf(text);
    },
    finish: () => bytesOf(head),
  };
}

/** A table as one JSON array with an object a row, each on a line of its own; an empty cell is `null`. */
export function jsonEncoder(columns: readonly TypedColumn[]): TableEncoder {
  let separator = "[\n";
  return {
    encode(rows) {
      if (rows.length === 0) return new Uint8Array();
      const text = separator + rows.map((row) => JSON.stringify(filled(columns, row))).join(",\n");
      separator = ",\n";
      return bytesOf(text);
    },
    finish: () => bytesOf(separator === "[\n" ? "[]\n" : "\n]\n"),
  };
}

/** A row with all cells, in the columns' order and of the columns' types. */
function filled(columns: readonly TypedColumn[], row: TableRow): Record<string, TableCell> {
  return Object.fromEntries(columns.map(({ key, type }) => [key, asText(row[key] ?? null, type === "text")]));
}

/** The values of a column that mixes numbers with texts are texts, in every row. */
function asText(value: TableCell, isText: boolean): TableCell {
  return isText && value !== null ? String(value) : value;
}
