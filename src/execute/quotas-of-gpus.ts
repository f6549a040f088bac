import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";

/** Quotas of EC2, in vCPUs. */
const codes = { spot: "L-3819A6DF", onDemand: "L-DB2E81BA" } as const;

/** vCPUs of G and VT instances that the account may have at a time in its region. */
export async function gpuQuotas(): Promise<{ readonly spot: number; readonly onDemand: number }> {
  const client = new ServiceQuotasClient({ maxAttempts: 4 });
  const quota = async (QuotaCode: string): Promise<number> => {
    const answer = await client.send(new GetServiceQuotaCommand({ ServiceCode: "ec2", QuotaCode }));
    return answer.Quota?.Value ?? 0;
  };
  const [spot, onDemand] = await Promise.all([quota(codes.spot), quota(codes.onDemand)]);
  return { spot, onDemand };
}
