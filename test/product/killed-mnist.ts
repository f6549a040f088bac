import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** A sweep over real MNIST with everything that has to survive: dropout, optimizer slots, best weights, step logs. */
function experiment({ examples, epochs, seeds }: SweepSize): string {
  return `name: mnist-kills
data:
  dataset: mnist
  subset: { train: { first: ${examples} }, test: { first: 500 } }
  validation: { fraction: 0.2 }
model:
  layers:
    - conv2d: { filters: 8, kernelSize: 3, activation: relu }
    - maxPooling2d: {}
    - flatten
    - dropout: { rate: 0.2 }
    - dense: { units: 10, activation: softmax }
training:
  epochs: ${epochs}
  batchSize: 64
  keepBest: validationAccuracy
  logEverySteps: 7
  checkpoint: { everySteps: 5 }
sweep:
  grid: { training.optimizer.learningRate: [0.001, 0.003] }
  seeds: ${seeds}
`;
}

/** How large a sweep is. */
export interface SweepSize {
  readonly examples: number;
  readonly epochs: number;
  readonly seeds: number;
}

/** A folder with the experiment's file; it lives as long as the test. */
export function writeMnistSweep(size: SweepSize): { readonly folder: string; readonly file: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-kills-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "mnist-kills.yaml");
  writeFileSync(file, experiment(size));
  return { folder, file };
}
