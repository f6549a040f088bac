/** What a cell holds: the value itself, never its rendering. `null` = there is none. */
export type TableCell = string | number | boolean | null;

/** A column of a table. */
export interface TableColumn {
  /** Name for scripts: the CSV header and the key in each row. */
  readonly key: string;
  /** Name for people. */
  readonly label: string;
  readonly align: "left" | "right";
  /** How people read a number of this column; CSV always has the full precision. Default: as JavaScript prints it. */
  readonly format?: (value: number) => string;
}

/** A row: cells by column key; a missing key is an empty cell. */
export type TableRow = Readonly<Record<string, TableCell>>;

/** Any two-dimensional result, independent of how it is shown. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

const emptyCellText = "–";

/**
 * The text that people read in a cell: `format` applied to numbers, yes/no for claims, a dash for nothing.
 * The text is raw: each rendering escapes it in its own way.
 */
export function cellText(column: TableColumn, row: TableRow): string {
  const value = row[column.key] ?? null;
  if (value === null || value === "") return emptyCellText;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return column.format ? column.format(value) : String(value);
  return value;
}
