import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTensors, encodeTensors } from "../../../trainer/model/tensor-bytes.ts";

const layout = [
  { name: "a", shape: [1, 2] },
  { name: "b", shape: [] },
];

test("values lie one after another as little-endian float32", () => {
  const bytes = encodeTensors([
    { name: "a", shape: [1, 2], values: Float32Array.of(1, -2) },
    { name: "b", shape: [], values: Float32Array.of(0.5) },
  ]);

  expect(Buffer.from(bytes).toString("hex")).toBe("0000803f000000c00000003f");
});

test("tensors read back are equal, wherever in a larger buffer they lie", () => {
  const value = fc.float({ noNaN: true });

  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 2 }), value, fc.nat(7), (first, second, offset) => {
      const tensors = [
        { name: "a", shape: [1, 2], values: Float32Array.from(first) },
        { name: "b", shape: [], values: Float32Array.of(second) },
      ];
      const file = Buffer.concat([Buffer.alloc(offset), encodeTensors(tensors)]);
      expect(decodeTensors(file.subarray(offset), layout)).toEqual(tensors);
    }),
  );
});

test("too few or too many bytes are refused", () => {
  expect(() => decodeTensors(new Uint8Array(11), layout)).toThrow("b ends at byte 12 of 11");
  expect(() => decodeTensors(new Uint8Array(16), layout)).toThrow("16 bytes, but the tensors end at 12");
});
