import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

/** The region of the environment or the AWS profile, or undefined. */
export async function findRegion(): Promise<string | undefined> {
  const client = new STSClient({});
  try {
    return await client.config.region();
  } catch {
    return undefined;
  }
}

/** ARN of whoever asks. @throws Error if there are no credentials that AWS takes */
export async function callerIdentity(): Promise<string> {
  const answer = await new STSClient({ maxAttempts: 2 }).send(new GetCallerIdentityCommand({}));
  return answer.Arn ?? "unknown";
}
