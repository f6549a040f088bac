import type { Deployment } from "../../contract/deployment.ts";

/** What can be asked of an AWS account; each may throw an error whose message is told. */
export interface CloudProbe {
  /** ARN of the one who asks. */
  identity(): Promise<string>;
  /** Region of the AWS profile; undefined = none is set. */
  region(): Promise<string | undefined>;
  /** Version of the CDK's bootstrap stack in the region; undefined = there is none. */
  bootstrapVersion(): Promise<number | undefined>;
  deployment(): Promise<Deployment>;
  /** vCPUs of GPU instances that the account may have at a time. */
  gpuQuotas(): Promise<{ readonly spot: number; readonly onDemand: number }>;
  /** Instance types that each zone of the region offers, of some families. */
  offerings(families: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>>;
  /** State of the job queues, in the service's words, by name. */
  queues(deployment: Deployment): Promise<Readonly<Record<string, string>>>;
  /** Whether the image is in its registry. */
  hasImage(image: string): Promise<boolean>;
  /** Writes an object, reads it and removes it. */
  useBucket(store: string): Promise<void>;
}

/** What was looked at, and how it is. */
export interface Finding {
  readonly subject: string;
  readonly state: "fine" | "problem" | "unknown";
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** The version of the CDK's bootstrap stack that deploying needs at least. */
const neededBootstrap = 6;

/**
 * Looks at everything that a run on AWS needs. What can't be asked because something before it failed is left out.
 * @param version of nightsweep that runs here
 */
export async function diagnoseCloud(probe: CloudProbe, version: string): Promise<Finding[]> {
  const identity = await look("credentials", () => probe.identity().then((arn) => fine("credentials", arn)), logIn);
  const region = await look("region", () => checkRegion(probe), "set AWS_REGION, or a region in the AWS profile");
  if (identity.state !== "fine" || region.state !== "fine") return [identity, region];
  let deployment: Deployment | undefined;
  const deployed = await look(
    "deployment",
    async () => {
      deployment = await probe.deployment();
      return compareVersions(deployment, version);
    },
    "run `npx cdk deploy` once",
  );
  const families = deployment?.instanceTypes ?? ["g4dn", "g5", "g6"];
  const [bootstrap, quotas, offerings] = await Promise.all([
    look("bootstrap", () => checkBootstrap(probe), "allow ssm:GetParameter"),
    look("GPU quotas", () => checkQuotas(probe, deployment?.maxVcpus), "allow servicequotas:GetServiceQuota"),
    look("instance types", () => checkOfferings(probe, families), "allow ec2:DescribeInstanceTypeOfferings"),
  ]);
  const before = [identity, region, bootstrap, quotas, offerings, deployed];
  return deployment === undefined ? before : [...before, ...(await diagnoseDeployment(probe, deployment))];
}

const logIn = "log in with `aws sso login` (or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)";

async function diagnoseDeployment(probe: CloudProbe, deployment: Deployment): Promise<Finding[]> {
  return Promise.all([
    look(
      "bucket",
      () => probe.useBucket(deployment.store).then(() => fine("bucket", `${deployment.store} can be written and read`)),
      "allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on it",
    ),
    look("queues", () => checkQueues(probe, deployment), "allow batch:DescribeJobQueues"),
    look("image", () => checkImage(probe, deployment.image), "allow ecr:DescribeImages"),
  ]);
}

function fine(subject: string, detail: string): Finding {
  return { subject, state: "fine", detail };
}

async function look(subject: string, check: () => Promise<Finding>, fix: string): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { subject, state: "problem", detail, fix };
  }
}

async function checkRegion(probe: CloudProbe): Promise<Finding> {
  const region = await probe.region();
  if (region === undefined) throw new Error("no region is set");
  return fine("region", region);
}

async function checkBootstrap(probe: CloudProbe): Promise<Finding> {
  const version = await probe.bootstrapVersion();
  if (version !== undefined && version >= neededBootstrap) return fine("bootstrap", `version ${version}`);
  const detail = version === undefined ? "the region is not prepared for the CDK" : `version ${version} is too old`;
  return { subject: "bootstrap", state: "problem", detail, fix: "run `npx cdk bootstrap` once for account and region" };
}

async function checkQuotas(probe: CloudProbe, wanted = 4): Promise<Finding> {
  const { spot, onDemand } = await probe.gpuQuotas();
  const detail = `${spot} vCPUs of G instances on the spot market, ${onDemand} on demand`;
  if (spot + onDemand >= Math.min(4, wanted) && spot + onDemand >= wanted) return fine("GPU quotas", detail);
  const fix =
    'ask for more under Service Quotas → Amazon EC2: "All G and VT Spot Instance Requests" (L-3819A6DF) and "Running ' +
    'On-Demand G and VT instances" (L-DB2E81BA); new accounts have 0, and it takes hours to days';
  return { subject: "GPU quotas", state: "problem", detail: `${detail}; maxVcpus is ${wanted}`, fix };
}

async function checkOfferings(probe: CloudProbe, families: readonly string[]): Promise<Finding> {
  const zones = await probe.offerings(families);
  const parts = Object.entries(zones).map(([zone, types]) => `${zone}: ${types.length} types`);
  if (Object.values(zones).some((types) => types.length > 0)) return fine("instance types", parts.join(", "));
  const detail = `no zone of the region offers any of ${families.join(", ")}`;
  return {
    subject: "instance types",
    state: "problem",
    detail,
    fix: "choose another region, or other instanceFamilies in infra/config.ts",
  };
}

function compareVersions({ name, version: deployed }: Deployment, version: string): Finding {
  if (deployed === version) return fine("deployment", `${name}, version ${deployed}`);
  const detail = `${name} has version ${deployed}, this is ${version}`;
  return { subject: "deployment", state: "problem", detail, fix: "run `npx cdk deploy` from this version" };
}

async function checkQueues(probe: CloudProbe, deployment: Deployment): Promise<Finding> {
  const states = Object.entries(await probe.queues(deployment));
  const detail = states.map(([name, state]) => `${name}: ${state}`).join(", ");
  if (states.length > 0 && states.every(([, state]) => state === "ENABLED VALID")) return fine("queues", detail);
  return {
    subject: "queues",
    state: "problem",
    detail: detail || "there are none",
    fix: "run `npx cdk deploy` again; the console's Batch page says what is wrong with a compute environment",
  };
}

async function checkImage(probe: CloudProbe, image: string): Promise<Finding> {
  if (await probe.hasImage(image)) return fine("image", image);
  return {
    subject: "image",
    state: "problem",
    detail: `${image} is not there`,
    fix: "run `npx cdk deploy` again, or push the image that infra/config.ts names",
  };
}
