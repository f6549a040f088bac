const signatures: readonly (readonly [signature: string, kind: string])[] = [
  ["\x1f\x8b", "gzip-compressed data"],
  ["\x89PNG", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["PK\x03\x04", "a ZIP archive"],
  ["\x93NUMPY", "a NumPy array"],
  ["\x89HDF", "an HDF5 file"],
  ["version https://git-lfs", "a Git LFS pointer, not the file itself"],
  ["<", "a web page"],
  ["\x80\x02", "a Python pickle"],
  ["\x80\x03", "a Python pickle"],
  ["\x80\x04", "a Python pickle"],
];

/**
 * What a file really is, when it is one of the things that often lie where a data file belongs.
 * @param bytes the file's content; only its start is looked at
 * @returns e.g. `a PNG image`; undefined if it isn't recognised. No idx file and no CIFAR file is ever recognised:
 *   the first starts with two zero bytes, the second with a label below 20.
 */
export function recogniseContent(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 32)).toString("latin1");
  return signatures.find(([signature]) => start.startsWith(signature))?.[1];
}
