import { readFile } from "node:fs/promises";
import {
  defaultDeployment,
  deploymentParameter,
  deploymentVariables,
  type Deployment,
} from "../contract/deployment.ts";
import { exitCodes } from "../contract/exit-codes.ts";
import { CliError } from "./cli-error.ts";

/**
 * What is deployed on AWS, from the parameter that `cdk deploy` has written, or from a file.
 * @throws CliError that says how to mend it if there is none, or AWS can't be asked
 */
export async function loadDeployment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Deployment> {
  const named = variables[deploymentVariables.deployment] || defaultDeployment;
  const isFile = /[\\/]|\.json$/.test(named);
  const text = isFile ? await readFile(named, "utf8").catch(() => undefined) : await askAws(named);
  if (text === undefined) {
    const where = isFile ? `there is no file ${named}` : `there is no parameter ${deploymentParameter(named)}`;
    throw new CliError(
      exitCodes.missingInput,
      `nothing is deployed: ${where}\n  fix: run \`npx cdk deploy\` once, check AWS_PROFILE and AWS_REGION, or name ` +
        `another deployment with ${deploymentVariables.deployment}; \`nightsweep doctor\` looks at everything`,
    );
  }
  return parseDeployment(named, text);
}

function parseDeployment(where: string, text: string): Deployment {
  try {
    const deployment: Deployment = JSON.parse(text);
    if (deployment.schemaVersion === 1) return deployment;
  } catch {
    // Said below.
  }
  throw new CliError(
    exitCodes.invalidInput,
    `the deployment ${where} was made by another version of nightsweep, or is damaged\n  fix: run \`npx cdk deploy\` again`,
  );
}

async function askAws(name: string): Promise<string | undefined> {
  const { loadSsmParameter } = await import("../execute/ssm-parameter.ts");
  try {
    return await loadSsmParameter(deploymentParameter(name));
  } catch (error) {
    throw await asAwsError(error);
  }
}

/** An error of the AWS SDK as something that a person can mend; others are passed on. */
export async function asAwsError(error: unknown): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  const isOfAws = "$metadata" in error || /credential|token|region|profile|ENOTFOUND|ECONNREFUSED/i.test(error.message);
  if (!isOfAws) return error;
  return new CliError(
    exitCodes.infrastructure,
    `AWS refused or could not be reached: ${error.name}: ${error.message}\n  fix: log in (\`aws sso login\`), set ` +
      "AWS_PROFILE and AWS_REGION; `nightsweep doctor` looks at everything",
  );
}
