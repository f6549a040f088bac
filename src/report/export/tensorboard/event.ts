import { bytesField, doubleField, floatField, integerField } from "../../../encoding/protobuf.ts";
import { tfRecord } from "../../../encoding/tf-record.ts";

// Field numbers of TensorBoard's event.proto, summary.proto and tensor.proto.

/** When something was logged. */
export interface Moment {
  /** Seconds since 1970. */
  readonly wallSeconds: number;
  readonly step: number;
}

/** A named number. */
export interface Scalar {
  readonly tag: string;
  readonly value: number;
}

/** What every event file begins with. */
export function versionRecord(wallSeconds: number): Buffer {
  return tfRecord(Buffer.concat([doubleField(1, wallSeconds), bytesField(3, "brain.Event:2")]));
}

/** Numbers of one moment. */
export function scalarRecord({ wallSeconds, step }: Moment, scalars: readonly Scalar[]): Buffer {
  const values = scalars.map(({ tag, value }) =>
    bytesField(1, Buffer.concat([bytesField(1, tag), floatField(2, value)])),
  );
  return eventRecord({ wallSeconds, step }, Buffer.concat(values));
}

/** A message for a plugin: it travels in the metadata of a summary without a value of its own. */
export function pluginRecord(
  { wallSeconds, step }: Moment,
  { tag, plugin, content }: { readonly tag: string; readonly plugin: string; readonly content: Uint8Array },
): Buffer {
  const metadata = bytesField(1, Buffer.concat([bytesField(1, plugin), bytesField(2, content)]));
  const value = Buffer.concat([bytesField(1, tag), bytesField(9, metadata), bytesField(8, emptyTensor)]);
  return eventRecord({ wallSeconds, step }, bytesField(1, value));
}

function eventRecord({ wallSeconds, step }: Moment, summary: Uint8Array): Buffer {
  return tfRecord(Buffer.concat([doubleField(1, wallSeconds), integerField(2, step), bytesField(5, summary)]));
}

/** A tensor of one float, 0: the HParams plugin wants some tensor. */
const emptyTensor = Buffer.concat([
  integerField(1, 1),
  bytesField(2, bytesField(2, integerField(1, 1))),
  floatField(5, 0),
]);
