// Everything that TypeScript calls; `kernel-functions.ts` lists the same functions.

export { matMul, matMulScratchBytes } from "./gemm";
export {
  convolve,
  convolveFilterGradient,
  convolveScratchBytes,
  filterGradientScratchBytes,
  packFilter,
  packFlippedFilter,
  packedFilterBytes,
} from "./convolution";
export { averagePoolGradient, maxPool, maxPoolGradient } from "./pooling";
export { sumRows, sumSegments } from "./reduction";
export { addBiasAndActivate, biasScratchBytes, reluGradient, tanh } from "./activation";
export { convolveDepthwise, depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise";
export { updateAdam, updateMomentum, updateSgd } from "./optimizer";
