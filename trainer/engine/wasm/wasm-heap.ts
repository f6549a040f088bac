import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { EngineMemoryError } from "../engine-memory-error.ts";
import type { Address } from "./kernel-functions.ts";

/** The TensorFlow.js version whose private parts are used here. */
const PINNED_VERSION = "4.22.0";

/** The private parts of the backend's Emscripten module that are used here. */
interface Allocator {
  readonly memory: WebAssembly.Memory;
  /** Returns the address as int32, negative beyond 2 GiB; 0 if there is no room. */
  readonly malloc: (bytes: number) => number;
  readonly free: (address: number) => void;
}

/** Vectors are 16 bytes, cache lines 64. */
const SCRATCH_ALIGNMENT_BYTES = 64;

/** One more than the largest size that the allocator can be asked for. */
const MAX_BYTES = 2 ** 32;

/** Allocations from this size on must leave so much. */
const LARGE_BYTES = 2 ** 20;
const SPARE_BYTES = 2 ** 18;

/** Most int32 that `passInt32` can hand over at once. */
const MAX_PARAMETERS = 16;

/** The memory of TensorFlow.js' WASM backend: tensors by address, and scratch memory for our kernels. */
export class WasmHeap {
  readonly memory: WebAssembly.Memory;
  readonly #backend: BackendWasm;
  readonly #allocator: Allocator;
  readonly #parameters: Address;
  #scratch = { address: 0, bytes: 0 };

  /** @throws Error if this is not the WASM backend of the pinned TensorFlow.js version */
  constructor(backend: unknown) {
    const allocator = backend instanceof BackendWasm ? allocatorOf(backend.wasm) : undefined;
    if (!(backend instanceof BackendWasm) || allocator === undefined) {
      throw new Error(
        `The WASM kernels need the private heap of @tensorflow/tfjs-backend-wasm ${PINNED_VERSION}, but this backend ` +
          `(TensorFlow.js ${tf.version_core}) has none of that form. Fix: install exactly ${PINNED_VERSION}.`,
      );
    }
    this.#backend = backend;
    this.#allocator = refuseNullAddresses(backend.wasm, allocator);
    this.memory = allocator.memory;
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

/**
 * The backend does not look whether it got memory: tensors at address 0 would overwrite the module's own data and each
 * other. So the allocator that it calls throws instead.
 */
function refuseNullAddresses(module: object, { memory, malloc, free }: Allocator): Allocator {
  const guarded = (bytes: number): number => {
    // The size is passed as int32: more would wrap round to a small number.
    const address = bytes < MAX_BYTES ? malloc(bytes) : 0;
    if (address === 0 && bytes > 0) throw heapFull(bytes);
    if (bytes < LARGE_BYTES) return address;
    // Without room for its own bookkeeping, the module's code aborts without a word.
    const spare = malloc(SPARE_BYTES);
    if (spare === 0) free(address);
    if (spare === 0) throw heapFull(bytes);
    free(spare);
    return address;
  };
  Reflect.set(module, "_malloc", guarded);
  return { memory, malloc: guarded, free };
}

function heapFull(bytes: number): EngineMemoryError {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  return new EngineMemoryError(`the WASM heap (4 GiB at most) has no room for another ${mebibytes} MiB`);
}

function allocatorOf(module: object): Allocator | undefined {
  // Not the module's own `_malloc`: called first, it puts another function in its place.
  const asm: unknown = Reflect.get(module, "asm");
  if (typeof asm !== "object" || asm === null || !isNumberFunction(Reflect.get(module, "_malloc"))) return undefined;
  const [memory, malloc, free]: unknown[] = ["memory", "malloc", "free"].map((name) => Reflect.get(asm, name));
  const isThere = memory instanceof WebAssembly.Memory && isNumberFunction(malloc) && isNumberFunction(free);
  return isThere ? { memory, malloc, free } : undefined;
}

function isNumberFunction(value: unknown): value is (argument: number) => number {
  return typeof value === "function";
}
