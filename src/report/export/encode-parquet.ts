import { ByteWriter, ParquetWriter, schemaFromColumnData, type BasicType } from "hyparquet-writer";
import type { TableCell, TableRow } from "../table.ts";
import type { ColumnType, TableEncoder, TypedColumn } from "./exported-table.ts";

/** Rows of a row group: enough for good compression, few enough to hold in memory. */
const rowGroupSize = 50_000;

const parquetTypes: Readonly<Record<ColumnType, BasicType>> = {
  integer: "INT64",
  number: "DOUBLE",
  float32: "FLOAT",
  text: "STRING",
  boolean: "BOOLEAN",
  time: "TIMESTAMP",
};

/**
 * A table as Apache Parquet, snappy-compressed; times have milliseconds.
 * @param facts names and values in the file's metadata
 * @see https://parquet.apache.org/docs/file-format/
 */
export function parquetEncoder(
  columns: readonly TypedColumn[],
  facts: Readonly<Record<string, string>> = {},
): TableEncoder {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaOf(columns),
    createdBy: "nightsweep",
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
  });
  let waiting: TableRow[] = [];
  const writeGroup = (rows: readonly TableRow[]): void => {
    const columnData = columns.map(({ key, type }) => ({ name: key, data: rows.map((row) => cellOf(row[key], type)) }));
    if (rows.length > 0) void writer.write({ columnData, rowGroupSize });
  };
  const take = (): Uint8Array => {
    const taken = bytes.getBytes().slice();
    // `offset`, the position in the file, goes on; only what is held begins anew.
    bytes.index = 0;
    return taken;
  };
  return {
    encode(rows) {
      waiting = waiting.concat(rows);
      while (waiting.length >= rowGroupSize) writeGroup(waiting.splice(0, rowGroupSize));
      return take();
    },
    finish() {
      writeGroup(waiting);
      void writer.finish();
      return take();
    },
  };
}

function schemaOf(columns: readonly TypedColumn[]) {
  return schemaFromColumnData({
    columnData: columns.map(({ key, type }) => ({ name: key, data: [], type: parquetTypes[type], nullable: true })),
  });
}

function cellOf(value: TableCell | undefined, type: ColumnType): bigint | number | string | boolean | Date | null {
  if (value === undefined || value === null) return null;
  if (type === "integer") return BigInt(Number(value));
  if (type === "time") return new Date(String(value));
  return type === "text" ? String(value) : value;
}
