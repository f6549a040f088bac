import { Duration, Size, Stack } from "aws-cdk-lib";
import * as batch from "aws-cdk-lib/aws-batch";
import * as ecs from "aws-cdk-lib/aws-ecs";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { batchLimits } from "../../src/contract/batch-limits.ts";
import { dataVariables } from "../../src/contract/data-variables.ts";
import type { JobSize } from "../../src/contract/deployment.ts";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { trainerVariables } from "../../src/contract/trainer-environment.ts";
import { acknowledge } from "../acknowledge.ts";
import type { DeploymentConfig } from "../config.ts";
import { dataOfHost } from "./host-data.ts";
import type { TrainerImage } from "./trainer-image.ts";

export interface JobDefinitionsProps extends Pick<DeploymentConfig, "name" | "sizes"> {
  readonly image: TrainerImage;
  /** `s3://bucket` */
  readonly store: string;
  readonly logGroup: logs.ILogGroup;
  /** What trainers may do. */
  readonly jobRole: iam.IRole;
}

const temporaryMebibytes = 2048;
/** Of an attempt, where the plan says nothing. */
const defaultTimeLimit = Duration.hours(24);

/** A job definition for each size: one for all experiments, because what a job does is in the plan that it reads. */
export class JobDefinitions extends Construct {
  readonly sizes: Readonly<Record<string, JobSize>>;
  /** Names of the definitions. */
  readonly names: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: JobDefinitionsProps,
  ) {
    super(scope, id);
    const executionRole = this.createExecutionRole();
    this.names = Object.keys(props.sizes).map((size) => `${props.name}-${size}`);
    this.sizes = Object.fromEntries(
      Object.entries(props.sizes).map(([name, size]) => {
        const { jobDefinitionArn: arn } = this.define(name, size, executionRole);
        return [name, { arn, ...size }];
      }),
    );
  }

  /** What the ECS agent does for a container: fetch its image, write its log. */
  private createExecutionRole(): iam.Role {
    const role = new iam.Role(this, "ExecutionRole", {
      assumedBy: new iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
    });
    acknowledge(role, {
      "AwsSolutions-IAM5[Resource::*]": "ecr:GetAuthorizationToken knows no resources.",
    });
    return role;
  }

  private define(name: string, size: Omit<JobSize, "arn">, executionRole: iam.IRole): batch.EcsJobDefinition {
    return new batch.EcsJobDefinition(this, name, {
      jobDefinitionName: `${this.props.name}-${name}`,
      container: this.describeContainer(name, size, executionRole),
      retryAttempts: batchLimits.maxAttempts,
      retryStrategies: retryRules,
      timeout: defaultTimeLimit,
      propagateTags: true,
      // Executions that go on while something is deployed name the revision that they began with.
      skipDeregisterOnUpdate: true,
    });
  }

  private describeContainer(
    name: string,
    { gpus, vcpus, memoryMebibytes }: Omit<JobSize, "arn">,
    executionRole: iam.IRole,
  ): batch.EcsEc2ContainerDefinition {
    const { image, jobRole, logGroup, store } = this.props;
    const linuxParameters = new batch.LinuxParameters(this, `${name}-linux`);
    linuxParameters.addTmpfs({
      containerPath: "/tmp",
      size: Size.mebibytes(temporaryMebibytes),
      mountOptions: [batch.TmpfsMountOption.RW, batch.TmpfsMountOption.NOSUID, batch.TmpfsMountOption.NODEV],
    });
    return new batch.EcsEc2ContainerDefinition(this, `${name}-container`, {
      image: image.image,
      cpu: vcpus,
      memory: Size.mebibytes(memoryMebibytes),
      gpu: gpus,
      executionRole,
      jobRole,
      linuxParameters,
      readonlyRootFilesystem: true,
      logging: ecs.LogDriver.awsLogs({ logGroup, streamPrefix: "trainer" }),
      volumes: [batch.EcsVolume.host({ name: "data", ...dataOfHost, readonly: false })],
      environment: {
        [trainerVariables.store]: store,
        [trainerVariables.engine]: "tensorflow",
        [trainerVariables.device]: "gpu",
        [trainerVariables.imageDigest]: image.identity,
        [dataVariables.folder]: `${dataOfHost.containerPath}/datasets`,
        AWS_REGION: Stack.of(this).region,
      },
    });
  }
}

const { RETRY, EXIT } = batch.Action;

/**
 * What ends an attempt and what doesn't, in order. Batch retries what no rule matches, so the last one ends everything else:
 * a failed trial fails again, and what is left is planned anew by `reduce`.
 */
const retryRules: batch.RetryStrategy[] = [
  batch.RetryStrategy.of(RETRY, batch.Reason.SPOT_INSTANCE_RECLAIMED),
  batch.RetryStrategy.of(RETRY, batch.Reason.custom({ onExitCode: String(exitCodes.checkpointed) })),
  batch.RetryStrategy.of(RETRY, batch.Reason.custom({ onExitCode: String(exitCodes.terminated) })),
  batch.RetryStrategy.of(RETRY, batch.Reason.CANNOT_PULL_CONTAINER),
  batch.RetryStrategy.of(EXIT, batch.Reason.custom({ onReason: "*" })),
];
