/** An object as it was read at one moment. */
export interface VersionedObject {
  readonly bytes: Uint8Array;
  /** Opaque; differs whenever the bytes differ. The same bytes written again may have the same version. */
  readonly version: string;
}

/** An object in a listing. */
export interface SizedObject {
  readonly key: string;
  readonly bytes: number;
}

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
  /** The object with the version that `putIfMatch` asks for, or undefined if there is none. */
  getVersioned(key: string): Promise<VersionedObject | undefined>;
  /**
   * Replaces an object if it still has the version that it was read with. Of several callers with the same version one
   * wins. An object that is changed in this way is not to be changed by `put` at the same time.
   * @returns whether this call wrote it; false also if the object is gone
   */
  putIfMatch(key: string, bytes: Uint8Array, version: string): Promise<boolean>;
  /** Keys that start with `prefix`, in ascending order. */
  list(prefix: string): Promise<string[]>;
  /** As `list`, with the sizes of the objects. */
  listSizes(prefix: string): Promise<SizedObject[]>;
  /**
   * Names directly below `prefix` (empty, or ending in `/`) that have objects under them, in ascending order;
   * much cheaper than `list` where folders are large.
   */
  listFolders(prefix: string): Promise<string[]>;
  /** SHA-256 (hex) of the object's bytes, or undefined if there is none; a bucket answers without sending them. */
  sha256(key: string): Promise<string | undefined>;
  /** Removes an object; no error if there is none. */
  delete(key: string): Promise<void>;
}
