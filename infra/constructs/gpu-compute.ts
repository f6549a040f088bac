import { CfnResource, Duration, Tags } from "aws-cdk-lib";
import * as batch from "aws-cdk-lib/aws-batch";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { queueNames, type QueueName } from "../../src/contract/deployment.ts";
import { acknowledge } from "../acknowledge.ts";
import type { DeploymentConfig, GpuFamily } from "../config.ts";
import { dataOfHost } from "./host-data.ts";
import type { Network } from "./network.ts";

export interface GpuComputeProps
  extends Pick<DeploymentConfig, "name" | "instanceFamilies" | "maxVcpus" | "spotShare" | "capacityWaitHours"> {
  readonly network: Network;
}

/** Larger = first. What people wait for goes before what has until the morning. */
const priorities: Readonly<Record<QueueName, number>> = { adhoc: 10, nightly: 1 };

/** Instances with GPUs, none while nothing runs: from the spot market first, on demand where that has none. */
export class GpuCompute extends Construct {
  readonly queues: Readonly<Record<QueueName, batch.JobQueue>>;
  /** Of the instances: what the ECS agent needs, and nothing of what trainers do. */
  readonly instanceRole: iam.Role;

  constructor(scope: Construct, id: string, props: GpuComputeProps) {
    super(scope, id);
    this.instanceRole = this.createInstanceRole();
    const launchTemplate = this.createLaunchTemplate(props.network);
    const spotVcpus = Math.round(props.maxVcpus * props.spotShare);
    const environments = [
      { id: "Spot", spot: true, maxvCpus: spotVcpus },
      { id: "OnDemand", spot: false, maxvCpus: props.maxVcpus - spotVcpus },
    ]
      .filter(({ maxvCpus }) => maxvCpus > 0)
      .map(({ id, spot, maxvCpus }) => this.createEnvironment(id, { ...props, spot, maxvCpus, launchTemplate }));
    const [adhoc, nightly] = queueNames.map((name) => this.createQueue(name, environments, props));
    if (!adhoc || !nightly) throw new Error("there are two queues");
    this.queues = { adhoc, nightly };
  }

  private createInstanceRole(): iam.Role {
    const role = new iam.Role(this, "InstanceRole", {
      assumedBy: new iam.ServicePrincipal("ec2.amazonaws.com"),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName("service-role/AmazonEC2ContainerServiceforEC2Role")],
    });
    acknowledge(role, {
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role]":
        "AWS keeps this policy in step with what the ECS agent needs; trainers have a role of their own.",
    });
    return role;
  }

  private createLaunchTemplate(network: Network): ec2.LaunchTemplate {
    const userData = new ec2.MultipartUserData();
    const commands = ec2.UserData.forLinux();
    commands.addCommands(
      "echo ECS_IMAGE_PULL_BEHAVIOR=prefer-cached >> /etc/ecs/ecs.config",
      `mkdir -p ${dataOfHost.hostPath}`,
      `chown ${dataOfHost.userId}:${dataOfHost.userId} ${dataOfHost.hostPath}`,
    );
    userData.addUserDataPart(commands, ec2.MultipartBody.SHELL_SCRIPT, true);
    return new ec2.LaunchTemplate(this, "LaunchTemplate", {
      userData,
      securityGroup: network.securityGroup,
      requireImdsv2: true,
      httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
      // Trainers look for the spot notice from within a container, which is a hop away.
      httpPutResponseHopLimit: 2,
      blockDevices: [
        {
          deviceName: "/dev/xvda",
          volume: ec2.BlockDeviceVolume.ebs(rootGibibytes, {
            volumeType: ec2.EbsDeviceVolumeType.GP3,
            encrypted: true,
            deleteOnTermination: true,
          }),
        },
      ],
    });
  }

  private createEnvironment(
    id: string,
    props: GpuComputeProps & {
      readonly spot: boolean;
      readonly maxvCpus: number;
      readonly launchTemplate: ec2.LaunchTemplate;
    },
  ): batch.ManagedEc2EcsComputeEnvironment {
    const { spot, maxvCpus, network, launchTemplate, instanceFamilies } = props;
    // No name of its own: an environment with a name can't be replaced.
    const environment = new batch.ManagedEc2EcsComputeEnvironment(this, id, {
      vpc: network.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      securityGroups: [network.securityGroup],
      instanceClasses: instanceFamilies.map((family) => instanceClasses[family]),
      // "Optimal" would add c4, m4 and r4, which have no GPU.
      useOptimalInstanceClasses: false,
      images: [{ imageType: batch.EcsMachineImageType.ECS_AL2023_NVIDIA }],
      instanceRole: this.instanceRole,
      launchTemplate,
      minvCpus: 0,
      maxvCpus,
      spot,
      allocationStrategy: spot
        ? batch.AllocationStrategy.SPOT_PRICE_CAPACITY_OPTIMIZED
        : batch.AllocationStrategy.BEST_FIT_PROGRESSIVE,
      updateToLatestImageVersion: true,
      updateTimeout: Duration.minutes(30),
      terminateOnUpdate: false,
    });
    // Without a version the environment keeps the one that was there when it was made.
    const resource = environment.node.defaultChild;
    if (!(resource instanceof CfnResource)) throw new Error("an environment is a resource");
    resource.addPropertyOverride("ComputeResources.LaunchTemplate.Version", launchTemplate.latestVersionNumber);
    Tags.of(environment).add("Name", `${props.name}-${id}`);
    return environment;
  }

  private createQueue(
    name: QueueName,
    environments: readonly batch.ManagedEc2EcsComputeEnvironment[],
    { name: deployment, capacityWaitHours }: GpuComputeProps,
  ): batch.JobQueue {
    const { INSUFFICIENT_INSTANCE_CAPACITY, COMPUTE_ENVIRONMENT_MAX_RESOURCE, JOB_RESOURCE_REQUIREMENT } =
      batch.JobStateTimeLimitActionsReason;
    const never = Duration.minutes(10);
    return new batch.JobQueue(this, `Queue-${name}`, {
      jobQueueName: `${deployment}-${name}`,
      priority: priorities[name],
      computeEnvironments: environments.map((computeEnvironment, index) => ({ computeEnvironment, order: index + 1 })),
      jobStateTimeLimitActions: [
        { reason: INSUFFICIENT_INSTANCE_CAPACITY, maxTime: Duration.hours(capacityWaitHours) },
        // No instance of this deployment will ever do: waiting longer only hides it.
        { reason: COMPUTE_ENVIRONMENT_MAX_RESOURCE, maxTime: never },
        { reason: JOB_RESOURCE_REQUIREMENT, maxTime: never },
      ],
    });
  }
}

/** Engine and libraries are 4 GB of image, 8 GB unpacked; the rest is for data sets. */
const rootGibibytes = 60;

const instanceClasses: Readonly<Record<GpuFamily, ec2.InstanceClass>> = {
  g4dn: ec2.InstanceClass.G4DN,
  g5: ec2.InstanceClass.G5,
  g6: ec2.InstanceClass.G6,
  g6e: ec2.InstanceClass.G6E,
};
