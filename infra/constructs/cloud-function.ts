import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { deploymentVariables } from "../../src/contract/deployment.ts";
import type { CloudFunction } from "../../src/contract/run-machine.ts";
import { bundleFunction } from "../bundle-function.ts";

export interface CloudFunctionProps {
  readonly name: CloudFunction;
  readonly description: string;
  /** `CloudSettings` as JSON. */
  readonly settings: string;
  readonly retention: logs.RetentionDays;
}

/** A Lambda function of `infra/lambda`, with a role of its own that can do nothing yet but write its log. */
export class CloudLambda extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, { name, description, settings, retention }: CloudFunctionProps) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, "Log", { retention, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(this.role);
    this.function = new lambda.Function(this, "Function", {
      description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundleFunction(name)),
      handler: "index.handler",
      role: this.role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      memorySize: 2048,
      timeout: Duration.minutes(15),
      environment: { [deploymentVariables.cloud]: settings },
    });
  }
}
