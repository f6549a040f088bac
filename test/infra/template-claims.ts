import { describe, expect, test } from "vitest";
import { batchLimits } from "../../src/contract/batch-limits.ts";
import { checkpointTag } from "../../src/contract/object-keys.ts";
import { parseTrainerEnvironment } from "../../src/contract/trainer-environment.ts";
import { resolveTemplateValue } from "../../infra/resolve-template-value.ts";
import type { Template } from "../../infra/synth.ts";
import { byName, resourcesOf } from "./synthesised.ts";

/** What must be true of the template as it comes with nightsweep: the traps of CDK and Batch among it. */
export function templateClaims(templateOf: () => Template): void {
  const all = (type: string) => resourcesOf(templateOf(), type);
  const only = (type: string) => {
    const found = all(type);
    expect(found).toHaveLength(1);
    return found[0] ?? {};
  };

  describe("nothing costs anything while nothing runs", () => {
    test("there is no NAT gateway, no interface endpoint and no load balancer", () => {
      const types = Object.values(templateOf().Resources).map(({ Type }) => Type);

      expect(types.filter((type) => /NatGateway|EIP$|LoadBalancer|::Instance$/.test(type))).toEqual([]);
      expect(all("AWS::EC2::VPCEndpoint").map(({ VpcEndpointType }) => VpcEndpointType)).toEqual(["Gateway"]);
    });

    test("compute environments keep no instance", () => {
      const environments = all("AWS::Batch::ComputeEnvironment");

      expect(environments.map(({ ComputeResources }) => ComputeResources.MinvCpus)).toEqual([0, 0]);
    });

    test("logs don't stay for ever", () => {
      const groups = all("AWS::Logs::LogGroup");

      expect(groups.length).toBeGreaterThan(5);
      expect(groups.filter(({ RetentionInDays }) => RetentionInDays !== 30)).toEqual([]);
    });
  });

  describe("compute environments", () => {
    const resources = () => all("AWS::Batch::ComputeEnvironment").map(({ ComputeResources }) => ComputeResources);

    test("spot comes first, then on demand, and together they stay below the limit", () => {
      const [queue] = all("AWS::Batch::JobQueue");

      const order = queue?.["ComputeEnvironmentOrder"].map(({ ComputeEnvironment }: Record<string, unknown>) => {
        const id = resolveTemplateValue(ComputeEnvironment, (reference) => reference.split(".")[0] ?? "");
        return templateOf().Resources[String(id)]?.Properties["ComputeResources"] as Record<string, unknown>;
      });

      expect(order.map(({ Type, MaxvCpus }: Record<string, unknown>) => [Type, MaxvCpus])).toEqual([
        ["SPOT", 48],
        ["EC2", 16],
      ]);
      expect(order[0].AllocationStrategy).toBe("SPOT_PRICE_CAPACITY_OPTIMIZED");
    });

    test("take GPU families only, with NVIDIA's image", () => {
      for (const { InstanceTypes, Ec2Configuration } of resources()) {
        expect(InstanceTypes).toEqual(["g4dn", "g5", "g6"]);
        expect(Ec2Configuration).toEqual([{ ImageType: "ECS_AL2023_NVIDIA" }]);
      }
    });

    test("follow the launch template's latest version by its number", () => {
      for (const { LaunchTemplate } of resources()) {
        expect(JSON.stringify(LaunchTemplate.Version)).toContain("LatestVersionNumber");
      }
    });

    test("have no name, so that they can be replaced, and are updated without ending jobs", () => {
      for (const { ComputeEnvironmentName, ReplaceComputeEnvironment, UpdatePolicy } of all(
        "AWS::Batch::ComputeEnvironment",
      )) {
        expect(ComputeEnvironmentName).toBeUndefined();
        expect(ReplaceComputeEnvironment).toBe(false);
        expect(UpdatePolicy.TerminateJobsOnUpdate).toBe(false);
      }
    });

    test("give their instances the tag that cost is allocated by", () => {
      for (const { Tags } of resources()) expect(Tags["nightsweep:deployment"]).toBe("nightsweep");
    });
  });

  describe("instances", () => {
    const launch = () => only("AWS::EC2::LaunchTemplate")["LaunchTemplateData"];

    test("answer questions about themselves by IMDSv2 only, to containers too", () => {
      expect(launch().MetadataOptions).toMatchObject({ HttpTokens: "required", HttpPutResponseHopLimit: 2 });
    });

    test("have an encrypted disk", () => {
      expect(launch().BlockDeviceMappings[0].Ebs).toMatchObject({ Encrypted: true, VolumeType: "gp3", VolumeSize: 60 });
    });

    test("can be entered from nowhere", () => {
      expect(only("AWS::EC2::SecurityGroup")["SecurityGroupIngress"]).toBeUndefined();
      expect(all("AWS::EC2::SecurityGroupIngress")).toEqual([]);
    });

    test("are in three zones, and find S3 without leaving AWS", () => {
      const zones = all("AWS::EC2::Subnet").map(({ AvailabilityZone }) => JSON.stringify(AvailabilityZone));

      expect(new Set(zones).size).toBe(3);
      expect(only("AWS::EC2::VPCEndpoint")["RouteTableIds"]).toHaveLength(3);
    });
  });

  describe("queues", () => {
    test("give up what can never start, and what has waited too long", () => {
      const queues = all("AWS::Batch::JobQueue");

      expect(queues.map(({ JobQueueName }) => JobQueueName)).toEqual(["nightsweep-adhoc", "nightsweep-nightly"]);
      for (const { JobStateTimeLimitActions } of queues) {
        expect(
          JobStateTimeLimitActions.map(({ Reason, MaxTimeSeconds, State, Action }: Record<string, unknown>) => [
            Reason,
            MaxTimeSeconds,
            State,
            Action,
          ]),
        ).toEqual([
          ["CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", 21_600, "RUNNABLE", "CANCEL"],
          ["MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", 600, "RUNNABLE", "CANCEL"],
          ["MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", 600, "RUNNABLE", "CANCEL"],
        ]);
      }
    });
  });

  describe("job definitions", () => {
    const definitions = () => all("AWS::Batch::JobDefinition");
    const containers = () => definitions().map(({ ContainerProperties }) => ContainerProperties);

    test("are one for each size, none for an experiment", () => {
      expect(definitions().map(({ JobDefinitionName }) => JobDefinitionName)).toEqual([
        "nightsweep-gpu-1",
        "nightsweep-gpu-1-large",
        "nightsweep-gpu-4",
      ]);
    });

    test("keep old revisions for executions that name them", () => {
      expect(definitions().map(({ ResourceRetentionPolicy }) => ResourceRetentionPolicy)).toEqual(
        definitions().map(() => ({ SkipDeregisterOnUpdate: true })),
      );
    });

    test("retry what another attempt can mend, and end with a rule that ends everything else", () => {
      for (const { RetryStrategy } of definitions()) {
        expect(RetryStrategy.Attempts).toBe(batchLimits.maxAttempts);
        expect(RetryStrategy.EvaluateOnExit.length).toBeLessThanOrEqual(batchLimits.maxEvaluateOnExit);
        expect(RetryStrategy.EvaluateOnExit).toEqual([
          { Action: "RETRY", OnStatusReason: "Host EC2*" },
          { Action: "RETRY", OnExitCode: "75" },
          { Action: "RETRY", OnExitCode: "143" },
          { Action: "RETRY", OnReason: "CannotPullContainerError:*" },
          { Action: "EXIT", OnReason: "*" },
        ]);
      }
    });

    test("ask for a GPU, without which the container would see none", () => {
      const asked = containers().map(({ ResourceRequirements }) =>
        Object.fromEntries(ResourceRequirements.map(({ Type, Value }: Record<string, string>) => [Type, Value])),
      );

      expect(asked).toEqual([
        { MEMORY: "14000", VCPU: "4", GPU: "1" },
        { MEMORY: "29000", VCPU: "8", GPU: "1" },
        { MEMORY: "170000", VCPU: "48", GPU: "4" },
      ]);
    });

    test("can write to nothing but /tmp and the host's folder of data sets", () => {
      for (const { ReadonlyRootFilesystem, LinuxParameters, MountPoints, Volumes, Privileged } of containers()) {
        expect(ReadonlyRootFilesystem).toBe(true);
        expect(LinuxParameters.Tmpfs).toEqual([
          { ContainerPath: "/tmp", Size: 2048, MountOptions: ["rw", "nosuid", "nodev"] },
        ]);
        expect(MountPoints).toEqual([
          { SourceVolume: "data", ContainerPath: "/var/cache/nightsweep", ReadOnly: false },
        ]);
        expect(Volumes).toEqual([{ Name: "data", Host: { SourcePath: "/var/lib/nightsweep" } }]);
        expect(Privileged).not.toBe(true);
      }
    });

    test("give trainers an environment that they understand, on a GPU or not at all", () => {
      for (const { Environment } of containers()) {
        const variables = Object.fromEntries(
          Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [
            Name,
            resolveTemplateValue(Value, byName),
          ]),
        );

        const parsed = parseTrainerEnvironment({ ...variables, NIGHTSWEEP_PLAN: "plan.json" });

        expect(parsed).toMatchObject({ environment: { engine: "tensorflow", device: "gpu" } });
        expect(variables["NIGHTSWEEP_STORE"]).toMatch(/^s3:\/\/<RecordsBucket/);
        expect(variables["NIGHTSWEEP_IMAGE_DIGEST"]).toMatch(/^asset:[0-9a-f]{64}$/);
      }
    });
  });

  describe("the bucket", () => {
    test("stays when the stack is deleted", () => {
      const [bucket] = Object.values(templateOf().Resources).filter(({ Type }) => Type === "AWS::S3::Bucket");

      expect(bucket).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    });

    test("is closed, versioned and encrypted, and refuses what doesn't come over TLS", () => {
      expect(only("AWS::S3::Bucket")).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: "Enabled" },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
      });
      expect(JSON.stringify(only("AWS::S3::BucketPolicy"))).toContain('"aws:SecureTransport":"false"');
    });

    test("loses unfinished uploads, old versions and old checkpoints, and nothing else", () => {
      const { Rules } = only("AWS::S3::Bucket")["LifecycleConfiguration"];

      expect(Rules).toEqual([
        { Id: "unfinished-uploads", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 } },
        {
          Id: "old-versions",
          Status: "Enabled",
          NoncurrentVersionExpiration: { NoncurrentDays: 7 },
          ExpiredObjectDeleteMarker: true,
        },
        {
          Id: "checkpoints",
          Status: "Enabled",
          ExpirationInDays: 30,
          TagFilters: [{ Key: checkpointTag.key, Value: checkpointTag.value }],
        },
      ]);
    });
  });

  describe("what is told to people", () => {
    test("runs that failed, timed out or were aborted, and then their jobs are ended", () => {
      const rule = all("AWS::Events::Rule").find(({ EventPattern }) => EventPattern.source[0] === "aws.states");

      expect(rule?.["EventPattern"].detail.status).toEqual(["FAILED", "TIMED_OUT", "ABORTED"]);
      const targets = JSON.stringify(rule?.["Targets"]);
      expect(targets).toContain("AlertsTopic");
      expect(targets).toContain("Functionscleanup");
    });

    test("queues that are blocked, of this deployment only", () => {
      const rule = all("AWS::Events::Rule").find(({ EventPattern }) => EventPattern.source[0] === "aws.batch");

      expect(rule?.["EventPattern"]["detail-type"]).toEqual(["Batch Job Queue Blocked"]);
      expect(rule?.["EventPattern"].detail.jobQueue).toHaveLength(2);
    });

    test("what the deployment costs in a month, by its tag", () => {
      const { Budget, NotificationsWithSubscribers } = only("AWS::Budgets::Budget");

      expect(Budget.BudgetLimit).toEqual({ Amount: 100, Unit: "USD" });
      expect(Budget.CostFilters).toEqual({ TagKeyValue: ["user:nightsweep:deployment$nightsweep"] });
      expect(
        NotificationsWithSubscribers.map(({ Notification }: { Notification: Record<string, unknown> }) => [
          Notification["NotificationType"],
          Notification["Threshold"],
        ]),
      ).toEqual([
        ["ACTUAL", 80],
        ["ACTUAL", 100],
        ["FORECASTED", 100],
      ]);
    });

    test("services may publish for this account only", () => {
      const { Statement } = only("AWS::SNS::TopicPolicy")["PolicyDocument"];
      const allowed = Statement.filter(({ Effect }: { Effect: string }) => Effect === "Allow");

      expect(
        allowed
          .map(({ Principal }: { Principal: { Service: unknown } }) => Principal.Service)
          .flat()
          .sort(),
      ).toEqual(["budgets.amazonaws.com", "events.amazonaws.com"]);
    });
  });

  test("whatever can have a tag has that of the deployment", () => {
    const taggable = ["AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", "AWS::EC2::VPC"];

    for (const type of taggable)
      for (const { Tags } of all(type))
        expect(JSON.stringify(Tags)).toContain('{"Key":"nightsweep:deployment","Value":"nightsweep"}');
  });

  test("the command line finds all of the deployment in one parameter", () => {
    const { Name, Value } = only("AWS::SSM::Parameter");

    const deployment: unknown = JSON.parse(String(resolveTemplateValue(Value, byName)));

    expect(Name).toBe("/nightsweep/deployment");
    expect(deployment).toMatchObject({
      schemaVersion: 1,
      name: "nightsweep",
      store: expect.stringMatching(/^s3:\/\/<RecordsBucket/),
      queues: { adhoc: expect.stringContaining("Queueadhoc"), nightly: expect.stringContaining("Queuenightly") },
      sizes: { "gpu-1": { gpus: 1, vcpus: 4, memoryMebibytes: 14_000 } },
      logGroup: expect.any(String),
      stateMachineArn: expect.stringContaining("RunMachine"),
      instanceTypes: ["g4dn", "g5", "g6"],
      maxVcpus: 64,
    });
  });
}
