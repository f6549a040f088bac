import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../src/record/safetensors.ts";
import { hashWeights, type WeightTensor } from "../../src/record/weight-tensors.ts";

const tensor = fc
  .tuple(fc.string({ minLength: 1 }), fc.array(fc.nat({ max: 4 }), { maxLength: 4 }))
  .filter(([name]) => name !== "__metadata__")
  .chain(([name, shape]) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return fc
      .array(fc.float({ noNaN: true }), { minLength: size, maxLength: size })
      .map((values): WeightTensor => ({ name, shape, values: Float32Array.from(values) }));
  });
const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 });
const byName = (all: readonly WeightTensor[]) => all.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** A file with any header, well-formed or not. */
function fileOf(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

describe("a safetensors file", () => {
  test("gives back the tensors that were written", () => {
    fc.assert(
      fc.property(tensors, (written) => {
        const read = decodeSafetensors(encodeSafetensors(written));
        expect("tensors" in read && byName(read.tensors)).toEqual(byName(written));
      }),
    );
  });

  // Made with safetensors 0.8.0 for Python: safetensors.numpy.save({"a/bias": float32 [1, -2], "a/kernel": float32 [[0.5]]}).
  test("has the bytes that the reference implementation writes", () => {
    const header =
      '{"a/bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a/kernel":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}}';
    const reference = fileOf(header.padEnd(128), Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f));
    const tensors = [
      { name: "a/bias", shape: [2], values: Float32Array.of(1, -2) },
      { name: "a/kernel", shape: [1, 1], values: Float32Array.of(0.5) },
    ];

    expect(decodeSafetensors(reference)).toEqual({ tensors });
    expect(encodeSafetensors(tensors)).toEqual(reference);
  });

  test("may carry metadata and lie anywhere in memory", () => {
    const file = fileOf(
      { __metadata__: { format: "pt" }, x: { dtype: "F32", shape: [1], data_offsets: [0, 4] } },
      new Uint8Array(Float32Array.of(3).buffer),
    );
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);

    expect(decodeSafetensors(shifted.subarray(3))).toEqual({
      tensors: [{ name: "x", shape: [1], values: Float32Array.of(3) }],
    });
  });
});

const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
const data = new Uint8Array(8);
const hugeLength = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123, 125);

describe("a hostile or damaged file is refused with the reason", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /0 bytes are no safetensors file/],
    ["a header longer than the file", hugeLength, /header would have 18446744073709551615 bytes/],
    ["a header that is no JSON", fileOf("{nonsense"), /no JSON map/],
    ["a header that is a list", fileOf([1]), /no JSON map/],
    ["a header that is not UTF-8", new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe]), /no JSON map/],
    ["a tensor without description", fileOf({ x: 3 }), /"x" has no description/],
    ["half precision", fileOf({ x: { ...entry, dtype: "F16" } }, data), /"x" is F16, expected F32/],
    ["a negative dimension", fileOf({ x: { ...entry, shape: [-2] } }, data), /no valid shape/],
    ["a fractional dimension", fileOf({ x: { ...entry, shape: [0.5] } }, data), /no valid shape/],
    ["a shape that is no list", fileOf({ x: { ...entry, shape: "2" } }, data), /no valid shape/],
    ["dimensions whose product overflows", fileOf({ x: { ...entry, shape: [2 ** 40, 2 ** 40] } }, data), /needs/],
    ["more values than bytes", fileOf({ x: { ...entry, shape: [3] } }, data), /needs 12 bytes, it has 8/],
    ["offsets behind the end", fileOf({ x: { ...entry, data_offsets: [8, 16] } }, data), /does not start where/],
    ["offsets in reverse", fileOf({ x: { ...entry, data_offsets: [8, 0] } }, data), /it has -8/],
    ["one offset", fileOf({ x: { ...entry, data_offsets: [0] } }, data), /no valid data_offsets/],
    ["overlapping tensors", fileOf({ x: entry, y: entry }, data), /"y" does not start where/],
    ["a hole", fileOf({ x: { ...entry, data_offsets: [4, 12] } }, new Uint8Array(12)), /does not start where/],
    ["bytes that belong to no tensor", fileOf({ x: entry }, new Uint8Array(9)), /tensors have 8 bytes, but 9/],
    ["values that are cut off", fileOf({ x: entry }, new Uint8Array(7)), /tensors have 8 bytes, but 7/],
  ])("%s", (_, file, problem) => {
    const read = decodeSafetensors(file);

    expect("problem" in read && read.problem).toMatch(problem);
    expect("fix" in read && read.fix).toBeTruthy();
  });

  test("and random changes to a good one never throw", () => {
    const good = encodeSafetensors([{ name: "a/kernel", shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }]);

    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1 }), (changes) => {
        const file = Uint8Array.from(good);
        for (const [position, value] of changes) file[position] = value;
        const read = decodeSafetensors(file);
        expect("tensors" in read || "problem" in read).toBe(true);
      }),
    );
  });
});

test("the hash of weights depends on names, shapes and values, not on their order", () => {
  const a: WeightTensor = { name: "a", shape: [2], values: Float32Array.of(1, 2) };
  const b: WeightTensor = { name: "b", shape: [1], values: Float32Array.of(3) };

  expect(hashWeights([a, b])).toBe(hashWeights([b, a]));
  const others = [
    [{ ...a, name: "c" }, b],
    [{ ...a, shape: [2, 1] }, b],
    [{ ...a, values: Float32Array.of(1, 4) }, b],
    [a],
  ];
  for (const other of others) expect(hashWeights(other)).not.toBe(hashWeights([a, b]));
});
