import { expect, test } from "vitest";
import { crc32c } from "../../src/encoding/crc32c.ts";
import { tfRecord } from "../../src/encoding/tf-record.ts";

test.each([
  ["32 zero bytes", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 bytes ascending", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ["nothing", new Uint8Array(), 0],
])("the CRC-32C of %s is that of RFC 3720, B.4", (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test("a record has the framing that TensorFlow writes", () => {
  const record = tfRecord(Buffer.from("nightsweep"));

  // RecordWriter of TensorBoard 2.21 (Python) for the same ten bytes.
  expect(record.toString("hex")).toBe("0a00000000000000aea3bf3a6e69676874737765657045ffeff9");
});
