/** Byte address in the memory of the WASM backend, below 4 GiB. */
export type Address = number;

/** 0 or 1: WASM has no booleans. */
export type Flag = 0 | 1;

/** The exported functions of `kernels.wasm`; their shapes and layouts are documented in `assembly/`. */
export interface KernelFunctions {
  matMulScratchBytes(rows: number, columns: number, depth: number): number;
  matMul(
    a: Address,
    b: Address,
    product: Address,
    rows: number,
    columns: number,
    depth: number,
    transposeA: Flag,
    transposeB: Flag,
    scratch: Address,
  ): void;
  packedFilterBytes(geometry: Address): number;
  packFilter(geometry: Address, filter: Address, packed: Address): void;
  packFlippedFilter(geometry: Address, filter: Address, packed: Address): void;
  convolveScratchBytes(geometry: Address): number;
  convolve(geometry: Address, input: Address, packedFilter: Address, output: Address, scratch: Address): void;
  filterGradientScratchBytes(geometry: Address): number;
  convolveFilterGradient(
    geometry: Address,
    input: Address,
    outputGradient: Address,
    filterGradient: Address,
    scratch: Address,
  ): void;
  maxPool(geometry: Address, input: Address, output: Address): void;
  maxPoolGradient(
    geometry: Address,
    input: Address,
    output: Address,
    outputGradient: Address,
    inputGradient: Address,
  ): void;
  averagePoolGradient(geometry: Address, outputGradient: Address, inputGradient: Address): void;
  sumRows(matrix: Address, rows: number, columns: number, sums: Address): void;
  sumSegments(
    matrix: Address,
    segments: Address,
    rows: number,
    columns: number,
    segmentCount: number,
    sums: Address,
  ): void;
  biasScratchBytes(columns: number): number;
  addBiasAndActivate(
    input: Address,
    rows: number,
    columns: number,
    bias: Address,
    activation: number,
    output: Address,
    scratch: Address,
  ): void;
  reluGradient(input: Address, outputGradient: Address, count: number, inputGradient: Address): void;
  tanh(input: Address, count: number, output: Address): void;
  convolveDepthwise(geometry: Address, input: Address, filter: Address, output: Address): void;
  depthwiseInputGradient(geometry: Address, outputGradient: Address, filter: Address, inputGradient: Address): void;
  depthwiseFilterGradient(geometry: Address, input: Address, outputGradient: Address, filterGradient: Address): void;
  updateSgd(count: number, weights: Address, gradient: Address, newWeights: Address, learningRate: number): void;
  updateMomentum(
    count: number,
    weights: Address,
    gradient: Address,
    velocity: Address,
    newWeights: Address,
    learningRate: number,
    momentum: number,
    nesterov: Flag,
  ): void;
  updateAdam(
    count: number,
    weights: Address,
    gradient: Address,
    m: Address,
    v: Address,
    newWeights: Address,
    alpha: number,
    oneMinusBeta1: number,
    oneMinusBeta2: number,
    epsilon: number,
  ): void;
}

/** A record so that the compiler notices a missing name. */
const functionNames: Readonly<Record<keyof KernelFunctions, true>> = {
  matMulScratchBytes: true,
  matMul: true,
  packedFilterBytes: true,
  packFilter: true,
  packFlippedFilter: true,
  convolveScratchBytes: true,
  convolve: true,
  filterGradientScratchBytes: true,
  convolveFilterGradient: true,
  maxPool: true,
  maxPoolGradient: true,
  averagePoolGradient: true,
  sumRows: true,
  sumSegments: true,
  biasScratchBytes: true,
  addBiasAndActivate: true,
  reluGradient: true,
  tanh: true,
  convolveDepthwise: true,
  depthwiseInputGradient: true,
  depthwiseFilterGradient: true,
  updateSgd: true,
  updateMomentum: true,
  updateAdam: true,
};

/** Whether all kernel functions are there. */
export function isKernelFunctions(exports: object): exports is KernelFunctions {
  return Object.keys(functionNames).every((name) => typeof Reflect.get(exports, name) === "function");
}
