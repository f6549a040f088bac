import type { NamedTensor } from "../engine/engine.ts";

/** Names and shapes of tensors that lie one after another in a binary file. */
export type TensorLayout = readonly Pick<NamedTensor, "name" | "shape">[];

const bytesPerValue = Float32Array.BYTES_PER_ELEMENT;

/** The tensors' values one after another as little-endian float32. */
export function encodeTensors(tensors: readonly NamedTensor[]): Uint8Array {
  return Buffer.concat(
    tensors.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
}

/**
 * The tensors that `encodeTensors` wrote.
 * @throws RangeError if there are more or fewer bytes than the layout says
 */
export function decodeTensors(bytes: Uint8Array, layout: TensorLayout): NamedTensor[] {
  // A copy of its own: float32 views need an offset that is a multiple of 4, which a slice of a file may not have.
  const { buffer } = Uint8Array.from(bytes);
  let start = 0;
  const tensors = layout.map(({ name, shape }) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const end = start + size * bytesPerValue;
    if (end > bytes.length) throw new RangeError(`${name} ends at byte ${end} of ${bytes.length}`);
    const values = new Float32Array(buffer, start, size);
    start = end;
    return { name, shape, values };
  });
  if (start !== bytes.length) throw new RangeError(`${bytes.length} bytes, but the tensors end at ${start}`);
  return tensors;
}
