import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a finished `nightsweep` process left behind. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `nightsweep` process that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** Resolves once some trial has got as far as the epoch. */
  readonly reached: (epoch: number) => Promise<void>;
  /** What it has said on stderr so far. */
  readonly stderr: () => string;
}

const bin = fileURLToPath(new URL("../../bin/nightsweep.js", import.meta.url));

/** Starts the compiled command line (`npm test` compiles it first). */
export function startNightsweep(
  parameters: readonly string[],
  options: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>> },
): Running {
  const { NIGHTSWEEP_STORE: _, ...environment } = process.env;
  const child = spawn(process.execPath, [bin, ...parameters], {
    cwd: options.cwd,
    env: { ...environment, NO_COLOR: "1", ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const waiting: { readonly epoch: number; readonly resolve: () => void }[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const { epoch, resolve } of waiting) if (furthestEpoch(stderr) >= epoch) resolve();
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  const reached = (epoch: number): Promise<void> =>
    new Promise((resolve, reject) => {
      if (furthestEpoch(stderr) >= epoch) return resolve();
      waiting.push({ epoch, resolve });
      void outcome.then(() => reject(new Error(`ended before epoch ${epoch}:\n${stderr}`)));
    });
  return { child, outcome, reached, stderr: () => stderr };
}

function furthestEpoch(stderr: string): number {
  return Math.max(0, ...[...stderr.matchAll(/epoch (\d+)\//g)].map(([, epoch]) => Number(epoch)));
}

/** Runs the compiled command line to its end. */
export function nightsweep(
  parameters: readonly string[],
  options: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<Outcome> {
  return startNightsweep(parameters, options).outcome;
}

/** Process ids of trainers that work on a store, by its absolute path. Linux only. */
export function workersOf(store: string): string[] {
  return readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const variables = readFileSync(`/proc/${entry}/environ`, "utf8").split("\0");
      return variables.includes(`NIGHTSWEEP_STORE=${store}`);
    } catch {
      return false;
    }
  });
}
