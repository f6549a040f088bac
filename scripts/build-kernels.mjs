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

/** Whether a module writes constants into memory when it is instantiated: the memory is that of TensorFlow.js. */
function hasData(bytes) {
  const dataSection = 11;
  let offset = 8;
  while (offset < bytes.length) {
    const section = bytes[offset++];
    let size = 0;
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = bytes[offset++];
      size |= (byte & 0x7f) << shift;
    }
    if (section === dataSection) return true;
    offset += size;
  }
  return false;
}

const compiled = compileKernels();
if (hasData(compiled)) {
  console.error("The kernels have a data segment, which would overwrite tensors. Fix: no strings, no static arrays.");
  process.exit(1);
}
if (!process.argv.includes("--check")) {
  writeFileSync(target, compiled);
  console.error(`kernels.wasm: ${compiled.length} bytes`);
} else if (!readFileSync(target).equals(compiled)) {
  console.error("kernels.wasm is not what its source gives. Fix: npm run build:kernels");
  process.exit(1);
}
