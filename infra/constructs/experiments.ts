import { CfnOutput, Stage } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import * as scheduler from "aws-cdk-lib/aws-scheduler";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ExecutionInput } from "../../src/contract/run-machine.ts";
import type { CompiledExperiment } from "../../src/orchestrate/cloud/compiled-experiment.ts";
import { scheduleExpression } from "../experiments/schedule-expression.ts";

export interface ExperimentsProps {
  readonly name: string;
  readonly compiled: readonly CompiledExperiment[];
  readonly machine: sfn.IStateMachine;
  /** Role of the function that reads compiled experiments. */
  readonly reader: iam.IRole;
}

const maxNameCharacters = 64;

/** A long name is cut, and stays one of its own. */
function scheduleName(name: string): string {
  if (name.length <= maxNameCharacters) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, maxNameCharacters - 1 - hash.length)}-${hash}`;
}

/** Scheduler's word for when a schedule was due. */
const dueTime = "<aws.scheduler.scheduled-time>";

/** Compiled experiments as assets, each with an output that says how to start it, and their schedules. */
export class Experiments extends Construct {
  private readonly schedulerRole: iam.Role;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ExperimentsProps,
  ) {
    super(scope, id);
    this.schedulerRole = new iam.Role(this, "SchedulerRole", {
      assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com"),
    });
    if (props.compiled.some(({ experiment }) => experiment.spec.schedule !== undefined)) {
      props.machine.grantStartExecution(this.schedulerRole);
    }
    for (const compiled of props.compiled) this.add(compiled);
  }

  private add(compiled: CompiledExperiment): void {
    const { name, schedule } = compiled.experiment.spec;
    const asset = this.publish(name, compiled);
    this.tellHowToStart(name, asset);
    if (schedule !== undefined) this.schedule(name, asset, schedule);
  }

  private publish(name: string, compiled: CompiledExperiment): Asset {
    const folder = path.join(Stage.of(this)?.assetOutdir ?? ".", "experiments");
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.json`);
    writeFileSync(file, `${JSON.stringify(compiled)}\n`);
    const asset = new Asset(this, `${name}-compiled`, { path: file });
    this.props.reader.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ["s3:GetObject"],
        resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
      }),
    );
    return asset;
  }

  private tellHowToStart(name: string, asset: Asset): void {
    const input = inputOf(asset, { queue: "adhoc", trigger: "manual" });
    new CfnOutput(this, `${name}-start`, {
      description: `Starts ${name}; in the console: Start execution, with the part between the quotes as input`,
      value: `aws stepfunctions start-execution --state-machine-arn ${this.props.machine.stateMachineArn} --input '${JSON.stringify(input)}'`,
    });
  }

  private schedule(
    name: string,
    asset: Asset,
    { cron, timezone }: { readonly cron: string; readonly timezone: string },
  ): void {
    const { machine } = this.props;
    new scheduler.CfnSchedule(this, `${name}-schedule`, {
      name: scheduleName(`${this.props.name}-${name}`),
      description: `Runs ${name} at ${cron}, ${timezone}`,
      scheduleExpression: scheduleExpression(cron),
      scheduleExpressionTimezone: timezone,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: machine.stateMachineArn,
        roleArn: this.schedulerRole.roleArn,
        // A night that can't be started within hours is a gap, told by the next one.
        retryPolicy: { maximumEventAgeInSeconds: 4 * 3600, maximumRetryAttempts: 20 },
        input: JSON.stringify(inputOf(asset, { queue: "nightly", trigger: "schedule", scheduledFor: dueTime })),
      },
    });
  }
}

type Start = Omit<Extract<ExecutionInput, { readonly compiled: unknown }>, "compiled">;

function inputOf(asset: Asset, start: Start): ExecutionInput {
  return { compiled: { bucket: asset.s3BucketName, key: asset.s3ObjectKey }, ...start };
}
