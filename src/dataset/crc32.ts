const table = Uint32Array.from({ length: 256 }, (_, value) => {
  let remainder = value;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/** The CRC-32 of ISO 3309, as PNG and gzip use it (Node 20.19 has none of its own). */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const value of bytes) remainder = (remainder >>> 8) ^ (table[(remainder ^ value) & 0xff] ?? 0);
  return (remainder ^ 0xffffffff) >>> 0;
}
