import { Arn, ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import type * as batch from "aws-cdk-lib/aws-batch";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import type * as sns from "aws-cdk-lib/aws-sns";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { CloudFunction } from "../../src/contract/run-machine.ts";
import { acknowledge, wildcardFinding } from "../acknowledge.ts";
import { defineMachine } from "../machine/definition.ts";
import type { CloudLambda } from "./cloud-function.ts";

/** `cleanup` is called by an event. */
const calledFunctions = ["plan", "reduce", "report", "confirm"] as const satisfies readonly CloudFunction[];

type CalledFunction = (typeof calledFunctions)[number];

export interface RunMachineProps {
  readonly name: string;
  readonly functions: Readonly<Record<CalledFunction, CloudLambda>>;
  readonly queues: readonly batch.IJobQueue[];
  /** Names of the job definitions, without revision. */
  readonly jobDefinitions: readonly string[];
  readonly topic: sns.ITopic;
  readonly retention: logs.RetentionDays;
  readonly timeLimitDays: number;
}

const secondsPerDay = 86_400;

/** The state machine that runs plans, and what it may do. */
export class RunMachine extends Construct {
  readonly machine: sfn.StateMachine;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RunMachineProps,
  ) {
    super(scope, id);
    const { functions, topic, name } = props;
    const stack = Stack.of(this);
    const arnOf = (each: CalledFunction): string => functions[each].function.functionArn;
    const definition = defineMachine({
      functions: { plan: arnOf("plan"), reduce: arnOf("reduce"), report: arnOf("report"), confirm: arnOf("confirm") },
      topic: topic.topicArn,
      name,
      partition: stack.partition,
      timeLimitSeconds: props.timeLimitDays * secondsPerDay,
    });
    const role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("states.amazonaws.com") });
    this.machine = new sfn.StateMachine(this, "Machine", {
      stateMachineName: `${name}-run`,
      definitionBody: sfn.DefinitionBody.fromString(stack.toJsonString(definition)),
      role,
      logs: { level: sfn.LogLevel.ALL, includeExecutionData: false, destination: this.createLog() },
    });
    for (const statement of this.statements()) role.addToPolicy(statement);
    this.acknowledgeFindings(role);
  }

  private createLog(): logs.LogGroup {
    return new logs.LogGroup(this, "Log", {
      // Step Functions writes only to groups below this prefix once the account has many.
      logGroupName: `/aws/vendedlogs/states/${this.props.name}-run`,
      retention: this.props.retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private statements(): iam.PolicyStatement[] {
    const { queues, jobDefinitions, topic } = this.props;
    const { queueArns, definitionArns, jobArns, ruleArn } = this.arns(queues, jobDefinitions);
    const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources });
    return [
      allow(
        ["lambda:InvokeFunction"],
        calledFunctions.map((name) => this.props.functions[name].function.functionArn),
      ),
      allow(["batch:SubmitJob"], [...queueArns, ...definitionArns]),
      // Tags are given with the submission; without this it is refused.
      allow(["batch:TagResource"], [jobArns]),
      // An execution that is aborted terminates its jobs; without this they go on, and cost.
      allow(["batch:TerminateJob"], [jobArns]),
      allow(["batch:DescribeJobs"], ["*"]),
      // How Step Functions learns that a job has ended.
      allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], [ruleArn]),
      allow(["sns:Publish"], [topic.topicArn]),
    ];
  }

  private arns(queues: readonly batch.IJobQueue[], names: readonly string[]) {
    const stack = Stack.of(this);
    const batchArn = (resource: string, resourceName: string) =>
      stack.formatArn({ service: "batch", resource, resourceName });
    return {
      queueArns: queues.map(({ jobQueueArn }) => jobQueueArn),
      definitionArns: names.map((name) => batchArn("job-definition", `${name}:*`)),
      jobArns: batchArn("job", "*"),
      ruleArn: Arn.format(
        {
          service: "events",
          resource: "rule",
          resourceName: "StepFunctionsGetEventsForBatchJobsRule",
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        },
        stack,
      ),
    };
  }

  private acknowledgeFindings(role: iam.Role): void {
    const { definitionArns, jobArns } = this.arns(this.props.queues, this.props.jobDefinitions);
    acknowledge(role, {
      "AwsSolutions-IAM5[Resource::*]":
        "batch:DescribeJobs knows no resources, nor do the actions by which Step Functions sets up the delivery of its log.",
      [wildcardFinding(role, jobArns)]:
        "Job ids are drawn by Batch; the machine ends and tags those that it has submitted.",
      ...Object.fromEntries(
        definitionArns.map((arn) => [
          wildcardFinding(role, arn),
          "Executions that began before something was deployed name older revisions.",
        ]),
      ),
    });
    acknowledge(this.machine, {
      "AwsSolutions-SF2": "An execution is a run: its history and log tell all; traces would cost and show the same.",
    });
  }
}
