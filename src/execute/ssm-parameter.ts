import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";

/** The value of a parameter of AWS Systems Manager in the region of the AWS profile, or undefined if there is none. */
export async function loadSsmParameter(name: string): Promise<string | undefined> {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const client = new SSMClient({ maxAttempts: 4 });
  try {
    return (await client.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
