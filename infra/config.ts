import { defaultDeployment, type JobSize } from "../src/contract/deployment.ts";

/** Families of instances with NVIDIA GPUs that the image runs on: T4, A10G, L4, L40S. */
export type GpuFamily = "g4dn" | "g5" | "g6" | "g6e";

/** What is deployed: the one place where it is chosen. */
export interface DeploymentConfig {
  /** Names the stack and all that is in it: lower-case letters, digits and -; another name is another deployment. */
  readonly name: string;
  /** AWS region, e.g. `eu-central-1`; absent = that of the AWS profile that deploys. */
  readonly region?: string;
  /** AWS account; absent = that of the AWS profile that deploys. */
  readonly account?: string;
  /** Availability zones by name; a number = the region's first ones. More zones have more spot capacity, none costs anything. */
  readonly availabilityZones: number | readonly string[];
  readonly instanceFamilies: readonly GpuFamily[];
  /** vCPUs of all instances together: the limit of what can run, and cost, at a time. A g4dn.xlarge has 4. */
  readonly maxVcpus: number;
  /** Which part of `maxVcpus` is taken from the spot market, 0…1; the rest is on demand, and taken when spot has nothing. */
  readonly spotShare: number;
  /** What a job may get of a machine; from small to large. */
  readonly sizes: Readonly<Record<string, Omit<JobSize, "arn">>>;
  /**
   * Most trials of a job side by side on its GPU, where the experiment says nothing. As many run as the first one leaves
   * memory for; 1 = one after another.
   */
  readonly trialsPerGpu: number;
  /** After so many hours without capacity a waiting job is given up. */
  readonly capacityWaitHours: number;
  /** After so many days an execution is ended. */
  readonly runTimeLimitDays: number;
  /** `build` = from this checkout, by `cdk deploy` (needs docker); or an image that is in ECR. */
  readonly image: "build" | { readonly repository: string; readonly tagOrDigest: string };
  /** Who gets mail about regressions, failed runs and the budget. */
  readonly emails: readonly string[];
  /** Alarm when what this deployment costs in a month reaches 80 % and 100 % of it, or is forecast to; 0 = no budget. */
  readonly monthlyBudgetUsd: number;
  readonly logRetentionDays: 7 | 14 | 30 | 90;
  /** Checkpoints that are older are removed: finished trials don't need them, and what stopped long ago begins anew. */
  readonly checkpointDays: number;
  /** Bucket of an earlier deployment that is to be gone on with; absent = a new one. */
  readonly existingBucket?: string;
}

/** What `npx cdk deploy` deploys. Change it here. */
export const config: DeploymentConfig = {
  name: defaultDeployment,
  availabilityZones: 3,
  instanceFamilies: ["g4dn", "g5", "g6"],
  maxVcpus: 64,
  spotShare: 0.75,
  // Memory is what Batch can give away of an xlarge's 16, a 2xlarge's 32, a 12xlarge's 192 GiB.
  sizes: {
    "gpu-1": { gpus: 1, vcpus: 4, memoryMebibytes: 14_000 },
    "gpu-1-large": { gpus: 1, vcpus: 8, memoryMebibytes: 29_000 },
    "gpu-4": { gpus: 4, vcpus: 48, memoryMebibytes: 170_000 },
  },
  trialsPerGpu: 4,
  capacityWaitHours: 6,
  runTimeLimitDays: 7,
  image: "build",
  emails: [],
  monthlyBudgetUsd: 100,
  logRetentionDays: 30,
  checkpointDays: 30,
};
