// `npm run build:kernels`: compiles trainer/engine/wasm/assembly to kernels.wasm and kernels-relaxed.wasm (with relaxed SIMD)
// in trainer/engine/wasm, which are committed. `--check` fails if a committed file is not what the source gives.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, "trainer", "engine", "wasm");

const options = ["--importMemory", "--runtime", "stub", "-O3", "--noAssert"];

/** The features of WebAssembly that each file needs. */
const files = {
  "kernels.wasm": ["simd"],
  "kernels-relaxed.wasm": ["simd", "relaxed-simd"],
};

/** Compiles the kernels; returns the bytes of the module. */
function compileKernels(features) {
  const temporary = mkdtempSync(path.join(tmpdir(), "nightsweep-kernels-"));
  const file = path.join(temporary, "kernels.wasm");
  const compiler = path.join(root, "node_modules", "assemblyscript", "bin", "asc.js");
  const source = path.join("trainer", "engine", "wasm", "assembly", "index.ts");
  try {
    const enabled = features.flatMap((feature) => ["--enable", feature]);
    execFileSync(process.execPath, [compiler, source, ...options, ...enabled, "--outFile", file], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    return readFileSync(file);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
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

for (const [name, features] of Object.entries(files)) {
  const compiled = compileKernels(features);
  if (hasData(compiled)) {
    console.error("The kernels have a data segment, which would overwrite tensors. Fix: no strings, no static arrays.");
    process.exit(1);
  }
  const target = path.join(folder, name);
  if (!process.argv.includes("--check")) {
    writeFileSync(target, compiled);
    console.error(`${name}: ${compiled.length} bytes`);
  } else if (!readFileSync(target).equals(compiled)) {
    console.error(`${name} is not what its source gives. Fix: npm run build:kernels`);
    process.exit(1);
  }
}
