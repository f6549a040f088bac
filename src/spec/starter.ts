/**
 * The commented experiment that `nightsweep init` writes: a small CNN on a part of real MNIST, two learning rates,
 * three seeds.
 * @param name name of the experiment: lower-case letters, digits and -
 * @param schemaPath where editors find the JSON Schema, from the file that is written
 */
export function renderStarter(name: string, schemaPath?: string): string {
  const modeline = schemaPath === undefined ? "" : `# yaml-language-server: $schema=${schemaPath}\n`;
  return `${modeline}# A nightsweep experiment. \`nightsweep plan\` shows what it will do, \`nightsweep run\` does it.
name: ${/^[a-z0-9][a-z0-9-]*$/.test(name) ? name : JSON.stringify(name)}
description: A small CNN on MNIST at two learning rates

data:
  dataset: mnist            # the real 60,000 + 10,000 images; or { format: idx, folder: my-data }
  subset:
    train: { first: 10000 } # a quick start: remove \`subset\` to learn from all 60,000
  validation:
    fraction: 0.2           # the last 20 % of the training examples are held out, never learned from

model:
  layers:                   # names, parameters and defaults are those of Keras
    - conv2d: { filters: 16, kernelSize: 3, padding: same, activation: relu }
    - maxPooling2d: { poolSize: 2 }
    - conv2d: { filters: 32, kernelSize: 3, padding: same, activation: relu }
    - maxPooling2d: { poolSize: 2 }
    - flatten
    - dense: { units: 128, activation: relu }
    - dense: { units: 10, activation: softmax }

training:
  epochs: 2                 # or \`steps\`, the number of batches
  batchSize: 64
  optimizer:
    type: adam              # or sgd, with momentum and nesterov
    learningRate: 0.001     # replaced by the values of the sweep below
  keepBest: validationLoss  # test the weights of the best epoch, not of the last one

evaluation:
  test: end                 # the test images are looked at once, after the training

sweep:
  grid:                     # path of any field above: the values to try; all combinations run
    training.optimizer.learningRate: [0.001, 0.01]
  seeds: 3                  # each of them three times, so that chance can be told from a real difference
`;
}
