// `npm run cloud:local -- run my-experiment.yaml`: what `cdk deploy` would deploy is synthesised and executed here, with
// doubles of the services and the real trainer; every other word is a nightsweep command against it.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exitCodes } from "../../src/contract/exit-codes.ts";
import { synthTo } from "../synth.ts";
import { startCloudTwin, type CloudTwin } from "./cloud-twin.ts";
import { seededReclaims, type ReclaimOptions } from "./seeded-reclaims.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = path.resolve(process.env["NIGHTSWEEP_CLOUD_LOCAL"] ?? path.join(root, ".cloud-local"));
const usage = `usage: npm run cloud:local -- [flags] <what> …
  run <file> [flags]             nightsweep run <file> --on aws, and wait for it
  schedule <name> <ISO 8601>     what a schedule of experiments/ starts at that time
flags, before what is to be done:
  --reclaim-rate <0…1>           part of the attempts whose instance is taken back; default 0
  --image <name>                 runs the trainer in this image under podman, see \`npm run image\`
  --seed <n>                     which attempts these are; default 1`;

/** A program that this one started and ends. */
const children: ChildProcess[] = [];

async function main(given: string[]): Promise<number> {
  const asked = parseWords(given);
  if (asked === undefined) {
    process.stderr.write(`${usage}\n`);
    return exitCodes.usage;
  }
  const { what, parameters } = asked;
  mkdirSync(folder, { recursive: true });
  const s3 = await startS3();
  say("synthesising …");
  const synthesised = await synthTo(path.join(folder, "cdk.out"));
  const twin = await startCloudTwin({
    synthesised,
    bucket: "records",
    s3,
    folder,
    maxvCpus: { spot: 8, onDemand: 4 },
    entryPoint: [process.execPath, path.join(root, "bin", "job.js")],
    ...(asked.image !== undefined && { image: asked.image }),
    reclaimOf: seededReclaims(asked.reclaims),
  });
  say(`the offline twin listens; in another shell: ${shellLines(twin)}`);
  const code = what === "run" ? await runCommand(twin, parameters) : await fire(twin, parameters);
  for (const { subject, message } of twin.machine.messages) say(`\nmail: ${subject}\n\n${message}`);
  twin.stop();
  return code;
}

interface Words {
  readonly what: "run" | "schedule";
  readonly parameters: readonly string[];
  readonly reclaims: ReclaimOptions;
  readonly image: string | undefined;
}

/** @returns undefined if it is not understood */
function parseWords(given: string[]): Words | undefined {
  const at = given.findIndex((word) => word === "run" || word === "schedule");
  const what = given[at];
  const { values } = parseArgs({
    args: given.slice(0, Math.max(0, at)),
    options: {
      image: { type: "string" },
      seed: { type: "string", default: "1" },
      "reclaim-rate": { type: "string", default: "0" },
    },
  });
  const reclaims = { seed: Number(values.seed), rate: Number(values["reclaim-rate"]) };
  const isRight = Number.isInteger(reclaims.seed) && reclaims.rate >= 0 && reclaims.rate <= 1;
  if ((what !== "run" && what !== "schedule") || !isRight) return undefined;
  return { what, parameters: given.slice(at + 1), reclaims, image: values.image };
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
