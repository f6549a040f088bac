import type { NodeDeclaration } from "./graph-def.ts";
import type { NativeValues } from "./native-backend.ts";

/** An operation as tfjs executed it. */
export interface RecordedOperation extends Required<Omit<NodeDeclaration, "name">> {
  /** Its attributes before they were encoded. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Shapes of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  /** Values of the inputs that are constants. */
  readonly constants: readonly (NativeValues | undefined)[];
  /** Shape of the first output. */
  readonly outputShape: readonly number[];
}

/**
 * The same arithmetic in the forms that Keras uses and that TensorFlow knows how to join with their neighbours:
 * `BatchMatMulV2` of matrices as `MatMul`, the addition of a vector to the last dimension as `BiasAdd`, the sum over all
 * other dimensions as `BiasAddGrad`.
 */
export function rewriteOperation<Recorded extends RecordedOperation>(recorded: Recorded): Recorded {
  const { operation, inputs, attributes } = recorded;
  const [first, second] = recorded.shapes;
  const type = attributes["T"];
  if (type === undefined) return recorded;
  const { adj_x: transposeFirst, adj_y: transposeSecond } = attributes;
  if (
    operation === "BatchMatMulV2" &&
    first?.length === 2 &&
    second?.length === 2 &&
    transposeFirst &&
    transposeSecond
  ) {
    const flags = { transpose_a: transposeFirst, transpose_b: transposeSecond };
    return { ...recorded, operation: "MatMul", attributes: { T: type, ...flags } };
  }
  if ((operation === "Add" || operation === "AddV2") && isBias(first, second)) {
    return { ...recorded, operation: "BiasAdd", attributes: { T: type } };
  }
  if (operation === "Sum" && sumsAllButLast(recorded)) {
    return { ...recorded, operation: "BiasAddGrad", inputs: inputs.slice(0, 1), attributes: { T: type } };
  }
  return recorded;
}

function isBias(values: readonly number[] | undefined, bias: readonly number[] | undefined): boolean {
  return values !== undefined && values.length >= 2 && bias?.length === 1 && bias[0] === values.at(-1);
}

function sumsAllButLast({ shapes, constants, attributes }: RecordedOperation): boolean {
  const rank = shapes[0]?.length ?? 0;
  const axes = constants[1];
  const keepsDimensions = attributes["keep_dims"]?.at(-1) === 1;
  if (axes === undefined || rank < 2 || axes.length !== rank - 1 || keepsDimensions) return false;
  return axes.every((axis: number | bigint, position: number) => Number(axis) === position);
}
