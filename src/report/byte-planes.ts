/**
 * Numbers as bytes, plane by plane: all first bytes, then all second ones. Bytes of like meaning stand together, which
 * is what gzip needs. Used by the renderer to write blocks and by the client to read them.
 */

const planeCount = 3;

/**
 * Numbers as 24-bit floats: float32 without its last byte, rounded to nearest.
 * Relative error at most 2^-17 (0.00076 %): five digits. NaN stays NaN.
 * @param values shape [count]
 * @returns shape [3, count]: sign and exponent first
 */
export function encodeFloats(values: ArrayLike<number>): Uint8Array {
  const count = values.length;
  const planes = new Uint8Array(planeCount * count);
  const view = new DataView(new ArrayBuffer(4));
  for (let index = 0; index < count; index++) {
    const value = values[index] ?? Number.NaN;
    view.setFloat32(0, value);
    // A carry may run into the exponent: that is the next larger number, as it should be. Not for infinities and NaN.
    const bits = Number.isFinite(value) ? view.getUint32(0) + 0x80 : view.getUint32(0);
    planes[index] = bits >>> 24;
    planes[count + index] = (bits >>> 16) & 0xff;
    planes[2 * count + index] = (bits >>> 8) & 0xff;
  }
  return planes;
}

/** The numbers that `encodeFloats` was given, rounded. @param planes shape [3, count] */
export function decodeFloats(planes: Uint8Array): Float32Array {
  const count = planes.length / planeCount;
  const bits = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    bits[index] =
      ((planes[index] ?? 0) << 24) | ((planes[count + index] ?? 0) << 16) | ((planes[2 * count + index] ?? 0) << 8);
  }
  return new Float32Array(bits.buffer);
}

/** Collects whole numbers ≥ 0 as bytes: seven bits each, the last byte of a number below 128 (LEB128). */
export class WholeNumberWriter {
  private bytes = new Uint8Array(1024);
  private length = 0;

  write(value: number): void {
    if (this.length + 8 > this.bytes.length) this.grow();
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** What was written so far. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private grow(): void {
    const larger = new Uint8Array(2 * this.bytes.length);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Reads what a `WholeNumberWriter` wrote. */
export class WholeNumberReader {
  private position = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** @throws RangeError after the last number */
  read(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw new RangeError("the block ends within a number");
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }
}
