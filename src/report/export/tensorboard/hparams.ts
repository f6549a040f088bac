import { bytesField, doubleField, integerField } from "../../../encoding/protobuf.ts";
import type { ColumnType } from "../exported-table.ts";
import { pluginRecord, type Moment } from "./event.ts";

// Field numbers of TensorBoard's plugins/hparams/{plugin_data,api}.proto and of protobuf's struct.proto.

/** A value of a hyper-parameter. */
export type HyperParameter = string | number | boolean;

/** A hyper-parameter of all trials. */
export interface HyperParameterInfo {
  readonly name: string;
  readonly label: string;
  readonly type: ColumnType;
  /** The values that were tried. */
  readonly values: readonly HyperParameter[];
}

/** A metric that trials are compared by. */
export interface MetricInfo {
  readonly tag: string;
  readonly label: string;
}

/** How a trial ended, as TensorBoard says it. */
export type SessionStatus = "success" | "failure" | "running";

const plugin = "hparams";
const statuses: Readonly<Record<SessionStatus, number>> = { success: 1, failure: 2, running: 3 };
const dataTypes: Readonly<Record<ColumnType, number>> = {
  text: 1,
  time: 1,
  boolean: 2,
  integer: 3,
  number: 3,
  float32: 3,
};

/** What is compared, and by what: the columns of the HParams table. Goes into the root of the log folder. */
export function experimentRecord(
  moment: Moment,
  {
    description,
    hyperParameters,
    metrics,
  }: {
    readonly description: string;
    readonly hyperParameters: readonly HyperParameterInfo[];
    readonly metrics: readonly MetricInfo[];
  },
): Buffer {
  const experiment = Buffer.concat([
    bytesField(1, description),
    doubleField(3, moment.wallSeconds),
    ...hyperParameters.map((info) => bytesField(4, hyperParameterInfo(info))),
    ...metrics.map((info) => bytesField(5, metricInfo(info))),
  ]);
  return pluginRecord(moment, { tag: "_hparams_/experiment", plugin, content: pluginData(2, experiment) });
}

function hyperParameterInfo({ name, label, type, values }: HyperParameterInfo): Buffer {
  const domain = Buffer.concat(values.map((value) => bytesField(1, protobufValue(value))));
  return Buffer.concat([
    bytesField(1, name),
    bytesField(2, label),
    integerField(4, dataTypes[type]),
    ...(values.length === 0 ? [] : [bytesField(5, domain)]),
  ]);
}

function metricInfo({ tag, label }: MetricInfo): Buffer {
  return Buffer.concat([bytesField(1, bytesField(2, tag)), bytesField(3, label)]);
}

/** The beginning of a trial. @param group name that its replicates share */
export function sessionStartRecord(
  moment: Moment,
  {
    group,
    hyperParameters,
  }: {
    readonly group: string;
    readonly hyperParameters: Readonly<Record<string, HyperParameter>>;
  },
): Buffer {
  const entries = Object.entries(hyperParameters).map(([name, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, name), bytesField(2, protobufValue(value))])),
  );
  const start = Buffer.concat([...entries, bytesField(4, group), doubleField(5, moment.wallSeconds)]);
  return pluginRecord(moment, { tag: "_hparams_/session_start_info", plugin, content: pluginData(3, start) });
}

/** The end of a trial, or that it still runs. */
export function sessionEndRecord(moment: Moment, status: SessionStatus): Buffer {
  const end = Buffer.concat([integerField(1, statuses[status]), doubleField(2, moment.wallSeconds)]);
  return pluginRecord(moment, { tag: "_hparams_/session_end_info", plugin, content: pluginData(4, end) });
}

/** The plugin's data format is version 0, which protobuf leaves out. */
function pluginData(field: number, message: Uint8Array): Buffer {
  return bytesField(field, message);
}

function protobufValue(value: HyperParameter): Buffer {
  if (typeof value === "number") return doubleField(2, value);
  return typeof value === "string" ? bytesField(3, value) : integerField(4, value ? 1 : 0);
}
