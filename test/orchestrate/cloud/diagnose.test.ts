import { describe, expect, test } from "vitest";
import type { Deployment } from "../../../src/contract/deployment.ts";
import { diagnoseCloud, type CloudProbe } from "../../../src/orchestrate/cloud/diagnose.ts";

const deployment: Deployment = {
  schemaVersion: 1,
  name: "nightsweep",
  region: "eu-central-1",
  store: "s3://records",
  logGroup: "jobs",
  queues: { adhoc: "a", nightly: "n" },
  sizes: {},
  version: "0.1.0",
  stateMachineArn: "machine",
  topicArn: "topic",
  image: "1.dkr.ecr.eu-central-1.amazonaws.com/trainer:1",
  instanceTypes: ["g4dn"],
  maxVcpus: 64,
};

const healthy: CloudProbe = {
  identity: async () => "arn:aws:iam::1:user/me",
  region: async () => "eu-central-1",
  bootstrapVersion: async () => 28,
  deployment: async () => deployment,
  gpuQuotas: async () => ({ spot: 64, onDemand: 0 }),
  offerings: async () => ({ "eu-central-1a": ["g4dn.xlarge"] }),
  queues: async () => ({ "nightsweep-adhoc": "ENABLED VALID" }),
  hasImage: async () => true,
  useBucket: async () => undefined,
};

const problemsOf = async (changes: Partial<CloudProbe>, version = "0.1.0") =>
  (await diagnoseCloud({ ...healthy, ...changes }, version)).filter(({ state }) => state === "problem");

describe("doctor", () => {
  test("finds nothing in an account where all is well, and has looked at everything", async () => {
    const findings = await diagnoseCloud(healthy, "0.1.0");

    expect(findings.map(({ subject, state }) => [subject, state])).toEqual(
      [
        "credentials",
        "region",
        "bootstrap",
        "GPU quotas",
        "instance types",
        "deployment",
        "bucket",
        "queues",
        "image",
      ].map((subject) => [subject, "fine"]),
    );
  });

  test("without credentials says how to log in, and asks no further", async () => {
    const findings = await diagnoseCloud(
      { ...healthy, identity: () => Promise.reject(new Error("Could not load credentials from any providers")) },
      "0.1.0",
    );

    expect(findings.map(({ subject }) => subject)).toEqual(["credentials", "region"]);
    expect(findings[0]).toMatchObject({ state: "problem", fix: expect.stringContaining("aws sso login") });
  });

  test.each<[string, Partial<CloudProbe>, string]>([
    ["an account without GPU quota", { gpuQuotas: async () => ({ spot: 0, onDemand: 0 }) }, "L-3819A6DF"],
    ["a region that was not bootstrapped", { bootstrapVersion: async () => undefined }, "npx cdk bootstrap"],
    ["a region without such instances", { offerings: async () => ({ "eu-north-1a": [] }) }, "another region"],
    ["an image that is gone", { hasImage: async () => false }, "npx cdk deploy"],
    ["a queue that is broken", { queues: async () => ({ adhoc: "ENABLED INVALID" }) }, "npx cdk deploy"],
    ["a bucket that refuses", { useBucket: () => Promise.reject(new Error("AccessDenied")) }, "s3:PutObject"],
    ["nothing deployed", { deployment: () => Promise.reject(new Error("no parameter")) }, "npx cdk deploy"],
  ])("of %s says what to do", async (_, changes, fix) => {
    const problems = await problemsOf(changes);

    expect(problems).toHaveLength(1);
    expect(problems[0]?.fix).toContain(fix);
  });

  test("notices a deployment of another version", async () => {
    expect(await problemsOf({}, "0.2.0")).toMatchObject([
      { subject: "deployment", detail: expect.stringContaining("0.2.0") },
    ]);
  });
});
