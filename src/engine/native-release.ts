/** What the native engine is made of. A change of anything here makes another engine in another folder. */
export const nativeRelease = {
  /** npm package whose JavaScript and C++ sources join Node.js and TensorFlow; its install script is never run. */
  bridge: {
    package: "@tensorflow/tfjs-node-gpu",
    version: "4.22.0",
    integrity: "sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==",
  },
  /** npm package with the headers of Node.js' stable interface for addons. */
  headers: {
    package: "node-api-headers",
    version: "1.5.0",
    integrity: "sha512-Yi/FgnN8IU/Cd6KeLxyHkylBUvDTsSScT0Tna2zTrz8klmc8qF2ppj6Q1LHsmOueJWhigQwR4cO2p0XBGW5IaQ==",
  },
  tensorflowVersion: "2.21.0",
  /**
   * PyPI package and wheel that TensorFlow's C++ library and headers are taken from. Its Python parts stay unused, so one
   * wheel does whatever Python is there.
   */
  wheel: {
    package: "tensorflow-cpu",
    pythonVersion: "3.12",
    platform: "manylinux_2_27_x86_64",
    sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
  },
  /** `process.platform`-`process.arch` that the wheel is for. */
  platform: "linux-x64",
  /** What wheel, unpacked libraries and headers need while it is made. */
  diskBytes: 2_500_000_000,
} as const;

/** Name of the global under which the bridge finds the tfjs that loads it; a symbol's key. */
export const hostLibraryKey = "nightsweep.tfjs";
