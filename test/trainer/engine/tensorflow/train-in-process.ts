import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Optimizer } from "../../../../src/spec/schema/training.ts";

/** A short training on made-up images of four classes. */
export interface TrainingTask {
  readonly engine: "wasm" | "tensorflow" | "tensorflow, eager";
  readonly inputShape: [number, number, number];
  /** YAML of `model.layers`. */
  readonly layers: string;
  readonly optimizer: Optimizer;
  readonly steps: number;
  /** Of the native engine; 1 if absent. */
  readonly threads?: number;
}

/** What the training came to. */
export interface TrainedState {
  /** Weights and slots, each the base64 of its float32 values. */
  readonly state: readonly { readonly name: string; readonly values: string }[];
  readonly losses: readonly number[];
  readonly stepMode: string | null;
}

/** Trains in a process of its own. */
export function trainInProcess(task: TrainingTask, variables: Readonly<Record<string, string>> = {}): TrainedState {
  return JSON.parse(runProcess(task, variables).stdout.trimEnd().split("\n").at(-1) ?? "");
}

/** Lines that TensorFlow calls errors, of a training in a process of its own. */
export function complaintsAbout(task: TrainingTask): readonly string[] {
  return runProcess(task, {})
    .stderr.split("\n")
    .filter((line) => /^[EF]\d{4} /.test(line));
}

function runProcess(task: TrainingTask, variables: Readonly<Record<string, string>>) {
  const entry = fileURLToPath(new URL("engine-process.ts", import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", entry, JSON.stringify(task)], {
    encoding: "utf8",
    env: { ...process.env, ...variables },
  });
  if (status !== 0) throw new Error(`the training ended with ${status}: ${stderr}`);
  return { stdout, stderr };
}

/** The largest relative distance ‖a − b‖ / ‖b‖ of two states' tensors. */
export function largestDistance(one: TrainedState, other: TrainedState): number {
  const distances = other.state.map(({ values }, index) => {
    const [a, b] = [floats(one.state[index]?.values ?? ""), floats(values)];
    let difference = 0;
    let size = 0;
    for (const [position, value] of b.entries()) {
      difference += ((a[position] ?? NaN) - value) ** 2;
      size += value ** 2;
    }
    return Math.sqrt(difference / (size || 1));
  });
  return Math.max(...distances);
}

function floats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer);
}
