import { buildSync } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { CloudFunction } from "../src/contract/run-machine.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What Lambda unpacks; what is larger loads slowly. */
export const maxBundleBytes = 5_000_000;

/** The file that a function is written in. */
export function functionEntry(name: CloudFunction): string {
  return path.join(root, "infra", "lambda", `${name}.lambda.ts`);
}

/**
 * Bundles a Lambda function with all that it imports, the AWS SDK too: what was tested is what runs. The same sources give
 * the same bytes.
 * @returns the folder with `index.mjs`
 * @throws Error if the bundle is larger than `maxBundleBytes`
 */
export function bundleFunction(name: CloudFunction): string {
  const folder = bundled.get(name) ?? makeBundle(name);
  bundled.set(name, folder);
  return folder;
}

/** Those of this process: sources don't change while an app is built. */
const bundled = new Map<CloudFunction, string>();

function makeBundle(name: CloudFunction): string {
  const folder = path.join(root, "node_modules", ".cache", "nightsweep-functions", name);
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  buildSync({
    absWorkingDir: root,
    entryPoints: [functionEntry(name)],
    outfile: path.join(unfinished, "index.mjs"),
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    legalComments: "none",
    logLevel: "error",
    // Packages in CommonJS ask for Node's modules at run time.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  });
  // The HTML report's client, which the function puts into each report.
  if (name === "report") execFileSync(process.execPath, [path.join(root, "scripts", "build-report.mjs"), unfinished]);
  const file = path.join(unfinished, "index.mjs");
  const { size } = statSync(file);
  if (size > maxBundleBytes)
    throw new Error(`${name}.lambda.ts makes ${size} bytes, at most ${maxBundleBytes} are allowed`);
  return settle(unfinished, `${folder}-${hashFolder(unfinished)}`);
}

function hashFolder(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(path.join(folder, name)));
  return hash.digest("hex").slice(0, 16);
}

/** Several synths may go on side by side: a bundle gets its place by its content, in one step. */
function settle(unfinished: string, folder: string): string {
  mkdirSync(path.dirname(folder), { recursive: true });
  if (existsSync(folder)) rmSync(unfinished, { recursive: true, force: true });
  else {
    try {
      renameSync(unfinished, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return folder;
}
