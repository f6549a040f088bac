/**
 * `npm run bench -- install-peers [--gpu]`: puts what we are compared with (Keras, Optuna, Ray Tune, as pinned in
 * bench/peers/requirements.txt) into a Python environment of its own outside of the repository. Needs Python 3.10 or
 * newer with venv, and 3 GB. With `--gpu`, TensorFlow with CUDA in the place of that for CPUs (10 GB).
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runProgram } from "../src/engine/run-program.ts";
import { peerFolder } from "./peers/peer-folder.ts";

const folder = peerFolder(process.env);
const pinned = readFileSync(new URL("peers/requirements.txt", import.meta.url), "utf8");
const wanted = process.argv.includes("--gpu") ? pinned.replace("tensorflow-cpu==", "tensorflow[and-cuda]==") : pinned;
const requirements = path.join(mkdtempSync(path.join(tmpdir(), "nightsweep-peers-")), "requirements.txt");
writeFileSync(requirements, wanted);
console.log(`Installing the peers into ${folder} …`);
await runProgram(process.env["PYTHON"] ?? "python3", ["-m", "venv", folder]);
await runProgram(`${folder}/bin/python`, ["-m", "pip", "install", "--quiet", "--requirement", requirements]);
const installed = await runProgram(`${folder}/bin/python`, ["-m", "pip", "list", "--format", "json"]);
const compared = /^(tensorflow|keras|optuna|ray)/;
const packages: unknown = JSON.parse(installed);
if (!Array.isArray(packages)) throw new TypeError("pip list gave no list");
const versions = packages
  .filter((entry: { readonly name: string }) => compared.test(entry.name))
  .map(({ name, version }: { readonly name: string; readonly version: string }) => [name, version] as const);
console.log(JSON.stringify({ benchmark: "install-peers", folder, versions: Object.fromEntries(versions), ratios: {} }));
