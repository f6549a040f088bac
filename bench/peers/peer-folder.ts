import { existsSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../../src/engine/cache-folder.ts";

/** Environment variable that names the folder of the peers; absent = in the user's cache folder. */
export const peerFolderVariable = "NIGHTSWEEP_BENCH_PEERS";

/** Folder of the Python environment that holds what we are compared with; never inside the repository. */
export function peerFolder(variables: Readonly<Record<string, string | undefined>>): string {
  return path.resolve(variables[peerFolderVariable] ?? path.join(cacheFolder(variables), "bench-peers"));
}

/** Its Python; undefined = not installed. */
export function findPeerPython(variables: Readonly<Record<string, string | undefined>>): string | undefined {
  const python = path.join(peerFolder(variables), "bin", "python");
  return existsSync(python) ? python : undefined;
}

/** What to say where there is no Python. */
export const peersAreMissing = `without Keras: npm run bench -- install-peers installs it (or ${peerFolderVariable} names its folder)`;
