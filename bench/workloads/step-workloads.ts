/** A network with the batch size that its steps are measured with. */
export interface StepWorkload {
  readonly name: string;
  readonly batchSize: number;
  readonly inputShape: [number, number, number];
  readonly classCount: number;
  /** As in YAML. */
  readonly layers: readonly unknown[];
  /** Steps in a turn. */
  readonly steps: number;
  /** How many times as fast as the better of Keras' two ways the native engine must be. */
  readonly target: number;
}

const convolution = (filters: number) => ({
  conv2d: { filters, kernelSize: 3, padding: "same", activation: "relu" },
});
const relu = (units: number) => ({ dense: { units, activation: "relu" } });
const output = (units: number) => ({ dense: { units, activation: "softmax" } });
const pool = { maxPooling2d: { poolSize: 2 } };
const block = (filters: number) => [convolution(filters), convolution(filters), pool];

/** The networks of the step benchmark. */
export const stepWorkloads: readonly StepWorkload[] = [
  {
    name: "MLP",
    batchSize: 64,
    inputShape: [28, 28, 1],
    classCount: 10,
    layers: ["flatten", relu(256), relu(128), relu(64), output(10)],
    steps: 20,
    target: 2.5,
  },
  {
    name: "CNN",
    batchSize: 64,
    inputShape: [28, 28, 1],
    classCount: 10,
    layers: [convolution(16), pool, convolution(32), pool, "flatten", relu(128), output(10)],
    steps: 10,
    target: 1.6,
  },
  {
    name: "LeNet-5",
    batchSize: 500,
    inputShape: [28, 28, 1],
    classCount: 10,
    layers: [
      { conv2d: { filters: 6, kernelSize: 5, activation: "relu" } },
      pool,
      { conv2d: { filters: 16, kernelSize: 5, activation: "relu" } },
      pool,
      "flatten",
      { dense: { units: 120, activation: "tanh" } },
      { dense: { units: 84, activation: "tanh" } },
      output(10),
    ],
    steps: 6,
    target: 1.1,
  },
  {
    name: "VGG-13",
    batchSize: 64,
    inputShape: [32, 32, 3],
    classCount: 100,
    layers: [
      ...block(64),
      ...block(128),
      ...block(256),
      ...block(512),
      ...block(512),
      "flatten",
      relu(512),
      output(100),
    ],
    steps: 1,
    target: 1.1,
  },
];
