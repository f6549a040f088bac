import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startCloudTwin, type CloudTwin, type TwinSettings } from "../../../infra/local/cloud-twin.ts";
import { synthTo, type Synthesised } from "../../../infra/synth.ts";
import { startS3Server, type S3Server } from "../../record/s3-server.ts";

/** The entry point of a job, which the image has as well. */
const job = fileURLToPath(new URL("../../../bin/job.js", import.meta.url));

/** Variables that are put back at the end: the functions of the double read the process' environment. */
const before = { ...process.env };

/** A folder, a bucket, and what was synthesised from the folder's experiments. */
export interface TwinBench {
  readonly folder: string;
  readonly s3: S3Server;
  /** Synthesises the experiments as they are now. */
  synthesise(): Promise<Synthesised>;
  start(synthesised: Synthesised, changes?: Partial<TwinSettings>): Promise<CloudTwin>;
  end(): void;
}

/** @param experiments texts of the files below `experiments/`, by path */
export async function openTwinBench(experiments: Readonly<Record<string, string>>): Promise<TwinBench> {
  const folder = mkdtempSync(path.join(tmpdir(), "nightsweep-twin-"));
  writeExperiments(folder, experiments);
  const s3 = await startS3Server();
  Object.assign(process.env, s3.environment);
  await s3.createBucket("records");
  const twins: CloudTwin[] = [];
  let outputs = 0;
  return {
    folder,
    s3,
    synthesise: () => synthTo(path.join(folder, `cdk.out-${++outputs}`), { project: folder }),
    async start(synthesised, changes = {}) {
      const twin = await startCloudTwin({
        synthesised,
        bucket: "records",
        s3: s3.environment,
        folder,
        waitMs: 200,
        pollMs: 300,
        stopMs: 10_000,
        entryPoint: [process.execPath, job],
        maxvCpus: { spot: 12, onDemand: 12 },
        replaced: { NIGHTSWEEP_SPOT_POLL_MS: "100" },
        ...changes,
      });
      twins.push(twin);
      return twin;
    },
    end() {
      for (const twin of twins) twin.stop();
      s3.stop();
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes experiments below a project's folder. */
export function writeExperiments(folder: string, experiments: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(experiments)) {
    const file = path.join(folder, "experiments", name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** How each attempt at each job of a run ended. */
export function attemptsOf({ batch }: CloudTwin): { readonly job: string; readonly ends: readonly string[] }[] {
  return [...batch.jobs.values()].flatMap((job) => {
    const children = "children" in job ? job.children : [job];
    return children.map(({ attempts, source, index }) => ({
      job: `${source.request.jobName}:${index ?? 0}`,
      ends: attempts.map(({ container, statusReason = "" }) =>
        container?.exitCode === undefined ? statusReason.replace(/ \(instance.*\)/, "") : `exit ${container.exitCode}`,
      ),
    }));
  });
}
