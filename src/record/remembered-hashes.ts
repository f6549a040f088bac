import { sha256Of } from "./sha256-of.ts";
import type { Store } from "./store.ts";

/**
 * A store that answers `sha256` of what was read through it before from memory: whoever reads the records of a large run
 * and then seals it asks a bucket for each object once instead of twice.
 * @param store is not to be changed by others meanwhile in what is read here, as finished records never are
 */
export function rememberHashes(store: Store): Store {
  const hashes = new Map<string, string>();
  const forget = <Outcome>(key: string, outcome: Promise<Outcome>): Promise<Outcome> => {
    hashes.delete(key);
    return outcome.finally(() => hashes.delete(key));
  };
  return {
    location: store.location,
    async get(key) {
      const bytes = await store.get(key);
      if (bytes !== undefined) hashes.set(key, sha256Of(bytes));
      return bytes;
    },
    sha256: async (key) => hashes.get(key) ?? store.sha256(key),
    put: (key, bytes) => forget(key, store.put(key, bytes)),
    putIfAbsent: (key, bytes) => forget(key, store.putIfAbsent(key, bytes)),
    putIfMatch: (key, bytes, version) => forget(key, store.putIfMatch(key, bytes, version)),
    delete: (key) => forget(key, store.delete(key)),
    getVersioned: (key) => store.getVersioned(key),
    list: (prefix) => store.list(prefix),
    listSizes: (prefix) => store.listSizes(prefix),
    listFolders: (prefix) => store.listFolders(prefix),
  };
}
