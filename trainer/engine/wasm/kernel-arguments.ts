import type { backend_util, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";

/** Arguments of a kernel as TensorFlow.js passes them. */
export interface KernelArguments {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
}

/** How an image is padded: a rule, the same number everywhere, or explicit numbers. */
export type Padding = "same" | "valid" | number | backend_util.ExplicitPadding;

type Pair = [number, number];
type Shape4 = [number, number, number, number];

/**
 * An input that must be there.
 * @throws Error if it isn't, or if it isn't float32
 */
export function floatInput(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const tensor = optionalInput(inputs, name);
  if (tensor === undefined) throw new Error(`kernel input ${name} is missing`);
  if (tensor.dtype !== "float32") throw new Error(`kernel input ${name} is ${tensor.dtype}, expected float32`);
  return tensor;
}

/** An input that may be left out (TensorFlow.js passes undefined or null then). */
export function optionalInput(inputs: NamedTensorInfoMap, name: string): TensorInfo | undefined {
  return inputs[name] ?? undefined;
}

/** Whether a flag is set. */
export function flagAttribute(attrs: NamedAttrMap, name: string): 0 | 1 {
  return attrs[name] === true ? 1 : 0;
}

/** A text, or the fallback if the attribute is left out. */
export function textAttribute(attrs: NamedAttrMap, name: string, fallback: string): string {
  const value = attrs[name] ?? fallback;
  if (typeof value !== "string") throw unexpected(name, value, "a text");
  return value;
}

/** Two numbers (height and width), given as a pair or as one number for both; 1 if the attribute is left out. */
export function pairAttribute(attrs: NamedAttrMap, name: string): Pair {
  const value = attrs[name] ?? 1;
  if (typeof value === "number") return [value, value];
  if (isNumbers(value) && value[0] !== undefined && value[1] !== undefined) return [value[0], value[1]];
  throw unexpected(name, value, "one or two numbers");
}

/** The attribute `pad`. */
export function paddingAttribute(attrs: NamedAttrMap): Padding {
  const value: unknown = attrs["pad"];
  if (value === "same" || value === "valid" || typeof value === "number" || isExplicitPadding(value)) return value;
  throw unexpected("pad", value, '"same", "valid", a number or [[0, 0], [top, bottom], [left, right], [0, 0]]');
}

/** The attribute `dimRoundingMode`. */
export function roundingAttribute(attrs: NamedAttrMap): "floor" | "round" | "ceil" | undefined {
  const value: unknown = attrs["dimRoundingMode"] ?? undefined;
  if (value === undefined || value === "floor" || value === "round" || value === "ceil") return value;
  throw unexpected("dimRoundingMode", value, '"floor", "round" or "ceil"');
}

/** Numbers, such as a shape. */
export function numbersAttribute(attrs: NamedAttrMap, name: string): readonly number[] {
  const value = attrs[name];
  if (!isNumbers(value)) throw unexpected(name, value, "numbers");
  return value;
}

/** One or several numbers, such as an axis or axes; undefined if the attribute is left out (or null). */
export function numberOrNumbersAttribute(attrs: NamedAttrMap, name: string): number | number[] | undefined {
  const value: unknown = attrs[name] ?? undefined;
  if (value === undefined || typeof value === "number") return value;
  if (isNumbers(value)) return [...value];
  throw unexpected(name, value, "one or several numbers");
}

/**
 * A shape of four dimensions.
 * @throws Error if it has another number of them
 */
export function shape4(shape: readonly number[]): Shape4 {
  const [first, second, third, fourth] = shape;
  if (
    shape.length !== 4 ||
    first === undefined ||
    second === undefined ||
    third === undefined ||
    fourth === undefined
  ) {
    throw new Error(`shape [${shape.join(", ")}] has ${shape.length} dimensions, expected 4`);
  }
  return [first, second, third, fourth];
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((element) => typeof element === "number");
}

function isExplicitPadding(value: unknown): value is backend_util.ExplicitPadding {
  return Array.isArray(value) && value.length === 4 && value.every((pair) => isNumbers(pair) && pair.length === 2);
}

function unexpected(name: string, value: unknown, expected: string): Error {
  return new Error(`kernel attribute ${name} is ${JSON.stringify(value)}, expected ${expected}`);
}
