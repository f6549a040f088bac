import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A running S3 server of the test's own. */
export interface S3Server {
  readonly endpoint: string;
  /** Credentials, as processes take them from their environment. */
  readonly environment: Readonly<Record<string, string>>;
  createBucket(name: string): Promise<void>;
  stop(): void;
}

/** Where `scripts/install-test-components.mjs` puts moto. */
const installed = path.join(homedir(), ".cache", "nightsweep-test", "moto");

/** Other versions that happen to be installed lack what `moto-server.py` imports, or behave in another way. */
const check = `
import flask, flask_cors, moto
from moto.moto_server.werkzeug_app import MotoRequestHandler
assert moto.__version__.startswith("5.2.")
`;

/** The Python that has moto, or undefined. */
export const motoPython = findPython();

/** Whether tests with a real S3 server can't run; where they have to, they run and fail. */
export const lacksS3Server =
  motoPython === undefined &&
  process.env["NIGHTSWEEP_TEST_FULL"] !== "1" &&
  !(process.env["NIGHTSWEEP_TEST_REQUIRE"] ?? "").split(",").includes("s3");

/** Said in the name of tests that are skipped. */
export const s3ServerReason = lacksS3Server
  ? " (skipped: run `node scripts/install-test-components.mjs` for moto)"
  : "";

if (lacksS3Server) process.stderr.write(`Tests of S3${s3ServerReason}\n`);

/** Starts moto; it ends with this process at the latest. */
export async function startS3Server({ keysPerPage = 1000 } = {}): Promise<S3Server> {
  if (motoPython === undefined) throw new Error("there is no moto: run `node scripts/install-test-components.mjs`");
  const script = fileURLToPath(new URL("moto-server.py", import.meta.url));
  const child = spawn(motoPython, [script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, MOTO_S3_DEFAULT_MAX_KEYS: String(keysPerPage) },
  });
  const [port] = await Promise.race([
    firstLine(child.stdout),
    new Promise<never>((_, reject) => child.once("exit", (code) => reject(new Error(`moto ended with code ${code}`)))),
  ]);
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "AKIATESTTESTTESTTEST",
      AWS_SECRET_ACCESS_KEY: "test-secret-0123456789-0123456789-012345",
    },
    async createBucket(name) {
      const answer = await fetch(`${endpoint}/${name}`, { method: "PUT" });
      if (!answer.ok) throw new Error(`moto made no bucket: ${await answer.text()}`);
    },
    stop: () => void child.kill(),
  };
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<[string]> {
  for await (const line of createInterface({ input: stream })) return [line];
  throw new Error("moto said nothing");
}

function findPython(): string | undefined {
  const own = [path.join(installed, "bin", "python"), path.join(installed, "Scripts", "python.exe")];
  return [...own.filter((file) => existsSync(file)), "python3", "python"].find(hasMoto);
}

function hasMoto(python: string): boolean {
  try {
    execFileSync(python, ["-c", check], { stdio: "ignore", timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
}
