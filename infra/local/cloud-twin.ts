import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { trainerVariables } from "../../src/contract/trainer-environment.ts";
import { dataVariables } from "../../src/contract/data-variables.ts";
import { openStore } from "../../src/record/open-store.ts";
import { machineDefinition, type Synthesised } from "../synth.ts";
import { BatchService } from "./batch/batch-service.ts";
import type { ContainerRunner } from "./batch/containers.ts";
import { EventLine, type EventDelivery } from "./batch/event-line.ts";
import { ImageRunner } from "./batch/image-runner.ts";
import { ProcessRunner } from "./batch/process-runner.ts";
import type { ReclaimOf } from "./batch/reclaim.ts";
import { serveCloud, type CloudServices, type LogLine } from "./cloud-server.ts";
import { JobWaiter } from "./job-waiter.ts";
import { Machine } from "./machine.ts";
import { TemplateParts, twinPlace } from "./template-parts.ts";

/** What stands in for AWS around what was synthesised. */
export interface TwinSettings {
  readonly synthesised: Synthesised;
  /** Bucket that is there already. */
  readonly bucket: string;
  /** Credentials and endpoint of S3, as processes take them from their environment. */
  readonly s3: Readonly<Record<string, string>>;
  /** Folder for what an instance has on its disk, and for the deployment's file. */
  readonly folder: string;
  /** Program that stands in for the image's entry point; absent = `container` is used. */
  readonly entryPoint?: readonly [string, ...string[]];
  /** Image that containers are started from under podman, in place of processes of the entry point. */
  readonly image?: string;
  /** Starts containers; absent = the image's, or processes of the entry point. */
  readonly containers?: ContainerRunner;
  /** What takes the place of a container's GPU; undefined values are left out. */
  readonly replaced?: Readonly<Record<string, string | undefined>>;
  readonly reclaimOf?: ReclaimOf;
  readonly events?: EventDelivery;
  /** vCPUs of the compute environments; absent = as deployed. A container has 4. Only spot instances are taken back. */
  readonly maxvCpus?: { readonly spot: number; readonly onDemand: number };
  /** In place of the bundled functions; absent = the bundles. */
  readonly functions?: ConstructorParameters<typeof Machine>[0]["functions"];
  readonly waitMs?: number;
  readonly stopMs?: number;
  readonly terminatesOnAbort?: boolean;
  /** How often jobs are looked after besides the events. */
  readonly pollMs?: number;
}

/** Nothing is deployed, everything runs: the synthesised machine and functions, with doubles of the services. */
export interface CloudTwin {
  readonly batch: BatchService;
  readonly machine: Machine;
  readonly parts: TemplateParts;
  /** Calls of each operation of each service. */
  readonly calls: Readonly<Record<string, number>>;
  /** What a person's shell needs to use it: `nightsweep run --on aws` then comes here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts what a schedule starts. @param due ISO 8601 */
  fire(scheduleName: string, due: string): Promise<string>;
  stop(): void;
}

const promptEvents: EventDelivery = { maxDelayMs: 0, duplicateRate: 0, lossRate: 0, random: () => 0.5 };

/** Starts the double; its address and settings are put into this process' environment for the functions. */
export async function startCloudTwin(settings: TwinSettings): Promise<CloudTwin> {
  const parts = new TemplateParts(settings.synthesised, settings.bucket);
  const logs = new Map<string, LogLine[]>();
  let waiter: JobWaiter | undefined;
  const line = new EventLine<Parameters<JobWaiter["take"]>[0]>(settings.events ?? promptEvents, (job) =>
    waiter?.take(job),
  );
  const batch = new BatchService({
    environments: parts.environments.map((each) => ({
      ...each,
      maxvCpus: settings.maxvCpus?.[each.isSpot ? "spot" : "onDemand"] ?? each.maxvCpus,
    })),
    queues: parts.queues,
    runner:
      settings.containers ??
      (settings.image === undefined ? processes(settings) : containersOf(settings.image, settings)),
    ...(settings.stopMs !== undefined && { stopMs: settings.stopMs }),
    ...(settings.reclaimOf && { reclaimOf: settings.reclaimOf }),
    onChange: (job) => line.send(job),
    onLine(stream, message) {
      const lines = logs.get(stream) ?? [];
      lines.push({ timestamp: Date.now(), message });
      logs.set(stream, lines);
    },
  });
  for (const definition of parts.jobDefinitions) batch.registerDefinition(definition);
  const { logGroup }: { logGroup: string } = JSON.parse(parts.deployment);
  const services: CloudServices = { batch, logs, logGroup };
  const server = await serveCloud(services);
  const environment = environmentOf(settings, parts, server.endpoint);
  Object.assign(process.env, environment);
  await publishAssets(settings, parts);
  waiter = new JobWaiter(server.endpoint, { region: twinPlace.region, pollMs: settings.pollMs ?? 2000 });
  const machine = createMachine(settings, parts, waiter);
  services.machine = machine;
  return {
    batch,
    machine,
    parts,
    calls: server.calls,
    environment,
    async fire(scheduleName, due) {
      const schedule = parts.schedules.find(({ name }) => name.includes(scheduleName));
      if (schedule === undefined) throw new RangeError(`there is no schedule ${scheduleName}`);
      const input = schedule.input.replaceAll("<aws.scheduler.scheduled-time>", due);
      const execution = await machine.start(`schedule-${Date.now().toString(36)}-${machine.executions.size}`, input);
      if (execution === undefined) throw new Error("the execution was not started");
      return execution.arn;
    },
    stop() {
      waiter?.end();
      server.stop();
    },
  };
}

function processes({ entryPoint, folder, s3, replaced }: TwinSettings): ProcessRunner {
  if (entryPoint === undefined) throw new RangeError("an entry point or a way to start containers is needed");
  const data = path.join(folder, "instance");
  mkdirSync(data, { recursive: true });
  return new ProcessRunner({
    entryPoint,
    folder,
    environment: s3,
    replaced: {
      [trainerVariables.device]: undefined,
      [trainerVariables.engine]: "wasm",
      [dataVariables.folder]: data,
      ...replaced,
    },
  });
}

/** The image computes on the CPU here; of what is deployed, nothing else in its environment is another. */
function containersOf(image: string, { folder, s3, replaced }: TwinSettings): ImageRunner {
  const onCpu = { [trainerVariables.device]: "cpu", ...replaced };
  return new ImageRunner({ image, folder, environment: s3, replaced: onCpu });
}

function environmentOf({ s3, folder }: TwinSettings, parts: TemplateParts, endpoint: string): Record<string, string> {
  const file = path.join(folder, "deployment.json");
  writeFileSync(file, parts.deployment);
  return {
    ...s3,
    AWS_REGION: twinPlace.region,
    AWS_ENDPOINT_URL_BATCH: endpoint,
    AWS_ENDPOINT_URL_SFN: endpoint,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint,
    NIGHTSWEEP_DEPLOYMENT: file,
  };
}

/** Puts what schedules start where `cdk deploy` would: into the bucket of assets, which is made here. */
async function publishAssets({ s3, functions }: TwinSettings, parts: TemplateParts): Promise<void> {
  // They have a way of their own to assets.
  if (functions !== undefined) return;
  for (const { input } of parts.schedules) {
    const { compiled }: { compiled: { bucket: string; key: string } } = JSON.parse(input);
    await fetch(`${s3["AWS_ENDPOINT_URL_S3"]}/${compiled.bucket}`, { method: "PUT" });
    await openStore(`s3://${compiled.bucket}`).put(compiled.key, readFileSync(parts.assetFile(compiled.key)));
  }
}

function createMachine(settings: TwinSettings, parts: TemplateParts, jobs: JobWaiter): Machine {
  const { synthesised, waitMs, terminatesOnAbort, functions } = settings;
  const definition = machineDefinition(synthesised, parts.lookup);
  const { stateMachineArn }: { stateMachineArn: string } = JSON.parse(parts.deployment);
  if (!isDefinition(definition)) throw new Error("the template's state machine has no states");
  return new Machine({
    parts,
    definition,
    jobs,
    machineArn: stateMachineArn,
    ...(waitMs !== undefined && { waitMs }),
    ...(functions && { functions }),
    ...(terminatesOnAbort !== undefined && { terminatesOnAbort }),
  });
}

type Definition = ConstructorParameters<typeof Machine>[0]["definition"];

function isDefinition(value: unknown): value is Definition {
  return typeof value === "object" && value !== null && "States" in value;
}
