import { beforeAll, describe, expect, test } from "vitest";
import { resolveTemplateValue } from "../../infra/resolve-template-value.ts";
import type { Template } from "../../infra/synth.ts";
import { resourcesOf, synthesise } from "./synthesised.ts";

describe("the configuration", () => {
  let other: Template;

  beforeAll(async () => {
    ({ template: other } = await synthesise({
      config: {
        name: "trainers",
        spotShare: 0,
        existingBucket: "kept-records",
        image: { repository: "trainer", tagOrDigest: "v3" },
        emails: ["a@example.com", "b@example.com"],
        availabilityZones: ["eu-central-1a", "eu-central-1b"],
        region: "eu-central-1",
        monthlyBudgetUsd: 0,
      },
    }));
  });

  test("may have all on demand: then there is one environment", () => {
    const environments = resourcesOf(other, "AWS::Batch::ComputeEnvironment");

    expect(environments.map(({ ComputeResources }) => [ComputeResources.Type, ComputeResources.MaxvCpus])).toEqual([
      ["EC2", 64],
    ]);
  });

  test("may name a bucket that is there", () => {
    expect(resourcesOf(other, "AWS::S3::Bucket")).toEqual([]);
    expect(other.Outputs["Store"]?.Value).toBe("s3://kept-records");
  });

  test("may name an image that is in ECR: then none is built", () => {
    const [definition] = resourcesOf(other, "AWS::Batch::JobDefinition");

    const uri = resolveTemplateValue(definition?.["ContainerProperties"].Image, (name) => name.replace("AWS::", ""));

    expect(uri).toBe("AccountId.dkr.ecr.eu-central-1.URLSuffix/trainer:v3");
  });

  test("says who gets mail", () => {
    const subscriptions = resourcesOf(other, "AWS::SNS::Subscription");

    expect(subscriptions.map(({ Protocol, Endpoint }) => [Protocol, Endpoint])).toEqual([
      ["email", "a@example.com"],
      ["email", "b@example.com"],
    ]);
  });

  test("names zones without asking AWS for them", () => {
    const zones = resourcesOf(other, "AWS::EC2::Subnet").map(({ AvailabilityZone }) => AvailabilityZone);

    expect(zones).toEqual(["eu-central-1a", "eu-central-1b"]);
  });

  test("names everything that has a name, so that two deployments don't meet", () => {
    const named =
      JSON.stringify(other).match(
        /"(JobQueueName|JobDefinitionName|StateMachineName|DashboardName|Name)":"[a-z/][^"]*"/g,
      ) ?? [];

    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((each) => /nightsweep/.test(each))).toEqual([]);
  });

  test("may do without a budget", () => {
    expect(resourcesOf(other, "AWS::Budgets::Budget")).toEqual([]);
  });
});
