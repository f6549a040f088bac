/**
 * Where records live: objects by key, the same keys in a folder and in a bucket.
 * Every method is atomic: readers see an object whole or not at all. Errors name the key.
 */
export interface Store {
  /** Human-readable location, e.g. a folder path. */
  readonly location: string;
  /** The object's bytes, or undefined if there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Writes an object, replacing any older one. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Writes an object unless there is one already. @returns whether this call wrote it */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Keys that start with `prefix`, in ascending order. */
  list(prefix: string): Promise<string[]>;
  /**
   * Names directly below `prefix` (empty, or ending in `/`) that have objects under them, in ascending order;
   * much cheaper than `list` where folders are large.
   */
  listFolders(prefix: string): Promise<string[]>;
  /** Removes an object; no error if there is none. */
  delete(key: string): Promise<void>;
}
