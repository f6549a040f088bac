import path from "node:path";
import type { RegisterJobDefinitionRequest } from "@aws-sdk/client-batch";
import { resolveTemplateValue, type Lookup } from "../resolve-template-value.ts";
import type { Synthesised, Template } from "../synth.ts";
import type { EnvironmentSettings } from "./batch/fleet.ts";
import type { QueueSettings } from "./batch/job-queue.ts";

type Properties = Readonly<Record<string, unknown>>;

/** The account and the region that everything seems to be in. */
export const twinPlace = { account: "000000000000", region: "us-east-1" } as const;

/** What each instance of the double has: a job of the smallest size fills one. */
const instance = { type: "g4dn.xlarge", vcpus: 4, memoryMebibytes: 14_500, gpus: 1 };

/** What references in a template stand for where nothing is deployed. */
export function createLookup({ Resources }: Template, bucket: string): Lookup {
  const { account, region } = twinPlace;
  const pseudo: Readonly<Record<string, string>> = {
    "AWS::AccountId": account,
    "AWS::Region": region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "twin",
  };
  return (reference) => {
    const [id = "", attribute] = reference.split(".");
    const resource = Resources[id];
    if (resource === undefined) return pseudo[reference] ?? reference;
    const text = (name: string): string => {
      const value = resource.Properties[name];
      return typeof value === "string" ? value : id;
    };
    switch (resource.Type) {
      case "AWS::S3::Bucket":
        return attribute === "Arn" ? `arn:aws:s3:::${bucket}` : bucket;
      case "AWS::Batch::JobQueue":
        return `arn:aws:batch:${region}:${account}:job-queue/${text("JobQueueName")}`;
      case "AWS::Batch::JobDefinition":
        return `arn:aws:batch:${region}:${account}:job-definition/${text("JobDefinitionName")}:1`;
      case "AWS::Lambda::Function":
        return `arn:aws:lambda:${region}:${account}:function:${id}`;
      case "AWS::StepFunctions::StateMachine":
        return `arn:aws:states:${region}:${account}:stateMachine:${id}`;
      case "AWS::SNS::Topic":
        return `arn:aws:sns:${region}:${account}:${id}`;
      default:
        return attribute === undefined ? id : `${id}.${attribute}`;
    }
  };
}

/** A schedule of the template. */
export interface TwinSchedule {
  readonly name: string;
  /** Input of the execution that it starts, with the place of the time that it was due. */
  readonly input: string;
}

/** A synthesised template as the double deploys it. */
export class TemplateParts {
  readonly lookup: Lookup;

  constructor(
    private readonly synthesised: Synthesised,
    bucket: string,
  ) {
    this.lookup = createLookup(synthesised.template, bucket);
  }

  get environments(): EnvironmentSettings[] {
    return this.ofType("AWS::Batch::ComputeEnvironment").map(({ id, properties }) => {
      const resources = asProperties(properties["ComputeResources"]);
      const isSpot = resources["Type"] === "SPOT";
      return { name: `${id}.ComputeEnvironmentArn`, isSpot, maxvCpus: Number(resources["MaxvCpus"]), instance };
    });
  }

  get queues(): QueueSettings[] {
    return this.ofType("AWS::Batch::JobQueue").map(({ properties }) => ({
      name: String(properties["JobQueueName"]),
      computeEnvironments: asList(properties["ComputeEnvironmentOrder"]).map((each) =>
        String(asProperties(each)["ComputeEnvironment"]),
      ),
      stateTimeLimits: asList(properties["JobStateTimeLimitActions"])
        .map(asProperties)
        .map(({ Reason, MaxTimeSeconds }) => ({ reason: String(Reason), maxMs: 1000 * Number(MaxTimeSeconds) })),
    }));
  }

  get jobDefinitions(): RegisterJobDefinitionRequest[] {
    return this.ofType("AWS::Batch::JobDefinition").map(({ properties }) => ({
      jobDefinitionName: undefined,
      type: undefined,
      ...asProperties(withSmallKeys(properties)),
    }));
  }

  /** Folder of a function's bundle, and its environment. @param functionName its ARN */
  functionOf(functionName: string): {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string>>;
  } {
    const id = functionName.split(":").at(-1) ?? "";
    const found = this.ofType("AWS::Lambda::Function").find((each) => each.id === id);
    if (found === undefined) throw new RangeError(`the template has no function ${functionName}`);
    const key = String(asProperties(found.properties["Code"])["S3Key"]).replace(/\.zip$/, "");
    const variables = asProperties(asProperties(found.properties["Environment"])["Variables"]);
    const environment = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
    return { folder: path.join(this.synthesised.folder, `asset.${key}`), environment };
  }

  /** ARN of the function whose logical id holds a name. */
  functionNamed(name: string): string {
    const found = this.ofType("AWS::Lambda::Function").find(({ id }) => id.startsWith(`Functions${name}`));
    if (found === undefined) throw new RangeError(`the template has no function for ${name}`);
    return this.lookup(`${found.id}.Arn`);
  }

  /** What the SSM parameter says that the command line reads. */
  get deployment(): string {
    const found = this.ofType("AWS::SSM::Parameter").find(({ properties }) =>
      String(properties["Name"]).endsWith("/deployment"),
    );
    return textOf(found?.properties["Value"], "");
  }

  get schedules(): TwinSchedule[] {
    return this.ofType("AWS::Scheduler::Schedule").map(({ id, properties }) => {
      const input = String(asProperties(properties["Target"])["Input"]);
      return { name: textOf(properties["Name"], id), input };
    });
  }

  /** Bytes of an asset that was published. @param key with its ending */
  assetFile(key: string): string {
    return path.join(this.synthesised.folder, `asset.${key}`);
  }

  private ofType(type: string): { readonly id: string; readonly properties: Properties }[] {
    return Object.entries(this.synthesised.template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, { Properties }]) => ({ id, properties: asProperties(resolveTemplateValue(Properties, this.lookup)) }));
  }
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

/** CloudFormation writes `JobDefinitionName` where the API has `jobDefinitionName`. */
function withSmallKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSmallKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [
    key.slice(0, 1).toLowerCase() + key.slice(1),
    withSmallKeys(each),
  ]);
  return Object.fromEntries(entries);
}

function asProperties(value: unknown): Properties {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
