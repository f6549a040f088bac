import { Stack } from "aws-cdk-lib";
import type * as batch from "aws-cdk-lib/aws-batch";
import * as budgets from "aws-cdk-lib/aws-budgets";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import * as sns from "aws-cdk-lib/aws-sns";
import * as subscriptions from "aws-cdk-lib/aws-sns-subscriptions";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { jobTags } from "../machine/definition.ts";

/** Where alerts go: mail to those who are named. */
export class AlertTopic extends Construct {
  readonly topic: sns.Topic;

  constructor(
    scope: Construct,
    id: string,
    { name, emails }: { readonly name: string; readonly emails: readonly string[] },
  ) {
    super(scope, id);
    this.topic = new sns.Topic(this, "Topic", { displayName: name, enforceSSL: true });
    for (const email of emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
    this.allowBudgets();
  }

  /** EventBridge gets its permission with the rules. */
  private allowBudgets(): void {
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal("budgets.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
  }
}

export interface AlertRulesProps {
  readonly name: string;
  readonly topic: sns.ITopic;
  readonly machine: sfn.IStateMachine;
  readonly queues: readonly batch.IJobQueue[];
  /** Ends what an execution has left running. */
  readonly cleanup: lambda.IFunction;
  readonly monthlyBudgetUsd: number;
}

/** What is told besides regressions, which the machine publishes itself: runs that failed, queues that are stuck, money. */
export class AlertRules extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: AlertRulesProps,
  ) {
    super(scope, id);
    this.tellOfEndedRuns();
    this.tellOfBlockedQueues();
    if (props.monthlyBudgetUsd > 0) this.watchBudget();
  }

  /** The machine itself terminates its jobs when it is aborted; what it was about to submit then is left to `cleanup`. */
  private tellOfEndedRuns(): void {
    const { machine, topic, cleanup } = this.props;
    const field = (path: string): string => events.EventField.fromPath(path);
    new events.Rule(this, "RunEnded", {
      description: "Runs that failed, timed out or were aborted: told, and cleared up after",
      eventPattern: {
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        detail: { stateMachineArn: [machine.stateMachineArn], status: ["FAILED", "TIMED_OUT", "ABORTED"] },
      },
      targets: [
        new targets.SnsTopic(topic, {
          message: events.RuleTargetInput.fromMultilineText(
            [
              `${this.props.name}: a run ended as ${field("$.detail.status")}`,
              `execution: ${field("$.detail.name")}`,
              `why: ${field("$.detail.cause")}`,
              `https://${field("$.region")}.console.aws.amazon.com/states/home?region=${field("$.region")}#/v2/executions/details/${field("$.detail.executionArn")}`,
            ].join("\n"),
          ),
        }),
        new targets.LambdaFunction(cleanup, { retryAttempts: 10 }),
      ],
    });
  }

  private tellOfBlockedQueues(): void {
    const field = (path: string): string => events.EventField.fromPath(path);
    new events.Rule(this, "QueueBlocked", {
      description: "Jobs that can't start: no capacity, or no instance that would do",
      eventPattern: {
        source: ["aws.batch"],
        detailType: ["Batch Job Queue Blocked"],
        detail: { jobQueue: this.props.queues.map(({ jobQueueArn }) => jobQueueArn) },
      },
      targets: [
        new targets.SnsTopic(this.props.topic, {
          message: events.RuleTargetInput.fromMultilineText(
            [
              `${this.props.name}: a queue is blocked, see docs/runbook.md, "Stuck in RUNNABLE"`,
              `job: ${field("$.detail.jobName")}`,
              `why: ${field("$.detail.statusReason")}`,
              `queue: ${field("$.detail.jobQueue")}`,
            ].join("\n"),
          ),
        }),
      ],
    });
  }

  /** By the tag that everything here has; it counts once it is activated in the account's billing settings. */
  private watchBudget(): void {
    const { name, topic, monthlyBudgetUsd } = this.props;
    const subscribers = [{ subscriptionType: "SNS", address: topic.topicArn }];
    const alarm = (notificationType: string, threshold: number) => ({
      notification: { notificationType, threshold, comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE" },
      subscribers,
    });
    const budget = new budgets.CfnBudget(this, "Budget", {
      budget: {
        budgetName: `${name}-monthly`,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: monthlyBudgetUsd, unit: "USD" },
        costFilters: { TagKeyValue: [`user:${jobTags.deployment}$${name}`] },
      },
      notificationsWithSubscribers: [alarm("ACTUAL", 80), alarm("ACTUAL", 100), alarm("FORECASTED", 100)],
    });
    budget.node.addDependency(topic);
  }
}
