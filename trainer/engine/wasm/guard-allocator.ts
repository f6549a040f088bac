import { EngineMemoryError } from "../engine-memory-error.ts";

/** Takes and gives back memory of the WASM heap. */
export interface Allocator {
  /** Returns the address as int32, negative beyond 2 GiB; 0 if there is no room. */
  readonly malloc: (bytes: number) => number;
  readonly free: (address: number) => void;
}

/** One more than the largest size that the allocator can be asked for. */
const MAX_BYTES = 2 ** 32;

/** Allocations from this size on must leave so much. */
const LARGE_BYTES = 2 ** 20;
const SPARE_BYTES = 2 ** 18;

/**
 * The backend does not look whether it got memory: tensors at address 0 would overwrite the module's own data and each
 * other. So the allocator that it calls throws an EngineMemoryError instead.
 * @param module the backend's Emscripten module, which calls its `_malloc` from now on
 */
export function refuseNullAddresses(module: object, { malloc, free }: Allocator): Allocator {
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
  return { malloc: guarded, free };
}

/** The error of an allocation for which there is no room. */
export function heapFull(bytes: number): EngineMemoryError {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  return new EngineMemoryError(`the WASM heap (4 GiB at most) has no room for another ${mebibytes} MiB`);
}

/** Functions of an object by their names; undefined if one is missing. */
export function allocatorFunctions(
  object: object,
  names: { readonly malloc: string; readonly free: string },
): Allocator | undefined {
  const malloc: unknown = Reflect.get(object, names.malloc);
  const free: unknown = Reflect.get(object, names.free);
  return isNumberFunction(malloc) && isNumberFunction(free) ? { malloc, free } : undefined;
}

function isNumberFunction(value: unknown): value is (argument: number) => number {
  return typeof value === "function";
}
