import { describe, expect, test } from "vitest";
import { resolveTemplateValue } from "../../infra/resolve-template-value.ts";
import type { Template } from "../../infra/synth.ts";
import { resourcesOf } from "./synthesised.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What a role may do: `action resource`, sorted; resources without what CloudFormation adds to names. */
function permissionsIn(template: Template, role: string): string[] {
  const policies = resourcesOf(template, "AWS::IAM::Policy").filter(({ Roles }) =>
    JSON.stringify(Roles).includes(`"${role}`),
  );
  const statements: Statement[] = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  return statements
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${nameOf(resource)}`)),
    )
    .sort();
}

function nameOf(resource: unknown): string {
  const arn = resolveTemplateValue(resource, (reference) => reference.replace(/[0-9A-F]{8}(\.\w+)?$/, ""));
  return String(arn).replace("AWS::Region:AWS::AccountId", "…");
}

const records = [
  "s3:GetObject RecordsBucket/*",
  "s3:ListBucket RecordsBucket",
  "s3:PutObject RecordsBucket/executions/*",
  "s3:PutObject RecordsBucket/experiments/*",
  "s3:PutObject RecordsBucket/history/*",
  "s3:PutObject RecordsBucket/trials/*",
];
const ownLog = (name: string) => [`logs:CreateLogStream Functions${name}Log`, `logs:PutLogEvents Functions${name}Log`];
const jobs = "arn:AWS::Partition:batch:…:job/*";

/** What the roles of the template may do, all of it. */
export function permissionClaims(templateOf: () => Template): void {
  const permissionsOf = (role: string) => permissionsIn(templateOf(), role);

  describe("least privilege", () => {
    test("trainers use records, and nothing else of AWS", () => {
      expect(permissionsOf("TrainerRole")).toEqual([
        "s3:AbortMultipartUpload RecordsBucket/claims/*",
        "s3:AbortMultipartUpload RecordsBucket/experiments/*",
        "s3:AbortMultipartUpload RecordsBucket/trials/*",
        "s3:DeleteObject RecordsBucket/claims/*",
        "s3:DeleteObject RecordsBucket/experiments/*",
        "s3:GetObject RecordsBucket/*",
        "s3:ListBucket RecordsBucket",
        "s3:PutObject RecordsBucket/claims/*",
        "s3:PutObject RecordsBucket/experiments/*",
        "s3:PutObject RecordsBucket/trials/*",
        "s3:PutObjectTagging RecordsBucket/claims/*",
        "s3:PutObjectTagging RecordsBucket/experiments/*",
        "s3:PutObjectTagging RecordsBucket/trials/*",
      ]);
    });

    test("the machine submits, sees, tags and ends jobs: an aborted run leaves none", () => {
      const granted = permissionsOf("RunRole").filter((each) => each.startsWith("batch:"));

      expect(granted).toEqual([
        "batch:DescribeJobs *",
        "batch:SubmitJob GpuQueueadhoc",
        "batch:SubmitJob GpuQueuenightly",
        "batch:SubmitJob arn:AWS::Partition:batch:…:job-definition/nightsweep-gpu-1-large:*",
        "batch:SubmitJob arn:AWS::Partition:batch:…:job-definition/nightsweep-gpu-1:*",
        "batch:SubmitJob arn:AWS::Partition:batch:…:job-definition/nightsweep-gpu-4:*",
        `batch:TagResource ${jobs}`,
        `batch:TerminateJob ${jobs}`,
      ]);
    });

    test("the machine calls its four functions, learns of jobs' ends, publishes to its topic and writes its log", () => {
      const granted = permissionsOf("RunRole").filter((each) => !each.startsWith("batch:") && !each.includes("Log"));

      expect(granted).toEqual([
        ...["DescribeRule", "PutRule", "PutTargets"].map(
          (action) => `events:${action} arn:AWS::Partition:events:…:rule/StepFunctionsGetEventsForBatchJobsRule`,
        ),
        ...["confirm", "plan", "reduce", "report"].map((name) => `lambda:InvokeFunction Functions${name}Function`),
        "logs:DescribeResourcePolicies *",
        "logs:PutResourcePolicy *",
        "sns:Publish AlertsTopic",
      ]);
    });

    test("functions use records; those that ask about jobs may, and only one ends them", () => {
      const asks = ["batch:DescribeJobs *", "batch:ListJobs *"];

      expect(permissionsOf("FunctionsconfirmRole")).toEqual([...ownLog("confirm"), ...records]);
      expect(permissionsOf("FunctionsreduceRole")).toEqual([...asks, ...ownLog("reduce"), ...records]);
      expect(permissionsOf("FunctionsreportRole")).toEqual([...asks, ...ownLog("report"), ...records]);
      expect(permissionsOf("FunctionscleanupRole")).toEqual(
        [...asks, `batch:TerminateJob ${jobs}`, ...ownLog("cleanup"), ...records].sort(),
      );
    });

    test("compiled experiments are read one by one, by the function that plans", () => {
      const others = permissionsOf("FunctionsplanRole").filter(
        (each) => ![...records, ...ownLog("plan")].includes(each),
      );

      expect(others.length).toBeGreaterThan(5);
      for (const each of others)
        expect(each).toMatch(/^s3:GetObject arn:.*:s3:::cdk-hnb659fds-assets-.*\/[0-9a-f]{64}\.json$/);
    });

    test("schedules start the machine, and nothing else", () => {
      expect(permissionsOf("ExperimentsSchedulerRole")).toEqual(["states:StartExecution RunMachine"]);
    });

    test("no role has a policy of AWS' but that of instances", () => {
      const managed = resourcesOf(templateOf(), "AWS::IAM::Role").flatMap(({ ManagedPolicyArns = [] }) =>
        ManagedPolicyArns.map((arn: unknown) => resolveTemplateValue(arn, (name) => name)),
      );

      expect(managed).toEqual(["arn:AWS::Partition:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"]);
    });
  });
}
