import { randomBytes } from "node:crypto";
import { MetadataServer } from "./metadata-server.ts";

/** A compute environment: instances of one type, none while nothing runs. */
export interface EnvironmentSettings {
  readonly name: string;
  readonly isSpot: boolean;
  readonly maxvCpus: number;
  readonly instance: ResourceNeeds & { readonly type: string };
  /** Whether AWS has instances of the type now; absent = yes. */
  readonly hasCapacity?: boolean;
}

/** What a container needs, or an instance has. */
export interface ResourceNeeds {
  readonly vcpus: number;
  readonly memoryMebibytes: number;
  readonly gpus: number;
}

/** An EC2 instance. */
export class Instance {
  readonly id = `i-${randomBytes(8).toString("hex")}`;
  /** Announced to be taken back: nothing is placed on it any more. */
  isLeaving = false;
  used: ResourceNeeds = { vcpus: 0, memoryMebibytes: 0, gpus: 0 };
  /** Aborted when the instance is gone. */
  readonly lost = new AbortController();
  private metadata: Promise<MetadataServer> | undefined;

  constructor(
    readonly environment: EnvironmentSettings,
    /** Resolves when it can run containers. */
    readonly isReady: Promise<void>,
  ) {}

  hasRoomFor(needs: ResourceNeeds): boolean {
    if (this.isLeaving) return false;
    const { instance } = this.environment;
    return keys.every((key) => this.used[key] + needs[key] <= instance[key]);
  }

  change(needs: ResourceNeeds, sign: 1 | -1): void {
    const { vcpus, memoryMebibytes, gpus } = this.used;
    this.used = {
      vcpus: vcpus + sign * needs.vcpus,
      memoryMebibytes: memoryMebibytes + sign * needs.memoryMebibytes,
      gpus: gpus + sign * needs.gpus,
    };
  }

  /** Address of its metadata service. */
  async metadataEndpoint(): Promise<string> {
    return (await this.openMetadata()).endpoint;
  }

  /** Takes it back: says so, and after a time it is gone with all that runs on it. */
  async reclaim(noticeMs: number): Promise<void> {
    if (this.isLeaving) return;
    this.isLeaving = true;
    (await this.openMetadata()).announce(new Date(Date.now() + noticeMs));
    setTimeout(() => this.lost.abort(), noticeMs).unref();
  }

  async end(): Promise<void> {
    this.isLeaving = true;
    if (this.metadata !== undefined) (await this.metadata).stop();
  }

  private openMetadata(): Promise<MetadataServer> {
    this.metadata ??= MetadataServer.start();
    return this.metadata;
  }
}

const keys = ["vcpus", "memoryMebibytes", "gpus"] as const;

/** The instances of all compute environments. */
export class Fleet {
  private readonly instances = new Set<Instance>();
  /** How many were launched in all. */
  launched = 0;

  constructor(
    private readonly environments: readonly EnvironmentSettings[],
    private readonly launchMs: number,
  ) {}

  /** How many instances there are. */
  get size(): number {
    return this.instances.size;
  }

  /**
   * Room for a container in the first of some environments that has it.
   * @returns an instance in which the room is taken; or why there is none, empty if it only has to wait for others
   */
  place(needs: ResourceNeeds, environmentNames: readonly string[]): Instance | string {
    const environments = environmentNames.flatMap((name) => this.environments.filter((each) => each.name === name));
    for (const environment of environments) {
      const instance = this.findRoom(environment, needs) ?? this.launch(environment, needs);
      if (instance === undefined) continue;
      instance.change(needs, 1);
      return instance;
    }
    return describeShortage(environments, needs);
  }

  /** Gives the room back; an instance without containers is ended. */
  release(instance: Instance, needs: ResourceNeeds): void {
    instance.change(needs, -1);
    if (instance.used.vcpus > 0) return;
    this.instances.delete(instance);
    void instance.end();
  }

  private findRoom(environment: EnvironmentSettings, needs: ResourceNeeds): Instance | undefined {
    for (const instance of this.instances)
      if (instance.environment === environment && instance.hasRoomFor(needs)) return instance;
    return undefined;
  }

  private launch(environment: EnvironmentSettings, needs: ResourceNeeds): Instance | undefined {
    const { instance, maxvCpus, hasCapacity = true } = environment;
    const own = [...this.instances].filter((each) => each.environment === environment).length;
    const fits = keys.every((key) => needs[key] <= instance[key]);
    if (!hasCapacity || !fits || (own + 1) * instance.vcpus > maxvCpus) return undefined;
    const launched = new Instance(environment, new Promise((resolve) => setTimeout(resolve, this.launchMs)));
    this.instances.add(launched);
    this.launched++;
    return launched;
  }
}

/** @see https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable.html */
function describeShortage(environments: readonly EnvironmentSettings[], needs: ResourceNeeds): string {
  const fitting = environments.filter(({ instance }) => keys.every((key) => needs[key] <= instance[key]));
  if (fitting.length === 0)
    return "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue.";
  if (fitting.every(({ instance, maxvCpus }) => instance.vcpus > maxvCpus))
    return "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - The maximum vCPUs configured for the CE(s) associated with the job queue are less than the job requires.";
  if (fitting.every(({ hasCapacity = true }) => !hasCapacity)) {
    const types = fitting.map(({ instance }) => instance.type).join(", ");
    return `CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [${types}].`;
  }
  return "";
}
