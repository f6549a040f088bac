import { homedir } from "node:os";
import path from "node:path";

/**
 * The person's folder for what nightsweep can make again at any time: `nightsweep` in the cache folder of the XDG base
 * directory specification, which takes an empty or relative XDG_CACHE_HOME for none.
 * @param variables the environment
 */
export function cacheFolder(variables: Readonly<Record<string, string | undefined>>): string {
  const given = variables["XDG_CACHE_HOME"] ?? "";
  return path.join(path.isAbsolute(given) ? given : path.join(homedir(), ".cache"), "nightsweep");
}
