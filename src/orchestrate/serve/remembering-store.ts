import { trialFiles } from "../../contract/object-keys.ts";
import type { Store } from "../../record/store.ts";

/**
 * A store that reads what can't change any more only once: the files of finished trials. For whoever reads the records
 * of a running experiment again and again. Memory grows with what was read.
 */
export function rememberFinished(store: Store): Store {
  const remembered = new Map<string, Uint8Array>();
  const finished = new Set<string>();
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const bytes = await store.get(key);
    const trial = /^(.*\/trials\/[^/]+)\/([^/]+)$/.exec(key);
    if (trial === null || bytes === undefined) return bytes;
    const [, folder = "", file = ""] = trial;
    if (file === trialFiles.result) finished.add(folder);
    if (finished.has(folder)) remembered.set(key, bytes);
    return bytes;
  };
  return {
    location: store.location,
    get,
    put: (key, bytes) => store.put(key, bytes),
    putIfAbsent: (key, bytes) => store.putIfAbsent(key, bytes),
    getVersioned: (key) => store.getVersioned(key),
    putIfMatch: (key, bytes, version) => store.putIfMatch(key, bytes, version),
    list: (prefix) => store.list(prefix),
    listSizes: (prefix) => store.listSizes(prefix),
    listFolders: (prefix) => store.listFolders(prefix),
    sha256: (key) => store.sha256(key),
    delete: (key) => store.delete(key),
  };
}
