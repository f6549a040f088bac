/** Object keys of the record layout: the same in a folder and in a bucket. Parts are joined by `/`. */
export const objectKeys = {
  /** Everything of one run. */
  run: (experiment: string, runId: string) => `experiments/${experiment}/runs/${runId}`,
  /** All runs of one experiment. */
  runs: (experiment: string) => `experiments/${experiment}/runs`,
  /** Where the run came from. */
  source: (run: string) => `${run}/run.json`,
  plan: (run: string) => `${run}/plan.json`,
  index: (run: string) => `${run}/index.jsonl`,
  /** What one process that ran trials of the run has used up. */
  session: (run: string, sessionId: string) => `${run}/sessions/${sessionId}.json`,
  /** What the run's finished records and its plan must hash to. */
  seal: (run: string) => `${run}/seal.jsonl`,
  /** Where trials of the run come from: code, project, command. */
  provenance: (run: string, id: string) => `${run}/provenance/${id}.json`,
  /** How tracked files of the project differed from its commit. */
  patch: (run: string, sha256: string) => `${run}/provenance/${sha256}.patch`,
  /** What people ask of those who run it: to pause, to cancel and so on. */
  control: (run: string) => `${run}/control.json`,
  /** Says that the run is removed; what is left of it are trials that others need. */
  removed: (run: string) => `${run}/removed.json`,
  report: (run: string) => `${run}/report/index.html`,
  /** Everything of one trial of one run. */
  trial: (run: string, trialId: string) => `${run}/trials/${trialId}`,
  /** The ledger entry of a trial: which run finished it. */
  ledger: (trialId: string) => `trials/${trialId}.json`,
  /**
   * Who trains a trial now. A run that ignores the ledger trains its trials for itself: then its claims are its own.
   * @param ownRunId id of such a run; absent = claimed for all runs
   */
  claim: (trialId: string, ownRunId?: string) =>
    ownRunId === undefined ? `claims/${trialId}.json` : `claims/${ownRunId}/${trialId}.json`,
  /** What a round of jobs runs: an array child takes its trials from the round's list. @param round from 1 */
  round: (run: string, round: number) => `${run}/rounds/${round}.json`,
  /** What became of the trials of a round. */
  roundOutcome: (run: string, round: number) => `${run}/rounds/${round}-outcome.json`,
  /** The executions of the state machine that were started for a run by a person. @param start from 1 */
  start: (run: string, start: number) => `${run}/starts/${start}.json`,
  /** Which run an execution of the state machine carries out. */
  execution: (executionName: string) => `executions/${executionName}.json`,
  /** A data set that was uploaded. @param sha256 identity of the data */
  dataset: (name: string, sha256: string) => `datasets/${name}/${sha256}`,
  /** What is known about an uploaded data set; written after its files. */
  datasetManifest: (name: string, sha256: string) => `datasets/${name}/${sha256}/manifest.json`,
  /** Identity of the data set that was uploaded last under a name. @param labels which labels, where there are several */
  datasetCurrent: (name: string, labels?: string) =>
    labels === undefined ? `datasets/${name}/current.json` : `datasets/${name}/current-${labels}.json`,
  /** All nights of a benchmark, and what was acknowledged of them. */
  history: (benchmark: string) => `history/${benchmark}`,
  /** What one run of a benchmark came to. @param date `YYYY-MM-DD` in the schedule's time zone */
  night: (benchmark: string, date: string, runId: string) => `history/${benchmark}/${date}-${runId}.json`,
  /** That people know of a change and take it as it is now. */
  acknowledgement: (benchmark: string, id: string) => `history/${benchmark}/acknowledged/${id}.json`,
} as const;

/** File names inside a trial's folder. */
export const trialFiles = {
  trial: "trial.json",
  metrics: "metrics.jsonl",
  timings: "timings.jsonl",
  result: "result.json",
  failure: "failure.json",
  confusion: "confusion.json",
  predictions: "predictions.csv",
  environment: "environment.json",
  log: "log.txt",
  modelTopology: "model/model.json",
  modelWeights: "model/weights.bin",
  checkpoints: "checkpoints",
} as const;

/** Tag of a checkpoint's objects in a bucket, which a lifecycle rule removes by it. */
export const checkpointTag = { key: "nightsweep-kind", value: "checkpoint" } as const;
