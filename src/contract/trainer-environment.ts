/**
 * The environment variables that an executor sets for a trainer process, here and in a container.
 * Nothing about a single trial travels in the environment: the trainer reads it from the plan.
 */
export const trainerVariables = {
  /** Store location: a folder path or `s3://bucket/prefix`. */
  store: "NIGHTSWEEP_STORE",
  /** Object key of the plan inside the store. */
  planKey: "NIGHTSWEEP_PLAN",
  /** Folder that relative data set folders of the plan start from; absent = the working directory. */
  dataRoot: "NIGHTSWEEP_DATA_ROOT",
  /** Object key of the round whose list of trials offset and index point into; absent = into `plan.trials`. */
  roundKey: "NIGHTSWEEP_ROUND",
  /** Index in the round's list, or in `plan.trials`, of the first trial of array child 0. */
  trialOffset: "NIGHTSWEEP_TRIAL_OFFSET",
  /** How many consecutive trials one array child runs. */
  trialsPerJob: "NIGHTSWEEP_TRIALS_PER_JOB",
  /** How many of them may run side by side on the job's device, at most; absent = 1. More make `bin/job.js` start several trainers. */
  trialsPerGpu: "NIGHTSWEEP_TRIALS_PER_GPU",
  /** Engine to use, one of `engineChoices`; absent = the embedded default. */
  engine: "NIGHTSWEEP_ENGINE",
  /** Id of the run's `provenance/<id>.json` that trials name in their record; absent = none. */
  provenance: "NIGHTSWEEP_PROVENANCE",
  /** Digest of the container image that the trainer runs in; absent = in none, or unknown. */
  imageDigest: "NIGHTSWEEP_IMAGE_DIGEST",
  /** Threads that prepare a trial's batches where that is more than copying; absent = 1. Results don't depend on it. */
  batchThreads: "NIGHTSWEEP_BATCH_THREADS",
  /** What to compute on, one of `devices`; absent = a GPU where the native engine has one. */
  device: "NIGHTSWEEP_DEVICE",
  /** Kernels of the embedded engine, one of `wasmKernelChoices`; absent = `simd`. */
  wasmKernels: "NIGHTSWEEP_WASM_KERNELS",
  /** `channel`: trials are handed out over the process' IPC channel; absent or `array`: from offset and index. */
  dispatch: "NIGHTSWEEP_DISPATCH",
  /** Set by AWS Batch for array children; absent = 0. */
  arrayIndex: "AWS_BATCH_JOB_ARRAY_INDEX",
  /** Set by AWS Batch, from 1; absent = 1. */
  attempt: "AWS_BATCH_JOB_ATTEMPT",
} as const;

/** What can be asked for as an engine: `auto` = the native one where it loads, else the embedded one. */
export const engineChoices = ["auto", "wasm", "tensorflow"] as const;

/** One of the engines, or `auto`. */
export type EngineChoice = (typeof engineChoices)[number];

/** What can be asked for to compute on: `gpu` = refuse to compute on anything else. */
export const devices = ["cpu", "gpu"] as const;

/** A kind of device. */
export type Device = (typeof devices)[number];

/**
 * Kernels of the embedded engine: `simd` = our own; `relaxed-simd` = our own with multiply-add instructions, whose rounding
 * depends on the processor; `stock` = composed from those that TensorFlow.js ships.
 */
export const wasmKernelChoices = ["simd", "relaxed-simd", "stock"] as const;

/** A kind of kernels of the embedded engine. */
export type WasmKernelChoice = (typeof wasmKernelChoices)[number];

/** What a trainer process was told to do, as read from its environment. */
export interface TrainerEnvironment {
  readonly store: string;
  readonly planKey: string;
  readonly dataRoot: string;
  readonly engine: EngineChoice;
  readonly origin: TrialOrigin;
  readonly batchThreads: number;
  readonly device: Device | undefined;
  readonly wasmKernels: WasmKernelChoice;
  readonly work:
    | { readonly dispatch: "channel" }
    | {
        readonly dispatch: "array";
        /** Key of the round whose list is counted in; absent = `plan.trials` is. */
        readonly roundKey?: string;
        readonly firstTrial: number;
        readonly trialCount: number;
        /** Most trials side by side. */
        readonly trialsPerGpu: number;
        readonly attempt: number;
      };
}

/** Where a trial comes from, as far as its process was told. */
export interface TrialOrigin {
  /** Id of the run's `provenance/<id>.json`. */
  readonly provenance?: string;
  readonly imageDigest?: string;
}

/** The variables a local worker is started with: the same contract as a container's, trials handed out over IPC. */
export function channelWorkerVariables(options: {
  readonly store: string;
  readonly planKey: string;
  readonly dataRoot: string;
  readonly engine?: EngineChoice | undefined;
  readonly provenance?: string | undefined;
  readonly batchThreads?: number | undefined;
}): Record<string, string> {
  return {
    [trainerVariables.store]: options.store,
    [trainerVariables.dataRoot]: options.dataRoot,
    [trainerVariables.planKey]: options.planKey,
    [trainerVariables.dispatch]: "channel",
    ...(options.engine === undefined ? {} : { [trainerVariables.engine]: options.engine }),
    ...(options.provenance === undefined ? {} : { [trainerVariables.provenance]: options.provenance }),
    ...(options.batchThreads === undefined ? {} : { [trainerVariables.batchThreads]: String(options.batchThreads) }),
  };
}

/**
 * Reads the trainer's environment.
 * @param variables the process environment
 * @returns the parsed environment, or every problem in it
 */
export function parseTrainerEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): { readonly environment: TrainerEnvironment } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const required = (name: string): string => {
    const value = variables[name];
    if (value === undefined || value === "") problems.push(`${name} is not set`);
    return value ?? "";
  };
  const integer = (name: string, fallback: number, minimum: number): number => {
    const text = variables[name];
    if (text === undefined || text === "") return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < minimum)
      problems.push(`${name} is "${text}", expected an integer ≥ ${minimum}`);
    return value;
  };

  const store = required(trainerVariables.store);
  const planKey = required(trainerVariables.planKey);
  const dispatch = variables[trainerVariables.dispatch] ?? "array";
  if (dispatch !== "channel" && dispatch !== "array") {
    problems.push(`${trainerVariables.dispatch} is "${dispatch}", expected "channel" or "array"`);
  }
  const engineName = variables[trainerVariables.engine] ?? "wasm";
  const engine = engineChoices.find((choice) => choice === engineName);
  if (engine === undefined) {
    problems.push(`${trainerVariables.engine} is "${engineName}", expected one of ${engineChoices.join(", ")}`);
  }
  const deviceName = variables[trainerVariables.device];
  const device = devices.find((each) => each === deviceName);
  if (deviceName !== undefined && device === undefined) {
    problems.push(`${trainerVariables.device} is "${deviceName}", expected one of ${devices.join(", ")}`);
  }
  const kernelsName = variables[trainerVariables.wasmKernels] ?? "simd";
  const wasmKernels = wasmKernelChoices.find((each) => each === kernelsName);
  if (wasmKernels === undefined) {
    problems.push(
      `${trainerVariables.wasmKernels} is "${kernelsName}", expected one of ${wasmKernelChoices.join(", ")}`,
    );
  }
  const trialsPerJob = integer(trainerVariables.trialsPerJob, 1, 1);
  const trialsPerGpu = integer(trainerVariables.trialsPerGpu, 1, 1);
  const arrayIndex = integer(trainerVariables.arrayIndex, 0, 0);
  const offset = integer(trainerVariables.trialOffset, 0, 0);
  const attempt = integer(trainerVariables.attempt, 1, 1);
  const roundKey = variables[trainerVariables.roundKey] ?? "";
  const batchThreads = integer(trainerVariables.batchThreads, 1, 1);
  if (problems.length > 0 || engine === undefined || wasmKernels === undefined) return { problems };
  return {
    environment: {
      store,
      planKey,
      dataRoot: variables[trainerVariables.dataRoot] ?? ".",
      engine,
      origin: originOf(variables),
      batchThreads,
      device,
      wasmKernels,
      work:
        dispatch === "channel"
          ? { dispatch }
          : {
              dispatch: "array",
              firstTrial: offset + arrayIndex * trialsPerJob,
              trialCount: trialsPerJob,
              trialsPerGpu,
              attempt,
              ...(roundKey !== "" && { roundKey }),
            },
    },
  };
}

function originOf(variables: Readonly<Record<string, string | undefined>>): TrialOrigin {
  const { [trainerVariables.provenance]: provenance = "", [trainerVariables.imageDigest]: imageDigest = "" } =
    variables;
  return { ...(provenance !== "" && { provenance }), ...(imageDigest !== "" && { imageDigest }) };
}
