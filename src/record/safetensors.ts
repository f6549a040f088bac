import type { Weights, WeightTensor } from "./weight-tensors.ts";

/** Bytes of the number at the start: how long the header is. */
const lengthBytes = 8;
/** The format's own limit is 100 MB; no header of a model that fits this program comes near this one. */
const maxHeaderBytes = 16 * 1024 * 1024;
const bytesPerValue = Float32Array.BYTES_PER_ELEMENT;

/**
 * Reads a file in the safetensors format with float32 tensors: 8 bytes of header length (little-endian), a JSON header,
 * then the values. Every claim of the header is checked before anything is made of it.
 * @see https://github.com/huggingface/safetensors (format: no holes, no overlaps)
 */
export function decodeSafetensors(bytes: Uint8Array): Weights {
  try {
    const { header, dataStart } = readHeader(bytes);
    const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
    const claims = entries.map(([name, entry]) => readClaim(name, entry));
    checkCoverage(claims, bytes.length - dataStart);
    return { tensors: claims.map((claim) => readTensor(claim, bytes.subarray(dataStart))) };
  } catch (error) {
    if (!(error instanceof FormatProblem)) throw error;
    return { problem: error.message, fix: error.fix };
  }
}

/** Writes float32 tensors as a safetensors file; the same tensors give the same bytes. */
export function encodeSafetensors(tensors: readonly WeightTensor[]): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, shape, values }) => {
    const begin = offset;
    offset += values.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [begin, offset] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Spaces up to a multiple of 8, as the reference implementation does: the values are then aligned.
  const headerBytes = Math.ceil(json.length / lengthBytes) * lengthBytes;
  const file = new Uint8Array(lengthBytes + headerBytes + offset).fill(0x20, lengthBytes, lengthBytes + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, lengthBytes);
  let position = lengthBytes + headerBytes;
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
    position += values.byteLength;
  }
  return file;
}

class FormatProblem extends Error {
  constructor(
    problem: string,
    readonly fix = "write the file again with a safetensors library, as float32",
  ) {
    super(problem);
  }
}

/** Where the header says that a tensor lies. */
interface Claim {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function readHeader(bytes: Uint8Array): { readonly header: object; readonly dataStart: number } {
  if (bytes.length < lengthBytes) throw new FormatProblem(`${bytes.length} bytes are no safetensors file`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (length > BigInt(Math.min(maxHeaderBytes, bytes.length - lengthBytes)))
    throw new FormatProblem(
      `its header would have ${length} bytes, the file has ${bytes.length}: it is cut off, or no safetensors file`,
    );
  const dataStart = lengthBytes + Number(length);
  return { header: parseHeader(bytes.subarray(lengthBytes, dataStart)), dataStart };
}

function parseHeader(bytes: Uint8Array): object {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isMap(header)) return header;
  } catch {
    // Told below, in words that don't need the position inside the header.
  }
  throw new FormatProblem("its header is no JSON map: it is damaged, or no safetensors file");
}

function readClaim(name: string, entry: unknown): Claim {
  const what = `the tensor ${JSON.stringify(name.slice(0, 60))}`;
  if (!isMap(entry)) throw new FormatProblem(`${what} has no description in the header`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== "F32")
    throw new FormatProblem(
      `${what} is ${typeof dtype === "string" ? dtype.slice(0, 20) : "of unknown type"}, expected F32`,
      "convert it to float32 before saving, e.g. `tensor.float()` in PyTorch",
    );
  if (!isCounts(shape) || shape.length > 8) throw new FormatProblem(`${what} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw new FormatProblem(`${what} has no valid data_offsets`);
  const [begin = 0, end = 0] = offsets;
  const size = shape.reduce((product, dimension) => product * dimension, bytesPerValue);
  if (end - begin !== size)
    throw new FormatProblem(`${what} of shape [${shape.join(", ")}] needs ${size} bytes, it has ${end - begin}`);
  return { name, shape, begin, end };
}

/** The tensors must follow one another without holes or overlaps, from the first byte of the data to the last. */
function checkCoverage(claims: readonly Claim[], dataBytes: number): void {
  let position = 0;
  for (const { name, begin, end } of claims.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position)
      throw new FormatProblem(
        `the tensor ${JSON.stringify(name.slice(0, 60))} does not start where the one before ends`,
      );
    position = end;
  }
  if (position !== dataBytes)
    throw new FormatProblem(
      `its tensors have ${position} bytes, but ${dataBytes} follow the header: it is cut off or damaged`,
    );
}

function readTensor({ name, shape, begin, end }: Claim, data: Uint8Array): WeightTensor {
  // A copy: float32 views need an offset that is a multiple of 4.
  const { buffer } = new Uint8Array(data.subarray(begin, end));
  return { name, shape, values: new Float32Array(buffer) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
