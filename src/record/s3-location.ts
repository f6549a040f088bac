import { StoreError } from "./store-error.ts";

/** Where a store is in S3 or in a service that speaks its protocol. */
export interface S3Location {
  readonly bucket: string;
  /** Prepended to every key; empty, or ends in `/`. */
  readonly prefix: string;
  /** Absent = AWS. */
  readonly endpoint?: string;
  /** Absent = as the AWS configuration file says. */
  readonly region?: string;
  /** Whether the bucket's name stands in the path instead of the host name. */
  readonly isPathStyle: boolean;
}

const examples = "e.g. s3://my-bucket/nightsweep or s3://my-bucket?endpoint=http://127.0.0.1:9000&region=us-east-1";

const parameterNames = ["endpoint", "region", "pathStyle"];

/** Whether a store's location is one in S3. */
export function isS3Location(location: string): boolean {
  return /^s3:\/\//i.test(location);
}

/**
 * Parses `s3://bucket/prefix?endpoint=…&region=…&pathStyle=…`. What it doesn't say is taken from the variables that all
 * AWS tools read: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_DEFAULT_REGION`. With an endpoint of
 * one's own, the region is `us-east-1` and the style `path` unless said otherwise.
 * @throws StoreError that says what is wrong with it, without repeating a password
 */
export function parseS3Location(location: string, variables: Readonly<Record<string, string | undefined>>): S3Location {
  const [, bucket = "", path = "", query = ""] = /^s3:\/\/([^/?]*)\/?([^?]*)(?:\?(.*))?$/is.exec(location) ?? [];
  const shown = `s3://${bucket}/${path}`;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw refuse(shown, `"${bucket}" can't be a bucket's name: 3–63 lower-case letters, digits, dots and hyphens`);
  }
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (!parameterNames.includes(name)) throw refuse(shown, `unknown parameter "${name}"`, parameterFix);
  }
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.some((part) => part === "." || part === "..")) throw refuse(shown, "its prefix has a part . or ..");
  const given = (name: string): string | undefined => parameters.get(name) || undefined;
  const variable = (name: string): string | undefined => variables[name] || undefined;
  const endpoint = given("endpoint") ?? variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL");
  if (endpoint !== undefined) checkEndpoint(shown, endpoint);
  const region =
    given("region") ??
    variable("AWS_REGION") ??
    variable("AWS_DEFAULT_REGION") ??
    (endpoint === undefined ? undefined : "us-east-1");
  return {
    bucket,
    prefix: parts.map((part) => `${part}/`).join(""),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    isPathStyle: pathStyle(shown, given("pathStyle")) ?? endpoint !== undefined,
  };
}

/** The location as people are shown it. */
export function renderS3Location({ bucket, prefix, endpoint }: S3Location): string {
  const path = `s3://${bucket}${prefix === "" ? "" : `/${prefix.slice(0, -1)}`}`;
  return endpoint === undefined ? path : `${path} at ${endpoint}`;
}

const parameterFix = `allowed are ${parameterNames.join(", ")}, ${examples}`;

function checkEndpoint(shown: string, endpoint: string): void {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw refuse(shown, "its endpoint is no http or https address", "write it in full, e.g. http://127.0.0.1:9000");
  }
  const { username, password } = new URL(endpoint);
  if (username !== "" || password !== "") {
    throw refuse(
      shown,
      "its endpoint holds a name or password, which would be shown in messages",
      "leave them out of the address; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    );
  }
}

function pathStyle(shown: string, text: string | undefined): boolean | undefined {
  if (text === undefined || text === "true" || text === "false")
    return text === undefined ? undefined : text === "true";
  throw refuse(shown, `pathStyle is "${text}"`, "write pathStyle=true or pathStyle=false");
}

function refuse(shown: string, problem: string, fix = `write s3://bucket/prefix, ${examples}`): StoreError {
  return new StoreError("", { problem: `can't use the store ${shown}: ${problem}`, fix });
}
