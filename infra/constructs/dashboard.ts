import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type * as logs from "aws-cdk-lib/aws-logs";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

export interface DashboardProps {
  readonly name: string;
  readonly machine: sfn.StateMachine;
  readonly functions: Readonly<Record<string, lambda.IFunction>>;
  readonly trainerLog: logs.ILogGroup;
}

/** Runs, functions and what trainers complain about, on one page; an account's first three dashboards are free. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { name, machine, functions, trainerLog }: DashboardProps) {
    super(scope, id);
    const period = Duration.hours(1);
    const statistic = cloudwatch.Stats.SUM;
    const each = Object.entries(functions);
    const perFunction = (read: (each: lambda.IFunction) => cloudwatch.Metric) =>
      each.map(([label, one]) => read(one).with({ label, period }));
    new cloudwatch.Dashboard(this, "Dashboard", {
      dashboardName: name,
      defaultInterval: Duration.days(7),
      widgets: [
        [
          new cloudwatch.GraphWidget({
            title: "Runs",
            width: 12,
            left: [
              machine.metricStarted({ period, statistic, label: "started" }),
              machine.metricSucceeded({ period, statistic, label: "done" }),
              machine.metricFailed({ period, statistic, label: "failed" }),
              machine.metricAborted({ period, statistic, label: "aborted" }),
              machine.metricTimedOut({ period, statistic, label: "timed out" }),
            ],
          }),
          new cloudwatch.GraphWidget({
            title: "Time of a run",
            width: 12,
            left: [machine.metricTime({ period, statistic: cloudwatch.Stats.MAXIMUM, label: "longest" })],
          }),
        ],
        [
          new cloudwatch.GraphWidget({
            title: "Functions: errors",
            width: 12,
            left: perFunction((one) => one.metricErrors({ statistic })),
          }),
          new cloudwatch.GraphWidget({
            title: "Functions: longest call",
            width: 12,
            left: perFunction((one) => one.metricDuration({ statistic: cloudwatch.Stats.MAXIMUM })),
          }),
        ],
        [
          new cloudwatch.LogQueryWidget({
            title: "Trainers: failed trials",
            width: 24,
            height: 8,
            logGroupNames: [trainerLog.logGroupName],
            queryLines: [
              "fields @timestamp, @message, @logStream",
              "filter @message like /failed/",
              "sort @timestamp desc",
              "limit 50",
            ],
          }),
        ],
      ],
    });
  }
}
