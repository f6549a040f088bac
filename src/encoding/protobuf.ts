// The wire format of protocol buffers, as far as TensorFlow's graphs and event files need it.
// https://protobuf.dev/programming-guides/encoding

/** An integer, enum or boolean field. */
export function integerField(field: number, value: number | bigint): Buffer {
  return Buffer.concat([tag(field, 0), varint(value)]);
}

/** A `float` field. */
export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, 5), bytes]);
}

/** A `double` field. */
export function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, 1), bytes]);
}

/** A field with a string, bytes or a message in it. */
export function bytesField(field: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([tag(field, 2), varint(bytes.length), bytes]);
}

/** A repeated integer field in packed form; nothing if there are no values. */
export function packedField(field: number, values: readonly number[]): Buffer {
  return values.length === 0 ? Buffer.alloc(0) : bytesField(field, Buffer.concat(values.map(varint)));
}

function tag(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType);
}

/** Seven bits a byte, lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number | bigint): Buffer {
  // Almost all are: BigInt arithmetic takes many times as long.
  if (typeof value === "number" && value >= 0 && value < 128) return Buffer.from([value]);
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
