/** Our own WASM kernels can't work here; what they compute can be composed from those of TensorFlow.js. */
export class OwnKernelsError extends Error {}
