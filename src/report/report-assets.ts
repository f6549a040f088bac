import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The bundled client that a report embeds. */
export interface ReportAssets {
  readonly script: string;
  readonly style: string;
}

/**
 * Reads the bundled client.
 * @param folder where `client.js` and `client.css` are; default: next to this file, where the build puts them
 * @throws Error that says how to build them if they are missing
 */
export async function loadReportAssets(folder = fileURLToPath(new URL(".", import.meta.url))): Promise<ReportAssets> {
  return { script: await readAsset(folder, "client.js"), style: await readAsset(folder, "client.css") };
}

async function readAsset(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), "utf8");
  } catch (error) {
    throw new Error(`the report's ${name} is not in ${folder}: it is made by \`npm run build\``, { cause: error });
  }
}
