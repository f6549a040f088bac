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
  /** Raised with every change of src/engine/operations: results may differ in the last digits. */
  operationsRevision: 2,
  /** CPython release that the wheels are chosen for. */
  pythonVersion: "3.12",
  /** `process.platform`-`process.arch` that the wheel is for. */
  platform: "linux-x64",
  /** The oldest GNU C library that TensorFlow's libraries load with. */
  glibcVersion: "2.27",
  /** The oldest Node.js that this package runs on. */
  nodeVersion: "20.19.0",
} as const;

/** For which devices TensorFlow is built. */
export type NativeFlavour = "cpu" | "gpu";

/** A package of PyPI, held to the hash of its wheel. */
export interface PinnedWheel {
  readonly package: string;
  readonly version: string;
  readonly sha256: string;
}

interface FlavourParts {
  /**
   * TensorFlow's C++ library and headers are taken from it. Its Python parts stay unused, so one wheel does whatever
   * Python there is.
   */
  readonly wheel: PinnedWheel;
  /** What TensorFlow loads besides: NVIDIA's libraries. */
  readonly libraries: readonly PinnedWheel[];
  /** To be downloaded. */
  readonly downloadBytes: number;
  /** What wheels, unpacked libraries and headers need while it is made. */
  readonly diskBytes: number;
}

/** Both builds of TensorFlow; that for GPUs also computes on CPUs. */
export const nativeFlavours: Readonly<Record<NativeFlavour, FlavourParts>> = {
  cpu: {
    wheel: {
      package: "tensorflow-cpu",
      version: "2.21.0",
      sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
    },
    libraries: [],
    downloadBytes: 260_000_000,
    diskBytes: 2_500_000_000,
  },
  gpu: {
    wheel: {
      package: "tensorflow",
      version: "2.21.0",
      sha256: "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
    },
    // The lowest versions that this TensorFlow allows: those it was built with, and half the size of the newest.
    libraries: [
      nvidia("cuda-runtime", "12.5.82", "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115"),
      nvidia("cublas", "12.5.3.2", "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b"),
      nvidia("cudnn", "9.3.0.75", "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d"),
      nvidia("cufft", "11.2.3.61", "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8"),
      nvidia("cusolver", "11.6.3.83", "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b"),
      nvidia("cusparse", "12.5.1.3", "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752"),
      nvidia("nvjitlink", "12.5.82", "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212"),
      nvidia("cuda-nvrtc", "12.5.82", "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd"),
    ],
    downloadBytes: 2_100_000_000,
    diskBytes: 9_000_000_000,
  },
};

/** One of NVIDIA's packages for CUDA 12. */
function nvidia(library: string, version: string, sha256: string): PinnedWheel {
  return { package: `nvidia-${library}-cu12`, version, sha256 };
}

/** Lines of a pip requirements file that allow exactly these wheels. */
export function requirementLines(flavour: NativeFlavour): string {
  const { wheel, libraries } = nativeFlavours[flavour];
  const lines = [wheel, ...libraries].map((each) => `${each.package}==${each.version} --hash=sha256:${each.sha256}`);
  return `${lines.join("\n")}\n`;
}

/** Platforms that pip takes wheels for, as it names them. */
export const wheelPlatforms = ["manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"] as const;

/** Name of the global under which the bridge finds the tfjs that loads it; a symbol's key. */
export const hostLibraryKey = "nightsweep.tfjs";
