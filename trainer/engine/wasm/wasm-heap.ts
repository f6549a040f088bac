import { BackendWasm, version_wasm } from "@tensorflow/tfjs-backend-wasm";
import type * as tf from "@tensorflow/tfjs-core";
import { type Allocator, allocatorFunctions, heapFull, refuseNullAddresses } from "./guard-allocator.ts";
import type { Address } from "./kernel-functions.ts";
import { OwnKernelsError } from "./own-kernels-error.ts";

/** The TensorFlow.js version whose private parts are used here. */
const PINNED_VERSION = "4.22.0";

/** Vectors are 16 bytes, cache lines 64. */
const SCRATCH_ALIGNMENT_BYTES = 64;

/** Most int32 that `passInt32` can hand over at once. */
const MAX_PARAMETERS = 16;

/** The memory of TensorFlow.js' WASM backend: tensors by address, and scratch memory for our kernels. */
export class WasmHeap {
  readonly memory: WebAssembly.Memory;
  readonly #backend: BackendWasm;
  readonly #allocator: Allocator;
  readonly #parameters: Address;
  #scratch = { address: 0, bytes: 0 };

  /** @throws OwnKernelsError if this is not the WASM backend of the pinned TensorFlow.js version */
  constructor(backend: unknown) {
    if (!(backend instanceof BackendWasm)) throw otherInternals("this is another backend");
    const version: string = version_wasm;
    if (version !== PINNED_VERSION) throw otherInternals(`this is ${version}`);
    const heap = heapOf(backend);
    if (heap === undefined) throw otherInternals("this one does not show its memory and its allocator");
    if (!holdsTensors(backend, heap.memory)) throw otherInternals("tensors lie elsewhere in this one");
    this.#backend = backend;
    this.#allocator = refuseNullAddresses(backend.wasm, heap);
    this.memory = heap.memory;
    this.#parameters = this.#allocate(MAX_PARAMETERS * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Address of a tensor's first element; valid until the tensor is disposed. */
  addressOf(tensor: tf.TensorInfo): Address {
    return this.#backend.getMemoryOffset(tensor.dataId);
  }

  /**
   * A new tensor with undefined content.
   * @throws EngineMemoryError if the WASM heap is full
   */
  allocate(shape: readonly number[], dtype: tf.DataType = "float32"): tf.TensorInfo {
    return this.#backend.makeOutput([...shape], dtype);
  }

  /** Frees a tensor that never left a kernel. */
  release(tensor: tf.TensorInfo): void {
    this.#backend.disposeData(tensor.dataId);
  }

  /** A second owner of the same data. */
  share(tensor: tf.TensorInfo): tf.TensorInfo {
    this.#backend.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype };
  }

  /** Number of owners of a tensor's data. */
  ownerCount(tensor: tf.TensorInfo): number {
    return this.#backend.refCount(tensor.dataId);
  }

  /** The elements of a tensor where they lie; valid until the next allocation. */
  viewOf(tensor: tf.TensorInfo): tf.TypedArray {
    return this.#backend.typedArrayFromHeap(tensor);
  }

  /**
   * Memory for one kernel call, aligned to 64 bytes, content undefined. The next call may get the same memory.
   * @throws EngineMemoryError if the WASM heap is full
   */
  reserveScratch(bytes: number): Address {
    // Sizes computed by the kernels arrive as int32: negative means 2 GiB or more.
    if (bytes < 0) throw heapFull(2 ** 31);
    if (bytes > this.#scratch.bytes) {
      if (this.#scratch.bytes > 0) this.#allocator.free(this.#scratch.address);
      this.#scratch = { address: 0, bytes: 0 };
      this.#scratch = { address: this.#allocate(bytes + SCRATCH_ALIGNMENT_BYTES), bytes };
    }
    return Math.ceil(this.#scratch.address / SCRATCH_ALIGNMENT_BYTES) * SCRATCH_ALIGNMENT_BYTES;
  }

  /** Bytes of scratch memory held; grows to the need of the largest call. */
  get scratchBytes(): number {
    return this.#scratch.bytes;
  }

  /** Writes up to MAX_PARAMETERS int32 for a kernel to read; valid until the next call. */
  passInt32(values: readonly number[]): Address {
    new Int32Array(this.memory.buffer, this.#parameters, values.length).set(values);
    return this.#parameters;
  }

  /** Size of the memory: it grows to what is needed at once, and never shrinks. */
  get byteLength(): number {
    return this.memory.buffer.byteLength;
  }

  #allocate(bytes: number): Address {
    return this.#allocator.malloc(bytes) >>> 0;
  }
}

function otherInternals(problem: string): OwnKernelsError {
  return new OwnKernelsError(
    `our WASM kernels need the private heap of @tensorflow/tfjs-backend-wasm ${PINNED_VERSION}, but ${problem}; ` +
      `install exactly ${PINNED_VERSION}`,
  );
}

/** The memory and its allocator; undefined if they are not where the pinned version has them. */
function heapOf({ wasm }: BackendWasm): (Allocator & { readonly memory: WebAssembly.Memory }) | undefined {
  // Not the module's own `_malloc`: called first, it puts another function in its place.
  const asm: unknown = Reflect.get(wasm, "asm");
  if (typeof asm !== "object" || asm === null || typeof Reflect.get(wasm, "_malloc") !== "function") return undefined;
  const memory: unknown = Reflect.get(asm, "memory");
  const allocator = allocatorFunctions(asm, { malloc: "malloc", free: "free" });
  return memory instanceof WebAssembly.Memory && allocator !== undefined ? { memory, ...allocator } : undefined;
}

/** Whether a tensor lies in this memory where the backend says that it does. */
function holdsTensors(backend: BackendWasm, { buffer }: WebAssembly.Memory): boolean {
  const values = Float32Array.of(1.5, -2.25, 3.125);
  const dataId = backend.write(values, [values.length], "float32");
  const found = new Float32Array(buffer, backend.getMemoryOffset(dataId), values.length);
  const isHere = values.every((value, index) => found[index] === value);
  backend.disposeData(dataId);
  return isHere;
}
