/** Environment variables about what is deployed on AWS. */
export const deploymentVariables = {
  /** Of the Lambda functions: `CloudSettings` as JSON. */
  cloud: "NIGHTSWEEP_CLOUD",
  /** Of the command line: name of the deployment, or path of a file with a `Deployment`; absent = `nightsweep`. */
  deployment: "NIGHTSWEEP_DEPLOYMENT",
} as const;

/** Name of a deployment that nobody has named otherwise; what it deploys is named after it. */
export const defaultDeployment = "nightsweep";

/** Name of the SSM parameter that holds a `Deployment` as JSON. */
export function deploymentParameter(name: string): string {
  return `/${name}/deployment`;
}

/** Queues of a deployment: what people start by hand doesn't wait for what is scheduled. */
export const queueNames = ["adhoc", "nightly"] as const;

/** One of the queues. */
export type QueueName = (typeof queueNames)[number];

/** A job definition: what one job gets of a machine. */
export interface JobSize {
  /** ARN of the job definition, with its revision. */
  readonly arn: string;
  readonly gpus: number;
  readonly vcpus: number;
  readonly memoryMebibytes: number;
}

/** What the code of the Lambda functions knows about the deployment that it is part of. */
export interface CloudSettings {
  readonly name: string;
  readonly region: string;
  /** `s3://bucket` */
  readonly store: string;
  /** ARNs. */
  readonly queues: Readonly<Record<QueueName, string>>;
  /** By name, from small to large: `gpu-1`, … */
  readonly sizes: Readonly<Record<string, JobSize>>;
  /** Trials of a job that share its GPU, at most, where the experiment says nothing; absent = 1. */
  readonly trialsPerGpu?: number;
  /** Log group of the jobs. */
  readonly logGroup: string;
  /** Version of nightsweep that was deployed. */
  readonly version: string;
}

/** What the command line knows about a deployment. */
export interface Deployment extends CloudSettings {
  readonly schemaVersion: 1;
  readonly stateMachineArn: string;
  readonly topicArn: string;
  /** Where the container image is: registry, repository and tag or digest. */
  readonly image: string;
  /** Instance types or families that jobs may run on. */
  readonly instanceTypes: readonly string[];
  readonly maxVcpus: number;
}
