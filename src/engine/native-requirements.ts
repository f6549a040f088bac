import { spawnSync } from "node:child_process";
import { mkdirSync, statfsSync } from "node:fs";
import { nativeRelease } from "./native-release.ts";

/** Something that making the native engine needs and that is not there. */
export interface MissingPiece {
  readonly piece: string;
  readonly problem: string;
  readonly fix: string;
}

/** What the native engine is made with. */
export interface NativeTools {
  /** Python that has pip. */
  readonly python: string;
  readonly compiler: string;
  /** First line of `g++ --version`. */
  readonly compilerVersion: string;
  readonly npm: string;
}

/** What the requirements are looked for in. */
export interface Machine {
  /** `process.platform`-`process.arch`. */
  readonly platform: string;
  /** `process.versions.node`. */
  readonly nodeVersion: string;
  /** Version of GNU's C library; undefined = the machine has another one. */
  readonly glibcVersion: string | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Where the engine will be. */
  readonly folder: string;
  /** What making it needs on disk. */
  readonly diskBytes: number;
}

/** Finds everything that it takes to make the native engine, or names every piece that is missing. */
export function findNativeTools(
  machine: Machine,
): { readonly tools: NativeTools } | { readonly missing: readonly MissingPiece[] } {
  const missing: MissingPiece[] = [];
  const demand = (found: string | undefined, piece: MissingPiece): string => {
    if (found === undefined) missing.push(piece);
    return found ?? "";
  };
  checkPlatform(machine, missing);
  checkNode(machine, missing);
  checkDisk(machine, missing);
  const compiler = machine.variables["CXX"] ?? "g++";
  const compilerVersion = demand(firstLine(compiler, ["--version"]), {
    piece: "C++ compiler",
    problem: `${compiler} does not run`,
    fix: "install one (Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++), or name yours in CXX",
  });
  const tools = {
    python: findPython(machine, missing),
    compiler,
    compilerVersion,
    npm: findNpm(machine, missing),
  };
  return missing.length > 0 ? { missing } : { tools };
}

/** The machine that this process runs on. */
export function thisMachine(): Pick<Machine, "platform" | "nodeVersion" | "glibcVersion"> {
  const report: unknown = process.report.getReport();
  const header: unknown = typeof report === "object" && report !== null ? Reflect.get(report, "header") : undefined;
  const glibc: unknown =
    typeof header === "object" && header !== null ? Reflect.get(header, "glibcVersionRuntime") : undefined;
  return {
    platform: `${process.platform}-${process.arch}`,
    nodeVersion: process.versions.node,
    glibcVersion: typeof glibc === "string" ? glibc : undefined,
  };
}

function checkPlatform({ platform, glibcVersion }: Machine, missing: MissingPiece[]): void {
  if (platform === nativeRelease.platform) return checkLibrary(glibcVersion, missing);
  missing.push({
    piece: "platform",
    problem: `the native engine is made for ${nativeRelease.platform}, this is ${platform}`,
    fix: "use the engine wasm here, which runs everywhere, or run the experiment on a Linux machine",
  });
}

/** TensorFlow's libraries ask for GNU's C library, which Alpine has not. */
function checkLibrary(glibcVersion: string | undefined, missing: MissingPiece[]): void {
  if (glibcVersion !== undefined && isAtLeast(glibcVersion, nativeRelease.glibcVersion)) return;
  const found = glibcVersion === undefined ? "this machine has another C library" : `this is ${glibcVersion}`;
  missing.push({
    piece: "C library",
    problem: `TensorFlow needs glibc ${nativeRelease.glibcVersion} or newer, ${found}`,
    fix: "use a newer Linux with glibc (Debian, Ubuntu, Fedora; not Alpine), or the engine wasm, which runs everywhere",
  });
}

function checkNode({ nodeVersion }: Machine, missing: MissingPiece[]): void {
  if (isAtLeast(nodeVersion, nativeRelease.nodeVersion)) return;
  missing.push({
    piece: "Node.js",
    problem: `the bridge needs Node.js ${nativeRelease.nodeVersion} or newer, this is ${nodeVersion}`,
    fix: "install a newer one from nodejs.org, or with your version manager (nvm install 22)",
  });
}

function isAtLeast(version: string, wanted: string): boolean {
  const [found, least] = [version, wanted].map((each) => each.split(".").map(Number));
  for (const [index, number] of (least ?? []).entries()) {
    const difference = (found?.[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function checkDisk({ folder, diskBytes }: Machine, missing: MissingPiece[]): void {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= diskBytes) return;
  missing.push({
    piece: "disk space",
    problem: `${folder} has ${gigabytes(free)} free, it takes ${gigabytes(diskBytes)}`,
    fix: "free some, or put the engine elsewhere: NIGHTSWEEP_ENGINE_HOME=<folder>",
  });
}

function findPython({ variables }: Machine, missing: MissingPiece[]): string {
  const python = variables["PYTHON"] ?? "python3";
  if (firstLine(python, ["--version"]) === undefined) {
    missing.push({
      piece: "Python",
      problem: `${python} does not run; its pip fetches TensorFlow`,
      fix: "install one (Debian, Ubuntu: apt-get install python3 python3-pip), or name yours in PYTHON",
    });
  } else if (firstLine(python, ["-m", "pip", "--version"]) === undefined) {
    missing.push({
      piece: "pip",
      problem: `${python} has no pip, which fetches TensorFlow`,
      fix: `install it (Debian, Ubuntu: apt-get install python3-pip; elsewhere: ${python} -m ensurepip)`,
    });
  }
  return python;
}

function findNpm({ variables }: Machine, missing: MissingPiece[]): string {
  const npm = variables["NPM"] ?? "npm";
  if (firstLine(npm, ["--version"]) === undefined) {
    missing.push({
      piece: "npm",
      problem: `${npm} does not run; it fetches the sources of the bridge`,
      fix: "install it (it comes with Node.js from nodejs.org; Debian, Ubuntu: apt-get install npm), or name yours in NPM",
    });
  }
  return npm;
}

function firstLine(command: string, parameters: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, parameters, { encoding: "utf8" });
  return status === 0 ? stdout.split("\n", 1)[0] : undefined;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
