import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { parseS3Location } from "../../src/record/s3-location.ts";
import { S3Store } from "../../src/record/s3-store.ts";
import { StoreError } from "../../src/record/store-error.ts";

const secrets = {
  AWS_ACCESS_KEY_ID: "AKIASECRETSECRETSECR",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYXX",
  AWS_SESSION_TOKEN: "IQoJb3JpZ2luX2VjEXAMPLETOKEN0123456789abcdefghijklmnop",
};

beforeEach(() => {
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

/** A service that gives every request the same answer; error answers repeat what was sent, as S3's do. */
async function answerAlways(status: number, code: string, message = "No."): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(status, { "content-type": "application/xml" });
    outgoing.end(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>` +
        `<AWSAccessKeyId>${secrets.AWS_ACCESS_KEY_ID}</AWSAccessKeyId>` +
        `<Token-0>${secrets.AWS_SESSION_TOKEN}</Token-0>` +
        `<StringToSign>${String(incoming.headers.authorization)}</StringToSign></Error>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function open(endpoint: string): S3Store {
  const place = { bucket: "records", prefix: "a/", endpoint, region: "us-east-1", isPathStyle: true };
  return new S3Store(place, { maxAttempts: 1, idleMs: 500, retries: { maxTries: 2, firstDelayMs: 1, maxDelayMs: 1 } });
}

async function errorOf(promise: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof StoreError)) throw new Error(`expected a StoreError, got ${String(error)}`);
  return error;
}

describe("an error of S3", () => {
  test.each([
    [403, "AccessDenied", "access was denied", "s3:ListBucket"],
    [403, "InvalidAccessKeyId", "doesn't accept the credentials", "AWS_ACCESS_KEY_ID"],
    [403, "SignatureDoesNotMatch", "doesn't accept the credentials", "AWS_SECRET_ACCESS_KEY"],
    [400, "ExpiredToken", "the credentials have expired", "aws sso login"],
    [403, "RequestTimeTooSkewed", "clock is wrong", "set the clock"],
    [404, "NoSuchBucket", "there is no bucket records", "aws s3 mb s3://records"],
    [301, "PermanentRedirect", "in another region", "AWS_REGION"],
    [400, "AuthorizationHeaderMalformed", "in another region", "?region="],
    [501, "NotImplemented", "no conditional writes", "If-None-Match"],
    [429, "TooManyRequests", "kept asking for fewer requests", "fewer workers"],
    [503, "SlowDown", "kept asking for fewer requests", "fewer workers"],
    [500, "InternalError", "kept failing", "later"],
    [400, "KeyTooLongError", "longer than 1024 bytes", "shorter prefix"],
  ])("%i %s is said in plain words, with a remedy", async (status, code, cause, remedy) => {
    const error = await errorOf(open(await answerAlways(status, code)).putIfAbsent("b.txt", Buffer.from("b")));

    expect(error.key).toBe("b.txt");
    expect(error.message).toMatch(/^can't write b\.txt in s3:\/\/records\/a at http:/);
    expect(error.message).toContain(cause);
    expect(error.message).toContain(`(${status} ${code})\n  fix: `);
    expect(error.message).toContain(remedy);
  });

  test("a web server at the endpoint that is no S3 is found out", async () => {
    const server = createServer((_, outgoing) => outgoing.writeHead(404).end("<html><p>Not here"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const error = await errorOf(open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).get("b.txt"));

    expect(error.message).toContain("doesn't speak S3");
  });

  test("nobody answering at the endpoint is said so", async () => {
    const error = await errorOf(open("http://127.0.0.1:1").get("b.txt"));

    expect(error.message).toContain("nothing answers at http://127.0.0.1:1");
  });

  test("an endpoint whose name isn't known is said so", async () => {
    const error = await errorOf(open("http://nowhere.invalid").get("b.txt"));

    expect(error.message).toContain("can't be found");
  });

  test("missing credentials are said so", async () => {
    for (const name of Object.keys(secrets)) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_CONFIG_FILE", "/nowhere/config");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials");

    const error = await errorOf(open("http://127.0.0.1:1").get("b.txt"));

    expect(error.message).toContain("no credentials were found");
    expect(error.message).toContain("aws configure");
  });

  test("a missing region is said so", async () => {
    vi.stubEnv("AWS_CONFIG_FILE", "/nowhere/config");

    const error = await errorOf(new S3Store({ bucket: "records", prefix: "", isPathStyle: false }).get("b.txt"));

    expect(error.message).toContain("the region is not known");
    expect(error.message).toContain("AWS_REGION");
  });

  test("never shows a secret: not in the message, nor in anything that hangs on the error or is printed", async () => {
    const printed: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      const write = vi.spyOn(stream, "write").mockImplementation((text) => printed.push(String(text)) > 0);
      onTestFinished(() => write.mockRestore());
    }
    const everything: string[] = [];
    const message = `Bad request of ${secrets.AWS_ACCESS_KEY_ID}, Signature=0123456789abcdef, token ${secrets.AWS_SESSION_TOKEN}`;
    for (const [status, code] of [
      [400, "Odd"],
      [403, "SignatureDoesNotMatch"],
      [400, "ExpiredToken"],
      [503, "SlowDown"],
    ] as const) {
      const store = open(await answerAlways(status, code, message));
      const bytes = Buffer.from("a");
      for (const attempt of [
        () => store.get("a"),
        () => store.put("a", bytes),
        () => store.list(""),
        () => store.delete("a"),
      ]) {
        const error = await errorOf(attempt());
        everything.push(error.message, error.stack ?? "", (await import("node:util")).inspect(error, { depth: 9 }));
      }
    }

    const text = [...everything, ...printed].join("\n");
    expect(text).toContain("Bad request of");
    for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
    expect(text).not.toContain("0123456789abcdef");
  });
});

describe("a location in S3", () => {
  test.each([
    ["s3://records", {}, { bucket: "records", prefix: "", isPathStyle: false }],
    ["s3://records/", {}, { bucket: "records", prefix: "", isPathStyle: false }],
    ["s3://records/a//b/", {}, { bucket: "records", prefix: "a/b/", isPathStyle: false }],
    [
      "s3://records/a",
      { AWS_REGION: "eu-west-1" },
      { bucket: "records", prefix: "a/", region: "eu-west-1", isPathStyle: false },
    ],
    [
      "s3://records",
      { AWS_ENDPOINT_URL: "https://a.example", AWS_ENDPOINT_URL_S3: "https://b.example" },
      { bucket: "records", prefix: "", endpoint: "https://b.example", region: "us-east-1", isPathStyle: true },
    ],
    [
      "s3://records?endpoint=http://c.example:9000&region=here&pathStyle=false",
      { AWS_ENDPOINT_URL: "https://a.example", AWS_REGION: "there" },
      { bucket: "records", prefix: "", endpoint: "http://c.example:9000", region: "here", isPathStyle: false },
    ],
  ])("%s with %j is understood", (location, variables, expected) => {
    expect(parseS3Location(location, variables)).toEqual(expected);
  });

  test.each([
    ["s3://", "can't be a bucket's name"],
    ["s3://Records", "can't be a bucket's name"],
    ["s3://records/a/../b", "has a part . or .."],
    ["s3://records?endpiont=http://a", 'unknown parameter "endpiont"'],
    ["s3://records?endpoint=a.example", "no http or https address"],
    ["s3://records?endpoint=http://me:hunter2@a.example", "holds a name or password"],
    ["s3://records?pathStyle=yes", "pathStyle=true"],
  ])("%s is refused with the reason, and without a password", (location, reason) => {
    expect(() => parseS3Location(location, {})).toThrow(StoreError);
    expect(() => parseS3Location(location, {})).toThrow(reason);
    expect(() => parseS3Location(location, {})).not.toThrow("hunter2");
  });
});
