import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as logs from "aws-cdk-lib/aws-logs";
import type * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { CloudFunction } from "../../src/contract/run-machine.ts";
import { acknowledge, wildcardFinding } from "../acknowledge.ts";
import { CloudLambda } from "./cloud-function.ts";
import { acknowledgeKeys } from "./trainer-role.ts";

export interface CloudFunctionsProps {
  /** `CloudSettings` as JSON. */
  readonly settings: string;
  readonly bucket: s3.IBucket;
  readonly retention: logs.RetentionDays;
}

const descriptions: Readonly<Record<CloudFunction, string>> = {
  plan: "Makes a run of a plan and shares its trials out",
  reduce: "Reads what became of a round, decides what comes next",
  report: "Compares, judges the night, writes the report",
  confirm: "Plans the run that confirms or refutes a suspicion",
  cleanup: "Ends the jobs that an aborted execution has left",
};

/** The functions that the machine calls and the one that clears up after it, each with what it may do. */
export class CloudFunctions extends Construct {
  readonly all: Readonly<Record<CloudFunction, CloudLambda>>;

  constructor(scope: Construct, id: string, { settings, retention, bucket }: CloudFunctionsProps) {
    super(scope, id);
    const create = (name: CloudFunction): CloudLambda => {
      const created = new CloudLambda(this, name, { name, description: descriptions[name], settings, retention });
      useRecords(created.role, bucket);
      return created;
    };
    this.all = {
      plan: create("plan"),
      reduce: create("reduce"),
      report: create("report"),
      confirm: create("confirm"),
      cleanup: create("cleanup"),
    };
    for (const { role } of [this.all.reduce, this.all.report, this.all.cleanup]) seeJobs(role);
    endJobs(this.all.cleanup.role);
  }
}

const writtenKeys: Readonly<Record<string, string>> = {
  "experiments/*": "Runs of whatever experiment is started.",
  "executions/*": "Which run an execution carries out; named after the execution.",
  "trials/*": "Ledger entries that a lost trainer didn't write.",
  "history/*": "Nights of whatever benchmark is run.",
};

/** Reads all records, writes those of runs and nights, removes nothing. */
function useRecords(role: iam.Role, bucket: s3.IBucket): void {
  const allow = (actions: string[], resources: string[]): boolean =>
    role.addToPolicy(new iam.PolicyStatement({ actions, resources }));
  allow(["s3:ListBucket"], [bucket.bucketArn]);
  allow(["s3:GetObject"], [bucket.arnForObjects("*")]);
  allow(
    ["s3:PutObject"],
    Object.keys(writtenKeys).map((keys) => bucket.arnForObjects(keys)),
  );
  acknowledgeKeys(role, bucket, { "*": "Records, data sets and claims of any experiment are read.", ...writtenKeys });
}

/** Why a job waits or has failed. */
function seeJobs(role: iam.Role): void {
  role.addToPolicy(new iam.PolicyStatement({ actions: ["batch:ListJobs", "batch:DescribeJobs"], resources: ["*"] }));
  acknowledge(role, { "AwsSolutions-IAM5[Resource::*]": "batch:ListJobs and batch:DescribeJobs know no resources." });
}

function endJobs(role: iam.Role): void {
  const jobs = Stack.of(role).formatArn({ service: "batch", resource: "job", resourceName: "*" });
  role.addToPolicy(new iam.PolicyStatement({ actions: ["batch:TerminateJob"], resources: [jobs] }));
  acknowledge(role, {
    [wildcardFinding(role, jobs)]: "Job ids are drawn by Batch; those that are ended have the run's name.",
  });
}
