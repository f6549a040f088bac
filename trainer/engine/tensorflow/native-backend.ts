import type { Tensor } from "@tensorflow/tfjs-core";

/** An attribute of an operation, in the bridge's form. */
export interface OperationAttribute {
  readonly name: string;
  /** One of the bridge's `TF_ATTR_…`. */
  readonly type: number;
  readonly value: unknown;
}

/** Names of the kinds of attributes that operations have. */
export const attributeKinds = [
  "TF_ATTR_TYPE",
  "TF_ATTR_INT",
  "TF_ATTR_FLOAT",
  "TF_ATTR_BOOL",
  "TF_ATTR_STRING",
  "TF_ATTR_SHAPE",
] as const;

/** A tensor in TensorFlow, as the bridge names it. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: readonly number[];
}

/** Values that go into and come out of TensorFlow. */
export type NativeValues = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** The C++ side of `@tensorflow/tfjs-node`: what we use of it. Tensors live until they are deleted. */
export interface NativeBinding extends Readonly<Record<(typeof attributeKinds)[number], number>> {
  /** Version of the TensorFlow library. */
  readonly TF_Version: string;
  /** @param dataType number of the type in TensorFlow's `DataType` @param values copied */
  createTensor(shape: readonly number[], dataType: number, values: NativeValues): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): NativeValues;
  /** @param folder with `saved_model.pb`, ending with a slash @returns id of the session */
  loadSavedModel(folder: string, tag: string): number;
  deleteSavedModel(id: number): void;
  /** @param inputs, outputs `node:0` joined by commas */
  runSavedModel(id: number, inputIds: readonly number[], inputs: string, outputs: string): readonly NativeTensor[];
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}

/** What an operation takes besides tensors: a 64-bit integer. */
export interface Int64Input {
  readonly valueArray: Int32Array;
}

/** An input of an operation. */
export type OperationInput = Tensor | Int64Input;

/** The JavaScript side: the backend that tfjs' kernels execute operations with. */
export interface NativeBackend {
  readonly binding: NativeBinding;
  readonly tensorMap: {
    get(dataId: object): { readonly id: number; readonly values: NativeValues | null } | undefined;
  };
  executeSingleOutput: (name: string, attributes: OperationAttribute[], inputs: OperationInput[]) => Tensor;
  executeMultipleOutputs: (
    name: string,
    attributes: OperationAttribute[],
    inputs: OperationInput[],
    outputCount: number,
  ) => Tensor[];
  readSync: (dataId: object) => NativeValues;
}

const backendMethods = ["executeSingleOutput", "executeMultipleOutputs", "readSync"] as const;
const bindingMethods = ["createTensor", "deleteTensor", "tensorDataSync", "loadSavedModel", "runSavedModel"] as const;

/** Whether tfjs' current backend is the native one, of the pinned version. */
export function isNativeBackend(value: unknown): value is NativeBackend {
  return (
    isObject(value) &&
    backendMethods.every((name) => typeof value[name] === "function") &&
    isObject(value["tensorMap"]) &&
    isNativeBinding(value["binding"])
  );
}

/** Whether this is the addon of the pinned version of the bridge. */
export function isNativeBinding(value: unknown): value is NativeBinding {
  return (
    isObject(value) &&
    bindingMethods.every((name) => typeof value[name] === "function") &&
    attributeKinds.every((name) => typeof value[name] === "number")
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
