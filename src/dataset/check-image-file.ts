import { crc32 } from "./crc32.ts";
import { recogniseContent } from "./recognise-content.ts";

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jpegStart = [0xff, 0xd8, 0xff];

/**
 * Checks that a PNG or JPEG file is whole, without decoding it: a PNG's chunks against their checksums, a JPEG by its
 * end marker. The type is told by the content, not by the name.
 * @returns what is wrong with it, or undefined
 */
export function checkImageFile(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "the file is empty";
  if (startsWith(bytes, pngSignature)) return checkPng(bytes);
  if (startsWith(bytes, jpegStart)) return checkJpeg(bytes);
  const kind = recogniseContent(bytes);
  return `it is neither a PNG nor a JPEG image${kind === undefined ? "" : `; this is ${kind}`}`;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((value, index) => bytes[index] === value);
}

/** @see the PNG specification, section 5 (chunk: length, type, data, CRC of type and data) */
function checkPng(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = pngSignature.length;
  while (at + 12 <= bytes.length) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) break;
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) return "the PNG data are damaged (wrong checksum)";
    if (Buffer.from(bytes.subarray(at + 4, at + 8)).toString("latin1") === "IEND") return undefined;
    at = end + 4;
  }
  return "the PNG file is cut off";
}

/** Bytes may follow the image (phones append previews), but its end marker must be there. */
function checkJpeg(bytes: Uint8Array): string | undefined {
  for (let at = bytes.length - 2; at >= 2; at--) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return undefined;
  }
  return "the JPEG file is cut off";
}
