// `npm run build:kernels`: compiles trainer/engine/wasm/assembly to trainer/engine/wasm/kernels.wasm, which is committed.
// `--check` fails if the committed file is not what the source gives.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.join(root, "trainer", "engine", "wasm", "kernels.wasm");

const options = ["--importMemory", "--runtime", "stub", "-O3", "--noAssert", "--enable", "simd"];

/** Compiles the kernels; returns the bytes of the module. */
function compileKernels() {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-kernels-"));
  const file = path.join(folder, "kernels.wasm");
  const compiler = path.join(root, "node_modules", "assemblyscript", "bin", "asc.js");
  const source = path.join("trainer", "engine", "wasm", "assembly", "index.ts");
  try {
    execFileSync(process.execPath, [compiler, source, ...options, "--outFile", file], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const compiled = compileKernels();
if (!process.argv.includes("--check")) {
  writeFileSync(target, compiled);
  console.error(`kernels.wasm: ${compiled.length} bytes`);
} else if (!readFileSync(target).equals(compiled)) {
  console.error("kernels.wasm is not what its source gives. Fix: npm run build:kernels");
  process.exit(1);
}
