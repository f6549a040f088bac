/**
 * `npm run bench -- install-peers`: puts what we are compared with (Keras, Optuna, Ray Tune, as pinned in
 * bench/peers/requirements.txt) into a Python environment of its own outside of the repository. Needs Python 3.10 or
 * newer with venv, and 3 GB.
 */
import { fileURLToPath } from "node:url";
import { runProgram } from "../src/engine/run-program.ts";
import { peerFolder } from "./peers/peer-folder.ts";

const folder = peerFolder(process.env);
const requirements = fileURLToPath(new URL("peers/requirements.txt", import.meta.url));
console.log(`Installing the peers into ${folder} …`);
await runProgram(process.env["PYTHON"] ?? "python3", ["-m", "venv", folder]);
await runProgram(`${folder}/bin/python`, ["-m", "pip", "install", "--quiet", "--requirement", requirements]);
const installed = await runProgram(`${folder}/bin/python`, ["-m", "pip", "list", "--format", "json"]);
const pinned = /^(tensorflow|keras|optuna|ray)/;
const packages: unknown = JSON.parse(installed);
if (!Array.isArray(packages)) throw new TypeError("pip list gave no list");
const versions = packages
  .filter((entry: { readonly name: string }) => pinned.test(entry.name))
  .map(({ name, version }: { readonly name: string; readonly version: string }) => [name, version] as const);
console.log(JSON.stringify({ benchmark: "install-peers", folder, versions: Object.fromEntries(versions), ratios: {} }));
