import type { TableColumn, TableRow } from "../table.ts";

/** What a column's values are: `integer` is exact up to 2⁵³, `time` is text as ISO 8601, UTC. */
export type ColumnType = "integer" | "number" | "float32" | "text" | "boolean" | "time";

/** A column of a table for other programs; any cell may be empty. */
export interface TypedColumn extends TableColumn {
  readonly type: ColumnType;
}

/** The tables that a run is exported as. */
export const exportedTableNames = ["trials", "curves", "steps", "predictions"] as const;

/** One of the exported tables. */
export type ExportedTableName = (typeof exportedTableNames)[number];

/** A table whose rows come in parts: there may be more of them than fit memory. */
export interface ExportedTable {
  readonly name: ExportedTableName;
  readonly columns: readonly TypedColumn[];
  readonly parts: AsyncIterable<readonly TableRow[]>;
}

/** Writes a table as a file of some format, part after part. */
export interface TableEncoder {
  /** @returns the bytes that are next in the file; maybe none yet */
  encode(rows: readonly TableRow[]): Uint8Array;
  /** @returns the last bytes of the file */
  finish(): Uint8Array;
}

/** A column of which the key is the label as well. */
export function typedColumn(key: string, type: ColumnType): TypedColumn {
  return { key, label: key, align: type === "text" || type === "boolean" || type === "time" ? "left" : "right", type };
}

/**
 * The type that fits all values of a swept field; what mixes numbers with texts is text.
 * @param values without those of configurations that lack the field
 */
export function typeOfValues(values: readonly (string | number | boolean | null | undefined)[]): ColumnType {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (known.length === 0) return "text";
  if (known.every((value) => typeof value === "boolean")) return "boolean";
  if (known.every((value) => typeof value === "number"))
    return known.every(Number.isSafeInteger) ? "integer" : "number";
  return "text";
}
