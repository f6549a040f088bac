// Castagnoli's polynomial, bits reversed.
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, value) => {
  let remainder = value;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
  return remainder;
});

/** The CRC-32C of iSCSI (RFC 3720, appendix B.4), as TensorFlow's record files use it: 0…2³² − 1. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const value of bytes) remainder = (remainder >>> 8) ^ (table[(remainder ^ value) & 0xff] ?? 0);
  return (remainder ^ 0xffffffff) >>> 0;
}
