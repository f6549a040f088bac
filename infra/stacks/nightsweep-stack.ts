import { CfnOutput, Fn, RemovalPolicy, Stack, Tags, type StackProps } from "aws-cdk-lib";
import * as logs from "aws-cdk-lib/aws-logs";
import * as ssm from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import { deploymentParameter, type CloudSettings, type Deployment } from "../../src/contract/deployment.ts";
import type { CompiledExperiment } from "../../src/orchestrate/cloud/compiled-experiment.ts";
import type { DeploymentConfig } from "../config.ts";
import { AlertRules, AlertTopic } from "../constructs/alerts.ts";
import { CloudFunctions } from "../constructs/cloud-functions.ts";
import { Dashboard } from "../constructs/dashboard.ts";
import { Experiments } from "../constructs/experiments.ts";
import { GpuCompute } from "../constructs/gpu-compute.ts";
import { JobDefinitions } from "../constructs/job-definitions.ts";
import { Network } from "../constructs/network.ts";
import { RecordBucket } from "../constructs/record-bucket.ts";
import { RunMachine } from "../constructs/run-machine.ts";
import { TrainerImage } from "../constructs/trainer-image.ts";
import { TrainerRole } from "../constructs/trainer-role.ts";
import { jobTags } from "../machine/definition.ts";

export interface NightsweepStackProps extends StackProps {
  readonly config: DeploymentConfig;
  readonly compiled: readonly CompiledExperiment[];
  /** Of nightsweep. */
  readonly version: string;
}

const retentions: Readonly<Record<DeploymentConfig["logRetentionDays"], logs.RetentionDays>> = {
  7: logs.RetentionDays.ONE_WEEK,
  14: logs.RetentionDays.TWO_WEEKS,
  30: logs.RetentionDays.ONE_MONTH,
  90: logs.RetentionDays.THREE_MONTHS,
};

/** All of a deployment. */
export class NightsweepStack extends Stack {
  private readonly config: DeploymentConfig;

  constructor(scope: Construct, id: string, { config, compiled, version, ...props }: NightsweepStackProps) {
    super(scope, id, props);
    this.config = config;
    const { name } = config;
    const retention = retentions[config.logRetentionDays];
    Tags.of(this).add(jobTags.deployment, name);

    const { bucket } = new RecordBucket(this, "Records", config);
    const store = `s3://${bucket.bucketName}`;
    const network = new Network(this, "Network", { availabilityZones: this.zones() });
    const image = new TrainerImage(this, "Image", config);
    const compute = new GpuCompute(this, "Gpu", { ...config, network });
    const trainerLog = new logs.LogGroup(this, "TrainerLog", {
      logGroupName: `/${name}/trainer`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { role: jobRole } = new TrainerRole(this, "Trainer", { bucket });
    const jobs = new JobDefinitions(this, "Jobs", { ...config, image, store, jobRole, logGroup: trainerLog });

    const { queues } = compute;
    const settings: CloudSettings = {
      name,
      region: this.region,
      store,
      queues: { adhoc: queues.adhoc.jobQueueArn, nightly: queues.nightly.jobQueueArn },
      sizes: jobs.sizes,
      trialsPerGpu: config.trialsPerGpu,
      logGroup: trainerLog.logGroupName,
      version,
    };
    const functions = new CloudFunctions(this, "Functions", {
      settings: this.toJsonString(settings),
      bucket,
      retention,
    });
    const { topic } = new AlertTopic(this, "Alerts", config);
    const { machine } = new RunMachine(this, "Run", {
      name,
      functions: functions.all,
      queues: Object.values(queues),
      jobDefinitions: jobs.names,
      topic,
      retention,
      timeLimitDays: config.runTimeLimitDays,
    });
    new AlertRules(this, "AlertRules", {
      ...config,
      topic,
      machine,
      queues: Object.values(queues),
      cleanup: functions.all.cleanup.function,
    });
    new Dashboard(this, "Dashboard", {
      name,
      machine,
      trainerLog,
      functions: Object.fromEntries(Object.entries(functions.all).map(([each, { function: one }]) => [each, one])),
    });
    new Experiments(this, "Experiments", { name, compiled, machine, reader: functions.all.plan.role });
    this.describe({
      ...settings,
      schemaVersion: 1,
      stateMachineArn: machine.stateMachineArn,
      topicArn: topic.topicArn,
      image: image.uri,
      instanceTypes: config.instanceFamilies,
      maxVcpus: config.maxVcpus,
    });
  }

  /** The zones of the configuration; by number where it gives only how many: their names are known only on AWS. */
  private zones(): readonly string[] {
    const { availabilityZones } = this.config;
    if (typeof availabilityZones !== "number") return availabilityZones;
    return Array.from({ length: availabilityZones }, (_, index) => Fn.select(index, Fn.getAzs()));
  }

  /** What the command line finds the deployment by. */
  private describe(deployment: Deployment): void {
    new ssm.StringParameter(this, "Deployment", {
      parameterName: deploymentParameter(this.config.name),
      description: "What `nightsweep run --on aws` needs to know",
      stringValue: this.toJsonString(deployment),
    });
    new CfnOutput(this, "Store", { value: deployment.store, description: "nightsweep … --store" });
    new CfnOutput(this, "StateMachine", { value: deployment.stateMachineArn });
    new CfnOutput(this, "Topic", { value: deployment.topicArn, description: "Subscribe here for alerts" });
  }
}
