// `npm run cloud:local -- run my-experiment.yaml`: what `cdk deploy` would deploy is synthesised and executed here, with
// doubles of the services and the real trainer; every other word is a nightsweep command against it.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { synthTo } from "../synth.ts";
import { startCloudTwin, type CloudTwin } from "./cloud-twin.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = path.resolve(process.env["NIGHTSWEEP_CLOUD_LOCAL"] ?? path.join(root, ".cloud-local"));
const usage = `usage: npm run cloud:local -- <what> …
  run <file> [flags]             nightsweep run <file> --on aws, and wait for it
  schedule <name> <ISO 8601>     what a schedule of experiments/ starts at that time
  reclaims are made with NIGHTSWEEP_RECLAIM_RATE=0.3`;

/** A program that this one started and ends. */
const children: ChildProcess[] = [];

async function main([what, ...parameters]: readonly string[]): Promise<number> {
  if (what !== "run" && what !== "schedule") {
    process.stderr.write(`${usage}\n`);
    return exitCodes.usage;
  }
  mkdirSync(folder, { recursive: true });
  const s3 = await startS3();
  say("synthesising …");
  const synthesised = await synthTo(path.join(folder, "cdk.out"));
  const reclaimRate = Number(process.env["NIGHTSWEEP_RECLAIM_RATE"] ?? 0);
  const twin = await startCloudTwin({
    synthesised,
    bucket: "records",
    s3,
    folder,
    maxvCpus: 8,
    entryPoint: [process.execPath, path.join(root, "dist", "trainer", "main.js")],
    reclaimOf: () => (Math.random() < reclaimRate ? { afterMs: 5000, noticeMs: 8000 } : undefined),
  });
  say(`the offline twin listens; in another shell: ${shellLines(twin)}`);
  const code = what === "run" ? await runCommand(twin, parameters) : await fire(twin, parameters);
  for (const { subject, message } of twin.machine.messages) say(`\nmail: ${subject}\n\n${message}`);
  twin.stop();
  return code;
}

function runCommand(twin: CloudTwin, parameters: readonly string[]): Promise<number> {
  const bin = path.join(root, "bin", "nightsweep.js");
  const child = spawn(process.execPath, [bin, "run", ...parameters, "--on", "aws"], {
    env: { ...process.env, ...twin.environment, NIGHTSWEEP_POLL_MS: "1000" },
    stdio: "inherit",
  });
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? exitCodes.bug)));
}

async function fire(twin: CloudTwin, [name = "", due = new Date().toISOString()]: readonly string[]): Promise<number> {
  const execution = twin.machine.executions.get(await twin.fire(name, due));
  await execution?.ended;
  say(`${execution?.name}: ${execution?.status} ${execution?.cause ?? ""}`);
  return execution?.status === "SUCCEEDED" ? exitCodes.done : exitCodes.trialsFailed;
}

/** Starts moto, which the tests install as well; the records are gone when it ends. @returns what processes need to use it */
async function startS3(): Promise<Record<string, string>> {
  const python = path.join(homedir(), ".cache", "nightsweep-test", "moto", "bin", "python");
  const server = spawn(python, [path.join(root, "test", "record", "moto-server.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(server);
  const port = await new Promise<string>((resolve, reject) => {
    server.on("error", () => reject(new Error("there is no moto: run `node scripts/install-test-components.mjs`")));
    createInterface({ input: server.stdout }).once("line", resolve);
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const answer = await fetch(`${endpoint}/records`, { method: "PUT" });
  if (!answer.ok) throw new Error(`moto made no bucket: ${await answer.text()}`);
  const environment = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIALOCALLOCALLOCALX",
    AWS_SECRET_ACCESS_KEY: "local",
  };
  Object.assign(process.env, environment);
  return environment;
}

function shellLines({ environment }: CloudTwin): string {
  return Object.entries({ ...environment, NIGHTSWEEP_STORE: "s3://records" })
    .map(([name, value]) => `\n  export ${name}=${value}`)
    .join("");
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
const code = await main(process.argv.slice(2)).finally(() => {
  for (const child of children) child.kill();
});
process.exit(code);
