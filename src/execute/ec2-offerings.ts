import { EC2Client, paginateDescribeInstanceTypeOfferings } from "@aws-sdk/client-ec2";

/** Instance types of some families that each zone of the region offers. */
export async function offeredTypes(families: readonly string[]): Promise<Record<string, string[]>> {
  const client = new EC2Client({ maxAttempts: 4 });
  const Filters = [{ Name: "instance-type", Values: families.map((family) => `${family}.*`) }];
  const zones: Record<string, string[]> = {};
  const pages = paginateDescribeInstanceTypeOfferings({ client }, { LocationType: "availability-zone", Filters });
  for await (const { InstanceTypeOfferings = [] } of pages)
    for (const { Location = "", InstanceType = "" } of InstanceTypeOfferings)
      zones[Location] = [...(zones[Location] ?? []), InstanceType];
  return zones;
}
