import { renderTextTable } from "../report/render-text-table.ts";
import type { Table } from "../report/table.ts";
import { renderInline } from "../spec/example.ts";
import { formatPath, formatPosition } from "../spec/issue.ts";
import type { Experiment } from "../spec/parse-experiment.ts";
import { resolveConfig, type ResolvedValue } from "../spec/resolve-config.ts";
import type { SourceMap } from "../spec/source-map.ts";
import type { CommandResult } from "./output.ts";

/** Every value of an experiment and where it comes from, as a command's result. */
export function configResult(experiment: Experiment, source: SourceMap): CommandResult {
  const values = resolveConfig(experiment, source);
  const table = valueTable(values);
  const json = {
    schemaVersion: 1,
    values: values.map(({ path, value, origin, sweptIn }) => ({
      path: formatPath(path),
      value,
      from: fromOf(origin),
      ...(sweptIn !== undefined && { sweptIn }),
    })),
  };
  return { json, table, human: () => renderTextTable(table) };
}

function fromOf(origin: ResolvedValue["origin"]): object {
  if (origin.type === "default") return { type: "default" };
  const { file, line, column, isSetting } = origin.position;
  return isSetting ? { type: "set", flag: file } : { type: "file", file, line, column };
}

function valueTable(values: readonly ResolvedValue[]): Table {
  return {
    columns: (["path", "value", "from"] as const).map((key) => ({ key, label: key, align: "left" })),
    rows: values.map(({ path, value, origin, sweptIn }) => ({
      path: formatPath(path),
      value: `${renderInline(value)}${sweptIn === undefined ? "" : ` (swept in ${sweptIn})`}`,
      from: origin.type === "default" ? "default" : formatPosition(origin.position),
    })),
  };
}
