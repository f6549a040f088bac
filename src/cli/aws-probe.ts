import { randomBytes } from "node:crypto";
import type { CloudProbe } from "../orchestrate/cloud/diagnose.ts";
import { openStore } from "../record/open-store.ts";
import { loadDeployment } from "./load-deployment.ts";

/** Where the CDK's bootstrap stack says which version it has. */
const bootstrapParameter = "/cdk-bootstrap/hnb659fds/version";

/** Asks the AWS account of the environment or the AWS profile. */
export const awsProbe: CloudProbe = {
  identity: async () => (await import("../execute/sts-identity.ts")).callerIdentity(),
  region: async () => (await import("../execute/sts-identity.ts")).findRegion(),
  async bootstrapVersion() {
    const { loadSsmParameter } = await import("../execute/ssm-parameter.ts");
    const version = await loadSsmParameter(bootstrapParameter);
    return version === undefined ? undefined : Number(version);
  },
  deployment: () => loadDeployment(),
  gpuQuotas: async () => (await import("../execute/quotas-of-gpus.ts")).gpuQuotas(),
  offerings: async (families) => (await import("../execute/ec2-offerings.ts")).offeredTypes(families),
  async queues({ region, queues }) {
    const { describeQueues } = await import("../execute/batch-job-service.ts");
    return describeQueues(region, Object.values(queues));
  },
  hasImage: async (image) => (await import("../execute/ecr-image.ts")).hasEcrImage(image),
  async useBucket(location) {
    const store = openStore(location);
    const key = `doctor/${randomBytes(8).toString("hex")}.txt`;
    const bytes = new TextEncoder().encode("written by nightsweep doctor\n");
    await store.put(key, bytes);
    const read = await store.get(key);
    await store.delete(key);
    if (read?.length !== bytes.length) throw new Error(`what was written to ${location} can't be read`);
  },
};
