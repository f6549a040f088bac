import { crc32c } from "./crc32c.ts";

/**
 * One record of a TFRecord file: length, its masked CRC-32C, content, its masked CRC-32C; all little-endian.
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function tfRecord(content: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(content.length + 16);
  record.writeBigUInt64LE(BigInt(content.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(content, 12);
  record.writeUInt32LE(maskedCrc32c(content), content.length + 12);
  return record;
}

/** Rotated right by 15 bits, plus a constant: a checksum of data that hold checksums would be weak otherwise. */
function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  const rotated = ((crc >>> 15) | (crc << 17)) >>> 0;
  return (rotated + 0xa282ead8) >>> 0;
}
