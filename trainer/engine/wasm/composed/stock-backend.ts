import { type KernelBackend, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type Kernel, stockKernel } from "../replace-kernel.ts";
import type { TensorAccess } from "../reveal-nan.ts";

/** TensorFlow.js' WASM backend by what is public of it: kernels by name, and values in and out. */
export class StockBackend implements TensorAccess {
  readonly #backend: KernelBackend;

  constructor(backend: KernelBackend) {
    this.#backend = backend;
  }

  /** The backend's kernel of a name, as it is now; it stays callable when another takes its place. */
  kernel(kernelName: string): Kernel {
    return stockKernel(kernelName, this.#backend);
  }

  /** A copy of the values of a float32 tensor. */
  read({ dataId }: TensorInfo): Float32Array {
    const values = this.#backend.readSync(dataId);
    if (!(values instanceof Float32Array))
      throw new Error("a composed WASM kernel was given values that are no float32");
    return values;
  }

  /** A copy of the values of an int32 tensor. */
  readIndices({ dataId }: TensorInfo): Int32Array {
    const values = this.#backend.readSync(dataId);
    if (!(values instanceof Int32Array)) throw new Error("a composed WASM kernel was given indices that are no int32");
    return values;
  }

  /** A new float32 tensor. @param values row-major; copied */
  create(shape: readonly number[], values: Float32Array): TensorInfo {
    const dataId = this.#backend.write(values, [...shape], "float32");
    return { dataId, shape: [...shape], dtype: "float32" };
  }

  firstValue(tensor: TensorInfo): number {
    return this.read(tensor)[0] ?? Number.NaN;
  }

  fill(shape: readonly number[], value: number): TensorInfo {
    return this.create(shape, new Float32Array(util.sizeFromShape([...shape])).fill(value));
  }

  /** Frees a tensor that never left a kernel. */
  release(tensor: TensorInfo): void {
    this.#backend.disposeData(tensor.dataId);
  }

  /** What `use` makes of a tensor that is not needed any more then. */
  consume(tensor: TensorInfo, use: (tensor: TensorInfo) => TensorInfo): TensorInfo {
    const result = use(tensor);
    this.release(tensor);
    return result;
  }
}
