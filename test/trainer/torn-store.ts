import type { Store } from "../../src/record/store.ts";

/** A store that a process is killed at: after so many changes, nothing can be read or changed through it any more. */
export function tornStore(store: Store, changesBefore: number): Store {
  let changes = 0;
  const change = <Result>(apply: () => Promise<Result>): Promise<Result> => {
    changes++;
    return read(apply);
  };
  const read = <Result>(apply: () => Promise<Result>): Promise<Result> => {
    if (changes > changesBefore) return Promise.reject(new Error("the process was killed"));
    return apply();
  };
  return {
    location: store.location,
    get: (key) => read(() => store.get(key)),
    getVersioned: (key) => read(() => store.getVersioned(key)),
    putIfMatch: (key, bytes, version) => change(() => store.putIfMatch(key, bytes, version)),
    sha256: (key) => read(() => store.sha256(key)),
    list: (prefix) => read(() => store.list(prefix)),
    listSizes: (prefix) => read(() => store.listSizes(prefix)),
    listFolders: (prefix) => read(() => store.listFolders(prefix)),
    put: (key, bytes) => change(() => store.put(key, bytes)),
    putIfAbsent: (key, bytes) => change(() => store.putIfAbsent(key, bytes)),
    delete: (key) => change(() => store.delete(key)),
  };
}
